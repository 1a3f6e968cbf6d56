"""All routes that explore the catalog, put together."""

from __future__ import annotations

from starlette.routing import BaseRoute

from encoder.embedding import Encoder

from ..live_catalog import LiveCatalog
from ..live_map import LiveMap
from ..settings import Settings
from .asking import Desk
from .jobs import job_routes
from .paths import path_routes
from .plays import play_routes
from .songs import song_routes
from .stars import playlist_routes, star_routes
from .taste import taste_routes
from .themes import theme_routes
from .why import why_routes


def explore_routes(
    *, catalog: LiveCatalog, maps: LiveMap, encoder: Encoder, settings: Settings
) -> list[BaseRoute]:
    """The routes; each asks `catalog` and `maps` anew, since neither may be there and both
    change."""
    desk = Desk(lambda: catalog.catalog, settings.catalog)
    return [
        *song_routes(
            desk,
            maps,
            songs=lambda: catalog.state.songs,
            per_artist=settings.listen.per_artist,
        ),
        *why_routes(desk, encoder),
        *path_routes(desk),
        *star_routes(desk),
        *playlist_routes(desk),
        *play_routes(desk, settings.evening),
        *job_routes(desk),
        *taste_routes(desk),
        *theme_routes(desk),
    ]

"""Everything that can be asked under `/api/`, put together for the daemon."""

from __future__ import annotations

from starlette.routing import BaseRoute

from encoder.embedding import Encoder

from .device_routes import device_routes
from .explore.routes import explore_routes
from .hub import Hub
from .live_catalog import LiveCatalog
from .live_map import LiveMap
from .map_routes import map_routes
from .settings import Settings


def api_routes(
    *,
    catalog: LiveCatalog,
    maps: LiveMap,
    encoder: Encoder,
    settings: Settings,
    hub: Hub,
    version: str,
) -> list[BaseRoute]:
    """The routes to hand to `Server`, those of devices among them; `hub` is the daemon's own.

    Each endpoint asks `catalog` and `maps` anew: neither may be there, and both change.
    """
    return [
        *map_routes(catalog=catalog, maps=maps, settings=settings),
        *explore_routes(catalog=catalog, maps=maps, encoder=encoder, settings=settings),
        *device_routes(
            catalog=catalog,
            maps=maps,
            encoder=encoder,
            settings=settings,
            daemon=hub,
            version=version,
        ),
    ]

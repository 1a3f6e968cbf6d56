"""Everything that can be asked under `/api/`, put together for the daemon."""

from __future__ import annotations

from starlette.routing import BaseRoute

from encoder.embedding import Encoder

from .live_catalog import LiveCatalog
from .live_map import LiveMap
from .settings import Settings


def api_routes(
    *, catalog: LiveCatalog, maps: LiveMap, encoder: Encoder, settings: Settings
) -> list[BaseRoute]:
    """The routes to hand to `Server`.

    Each endpoint asks `catalog` and `maps` anew: neither may be there, and both change.
    """
    del catalog, maps, encoder, settings
    return []

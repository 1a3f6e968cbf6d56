"""Everything that can be asked under `/api/`, put together for the daemon."""

from __future__ import annotations

from starlette.routing import BaseRoute

from encoder.embedding import Encoder

from .live_catalog import LiveCatalog
from .settings import Settings


def api_routes(*, catalog: LiveCatalog, encoder: Encoder, settings: Settings) -> list[BaseRoute]:
    """The routes to hand to `Server`; each endpoint asks `catalog` anew, which may not be there."""
    del catalog, encoder, settings
    return []

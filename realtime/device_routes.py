"""What a browser may send of its own: sound to `/listen`, a file to `/api/identify`."""

from __future__ import annotations

from starlette.routing import BaseRoute, Route, WebSocketRoute

from encoder.embedding import Encoder

from .device_messages import LISTEN_PATH
from .device_recognizer import Shared
from .device_socket import Devices
from .hub import Hub
from .live_catalog import LiveCatalog
from .live_map import LiveMap
from .settings import Settings
from .uploads import IDENTIFY_PATH, Uploads


def device_routes(
    *,
    catalog: LiveCatalog,
    maps: LiveMap,
    encoder: Encoder,
    settings: Settings,
    daemon: Hub,
    version: str,
) -> list[BaseRoute]:
    """The routes; `daemon` is the daemon's own hub, with whose end devices are sent away.

    All that they hear goes through the encoder one at a time, so that the daemon's own recognizer
    never shares the processor with more than one of them.
    """
    shared = Shared(encoder)
    devices = Devices(
        catalog=catalog,
        encoder=shared,
        settings=settings,
        places=maps.places,
        daemon=daemon,
        version=version,
    )
    uploads = Uploads(
        catalog=catalog, encoder=shared, settings=settings, places=maps.places, daemon=daemon
    )
    return [
        WebSocketRoute(LISTEN_PATH, devices.endpoint),
        Route(IDENTIFY_PATH, uploads.endpoint, methods=["GET", "POST"]),
    ]

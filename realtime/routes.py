"""The application on the one port: page, websocket, health, schema and audio."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute

from .access import Access
from .audio_files import AudioPath, song_audio
from .guard import SONGS_PATH, WEBSOCKET_PATH, Guard
from .hub import Hub
from .messages import Hello, Status, schema_text
from .page_files import BUILT_PAGE, PageFiles
from .settings import ServerSettings
from .sockets import live_socket

HEALTH_PATH = "/healthz"
HEALTHY_STATES = ("listening", "ended")


def build_app(
    hub: Hub,
    *,
    settings: ServerSettings,
    hello: Callable[[], Hello],
    audio_path: AudioPath,
    page: Path | None = BUILT_PAGE,
) -> Starlette:
    """The ASGI application.

    `hello` is asked for each client that comes, on the event loop; `audio_path` for each song that
    is played, in a thread. `page` is the folder of the built page.

    Raises `ServerError`: the settings open the server to other machines without a token.
    `SettingsError`: an origin that is none.
    """
    schema = schema_text()

    def health(_: Request) -> Response:
        return _health(hub.newest(Status), version=hello().version)

    def schema_json(_: Request) -> Response:
        return Response(schema, media_type="application/schema+json")

    routes = [
        WebSocketRoute(WEBSOCKET_PATH, live_socket(hub, settings=settings, hello=hello)),
        Route(HEALTH_PATH, health),
        Route("/schema.json", schema_json),
        Route(SONGS_PATH + "{song}/audio", song_audio(audio_path)),
        Mount("/", PageFiles(page)),
    ]
    guard = Middleware(Guard, access=Access(settings), origins=settings.origins)
    return Starlette(routes=routes, middleware=[guard])


def _health(status: Status | None, *, version: str) -> Response:
    """200 while sound is taken or has ended; 503 while it has not begun or is lost."""
    ok = status is not None and status.state in HEALTHY_STATES
    body: dict[str, Any] = {
        "name": "nowhear",
        "ok": ok,
        "version": version,
        "source": status.state if status else "starting",
        "detail": status.detail if status else None,
        "songs": status.catalog.songs if status else None,
        "uptime_s": status.uptime_s if status else None,
    }
    headers = {"cache-control": "no-store"}
    return JSONResponse(body, 200 if ok else 503, headers=headers)

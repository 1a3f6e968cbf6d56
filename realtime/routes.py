"""The application on the one port: page, websocket, health, schema, audio and the API."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocketClose

from .access import Access
from .answers import failure, refused
from .audio_files import AudioPath, song_audio
from .guard import API_PATH, SONGS_PATH, WEBSOCKET_PATH, Guard
from .hub import Hub
from .messages import Hello, Status, schema_text
from .page_files import BUILT_PAGE, MANIFEST, PageFiles, manifest_with
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
    api: Sequence[BaseRoute] = (),
) -> Starlette:
    """The ASGI application.

    `hello` is asked for each client that comes, on the event loop; `audio_path` for each song that
    is played, in a thread. `page` is the folder of the built page. `api` are the routes of what can
    be asked of the catalog: their paths begin with `/api/`, but for websockets, which are guarded
    wherever they are.

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
        *api,
    ]
    access = Access(settings)
    guard = Middleware(Guard, access=access, origins=settings.origins)
    app = Starlette(routes=routes, middleware=[guard], exception_handlers={HTTPException: refused})
    app.router.redirect_slashes = False
    app.router.default = _Rest(PageFiles(page), access, page)
    return app


class _Rest:
    """What no route has: a file of the page, or nothing."""

    def __init__(self, files: PageFiles, access: Access, page: Path | None) -> None:
        self._files, self._access, self._page = files, access, page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await WebSocketClose()(scope, receive, send)
        elif scope["path"].startswith(API_PATH):
            await failure(404, f"there is no {scope['path']:.80}")(scope, receive, send)
        else:
            await (self._manifest(scope) or self._files)(scope, receive, send)

    def _manifest(self, scope: Scope) -> Response | None:
        """The manifest for who shows the token; None: another file, or no token, or a wrong one."""
        request = Request(scope)
        token = request.query_params.get("token")
        if token is None or request.url.path != f"/{MANIFEST}":
            return None
        if self._access.check_token(None, token) is not None:
            return None
        return manifest_with(token, page=self._page)


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

"""What stands before every route: `Host`, `Origin` and token checked, security headers added."""

from __future__ import annotations

import re

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .access import Access, Refusal

WEBSOCKET_PATH = "/ws"
SONGS_PATH = "/songs/"
API_PATH = "/api/"
SECRET_PATHS = (SONGS_PATH, API_PATH)
"""What lies below them tells of the music, as websockets do."""

READING = ("GET", "HEAD", "OPTIONS")
"""Methods that change nothing (RFC 9110, section 9.2.1). Browsers name the `Origin` with all
others."""

_HOST = re.compile(r"[A-Za-z0-9.\-]+(:\d+)?|\[[0-9A-Fa-f:.]+\](:\d+)?")


class Guard:
    """An ASGI application around another one."""

    def __init__(self, app: ASGIApp, *, access: Access, origins: tuple[str, ...] = ()) -> None:
        self._app = app
        self._access = access
        self._origins = origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            return await self._app(scope, receive, send)
        request = HTTPConnection(scope)
        send = self._with_headers(request, send)
        refusal = self._refusal(request)
        if refusal is None:
            return await self._app(scope, receive, send)
        headers = {"www-authenticate": "Bearer"} if refusal.status == 401 else None
        answer = JSONResponse({"error": refusal.reason}, refusal.status, headers=headers)
        return await answer(scope, receive, send)

    def _refusal(self, request: HTTPConnection) -> Refusal | None:
        headers, access = request.headers, self._access
        host = headers.get("host")
        if refusal := access.check_host(host):
            return refusal
        websocket = request.scope["type"] == "websocket"
        # Another site's page can send what it may not read: so what may change something is asked
        # where it comes from.
        acts = websocket or request.scope["method"] not in READING
        if acts and (refusal := access.check_origin(headers.get("origin"), host)):
            return refusal
        if websocket or request.scope["path"].startswith(SECRET_PATHS):
            return access.check_token(
                headers.get("authorization"), request.query_params.get("token")
            )
        return None

    def _with_headers(self, request: HTTPConnection, send: Send) -> Send:
        async def wrapped(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers(request).items():
                    headers.setdefault(name, value)
            await send(message)

        return wrapped

    def _headers(self, request: HTTPConnection) -> dict[str, str]:
        host = request.headers.get("host", "")
        return {
            "content-security-policy": policy(host, framed_by=self._origins),
            "cross-origin-opener-policy": "same-origin",
            # Other pages may embed the audio only where pages of other origins are allowed at all.
            "cross-origin-resource-policy": "cross-origin" if self._origins else "same-origin",
            "referrer-policy": "no-referrer",  # the page's address may hold the token
            "x-content-type-options": "nosniff",
        }


def policy(host: str, *, framed_by: tuple[str, ...] = ()) -> str:
    """The content security policy of the page when it is served as `host`.

    `'self'` covers the websocket in browsers of today; Safari before 15.4 wants it by name.
    """
    sockets = f" ws://{host} wss://{host}" if _HOST.fullmatch(host) else ""
    parts = {
        "default-src": "'self'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "media-src": "'self'",
        "connect-src": "'self'" + sockets,
        "object-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": " ".join(("'self'", *framed_by)),
    }
    return "; ".join(f"{name} {value}" for name, value in parts.items())

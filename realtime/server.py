"""The one port: binds it, runs the application on uvicorn, and closes everyone properly.

uvicorn is used through two small subclasses of its protocols, because a server that runs for months
must be able to cut a connection whose other end has stopped reading: `close()` alone waits until
all bytes have left, which then never happens.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, cast

import uvicorn
from starlette.routing import BaseRoute
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import CloseCode, Frame
from websockets.http11 import Request

from .addresses import server_url
from .audio_files import AudioPath
from .binding import BACKLOG, bind
from .device_messages import LARGEST_FRAME_BYTES, LISTEN_PATH
from .hub import Hub
from .messages import Hello
from .page_files import BUILT_PAGE
from .routes import build_app
from .settings import ServerSettings
from .tls import check_tls

__all__ = ["Server", "build_app"]

GRACE_S = 1.0
"""So long may clients take to answer a close before they are cut."""

REQUEST_S = 10.0
"""So long may a new connection take to say what it wants, and a closing one to be gone."""

HTTP_CONNECTIONS = 128
"""Connections for pages and audio beside the websockets; more get 503."""

SEND_BUFFER_BYTES = 32 * 1024
"""Asked of the kernel for each websocket, which doubles it: what a client may lag behind."""

WRITE_BUFFER_BYTES = 16 * 1024
"""Unsent bytes of a websocket in this process, above which its outbox collapses."""

UNREAD_PONGS = 100
"""So many pings may a client send that does not read; each answer waits in this process."""

POLL_S = 0.02


class _Http(H11Protocol):
    """uvicorn's HTTP, but a connection that asks nothing, or not to the end, is cut."""

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._expect_request()

    def on_response_complete(self) -> None:
        # uvicorn's own keep-alive ends with the next byte, be it only the half of a request.
        self._expect_request()
        super().on_response_complete()

    def _expect_request(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = self.loop.call_later(REQUEST_S, self._cut_if_silent, self.scope)

    def _cut_if_silent(self, before: object) -> None:
        if cast(object, self.scope) is before:  # each request sets another; None before the first
            self.transport.abort()


class _WebSocket(WebSocketsSansIOProtocol):
    """uvicorn's websocket with small buffers, whose dead connections end."""

    _unread_pongs = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.transport.set_write_buffer_limits(high=WRITE_BUFFER_BYTES)
        connection: socket.socket = self.transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)

    def handle_connect(self, event: Request) -> None:
        if event.path.partition("?")[0] == LISTEN_PATH:
            self.conn.max_message_size = max(self.config.ws_max_size, LARGEST_FRAME_BYTES)
        super().handle_connect(event)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.conn.handshake_exc is not None and not self.handshake_initiated:
            # A request that is one to h11 but not to websockets (a line above 8 kB): uvicorn would
            # leave it without an answer, and open.
            self.transport.abort()

    def handle_ping(self) -> None:
        if self.transport.is_closing():
            return
        super().handle_ping()
        self._unread_pongs = 0 if self.writable.is_set() else self._unread_pongs + 1
        if self._unread_pongs > UNREAD_PONGS:
            self.transport.abort()

    def handle_cont(self, event: Frame) -> None:
        if event.data or event.fin:  # empty ones count nothing towards the largest message
            super().handle_cont(event)

    def send_receive_event_to_app(self) -> None:
        text = self.curr_msg_data_type == "text" and not self.close_sent
        if text and not _is_utf8(b"".join(self.frames)):
            # As uvicorn does, but without a traceback in the log for what a client sends.
            self.conn.send_close(CloseCode.INVALID_DATA)
            self.handle_parser_exception()
        else:
            super().send_receive_event_to_app()

    async def send(self, message: Any) -> None:
        await super().send(message)
        if message["type"] == "websocket.http.response.body" and self.close_sent:
            # A refusal is an answer; uvicorn would log an error for each.
            self.handshake_complete = True

    def keepalive_timeout(self) -> None:
        super().keepalive_timeout()  # sends close 1011, for one that reads but does not answer
        self.transport.abort()

    def eof_received(self) -> None:
        # Nobody who still wants messages closes its own half.
        self.transport.abort()

    def handle_close(self, event: object) -> None:
        super().handle_close(event)  # type: ignore[arg-type]
        self.loop.call_later(REQUEST_S, self.transport.abort)


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


class _Uvicorn(uvicorn.Server):
    """uvicorn without signal handlers, that says when it has started."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield  # signals belong to the program, not to its server

    def websockets(self) -> list[_WebSocket]:
        """The websockets that are open, closing ones included."""
        return [c for c in self.server_state.connections if isinstance(c, _WebSocket)]


class Server:
    """Serves a hub's messages, the page and the audio; see `realtime.routes.build_app`.

    Raises `ServerError`, also from `start`.
    """

    def __init__(
        self,
        hub: Hub,
        *,
        settings: ServerSettings,
        hello: Callable[[], Hello],
        audio_path: AudioPath,
        page: Path | None = BUILT_PAGE,
        api: Sequence[BaseRoute] = (),
    ) -> None:
        self._hub = hub
        self._settings = settings
        self._app = build_app(
            hub, settings=settings, hello=hello, audio_path=audio_path, page=page, api=api
        )
        self._port = settings.port
        self._uvicorn: _Uvicorn | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def port(self) -> int:
        """The port it listens on; known once it has started when the settings say 0."""
        return self._port

    @property
    def url(self) -> str:
        """Address of the page, such as `http://127.0.0.1:8765/`, without the token."""
        return server_url(self._settings.host, self._port, scheme=self._settings.scheme)

    async def start(self) -> None:
        """Bind the port and serve.

        Raises `ServerError`: the port or the address is not free, or the certificate is none.
        """
        check_tls(self._settings)
        sockets = await bind(self._settings.host, self._settings.port)
        self._port = sockets[0].getsockname()[1]
        self._uvicorn = _Uvicorn(_config(self._app, self._settings))
        self._task = asyncio.create_task(self._uvicorn.serve(sockets), name="server")
        ready = asyncio.create_task(self._uvicorn.ready.wait())
        await asyncio.wait({self._task, ready}, return_when=asyncio.FIRST_COMPLETED)
        if not ready.done():
            ready.cancel()
            await self._task  # raises why

    async def stop(self) -> None:
        """Close every client with 1001, cut those that do not answer, free the port."""
        if self._uvicorn is None or self._task is None:
            return
        for listener in self._uvicorn.servers:
            listener.close()
        self._hub.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(GRACE_S):
                while self._uvicorn.websockets():
                    await asyncio.sleep(POLL_S)
        for connection in list(self._uvicorn.server_state.connections):
            connection.transport.abort()
        self._uvicorn.should_exit = True
        await self._task
        self._uvicorn = self._task = None


def _config(app: object, settings: ServerSettings) -> uvicorn.Config:
    return uvicorn.Config(
        app,  # type: ignore[arg-type]
        http=_Http,
        ws=_WebSocket,
        lifespan="off",
        log_config=None,
        # Below warnings it would log addresses with their tokens.
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ws_max_size=settings.max_message_bytes,
        ws_ping_interval=settings.ping_s,
        ws_ping_timeout=settings.ping_s,
        # Compression would do the same work again for each of the clients.
        ws_per_message_deflate=False,
        limit_concurrency=settings.max_clients + settings.max_devices + HTTP_CONNECTIONS,
        backlog=BACKLOG,
        ssl_certfile=settings.tls_cert,
        ssl_keyfile=settings.tls_key,
    )

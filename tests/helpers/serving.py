"""The real server on a free loopback port, and ways to talk to it."""

from __future__ import annotations

import asyncio
import base64
import functools
import http.client
import json
import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from concurrent.futures import Future
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple, Self
from urllib.parse import urlsplit

from starlette.routing import BaseRoute

from realtime.hub import Hub
from realtime.messages import ServerMessage
from realtime.server import Server
from realtime.settings import ServerSettings
from tests.helpers.messages import hello

TIMEOUT_S = 60.0
"""No test waits so long unless something is wrong."""


def in_loop(test: Callable[..., Awaitable[None]]) -> Callable[..., None]:
    """Runs an async test in a loop of its own; every wait in it ends."""

    @functools.wraps(test)
    def run(*args: Any, **kwargs: Any) -> None:
        async def limited() -> None:
            async with asyncio.timeout(TIMEOUT_S):
                await test(*args, **kwargs)

        asyncio.run(limited())

    return run


async def until(condition: Callable[[], bool]) -> None:
    """Returns once the condition holds; the test's own time limit ends a wait in vain."""
    while not condition():
        await asyncio.sleep(0.005)


def no_song(_: int) -> Path | None:
    return None


@asynccontextmanager
async def serving(
    hub: Hub | None = None,
    *,
    audio_path: Callable[[int], Path | None] = no_song,
    page: Path | None = None,
    api: Sequence[BaseRoute] = (),
    **settings: Any,
) -> AsyncIterator[Server]:
    """A server that runs inside the block; keyword arguments are settings."""
    server = Server(
        hub or Hub(),
        settings=ServerSettings(**{"port": 0, **settings}),
        hello=hello,
        audio_path=audio_path,
        page=page,
        api=api,
    )
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


class ServerThread:
    """A server in a thread and loop of its own, for programs that are tested from outside."""

    def __init__(self, **settings: Any) -> None:
        self.hub = Hub()
        self._settings = settings
        self._started: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event, str]] = Future()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))

    async def _serve(self) -> None:
        end = asyncio.Event()
        try:
            async with serving(self.hub, **self._settings) as server:
                self._started.set_result((asyncio.get_running_loop(), end, server.url))
                await end.wait()
        except BaseException as error:
            if not self._started.done():
                self._started.set_exception(error)
            raise

    def __enter__(self) -> Self:
        self._thread.start()
        self._loop, self._end, self.url = self._started.result(TIMEOUT_S)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join(TIMEOUT_S)

    @property
    def port(self) -> int:
        """The port it listens on."""
        return urlsplit(self.url).port or 0

    def publish(self, *messages: ServerMessage) -> None:
        """Publishes from the server's own thread; returns when that is done."""

        async def publish() -> None:
            for message in messages:
                self.hub.publish(message)

        asyncio.run_coroutine_threadsafe(publish(), self._loop).result(TIMEOUT_S)


def socket_url(server: Server) -> str:
    return server.url.replace("http", "ws", 1) + "ws"


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


def request(
    port: int,
    path: str,
    *,
    method: str = "GET",
    headers: dict[str, str] | None = None,
    body: bytes | None = None,
) -> Answer:
    """One HTTP request; header names of the answer in lower case."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_S)
    try:
        connection.request(method, path, body=body, headers=headers or {})
        answer = connection.getresponse()
        fields = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, fields, answer.read())
    finally:
        connection.close()


async def fetch(server: Server, path: str, **asked: Any) -> Answer:
    """The same from within the server's own loop; keyword arguments are those of `request`."""
    return await asyncio.to_thread(request, server.port, path, **asked)


async def connect_and_never_read(server: Server) -> socket.socket:
    """A websocket client that asks for the upgrade and then reads nothing, ever."""
    client = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(client, ("127.0.0.1", server.port))
    key = base64.b64encode(bytes(16)).decode()
    request = (
        f"GET /ws HTTP/1.1\r\nHost: {urlsplit(server.url).netloc}\r\nConnection: Upgrade\r\n"
        f"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n"
    )
    await loop.sock_sendall(client, request.encode())
    return client

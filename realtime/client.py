"""An asyncio client that iterates over typed messages and reconnects by itself.

    async with Client("ws://127.0.0.1:8765/ws") as client:
        async for message in client:
            if message.type == "similar":
                for row in message.songs:
                    print(row.score, row.title)

The first message of each connection is `hello`, so a second `hello` says that the connection was
lost in between. Messages of a type that this version does not know are passed over, and so are
fields: a server of the same protocol version may be newer than its client.
"""

from __future__ import annotations

import asyncio
import json
import random
import ssl
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import ValidationError
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI

from .access import is_loopback
from .addresses import fits_a_header, read_address
from .errors import ProtocolError
from .messages import PROTOCOL_VERSION, TOPICS, ServerMessage, Subscribe, Topic, decode, encode

DEFAULT_URL = "ws://127.0.0.1:8765/ws"
RETRY_S = 0.5
RETRY_MAX_S = 15.0
OPEN_TIMEOUT_S = 10.0
CLOSE_TIMEOUT_S = 1.0
LARGEST_MESSAGE_BYTES = 1 << 20

PASSING_STATUSES = frozenset({408, 425, 429})
"""Client errors of HTTP that may be gone at the next try; the others stay."""


@dataclass(frozen=True)
class Connection:
    """How the connection is: `detail` says why it was lost, `retry_s` when the next try is."""

    state: Literal["connecting", "live", "lost"]
    detail: str | None = None
    retry_s: float | None = None


class Client:
    """Messages of a nowhear, as they come, from one connection after another.

    `url` is the address of the websocket or of the page, or only `host:port`. `token` is for a
    server that demands one (a token in the address serves as well). `topics` None means all.

    `on_connection` is called with each change of the connection. After a loss the client tries
    again, first after about `retry_s`, then ever later up to `retry_max_s`, each wait drawn from
    the upper half so that many clients do not come back in the same instant. With
    `reconnect=False` a loss raises `ConnectionError` instead. `tls` says which certificates are
    trusted with `wss`; None: those of the system.

    Raises `ProtocolError`: the address or the token is none.
    Iterating raises `ProtocolError` when trying again cannot help: the server speaks another
    version, wants a token, or is no nowhear.
    """

    def __init__(
        self,
        url: str = DEFAULT_URL,
        *,
        token: str | None = None,
        topics: Collection[Topic] | None = None,
        reconnect: bool = True,
        retry_s: float = RETRY_S,
        retry_max_s: float = RETRY_MAX_S,
        on_connection: Callable[[Connection], None] = lambda _: None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        address = read_address(url)
        self.url = address.websocket
        self._token = token or address.token
        if self._token is not None and not fits_a_header(self._token):
            raise ProtocolError(
                "the token is wrong: it holds other than ASCII letters, digits and signs, or a "
                "space at its ends; see `server.token` of the daemon"
            )
        self._topics = None if topics is None else frozenset(topics)
        self._reconnect = reconnect
        self._retry_s = retry_s
        self._retry_max_s = retry_max_s
        self._on_connection = on_connection
        self._tls = (tls or True) if self.url.startswith("wss:") else None
        self._socket: ClientConnection | None = None
        self._losses = 0  # since the last message
        self._closing = asyncio.Event()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> ServerMessage:
        while not self._closing.is_set():
            try:
                message = _read(await self._receive())
            except (ConnectionClosed, InvalidHandshake, OSError) as error:
                await self._lose(error)
            else:
                self._losses = 0
                if message is not None:
                    return message
        raise StopAsyncIteration

    async def subscribe(self, topics: Collection[Topic]) -> None:
        """Only these topics from now on (`hello` always comes), also after a reconnection."""
        self._topics = frozenset(topics)
        if self._socket is not None:
            with suppress(ConnectionClosed):  # then it is sent when it stands again
                await self._send_topics(self._socket)

    async def close(self) -> None:
        """Close the connection; iterating ends."""
        self._closing.set()
        if self._socket is not None:
            await self._socket.close()

    async def _receive(self) -> str | bytes:
        if self._socket is None:
            self._on_connection(Connection("connecting"))
            self._socket = await self._open()
            await self._send_topics(self._socket)
            self._on_connection(Connection("live"))
        return await self._socket.recv()

    async def _open(self) -> ClientConnection:
        headers = {} if self._token is None else {"Authorization": f"Bearer {self._token}"}
        local = is_loopback(urlsplit(self.url).hostname or "")
        try:
            return await connect(
                self.url,
                additional_headers=headers,
                compression=None,
                open_timeout=OPEN_TIMEOUT_S,
                close_timeout=CLOSE_TIMEOUT_S,
                max_size=LARGEST_MESSAGE_BYTES,
                proxy=None if local else True,
                ssl=self._tls,
            )
        except InvalidStatus as error:
            status = error.response.status_code
            if 400 <= status < 500 and status not in PASSING_STATUSES:
                raise ProtocolError(_refused(self.url, error)) from error
            raise
        except InvalidURI as error:  # where a redirect led
            raise ProtocolError(f"{self.url} leads to {error.uri!r}, which is no websocket") from (
                error
            )

    async def _send_topics(self, socket: ClientConnection) -> None:
        if self._topics is not None:
            await socket.send(encode(Subscribe(type="subscribe", topics=self._topics)))

    async def _lose(self, error: Exception) -> None:
        """Forget the connection and wait until the next try is due."""
        self._socket = None
        if self._closing.is_set():
            return
        detail = _why(error)
        if not self._reconnect:
            self._on_connection(Connection("lost", detail))
            raise ConnectionError(f"{self.url}: {detail}") from error
        wait = retry_after(
            self._losses, first_s=self._retry_s, longest_s=self._retry_max_s, draw=random.random()
        )
        self._losses += 1
        self._on_connection(Connection("lost", detail, wait))
        with suppress(TimeoutError):
            async with asyncio.timeout(wait):
                await self._closing.wait()


def retry_after(losses: int, *, first_s: float, longest_s: float, draw: float) -> float:
    """Seconds to wait before the next try, after `losses` tries in vain before this one.

    The ceiling doubles from `first_s` to `longest_s`; `draw` (0 to 1) chooses in its upper half.

    >>> [retry_after(n, first_s=1, longest_s=6, draw=1) for n in (0, 1, 2, 3, 4000)]
    [1.0, 2.0, 4.0, 6.0, 6.0]
    """
    doublings = min(losses, 32)  # more would only overflow
    ceiling = min(longest_s, first_s * 2.0**doublings)
    return ceiling / 2 * (1 + draw)


def _read(text: str | bytes) -> ServerMessage | None:
    """The message; None for a type that only a newer version knows. Raises `ProtocolError`."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ProtocolError(f"expected JSON, got {text[:40]!r}") from error
    version = value.get("v") if isinstance(value, dict) else None
    if version != PROTOCOL_VERSION:
        raise ProtocolError(
            f"the server speaks protocol version {version!r}, this client speaks "
            f"{PROTOCOL_VERSION}; update the older of the two"
        )
    if value.get("type") not in TOPICS:
        return None
    try:
        return decode(text, lenient=True)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ProtocolError(f"not a message of this protocol: {where}: {first['msg']}") from error


def _why(error: Exception) -> str:
    if isinstance(error, ConnectionClosed):
        close = error.rcvd
        if close is None:
            return "the connection was cut"
        return f"closed by the server ({close.code}{': ' * bool(close.reason)}{close.reason})"
    if isinstance(error, InvalidStatus):
        return f"HTTP status {error.response.status_code} in place of a websocket"
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return f"no TLS there: {error.reason or error}"
    if isinstance(error, ConnectionRefusedError):
        return "nothing listens there"
    if isinstance(error, OSError):
        return error.strerror or str(error)
    return str(error)


def _refused(url: str, error: InvalidStatus) -> str:
    response = error.response
    try:
        reason = json.loads(response.body or b"")["error"]
    except (ValueError, KeyError, TypeError):
        reason = "no nowhear answers there" if response.status_code == 404 else "no reason given"
    return f"{url} refused the connection with HTTP {response.status_code}: {reason}"

"""The websocket endpoint: one task that sends what waits, one loop that hears the client."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress

from pydantic import ValidationError
from starlette.websockets import WebSocket, WebSocketDisconnect

from .hub import Hub, Subscription
from .messages import Hello, Topic, decode_subscribe
from .settings import ServerSettings

GOING_AWAY = 1001
WRONG_KIND = 1003
WRONG_CONTENT = 1007
TRY_LATER = 1013

REASON_BYTES = 120  # a close frame holds 125 bytes, two of them the code (RFC 6455, 5.5.1)


class _BadMessageError(Exception):
    """What a client sent cannot be used: the close code, and the reason for a person."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = fitting(reason)


def fitting(reason: str) -> str:
    """As much of `reason` as a close frame holds."""
    return reason.encode()[:REASON_BYTES].decode(errors="ignore")


def live_socket(
    hub: Hub, *, settings: ServerSettings, hello: Callable[[], Hello]
) -> Callable[[WebSocket], Awaitable[None]]:
    """The endpoint for `/ws`. Clients beyond `max_clients` are closed with 1013."""

    async def endpoint(websocket: WebSocket) -> None:
        await websocket.accept()
        with suppress(WebSocketDisconnect):
            if hub.clients >= settings.max_clients:
                reason = f"{settings.max_clients} clients are connected, no more are taken"
                return await websocket.close(TRY_LATER, reason)
            await _serve(websocket, hub, hub.attach(hello()))
        return None

    return endpoint


async def _serve(websocket: WebSocket, hub: Hub, subscription: Subscription) -> None:
    sending = asyncio.create_task(_send_all(websocket, subscription))
    bad: _BadMessageError | None = None
    try:
        await _hear(websocket, hub, subscription)
    except _BadMessageError as error:
        bad = error
    finally:
        hub.detach(subscription)
        sending.cancel()
        await asyncio.wait([sending])
    if bad is not None:
        await websocket.close(bad.code, bad.reason)
    elif not sending.cancelled():
        sending.result()  # so that a fault of ours is not lost


async def _send_all(websocket: WebSocket, subscription: Subscription) -> None:
    """Sends until the client is gone or the hub closes.

    `send_text` waits while the transport holds unsent bytes; meanwhile the outbox collapses.
    """
    try:
        while (text := await subscription.next()) is not None:
            await websocket.send_text(text)
        await websocket.close(GOING_AWAY, "nowhear is ending")
    except (WebSocketDisconnect, RuntimeError):
        # uvicorn raises RuntimeError for a message after it has itself closed the connection (no
        # answer to a ping, a message too long). The loop that hears the client ends as well.
        return


async def _hear(websocket: WebSocket, hub: Hub, subscription: Subscription) -> None:
    """Takes what the client sends until it is gone; raises `_BadMessageError`."""
    while (event := await websocket.receive())["type"] == "websocket.receive":
        text = event.get("text")
        if text is None:
            raise _BadMessageError(WRONG_KIND, "expected text, got a binary message")
        topics = _read_topics(text)
        if topics is not None:
            hub.subscribe(subscription, topics)
        await asyncio.sleep(0)  # what has come already is had at once: a flood must not hold others


def _read_topics(text: str) -> frozenset[Topic] | None:
    """The topics of a `subscribe`; None for a type that only a newer client knows.

    Raises `_BadMessageError`: it is no message at all.
    """
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise _BadMessageError(WRONG_CONTENT, "expected JSON") from None
    kind = value.get("type") if isinstance(value, dict) else None
    if not isinstance(kind, str):
        raise _BadMessageError(WRONG_CONTENT, "expected a JSON object with a type")
    if kind != "subscribe":
        return None
    try:
        return decode_subscribe(text).topics
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise _BadMessageError(WRONG_CONTENT, f"subscribe: {where}: {first['msg']}") from None

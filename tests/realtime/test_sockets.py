"""The websocket endpoint against a client that never pauses."""

from __future__ import annotations

import asyncio
from typing import Any, cast

from starlette.websockets import WebSocket

from realtime.hub import Hub
from realtime.settings import ServerSettings
from realtime.sockets import live_socket
from tests.helpers.messages import hello
from tests.helpers.serving import in_loop

MOST = 1000


class Flood:
    """Stands for a websocket whose messages have all come already."""

    received = 0

    async def accept(self) -> None:
        pass

    async def send_text(self, text: str) -> None:
        pass

    async def receive(self) -> dict[str, Any]:
        self.received += 1
        if self.received > MOST:
            return {"type": "websocket.disconnect"}
        return {"type": "websocket.receive", "text": '{"type": "subscribe", "topics": []}'}


@in_loop
async def test_a_flood_of_messages_lets_others_have_their_turn() -> None:
    flood, hub = Flood(), Hub()
    endpoint = live_socket(hub, settings=ServerSettings(), hello=hello)
    flooding = asyncio.create_task(endpoint(cast(WebSocket, flood)))
    while flood.received == 0:
        await asyncio.sleep(0)
    assert flood.received < MOST
    await flooding
    assert hub.clients == 0

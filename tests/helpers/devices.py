"""Devices that send their sound to a real server, by a clock that the sound itself drives."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from starlette.routing import WebSocketRoute
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from encoder.embedding import Encoder
from realtime.device_messages import LISTEN_PATH
from realtime.device_socket import Devices
from realtime.hub import Hub
from realtime.live_catalog import LiveCatalog
from realtime.server import Server
from realtime.settings import Settings
from tests.helpers.schema import assert_valid, validator
from tests.helpers.serving import serving

CREDIT = validator("#/$defs/Credit")


@dataclass
class SoundClock:
    """Stands still but for what is added to `now_s`."""

    now_s: float = 1000.0

    def __call__(self) -> float:
        return self.now_s


def as_frame(samples: NDArray[np.float32]) -> bytes:
    """Samples as a device sends them."""
    return np.clip(np.rint(samples * 32768), -32768, 32767).astype("<i2").tobytes()


@dataclass
class Device:
    """A client of `/listen`; `heard` keeps its messages, each held against the schema."""

    socket: ClientConnection
    clock: SoundClock
    rate_hz: int
    credit: int = 0
    heard: list[dict[str, Any]] = field(default_factory=list)

    async def say(self, kind: str, **fields: object) -> None:
        await self.socket.send(json.dumps({"v": 1, "type": kind, **fields}))

    async def begin(self, *, name: str = "this phone") -> None:
        await self.say("begin", rate_hz=self.rate_hz, name=name)

    async def read(self) -> dict[str, Any]:
        """The next message; credit is counted and not kept."""
        text = await self.socket.recv()
        message: dict[str, Any] = json.loads(text)
        if message["type"] == "credit":
            CREDIT.validate(message)
            self.credit += message["samples"]
        else:
            self.heard.append(assert_valid(text))
        return message

    async def read_until(self, kind: str) -> dict[str, Any]:
        while (message := await self.read())["type"] != kind:
            pass
        return message

    async def play(self, samples: NDArray[np.float32], *, frame: int) -> None:
        """Sends sound as it is given credit for; time passes with it."""
        for start in range(0, len(samples), frame):
            block = samples[start : start + frame]
            while self.credit < len(block):
                await self.read()
            self.credit -= len(block)
            self.clock.now_s += len(block) / self.rate_hz
            await self.socket.send(as_frame(block))

    async def closed(self) -> tuple[int | None, str]:
        """Reads on to the close: its code and reason."""
        with suppress(ConnectionClosed):
            while True:
                await self.read()
        return self.socket.close_code, self.socket.close_reason or ""

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [message for message in self.heard if message["type"] == kind]


@dataclass
class Hall:
    """A server that takes devices; `daemon` is the daemon's own hub."""

    server: Server
    daemon: Hub
    devices: Devices
    clock: SoundClock
    catalog: LiveCatalog

    @asynccontextmanager
    async def device(self, *, begin: bool = True) -> AsyncIterator[Device]:
        address = self.server.url.replace("http", "ws", 1).rstrip("/") + LISTEN_PATH
        async with connect(address, compression=None) as socket:
            device = Device(socket, self.clock, self.devices.encoder.spec.sample_rate_hz)
            if begin:
                await device.begin()
            yield device


@asynccontextmanager
async def taking_devices(settings: Settings, encoder: Encoder) -> AsyncIterator[Hall]:
    """A server for devices that runs inside the block."""
    daemon, clock = Hub(), SoundClock()
    with closing(LiveCatalog(settings.catalog, encoder.spec)) as catalog:
        devices = Devices(
            catalog=catalog,
            encoder=encoder,
            settings=settings,
            places=lambda ids: {song: (float(song), 0.0, 0.0) for song in ids},
            daemon=daemon,
            version="9.9",
            clock=clock,
        )
        api = [WebSocketRoute(LISTEN_PATH, devices.endpoint)]
        async with serving(daemon, api=api, **settings.server.model_dump()) as server:
            yield Hall(server, daemon, devices, clock, catalog)

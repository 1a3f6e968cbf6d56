"""The websocket `/listen`: a device's own sound in, what it is out."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack, suppress
from typing import Any, NamedTuple

from starlette.websockets import WebSocket, WebSocketDisconnect

from catalog.songs import one_line
from encoder.embedding import Encoder

from .device import BROKE_RULES, SILENT_S, RefusedError, Session, read_begin
from .device_recognizer import DeviceRecognizer
from .hello import hello
from .hub import Hub
from .live_catalog import LiveCatalog
from .logs import logger
from .messages import Source, SourceState, Status, encode
from .opening import recognizer_over
from .placing import PlacesOf
from .recognizer import Recognizer
from .settings import Settings
from .sockets import GOING_AWAY, TRY_LATER, fitting

_log = logger("device")

Clock = Callable[[], float]

NORMAL = 1000  # close codes of RFC 6455, section 7.4.1
OUR_FAULT = 1011

TICK_S = 0.1
"""Credit is given, and silence noticed, so often."""

STATUS_EVERY_S = 1.0


class Ending(NamedTuple):
    """How a connection is closed: code and reason."""

    code: int
    reason: str


class Devices:
    """All devices of a server; `endpoint` serves one.

    `places` says where on the map songs lie. `daemon` is the daemon's own hub, whose end is theirs.
    `clock` gives seconds that only grow.
    """

    def __init__(
        self,
        *,
        catalog: LiveCatalog,
        encoder: Encoder,
        settings: Settings,
        places: PlacesOf,
        daemon: Hub,
        version: str,
        clock: Clock = time.monotonic,
    ) -> None:
        self.catalog, self.encoder, self.settings = catalog, encoder, settings
        self._places = places
        self.daemon, self.version, self.clock = daemon, version, clock
        self.count = 0
        """Devices that are connected."""

    async def endpoint(self, websocket: WebSocket) -> None:
        """Serves one device. Those beyond `server.max_devices` are closed with 1013."""
        await websocket.accept()
        most = self.settings.server.max_devices
        with suppress(WebSocketDisconnect):
            if self.count >= most:
                reason = f"{most} devices listen already, no more are taken"
                return await websocket.close(TRY_LATER, reason)
            self.count += 1
            try:
                async with AsyncExitStack() as threads:  # which end after the device has been told
                    await _close(websocket, await self._ending(websocket, threads))
            finally:
                self.count -= 1
        return None

    async def _ending(self, websocket: WebSocket, threads: AsyncExitStack) -> Ending | None:
        """Serves a device; how to end it, None when it has gone by itself."""
        try:
            return await _first(self._serve(websocket, threads), self._leave())
        except RefusedError as error:
            return Ending(error.code, error.reason)

    async def _serve(self, websocket: WebSocket, threads: AsyncExitStack) -> Ending | None:
        name = await self._named(websocket)
        if name is None:
            return None
        device = _Device(self, websocket, name=name)
        threads.push_async_callback(device.join)
        return await device.serve()

    def recognizer(self) -> Recognizer:
        """One more recognizer; to be made in its own thread."""
        return recognizer_over(
            self.catalog,
            self.encoder,
            songs=self.catalog.songs,
            settings=self.settings,
            places=self._places,
        )

    async def _named(self, websocket: WebSocket) -> str | None:
        """What the device is called, once it has begun; None when it is gone before."""
        with suppress(TimeoutError):
            async with asyncio.timeout(SILENT_S):
                event = await websocket.receive()
                if event["type"] != "websocket.receive":
                    return None
                rate_hz = self.encoder.spec.sample_rate_hz
                return read_begin(event.get("text"), rate_hz=rate_hz)
        raise RefusedError(BROKE_RULES, f"no `begin` came for {SILENT_S:g} s")

    async def _leave(self) -> Ending:
        await self.daemon.wait_closed()
        return Ending(GOING_AWAY, "nowhear is ending")


class _Device:
    """One connection that has begun, from then on."""

    def __init__(self, devices: Devices, websocket: WebSocket, *, name: str) -> None:
        settings, catalog, encoder = devices.settings, devices.catalog, devices.encoder
        self._devices, self._websocket, self._clock = devices, websocket, devices.clock
        rate_hz = encoder.spec.sample_rate_hz
        room = max(1, round(settings.listen.queue_s * rate_hz))
        self._begun_s = self._told_s = self._clock()
        self._session = Session(rate_hz=rate_hz, room=room, now_s=self._begun_s)
        self._source = Source(kind="device", name=one_line(name), live=True)
        self._hub = Hub()
        self._subscription = self._hub.attach(
            hello(encoder.spec, catalog.state, self._source, version=devices.version)
        )
        self._credit = asyncio.Event()  # there may be some to give
        self._credit.set()
        self._recognizer = DeviceRecognizer(
            devices.recognizer,
            self._hub,
            rate_hz=rate_hz,
            room=room,
            recognized=self._recognized,
        )

    async def serve(self) -> Ending | None:
        """How to end it; None when the device has gone by itself."""
        _log.info("device %s listens", self._source.name)
        self._say_status("listening")
        try:
            return await _first(self._hear(), self._send(), self._tick(), self._fail())
        finally:
            self._recognizer.stop()
            _log.info("device %s has ended", self._source.name)

    async def join(self) -> None:
        """Returns once its thread has ended."""
        await self._recognizer.join()

    async def _hear(self) -> Ending | None:
        """Takes what the device sends, until it ends or is gone."""
        session = self._session
        while (event := await self._websocket.receive())["type"] == "websocket.receive":
            text = event.get("text")
            if text is None:
                self._recognizer.put(session.sound(event["bytes"], now_s=self._clock()))
            else:
                session.text(text, now_s=self._clock())
            if session.ended:
                await self._recognizer.finish()
                self._say_status("ended")
                self._hub.close()
                await asyncio.Event().wait()  # until `_send` has sent it all, which ends both
        return None

    async def _send(self) -> Ending:
        """Sends what waits, as the device can take it, until the hub closes."""
        while (text := await self._subscription.next()) is not None:
            await _tell(self._websocket, text)
        return Ending(NORMAL, "")

    async def _tick(self) -> Ending:
        """Gives credit and tells of `status`; raises once the device has been silent too long."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(TICK_S):
                    await self._credit.wait()
            self._credit.clear()
            now_s = self._clock()
            self._session.check_silent(now_s=now_s)
            if (credit := self._session.credit(now_s=now_s)) is not None:
                await _tell(self._websocket, encode(credit))
            if now_s - self._told_s >= STATUS_EVERY_S:
                self._say_status("listening")

    async def _fail(self) -> Ending:
        error = await self._recognizer.failure()
        _log.error("device %s: %s", self._source.name, error, exc_info=error)
        return Ending(OUR_FAULT, "the recognizer failed; the log of nowhear says more")

    def _recognized(self, samples: int) -> None:
        self._session.recognized(samples)
        self._credit.set()

    def _say_status(self, state: SourceState) -> None:
        session, devices = self._session, self._devices
        rate_hz = devices.encoder.spec.sample_rate_hz
        self._told_s = self._clock()
        status = Status(
            source=self._source,
            state=state,
            detail=devices.catalog.trouble,
            heard_s=session.sent / rate_hz,
            dropped_s=session.skipped / rate_hz,
            dropped_blocks=session.skips,
            overruns=0,
            latency=self._recognizer.latency.summary(),
            clients=devices.daemon.clients + devices.count,
            catalog=devices.catalog.state,
            uptime_s=self._told_s - self._begun_s,
        )
        if not session.ended or state == "ended":
            self._hub.publish(status)


async def _first(*works: Coroutine[Any, Any, Ending | None]) -> Ending | None:
    """What the first of them to end returns or raises; the others are cancelled."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        return next(task for task in tasks if task in done).result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _close(websocket: WebSocket, ending: Ending | None) -> None:
    if ending is not None:
        with suppress(RuntimeError):  # uvicorn has closed it already
            await websocket.close(ending.code, fitting(ending.reason))


async def _tell(websocket: WebSocket, text: str) -> None:
    """Sends a message; raises `WebSocketDisconnect` when there is nobody any more."""
    try:
        await websocket.send_text(text)
    except RuntimeError as error:
        # uvicorn raises it for a message after it has itself closed the connection (no answer to a
        # ping, a message too long).
        raise WebSocketDisconnect from error

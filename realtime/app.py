"""The daemon: one source, one recognizer, one server, put together.

    source thread ──► queue ──► pump thread ──► event loop ──► clients
     (sound in)      (bounded)  (recognizes)     (publishes)

The source begins while the encoder still loads. What goes wrong with a source does not end the
daemon: clients are told in `status`.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from encoder.embedding import Encoder
from encoder.errors import EncoderError

from .api import api_routes
from .blocks import Block
from .capture import DropQueue
from .errors import RealtimeError
from .events import Event
from .hello import hello
from .history import WallClock
from .hub import Hub
from .job_keeper import JobKeeper
from .keeping import Keeping
from .latency import LatencyMeter, messages_leaving
from .live_catalog import LiveCatalog
from .live_map import LiveMap
from .loading import Loading
from .logs import logger
from .map_keeper import MapKeeper
from .messages import ServerMessage, Status
from .opening import recognizer_over
from .server import Server
from .settings import Settings
from .sources.base import Source, SourceReport
from .tap import Tap
from .threads import Threads
from .turns import Turns

_log = logger("listen")

STATUS_EVERY_S = 1.0
PUMP_JOIN_S = 5.0
"""So long may what is being recognized take to be told at the end: it waits for nothing but the
processor and the disk."""


class Daemon:
    """Listens to `source` and tells clients: `run` does it all, `stop` ends it.

    `fast`: the source waits for the recognizer instead of for real time. `once`: the end of the
    source is the end of the daemon. `ready` is called with the page's address once clients can
    come. `tap` may be set to something that gets all messages too. To be made on a running event
    loop.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        source: Source,
        loading: Loading,
        version: str,
        fast: bool = False,
        once: bool = False,
        ready: Callable[[str], None] | None = None,
    ) -> None:
        self._settings = settings
        self._source = source
        self._loading = loading
        self._version = version
        self._fast, self._once = fast, once
        self._ready = ready
        self.tap: Tap | None = None
        self._hub = Hub()
        self._latency = LatencyMeter()
        self._queue = DropQueue[Block](capacity=settings.listen.queue_s, size=self._seconds)
        self._report = SourceReport("starting")
        self._last_words: str | None = None  # why the source has ended, if it failed
        self._heard = 0  # samples
        self._dropped_before = 0
        self._begun_s = time.monotonic()
        self._failure: Exception | None = None
        self._keeping: Keeping | None = None
        self._clock = WallClock()
        self._threads = Threads(self._failed)
        self._halt = threading.Event()  # for the threads
        self._stopped = asyncio.Event()  # for the event loop
        self._news = asyncio.Event()  # there is something to tell in `status`

    def _seconds(self, block: Block) -> float:
        return len(block.samples) / self._loading.rate_hz()

    def stop(self) -> None:
        """Ends `run`, soon; to be called on its event loop."""
        self._halt.set()
        self._stopped.set()
        self._news.set()
        self._queue.close()

    def _failed(self, error: Exception) -> None:
        """What a thread raised ends the daemon and is raised by `run`."""
        self._failure = self._failure or error
        self.stop()

    async def run(self) -> None:
        """Runs until `stop`, or with `once` until the source ends.

        Raises what the encoder, the catalog or the server cannot start with, and with `once` what
        the source failed with.
        """
        self._threads.start(self._listen)
        try:
            encoder = await self._loaded()
            if encoder is not None:
                await self._serve(encoder)
        finally:
            self.stop()
            await asyncio.to_thread(self._threads.join)
            if self._keeping is not None:
                await asyncio.to_thread(self._keeping.close)
        if self._failure is not None:
            raise self._failure

    async def _loaded(self) -> Encoder | None:
        """The encoder; None when told to stop before it was there."""
        loaded = asyncio.wrap_future(self._loading.future)
        stopped = asyncio.ensure_future(self._stopped.wait())
        waiting: list[asyncio.Future[Any]] = [loaded, stopped]
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        return loaded.result() if loaded.done() else None

    async def _serve(self, encoder: Encoder) -> None:
        """From the encoder being there to the last client's close."""
        turns = Turns(encoder)
        info, rate_hz = self._source.info, encoder.spec.sample_rate_hz
        self._keeping = Keeping(self._settings, info, self._clock, sample_rate_hz=rate_hz)
        with contextlib.closing(LiveCatalog(self._settings.catalog, encoder.spec)) as catalog:
            keeper, jobs = MapKeeper(catalog, self._settings), JobKeeper(self._settings)
            server = Server(
                self._hub,
                settings=self._settings.server,
                hello=lambda: hello(
                    encoder.spec, catalog.state, self._source.info, version=self._version
                ),
                audio_path=catalog.audio_path,
                api=api_routes(
                    catalog=catalog,
                    maps=keeper.maps,
                    encoder=turns.patient,
                    settings=self._settings,
                    hub=self._hub,
                    version=self._version,
                ),
            )
            await server.start()
            try:
                if self._ready is not None:
                    self._ready(server.url)
                self._say(self._status(catalog))
                self._threads.start(
                    self._pump, turns.first, catalog, keeper.maps, patience_s=PUMP_JOIN_S
                )
                await self._tick(catalog, keeper, jobs)
            finally:
                self.stop()
                ends = (self._threads.join, keeper.close, jobs.close)
                await asyncio.gather(server.stop(), *map(asyncio.to_thread, ends))

    async def _tick(self, catalog: LiveCatalog, keeper: MapKeeper, jobs: JobKeeper) -> None:
        """Tells `status` once a second and with every change of the source, until `stop`."""
        while not self._stopped.is_set():
            await asyncio.to_thread(catalog.refresh)
            await asyncio.to_thread(keeper.tick)
            if (news := await asyncio.to_thread(jobs.tick)) is not None:
                self._say(news)
            self._news.clear()
            self._say(self._status(catalog))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(STATUS_EVERY_S):
                    await self._news.wait()
        self._say(self._status(catalog))

    # On the source's thread.

    def _listen(self) -> None:
        try:
            self._source.run(self._emit, self._heed, self._halt)
        except (EncoderError, RealtimeError) as error:
            if self._once:
                self._failure = error
            self._last_words = str(error)
        finally:
            self._queue.close()

    def _emit(self, block: Block, *, arrived_s: float) -> None:
        self._latency.arrived(block.end, at_s=arrived_s)
        self._clock.note(block.end, at_s=time.time())
        self._heard += len(block.samples)
        if self._fast:
            self._queue.put_patiently(block)
        else:
            self._queue.put(block)

    def _heed(self, report: SourceReport) -> None:
        before, self._report = self._report, report
        self._threads.call(self._news.set)
        if (before.state, before.detail) == (report.state, report.detail):
            return
        level = _log.info if report.detail is None else _log.warning
        detail = "" if report.detail is None else f": {report.detail}"
        level("%s %s%s", self._source.info.name, report.state, detail)

    # On the pump's thread.

    def _pump(self, encoder: Encoder, catalog: LiveCatalog, maps: LiveMap) -> None:
        recognizer = recognizer_over(
            catalog, encoder, songs=catalog.songs, settings=self._settings, places=maps.places
        )
        while (blocks := self._queue.take()) is not None:
            if self._halt.is_set():
                break
            self._note_drops()
            self._deliver(recognizer.feed(*blocks))
        if self._halt.is_set():
            self._note(recognizer.plays())
        else:
            self._deliver(recognizer.finish())
            words = self._last_words or self._report.detail
            self._heed(SourceReport("ended", words, self._report.overruns))
            if self._once:
                self._threads.call(self.stop)

    def _note_drops(self) -> None:
        dropped = self._queue.dropped
        if dropped > self._dropped_before:
            _log.warning(
                "too slow for real time: %.1f s of sound dropped so far", self._queue.dropped_size
            )
        self._dropped_before = dropped

    def _deliver(self, events: Sequence[Event]) -> None:
        """Has the event loop publish, and waits for that: so no backlog can grow there."""
        self._note(events)
        if not events:
            return
        self._threads.call_and_wait(self._publish, events, halt=self._halt)
        if self._fast and self.tap is not None:
            self.tap.catch_up(self._halt)

    def _note(self, events: Sequence[Event]) -> None:
        if self._keeping is not None:
            self._keeping.note(events)

    # On the event loop's thread.

    def _publish(self, events: Sequence[Event]) -> None:
        for message in messages_leaving(
            events,
            sample_rate_hz=self._loading.rate_hz(),
            latency=self._latency,
            at_s=time.monotonic(),
        ):
            self._say(message)

    def _say(self, message: ServerMessage) -> None:
        self._hub.publish(message)
        if self.tap is not None:
            self.tap.put(message)

    def _status(self, catalog: LiveCatalog) -> Status:
        report = self._report
        details = [text for text in (report.detail, catalog.trouble) if text is not None]
        return Status(
            source=self._source.info,
            state=report.state,
            detail="; ".join(details) or None,
            heard_s=self._heard / self._loading.rate_hz(),
            dropped_s=self._queue.dropped_size,
            dropped_blocks=self._queue.dropped,
            overruns=report.overruns,
            latency=self._latency.summary(),
            clients=self._hub.clients,
            catalog=catalog.state,
            uptime_s=time.monotonic() - self._begun_s,
        )

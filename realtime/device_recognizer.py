"""The recognizer of one device: a thread of its own, and a hub that only the device hears.

    blocks ─► queue ─► thread ─► event loop ─► hub ─► outbox of the device
            (by credit) (recognizes) (publishes)

All devices share the daemon's encoder, one at a time (`Shared`): however many there are, the
daemon's own recognizer shares the processor with one of them.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from encoder.embedding import Embeddings, Encoder, EncoderSpec

from .blocks import Block
from .capture import DropQueue
from .events import Event
from .hub import Hub
from .latency import LatencyMeter, messages_leaving
from .recognizer import Recognizer
from .threads import Threads

T = TypeVar("T")

JOIN_S = 5.0
"""So long may what is being recognized take to be dropped."""

TURN = 4
"""Windows that are embedded in one turn: an upload has thousands, and a device waits for each."""


class _Turns:
    """A lock that is had in the order of asking: who asks again at once must not starve others."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._asked = self._served = 0

    def __enter__(self) -> None:
        with self._changed:
            mine, self._asked = self._asked, self._asked + 1
            self._changed.wait_for(lambda: self._served == mine)

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._served += 1
            self._changed.notify_all()


class Shared:
    """An encoder that embeds for one caller at a time, a few windows in a turn."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._turns = _Turns()

    @property
    def spec(self) -> EncoderSpec:
        """As the encoder's."""
        return self._encoder.spec

    def embed(self, windows: NDArray[np.float32]) -> Embeddings:
        """As the encoder does."""
        parts = [self._in_turn(self._encoder.embed, part) for part in _sliced(windows)]
        return Embeddings(
            style=np.concatenate([part.style for part in parts]),
            tags=np.concatenate([part.tags for part in parts]),
            prints=_joined([part.prints for part in parts]),
            music=_joined([part.music for part in parts]),
        )

    def prints(self, stretches: NDArray[np.float32]) -> NDArray[np.float32]:
        """As the encoder does."""
        parts = [self._in_turn(self._encoder.prints, part) for part in _sliced(stretches)]
        return np.concatenate(parts)

    def _in_turn(self, work: Callable[[NDArray[np.float32]], T], rows: NDArray[np.float32]) -> T:
        with self._turns:
            return work(rows)


def _sliced(rows: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """At least one slice, if an empty one; each is embedded as it would be with the others."""
    return [rows[at : at + TURN] for at in range(0, max(1, len(rows)), TURN)]


def _joined(parts: Sequence[NDArray[np.float32] | None]) -> NDArray[np.float32] | None:
    there = [part for part in parts if part is not None]
    return np.concatenate(there) if there else None


class DeviceRecognizer:
    """Recognizes what is `put` and publishes it to `hub`, on the event loop it was made on.

    `make` makes the recognizer, in the thread. At most `room` samples may wait; `recognized` is
    told on the event loop how many wait no longer.
    """

    def __init__(
        self,
        make: Callable[[], Recognizer],
        hub: Hub,
        *,
        rate_hz: int,
        room: int,
        recognized: Callable[[int], None],
    ) -> None:
        self._make, self._hub, self._rate_hz = make, hub, rate_hz
        self._recognized = recognized
        self._queue = DropQueue[Block](capacity=room, size=lambda block: len(block.samples))
        self.latency = LatencyMeter()
        self._threads = Threads(self._fail)
        self._halt = threading.Event()
        self._finished = asyncio.Event()
        self._failure: asyncio.Future[Exception] = asyncio.get_running_loop().create_future()
        self._threads.start(self._recognize, patience_s=JOIN_S)

    def put(self, block: Block) -> None:
        """Lets a block wait for the thread."""
        self.latency.arrived(block.end, at_s=time.monotonic())
        self._queue.put(block)

    async def finish(self) -> None:
        """No more blocks come; returns once the last events are published."""
        self._queue.close()
        await self._finished.wait()

    async def failure(self) -> Exception:
        """What the thread raised, as soon as it has."""
        return await self._failure

    def stop(self) -> None:
        """Gives up what still waits; the thread ends soon."""
        self._halt.set()
        self._queue.close()

    async def join(self) -> None:
        """Returns once the thread has ended."""
        await asyncio.to_thread(self._threads.join)

    def _fail(self, error: Exception) -> None:
        if not self._failure.done():
            self._failure.set_result(error)

    # On the thread.

    def _recognize(self) -> None:
        recognizer = self._make()
        while (blocks := self._queue.take()) is not None:
            # One after another, though all at once were quicker: a long batch holds up others.
            for block in blocks:
                if self._halt.is_set():
                    return
                self._deliver(recognizer.feed(block), len(block.samples))
        if not self._halt.is_set():
            self._deliver(recognizer.finish(), 0)
            self._threads.call(self._finished.set)

    def _deliver(self, events: Sequence[Event], samples: int) -> None:
        """Has the event loop publish, and waits for that: so no backlog can grow there."""
        self._threads.call_and_wait(self._publish, events, samples, halt=self._halt)

    # On the event loop.

    def _publish(self, events: Sequence[Event], samples: int) -> None:
        for message in messages_leaving(
            events,
            sample_rate_hz=self._rate_hz,
            latency=self.latency,
            at_s=time.monotonic(),
        ):
            self._hub.publish(message)
        self._recognized(samples)

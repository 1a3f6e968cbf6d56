"""The microphone: one capture device, watched, and looked for again when it is gone."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from encoder.audio import StreamResampler

from ..blocks import Block
from ..capture import DropQueue
from ..errors import SourceError
from ..messages import Source as SourceInfo
from ..settings import ListenSettings
from . import portaudio
from .base import Emit, Positions, RateHz, Report, SourceReport, finite, pauses
from .portaudio import Callback, Device

FIRST_S = 5.0
"""So long may a device take until its first sound: a sleeping sink of PulseAudio took 1.8 s."""

STALL_S = 2.0
"""A device that then gives nothing for so long is gone, whatever it says of itself."""

POLL_S = 0.25
"""How soon a device that has stopped, or the wish to stop, is noticed."""


class OpenStream(Protocol):
    """A running capture stream, as `portaudio.Stream` is one."""

    channels: int
    rate_hz: int

    @property
    def active(self) -> bool:
        """False when the device has stopped by itself."""
        ...

    def close(self) -> None:
        """Lets go of the device."""
        ...


class AudioSystem(Protocol):
    """Where devices are found and opened; the module `portaudio` is one."""

    def devices(self) -> list[Device]:
        """All capture devices."""
        ...

    def open_stream(self, device: Device, callback: Callback) -> OpenStream:
        """A running stream of that device."""
        ...

    def restart(self) -> None:
        """Sees devices that are new."""
        ...


@dataclass(frozen=True, eq=False)
class _Chunk:
    """What one callback brought; `start` counts frames since the stream was opened."""

    frames: NDArray[np.float32]  # (n, channels)
    start: int
    arrived_s: float
    overrun: bool

    @property
    def end(self) -> int:
        return self.start + len(self.frames)


class _Joiner:
    """Chunks of one opening of the device as blocks at the encoder's rate, gaps kept.

    `last_s` is when the newest sound came in, at first that of the opening before.
    """

    def __init__(
        self, stream: OpenStream, positions: Positions, *, rate_hz: int, last_s: float | None
    ) -> None:
        self._positions = positions
        self._rate_in_hz, self._rate_hz = stream.rate_hz, rate_hz
        self._resampler = StreamResampler(
            rate_in_hz=stream.rate_hz, channels=stream.channels, rate_out_hz=rate_hz
        )
        self._next: int | None = None  # frame that should come next
        self.last_s = last_s
        self.overruns = 0

    def blocks(self, chunk: _Chunk) -> Iterator[Block]:
        """The blocks that a chunk completes."""
        if self._next is None:
            if self.last_s is not None:
                away_s = chunk.arrived_s - self.last_s - len(chunk.frames) / self._rate_in_hz
                self._positions.skip(round(away_s * self._rate_hz))
        elif chunk.start > self._next:  # our own queue was full
            yield from self._block(self._resampler.flush())
            lost = chunk.start - self._next
            self._positions.skip(round(lost * self._rate_hz / self._rate_in_hz))
            self.overruns += 1
        self.overruns += chunk.overrun
        self._next = chunk.end
        self.last_s = chunk.arrived_s
        yield from self._block(self._resampler.push(finite(chunk.frames)))

    def _block(self, samples: NDArray[np.float32]) -> Iterator[Block]:
        if len(samples):
            yield self._positions.block(samples)


class Microphone:
    """Sound from a capture device: `wanted` is its number or part of its name, None the default.

    The device's own rate and at most two channels are taken, mixed and resampled. The callback only
    copies into a bounded queue. A device that stops, errors or falls silent without a sign is
    looked for again, with growing pauses, until `stop`; the lost time becomes a gap.
    """

    def __init__(
        self,
        wanted: str | None,
        *,
        rate_hz: RateHz,
        settings: ListenSettings,
        system: AudioSystem = portaudio,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._wanted = wanted
        self._rate_hz = rate_hz
        self._settings = settings
        self._system = system
        self._clock = clock
        self._name = wanted or "default"
        self._positions = Positions()
        self._last_s: float | None = None  # when the newest sound came in
        self._overruns = 0  # of all openings before this one

    @property
    def info(self) -> SourceInfo:
        """Names the device once it is known."""
        return SourceInfo(kind="microphone", name=self._name, live=True)

    def check(self) -> None:
        """Raises `NoDeviceError` when there is no such device, `SourceError` without PortAudio."""
        self._find()

    def run(self, emit: Emit, report: Report, stop: threading.Event) -> None:
        """Listens until `stop`; see the class."""
        waits = self._pauses()
        while not stop.is_set():
            heard_before = self._positions.end
            try:
                trouble = self._listen(emit, report, stop)
            except SourceError as error:
                trouble = str(error)
            if stop.is_set():
                return
            if self._positions.end > heard_before:  # it had worked: begin with short pauses
                waits = self._pauses()
            report(SourceReport("lost", f"{trouble}; looking for it again", self._overruns))
            stop.wait(next(waits))
            with contextlib.suppress(SourceError):  # then the next look says why
                self._system.restart()

    def _pauses(self) -> Iterator[float]:
        return pauses(self._settings.retry_s, self._settings.retry_max_s)

    def _find(self) -> Device:
        device = portaudio.choose(self._system.devices(), self._wanted)
        self._name = device.name
        return device

    def _listen(self, emit: Emit, report: Report, stop: threading.Event) -> str:
        """Opens the device and listens until it is gone (returns why) or `stop` is set."""
        device = self._find()
        queue = DropQueue[_Chunk](
            capacity=round(self._settings.queue_s * device.rate_hz),
            size=lambda chunk: len(chunk.frames),
        )
        taken = 0

        def callback(frames: NDArray[np.float32], overrun: bool) -> None:
            nonlocal taken
            queue.put(_Chunk(frames, taken, self._clock(), overrun))
            taken += len(frames)

        stream = self._system.open_stream(device, callback)
        try:
            # Sound waits in the queue until the encoder, and with it the rate, is there.
            rate_hz = self._rate_hz()
            joiner = _Joiner(stream, self._positions, rate_hz=rate_hz, last_s=self._last_s)
            try:
                reason = self._pass_on(stream, queue, joiner, emit, report, stop)
            finally:
                self._last_s = joiner.last_s
                self._overruns += joiner.overruns
            return f"device {device.index} ({device.name}) {reason}"
        finally:
            stream.close()

    def _pass_on(
        self,
        stream: OpenStream,
        queue: DropQueue[_Chunk],
        joiner: _Joiner,
        emit: Emit,
        report: Report,
        stop: threading.Event,
    ) -> str:
        """Emits what the device gives; says how it ended."""
        newest_s, patience_s = self._clock(), FIRST_S
        told: int | None = None  # overruns in the newest report, None before the first
        while not stop.is_set():
            chunks = queue.take(POLL_S) or []
            for chunk in chunks:
                for block in joiner.blocks(chunk):
                    emit(block, arrived_s=chunk.arrived_s)
            if chunks:
                newest_s, patience_s = chunks[-1].arrived_s, STALL_S
                if told != joiner.overruns:
                    told = joiner.overruns
                    report(SourceReport("listening", overruns=self._overruns + told))
            elif not stream.active:
                return "has stopped"
            elif self._clock() - newest_s > patience_s:
                return f"gave no sound for {patience_s:g} s"
        return "was let go"

"""Raw samples on standard input: signed 16 bit, little endian, channels interleaved."""

from __future__ import annotations

import os
import select
import stat
import threading
import time

import numpy as np
from numpy.typing import NDArray

from encoder.audio import StreamResampler

from ..messages import Source as SourceInfo
from .base import Emit, Pace, Positions, RateHz, Report, SourceReport, in_pieces
from .stream import LIVE_SPEED

SAMPLE_BYTES = 2
FULL_SCALE = 32768
READ_S = 0.05  # most sound in one read
POLL_S = 0.25  # how soon the wish to stop is noticed while nothing comes


class RawSource:
    """Reads s16le frames from a file descriptor until its end.

    From a pipe sound is taken as it comes, and no faster than it sounds; from a regular file at the
    pace of real time; with `fast` as fast as it can be read. `rate_in_hz` and `channels` describe
    what comes in.
    """

    def __init__(
        self,
        descriptor: int,
        *,
        rate_in_hz: int,
        channels: int,
        rate_hz: RateHz,
        fast: bool = False,
    ) -> None:
        self._descriptor = descriptor
        self._rate_in_hz = rate_in_hz
        self._channels = channels
        self._rate_hz = rate_hz
        self._fast = fast
        self._is_file = stat.S_ISREG(os.fstat(descriptor).st_mode)
        self._rest = b""  # the beginning of a frame

    @property
    def info(self) -> SourceInfo:
        """Standard input; live unless it is a regular file."""
        return SourceInfo(kind="stdin", name="standard input", live=not self._is_file)

    def check(self) -> None:
        """Nothing: what may come on a pipe is not known before."""

    def run(self, emit: Emit, report: Report, stop: threading.Event) -> None:
        """Hands on sound to the end of the input or until `stop`."""
        rate_hz = self._rate_hz()
        resampler = StreamResampler(
            rate_in_hz=self._rate_in_hz, channels=self._channels, rate_out_hz=rate_hz
        )
        positions = Positions()
        pace: Pace | None = None
        report(SourceReport("listening"))
        while (frames := self._read(stop)) is not None:
            # Counted from the first sound: a pipe may be silent for a while before.
            pace = pace or Pace(speed=1.0 if self._is_file else LIVE_SPEED)
            samples = resampler.push(frames)
            self._pass_on(samples, positions, rate_hz, pace, emit, stop)
        if pace is not None and not stop.is_set():
            self._pass_on(resampler.flush(), positions, rate_hz, pace, emit, stop)

    def _pass_on(
        self,
        samples: NDArray[np.float32],
        positions: Positions,
        rate_hz: int,
        pace: Pace,
        emit: Emit,
        stop: threading.Event,
    ) -> None:
        for piece in in_pieces([samples], rate_hz=rate_hz):
            block = positions.block(piece)
            if not self._fast:
                pace.wait(block.end / rate_hz, stop)
            if not stop.is_set():
                emit(block, arrived_s=time.monotonic())

    def _read(self, stop: threading.Event) -> NDArray[np.float32] | None:
        """The next frames `(n, channels)`; None at the end or when told to stop."""
        frame_bytes = SAMPLE_BYTES * self._channels
        most = max(1, round(READ_S * self._rate_in_hz)) * frame_bytes
        while not stop.is_set():
            if not select.select([self._descriptor], [], [], POLL_S)[0]:
                continue
            data = os.read(self._descriptor, most - len(self._rest))
            if not data:
                return None
            data = self._rest + data
            whole = len(data) - len(data) % frame_bytes
            self._rest = data[whole:]
            if whole:
                return _frames(data[:whole], self._channels)
        return None


def _frames(data: bytes, channels: int) -> NDArray[np.float32]:
    """Bytes of whole frames as float32 `(n, channels)`, -1 to 1."""
    samples = np.frombuffer(data, "<i2").astype(np.float32) / np.float32(FULL_SCALE)
    return samples.reshape(-1, channels)  # (n · channels,) -> (n, channels)

"""A file, played at the pace of real time as if it were live, or as fast as the machine goes."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from catalog.songs import path_text
from encoder.decode import Decoder

from ..messages import Source as SourceInfo
from .base import Emit, Pace, Positions, RateHz, Report, SourceReport, in_pieces, naming

PROBE_RATE_HZ = 16_000  # for `check`, which looks whether a file opens and hears nothing of it


class FileSource:
    """Plays an audio file once, or with `loop` over and over.

    Unless `fast`, playing begins when the source is made: what has to be loaded meanwhile does not
    make it late.
    """

    def __init__(
        self, path: Path, *, rate_hz: RateHz, fast: bool = False, loop: bool = False
    ) -> None:
        self._path = path
        self._rate_hz = rate_hz
        self._loop = loop
        self._pace = None if fast else Pace()

    @property
    def info(self) -> SourceInfo:
        """Names the file, without its folder."""
        return SourceInfo(kind="file", name=path_text(Path(self._path.name)), live=False)

    def check(self) -> None:
        """Raises `DecodeError` when it is no audio file that can be read."""
        with naming(path_text(self._path)), Decoder(self._path, sample_rate_hz=PROBE_RATE_HZ):
            pass

    def run(self, emit: Emit, report: Report, stop: threading.Event) -> None:
        """Plays to the end of the file or until `stop`. Raises `DecodeError`."""
        rate_hz = self._rate_hz()
        positions = Positions()
        report(SourceReport("listening"))
        while not stop.is_set():
            self._play(positions, rate_hz, emit, stop)
            if not self._loop:
                return

    def _play(self, positions: Positions, rate_hz: int, emit: Emit, stop: threading.Event) -> None:
        with naming(path_text(self._path)), Decoder(self._path, sample_rate_hz=rate_hz) as decoder:
            for samples in in_pieces(decoder.blocks(), rate_hz=rate_hz):
                block = positions.block(samples)
                if self._pace is not None:
                    self._pace.wait(block.end / rate_hz, stop)
                if stop.is_set():
                    return
                emit(block, arrived_s=time.monotonic())

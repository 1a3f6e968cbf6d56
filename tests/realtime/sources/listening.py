"""Runs a source in a test and keeps what it hands on."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from realtime.blocks import Block
from realtime.sources.base import Source, SourceReport

RATE_HZ = 16_000
WAIT_S = 60.0
"""No source here takes so long unless something is wrong."""


def rate_hz() -> int:
    """The rate of the encoder that a source would wait for."""
    return RATE_HZ


def never(_: object) -> bool:
    return False


@dataclass
class Heard:
    """What a source emitted and reported, in order; `until` ends it when it returns True."""

    until: Callable[[Heard], bool] = never
    blocks: list[Block] = field(default_factory=list)
    arrivals_s: list[float] = field(default_factory=list)
    reports: list[SourceReport] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    def emit(self, block: Block, *, arrived_s: float) -> None:
        self.blocks.append(block)
        self.arrivals_s.append(arrived_s)
        self._look()

    def report(self, report: SourceReport) -> None:
        self.reports.append(report)
        self._look()

    def _look(self) -> None:
        if self.until(self):
            self.stop.set()

    @property
    def samples(self) -> NDArray[np.float32]:
        return np.concatenate([block.samples for block in self.blocks])

    @property
    def gaps(self) -> list[int]:
        """Samples lost between blocks, where any were."""
        ends = [0, *(block.end for block in self.blocks)]
        return [b.start - end for b, end in zip(self.blocks, ends, strict=False) if b.start > end]

    @property
    def states(self) -> list[str]:
        return [report.state for report in self.reports]


def listen(source: Source, until: Callable[[Heard], bool] = never) -> Heard:
    """Runs the source in this thread until it ends or `until` holds."""
    heard = Heard(until)
    guard = threading.Timer(WAIT_S, heard.stop.set)
    guard.start()
    try:
        source.run(heard.emit, heard.report, heard.stop)
    finally:
        guard.cancel()
    return heard

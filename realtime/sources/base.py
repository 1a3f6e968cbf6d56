"""What every source offers, and what sources share: pace, pauses between tries, positions."""

from __future__ import annotations

import contextlib
import random
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from encoder.errors import DecodeError

from ..blocks import Block
from ..messages import Source as SourceInfo
from ..messages import SourceState

RateHz = Callable[[], int]
"""Gives the encoder's sample rate, waiting until the encoder is loaded: a source can begin to
listen before that, so that the first window is not late by the time that loading takes."""


@dataclass(frozen=True)
class SourceReport:
    """How a source is. `overruns` counts the times that a device itself lost sound."""

    state: SourceState
    detail: str | None = None
    overruns: int = 0


class Emit(Protocol):
    """Takes a block; `arrived_s` is the monotonic clock when its last sample came in."""

    def __call__(self, block: Block, *, arrived_s: float) -> None: ...


Report = Callable[[SourceReport], None]


class Source(Protocol):
    """Sound, in blocks whose positions grow and never overlap."""

    @property
    def info(self) -> SourceInfo:
        """What clients are told about it."""
        ...

    def check(self) -> None:
        """Raises `SourceError` or `DecodeError` when it is already clear that it cannot be used."""
        ...

    def run(self, emit: Emit, report: Report, stop: threading.Event) -> None:
        """Hands on sound until the source ends or `stop` is set; in a thread of its own.

        Raises `SourceError` or `DecodeError` when it fails for good.
        """
        ...


class Pace:
    """Lets sound pass no sooner than it would sound, counted from the moment it was made.

    Positions rest on one clock reading, so nothing drifts however the waits come out. After a halt
    of the machine longer than `LATE_S` the sound goes on where it was, instead of rushing after it.
    `speed` above 1 plays faster by that factor.
    """

    LATE_S = 10.0

    def __init__(self, *, speed: float = 1.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._speed = speed
        self._zero_s = clock()

    def wait(self, position_s: float, stop: threading.Event) -> None:
        """Returns when the sound up to `position_s` is over, or `stop` is set."""
        due_s = self._zero_s + position_s / self._speed
        late_s = self._clock() - due_s
        if late_s > self.LATE_S:
            self._zero_s += late_s
        elif late_s < 0:
            stop.wait(-late_s)


def pauses(
    first_s: float, longest_s: float, *, draw: Callable[[], float] = random.random
) -> Iterator[float]:
    """Pauses between tries: each up to twice the one before, half of it by chance, no end.

    Chance keeps many listeners from coming back to one server in the same moment.

    >>> tries = pauses(1.0, 4.0, draw=lambda: 1.0)
    >>> [next(tries) for _ in range(4)]
    [1.0, 2.0, 4.0, 4.0]
    """
    pause_s = first_s
    while True:
        pause_s = min(pause_s, longest_s)
        yield pause_s * (0.5 + 0.5 * draw())
        pause_s *= 2


class Positions:
    """Numbers the samples of a source that may pause: `block` goes on, `skip` leaves a gap."""

    def __init__(self) -> None:
        self.end = 0

    def block(self, samples: NDArray[np.float32]) -> Block:
        """The next block, right after the one before."""
        block = Block(samples, self.end)
        self.end = block.end
        return block

    def skip(self, samples: int) -> None:
        """So many samples were lost; at least one, so that the break shows."""
        self.end += max(1, samples)


PIECE_S = 0.05
"""Longest block of a source that is paced: what is longer would come in jerks."""


def in_pieces(
    blocks: Iterable[NDArray[np.float32]], *, rate_hz: int
) -> Iterator[NDArray[np.float32]]:
    """The same samples in blocks of at most `PIECE_S`, none of them empty."""
    piece = max(1, round(PIECE_S * rate_hz))
    for block in blocks:
        for first in range(0, len(block), piece):
            yield block[first : first + piece]


@contextlib.contextmanager
def naming(name: str) -> Iterator[None]:
    """Puts the name of the source before the words of a `DecodeError`."""
    try:
        yield
    except DecodeError as error:
        raise DecodeError(f"{name}: {error}") from error


def finite(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Samples with NaN and infinity (which float devices can deliver) turned into silence."""
    if np.isfinite(samples).all():
        return samples
    return np.nan_to_num(samples, nan=0.0, posinf=0.0, neginf=0.0)

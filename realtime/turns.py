"""One encoder for who listens and for others, who let the listener go first, and make pauses.

Two threads that run a network in one process slow each other down by more than the processor's
time: at each of some hundred steps a window, one waits for Python's lock that the other holds,
perhaps while the system runs another program. So what can wait begins no window while the listener
is at one.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import numpy as np
from numpy.typing import NDArray

from encoder.embedding import Embeddings, Encoder, EncoderSpec

Turn = Callable[[], AbstractContextManager[None]]

LONGEST_WAIT_S = 1.0
"""A listener that is never idle, on a machine that is too slow for it, is not waited for longer."""


class Turns:
    """Shares out `encoder`: `first` for the one who listens, `patient` for all others."""

    def __init__(self, encoder: Encoder) -> None:
        self._idle = threading.Condition()
        self._at_work = 0  # calls of the first
        self.first: Encoder = _Turn(encoder, self._working)
        self.patient: Encoder = _Turn(encoder, self._waited)

    @contextmanager
    def _working(self) -> Iterator[None]:
        with self._idle:
            self._at_work += 1
        try:
            yield
        finally:
            with self._idle:
                self._at_work -= 1
                self._idle.notify_all()

    @contextmanager
    def _waited(self) -> Iterator[None]:
        with self._idle:
            self._idle.wait_for(lambda: not self._at_work, LONGEST_WAIT_S)
        yield


class _Turn:
    """An encoder whose calls each take a turn."""

    def __init__(self, encoder: Encoder, turn: Turn) -> None:
        self._encoder, self._turn = encoder, turn

    @property
    def spec(self) -> EncoderSpec:
        """As the encoder's own."""
        return self._encoder.spec

    def embed(self, windows: NDArray[np.float32]) -> Embeddings:
        """As the encoder's own, when it is this one's turn."""
        with self._turn():
            return self._encoder.embed(windows)

    def prints(self, stretches: NDArray[np.float32]) -> NDArray[np.float32]:
        """As the encoder's own, when it is this one's turn."""
        with self._turn():
            return self._encoder.prints(stretches)


class Courtesy:
    """Pauses for the thread that it is made in: as long as others kept it waiting since the last.

    Whatever kept it waiting was in need of the processor or of Python's lock, and gets as much time
    again. On a machine that is not busy there are no pauses. `stop` ends one. The clocks, in
    seconds, are that of the wall and that of this thread's own work.
    """

    def __init__(
        self,
        stop: threading.Event,
        *,
        wall: Callable[[], float] = time.monotonic,
        worked: Callable[[], float] = time.thread_time,
    ) -> None:
        self._stop, self._wall, self._worked = stop, wall, worked
        self._begin()

    def _begin(self) -> None:
        self._begun_s, self._worked_s = self._wall(), self._worked()

    def pause(self) -> None:
        """To be called between two pieces of work."""
        waited_s = self._wall() - self._begun_s - (self._worked() - self._worked_s)
        if waited_s > 0:
            self._stop.wait(min(waited_s, LONGEST_WAIT_S))
        self._begin()

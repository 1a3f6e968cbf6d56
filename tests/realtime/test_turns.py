"""The listener goes first, and what can wait makes pauses where others need the time."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest
from numpy.typing import NDArray

from encoder.embedding import Embeddings
from realtime import turns
from realtime.turns import Courtesy, Turns
from tests.helpers.serving import TIMEOUT_S
from tests.realtime.fakes import FakeEncoder

WINDOW = np.full((1, 300), 0.5, np.float32)


class Slow(FakeEncoder):
    """Does not end its first call before it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.begun, self.go_on = threading.Event(), threading.Event()

    def embed(self, windows: NDArray[np.float32]) -> Embeddings:
        if not self.begun.is_set():
            self.begun.set()
            assert self.go_on.wait(TIMEOUT_S)
        return super().embed(windows)


def test_both_hear_what_the_encoder_hears() -> None:
    encoder = FakeEncoder()
    shared = Turns(encoder)
    wanted = encoder.embed(WINDOW).style
    for one in (shared.first, shared.patient):
        assert one.spec is encoder.spec
        assert one.embed(WINDOW).style.tolist() == wanted.tolist()
        assert one.prints(WINDOW).tolist() == encoder.prints(WINDOW).tolist()


def test_what_can_wait_waits_for_the_listener() -> None:
    encoder = Slow()
    shared = Turns(encoder)
    first = threading.Thread(target=shared.first.embed, args=[WINDOW])
    second = threading.Thread(target=shared.patient.embed, args=[WINDOW])
    first.start()
    assert encoder.begun.wait(TIMEOUT_S)
    second.start()
    while not shared._idle._waiters:  # type: ignore[attr-defined]
        time.sleep(0)  # if it did not wait, this would never end
    assert encoder.batches == []
    encoder.go_on.set()
    first.join(TIMEOUT_S)
    second.join(TIMEOUT_S)
    assert encoder.batches == [1, 1]


def test_it_does_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "LONGEST_WAIT_S", 0.0)
    encoder = Slow()
    shared = Turns(encoder)
    first = threading.Thread(target=shared.first.embed, args=[WINDOW])
    first.start()
    assert encoder.begun.wait(TIMEOUT_S)
    shared.patient.embed(WINDOW)  # while the first is still at work
    assert encoder.batches == [1]
    encoder.go_on.set()
    first.join(TIMEOUT_S)


def test_the_listener_waits_for_nobody() -> None:
    encoder = Slow()
    shared = Turns(encoder)
    patient = threading.Thread(target=shared.patient.embed, args=[WINDOW])
    patient.start()
    assert encoder.begun.wait(TIMEOUT_S)
    shared.first.embed(WINDOW)
    assert encoder.batches == [1]
    encoder.go_on.set()
    patient.join(TIMEOUT_S)


class Waits(threading.Event):
    """Notes how long it should be waited for, and does not wait."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        assert timeout is not None
        self.asked.append(timeout)
        return False


def test_a_pause_is_as_long_as_others_kept_it_waiting() -> None:
    #        made    work alone   kept waiting   a long wait
    wall = iter([0.0, 1.0, 1.5, 4.0, 6.0, 90.0, 99.0])
    worked = iter([0.0, 1.0, 1.0, 3.0, 3.0, 3.5, 3.5])
    stop = Waits()
    courtesy = Courtesy(stop, wall=lambda: next(wall), worked=lambda: next(worked))
    for _ in range(3):
        courtesy.pause()
    assert stop.asked == [0.5, turns.LONGEST_WAIT_S]

"""Pace on a clock made of numbers, pauses between tries, positions."""

import itertools
import threading

import numpy as np
import pytest

from realtime.sources.base import PIECE_S, Pace, Positions, finite, in_pieces, pauses


class Clock:
    """Time that passes only when someone waits."""

    def __init__(self) -> None:
        self.now_s = 50.0

    def __call__(self) -> float:
        return self.now_s


class Stop(threading.Event):
    """Waiting moves the clock on, a little too far as real waits do."""

    def __init__(self, clock: Clock, *, over_s: float = 0.0) -> None:
        super().__init__()
        self._clock, self._over_s = clock, over_s

    def wait(self, timeout: float | None = None) -> bool:
        assert timeout is not None
        assert timeout > 0
        self._clock.now_s += timeout + self._over_s
        return False


def test_the_pace_does_not_drift_however_late_each_wait_ends() -> None:
    clock = Clock()
    pace, stop = Pace(clock=clock), Stop(clock, over_s=0.007)
    for block in range(1, 10_001):
        pace.wait(block * 0.02, stop)
    assert clock.now_s - 50.0 == pytest.approx(200.0, abs=0.0071)


def test_what_is_late_passes_at_once() -> None:
    clock = Clock()
    pace, stop = Pace(clock=clock), Stop(clock)
    clock.now_s += 3.0
    pace.wait(2.0, stop)
    assert clock.now_s == 53.0
    pace.wait(4.0, stop)
    assert clock.now_s == 54.0


def test_after_a_long_halt_it_goes_on_where_it_was() -> None:
    clock = Clock()
    pace, stop = Pace(clock=clock), Stop(clock)
    pace.wait(1.0, stop)
    clock.now_s += 3600.0
    pace.wait(2.0, stop)
    resumed_s = clock.now_s
    pace.wait(3.0, stop)
    assert clock.now_s - resumed_s == pytest.approx(1.0)


def test_a_higher_speed_waits_less() -> None:
    clock = Clock()
    Pace(speed=2.0, clock=clock).wait(10.0, Stop(clock))
    assert clock.now_s == 55.0


def test_told_to_stop_it_does_not_wait() -> None:
    stop = threading.Event()
    stop.set()
    Pace().wait(1e6, stop)  # a wait that this test would not survive


@pytest.mark.parametrize(("draw", "factor"), [(0.0, 0.5), (0.5, 0.75), (1.0, 1.0)])
def test_pauses_double_up_to_the_longest(draw: float, factor: float) -> None:
    tries = list(itertools.islice(pauses(0.5, 15.0, draw=lambda: draw), 8))
    assert tries == [factor * x for x in (0.5, 1, 2, 4, 8, 15, 15, 15)]


def test_positions_go_on_and_skip() -> None:
    positions = Positions()
    first = positions.block(np.zeros(10, np.float32))
    positions.skip(5)
    second = positions.block(np.zeros(3, np.float32))
    positions.skip(-4)  # clocks may disagree; a break shows all the same
    third = positions.block(np.zeros(1, np.float32))
    assert [(b.start, b.end) for b in (first, second, third)] == [(0, 10), (15, 18), (19, 20)]


def test_pieces_are_short_and_hold_the_same_samples() -> None:
    blocks = [np.arange(n, dtype=np.float32) for n in (0, 1, 50, 51, 500)]
    pieces = list(in_pieces(blocks, rate_hz=1000))
    assert max(map(len, pieces)) == round(PIECE_S * 1000)
    assert min(map(len, pieces)) > 0
    np.testing.assert_array_equal(np.concatenate(pieces), np.concatenate(blocks))


def test_what_is_not_finite_becomes_silence() -> None:
    samples = np.array([0.5, np.nan, np.inf, -np.inf, -0.5], np.float32)
    assert finite(samples).tolist() == [0.5, 0, 0, 0, -0.5]

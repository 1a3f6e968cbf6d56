"""Silence and sound, with their hysteresis."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.tracking import SoundTracker

HOP = 100
LOUD, QUIET = -20.0, -80.0


def states(levels: list[float], *, hold: int = 3 * HOP) -> str:
    """One letter a hop: `.` silence, `#` sound."""
    tracker = SoundTracker(silence_dbfs=-60, hold_samples=hold)
    signs = {"silence": ".", "sound": "#"}
    return "".join(signs[tracker.step(x, at=(i + 1) * HOP)] for i, x in enumerate(levels))


def levels(pattern: str) -> list[float]:
    return [LOUD if sign == "#" else QUIET for sign in pattern]


@pytest.mark.parametrize(
    ("heard", "said"),
    [
        ("....", "...."),  # it begins in silence
        ("#", "#"),  # sound is said at once
        ("#...", "###."),  # silence only after it has held
        ("#..#...", "######."),  # a rest is no silence, and holding begins anew
        ("..#....#", "..###..#"),
    ],
)
def test_transitions(heard: str, said: str) -> None:
    assert states(levels(heard)) == said


def test_the_threshold_itself_is_sound() -> None:
    assert states([-60.0, -60.001], hold=HOP) == "#."


def test_a_gap_counts_as_time_without_sound() -> None:
    tracker = SoundTracker(silence_dbfs=-60, hold_samples=3 * HOP)
    tracker.step(LOUD, at=HOP)
    assert tracker.step(QUIET, at=10 * HOP) == "silence"


@given(st.lists(st.sampled_from([LOUD, QUIET])), st.integers(1, 5))
def test_silence_is_said_exactly_after_so_many_quiet_hops(heard: list[float], hold: int) -> None:
    for i, state in enumerate(states(heard, hold=hold * HOP)):
        newest = heard[max(0, i + 1 - hold) : i + 1]
        ever = LOUD in heard[: i + 1]
        assert (state == "#") == (LOUD in newest if i + 1 >= hold else ever)

"""Times and false names of literal words."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.evaluation.live import (
    FalseNames,
    Heard,
    Passage,
    Timing,
    blocks,
    false_names,
    quantile,
    timings,
)

PASSAGES = [Passage(0, 100, 1), Passage(100, 200, 2), Passage(200, 300, 3)]


def timed(*heard: tuple[int, int | None]) -> list[Timing]:
    """Songs 10, 20, 30... are of the groups 1, 2, 3..."""
    words = [Heard(at, song) for at, song in heard]
    return timings(PASSAGES, words, group_of=lambda song: song // 10)


def test_named_and_changed() -> None:
    first, second, third = timed((5, None), (30, 10), (60, 10), (125, None), (140, 20), (215, 30))
    assert first == Timing(named=30, changed=None, wrong=0, knew_before=False)
    assert second == Timing(named=40, changed=25, wrong=0, knew_before=True)
    assert third == Timing(named=15, changed=15, wrong=0, knew_before=True)


def test_the_song_before_said_a_little_longer_is_late_and_not_wrong() -> None:
    _, second, _ = timed((30, 10), (110, 10), (120, 10), (150, 20))
    assert second == Timing(named=50, changed=50, wrong=0, knew_before=True)


def test_what_is_never_named() -> None:
    first, second, third = timed((30, 10))
    assert first.named == 30
    assert (second.named, second.changed, second.knew_before) == (None, None, True)
    assert (third.named, third.changed, third.knew_before) == (None, None, False)


def test_wrong_names_are_counted_once_each() -> None:
    first, second, _ = timed((20, 70), (25, 70), (30, 10), (150, 80), (160, None), (170, 80))
    assert (first.named, first.wrong) == (30, 1)
    assert (second.named, second.changed, second.wrong) == (None, 50, 2)


def test_a_near_duplicate_is_the_same_song() -> None:
    first, *_ = timed((20, 11), (40, 12))
    assert (first.named, first.wrong) == (20, 0)


def test_false_names_count_each_new_name() -> None:
    words = [None, 4, 4, None, 4, 5, 5, None]
    assert false_names(Heard(at, song) for at, song in enumerate(words)) == 3
    assert false_names([]) == 0


def test_names_an_hour() -> None:
    assert FalseNames(3, 7200.0).per_hour == 1.5
    assert np.isnan(FalseNames(0, 0.0).per_hour)


@given(st.lists(st.one_of(st.none(), st.floats(0, 100)), min_size=1), st.floats(0.01, 1))
def test_so_large_a_share_does_not_exceed_the_quantile(
    values: list[float | None], share: float
) -> None:
    found = quantile(values, share)
    present = [value for value in values if value is not None]
    if found is None:
        assert len(present) < share * len(values)
    else:
        assert sum(value <= found for value in present) >= share * len(values) - 1e-9
        assert sum(value < found for value in present) < share * len(values)


def test_quantile_of_nothing() -> None:
    assert quantile([], 0.5) is None


@pytest.mark.parametrize("samples", [0, 1, 16_000, 40_000])
def test_blocks_are_the_samples_in_order(samples: int) -> None:
    sound = np.arange(samples, dtype=np.float32)
    cut = list(blocks(sound))
    assert [block.start for block in cut] == list(range(0, samples, 16_000))
    joined = np.concatenate([np.zeros(0, np.float32), *(block.samples for block in cut)])
    np.testing.assert_array_equal(joined, sound)

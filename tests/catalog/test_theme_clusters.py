"""Planted groups are found, their number too; and groups of before are known again."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from catalog.theme_clusters import (
    MINI_BATCH_ROWS,
    Judged,
    best,
    centres_of,
    judged,
    matched,
    nearest_centres,
)


def planted(count: int, *, each: int = 24, seed: int = 0, width: int = 6) -> NDArray[np.float32]:
    """`count` round groups of rows one after the other, far from each other."""
    rng = np.random.default_rng(seed)
    middles = rng.normal(scale=4.0, size=(count, width))
    rows = np.repeat(middles, each, axis=0) + 0.4 * rng.normal(size=(count * each, width))
    return np.asarray(rows, np.float32)


def same_division(one: NDArray[np.int64], other: NDArray[np.int64]) -> bool:
    """Whether two labellings differ in the numbers only."""
    pairs = set(zip(one.tolist(), other.tolist(), strict=True))
    return len(pairs) == len(set(one.tolist())) == len(set(other.tolist()))


@pytest.mark.parametrize("count", [3, 5, 8])
def test_planted_groups_and_their_number_are_found(count: int) -> None:
    rows = planted(count)
    counts = range(count - 1, count + 3)
    found = judged(rows, counts, seed=1)
    assert [one.count for one in found] == list(counts)
    assert best(found) == count
    right = found[1]
    assert right.stability == pytest.approx(1.0)
    assert right.silhouette > 0.7
    labels = nearest_centres(rows, centres_of(rows, count, seed=1))
    assert same_division(labels, np.repeat(np.arange(count), 24))


def test_what_has_no_groups_is_not_stable() -> None:
    rows = np.random.default_rng(3).normal(size=(300, 6)).astype(np.float32)
    [found] = judged(rows, [7], seed=0)
    assert found.stability < 0.6
    assert found.silhouette < 0.3


def test_the_same_seed_gives_the_same_centres() -> None:
    rows = np.random.default_rng(3).normal(size=(200, 6)).astype(np.float32)
    first, again = (centres_of(rows, 9, seed=5) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, centres_of(rows, 9, seed=6))


def test_many_rows_are_divided_in_parts() -> None:
    each = MINI_BATCH_ROWS // 4 + 1
    rows = planted(4, each=each)
    labels = nearest_centres(rows, centres_of(rows, 4, seed=0))
    assert same_division(labels, np.repeat(np.arange(4), each))


def test_the_nearest_centre_is_the_nearest() -> None:
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(50, 4)).astype(np.float32)
    centres = rng.normal(size=(7, 4)).astype(np.float32)
    away = np.linalg.norm(rows[:, None] - centres[None], axis=2)
    np.testing.assert_array_equal(nearest_centres(rows, centres), away.argmin(axis=1))


def test_counts_that_the_rows_cannot_fill_are_left_out() -> None:
    rows = np.repeat(np.eye(3, dtype=np.float32), 10, axis=0)  # three different rows
    assert [one.count for one in judged(rows, [2, 3, 4, 5], seed=0)] == [2, 3]
    assert judged(np.ones((10, 3), np.float32), [2, 3], seed=0) == []


def test_the_former_number_stays_unless_another_is_clearly_better() -> None:
    def one(count: int, rank: float, stability: float = 0.9) -> Judged:
        return Judged(count, 0.2, 1.5, 100.0, stability, 0.0, rank)

    close = [one(5, 1.5), one(6, 2.0), one(7, 2.6)]
    assert best(close) == 5
    assert best(close, former=6) == 6
    assert best(close, former=7) == 5
    assert best(close, former=12) == 5
    assert best([one(5, 1.5), one(6, 2.0, stability=0.7)], former=6) == 5
    assert best([one(6, 1.5), one(4, 1.5)]) == 4


def test_groups_of_before_are_known_again_whatever_their_numbers() -> None:
    before = np.repeat([0, 1, 2], 10)
    after = np.array([2, 0, 1])[before]
    after[:3] = 0  # some have moved
    assert matched(before, after, counts=(3, 3)) == {2: 0, 0: 1, 1: 2}


def test_a_group_that_was_divided_is_new_unless_half_of_it_stayed() -> None:
    before = np.zeros(30, np.int64)
    after = np.repeat([0, 1, 2], 10)
    assert matched(before, after, counts=(1, 3)) == {}
    assert matched(before, np.repeat([1, 0], [20, 10]), counts=(1, 2)) == {1: 0}
    assert matched(before - 1, after, counts=(1, 3)) == {}  # nobody had a theme


@given(
    st.lists(st.tuples(st.integers(-1, 4), st.integers(-1, 5)), max_size=60),
)
def test_no_group_is_two(pairs: list[tuple[int, int]]) -> None:
    before, after = np.array(pairs, np.int64).reshape(-1, 2).T
    found = matched(before, after, counts=(5, 6))
    assert len(set(found.values())) == len(found)
    for now, then in found.items():
        both = ((before == then) & (after == now)).sum()
        either = ((before == then) | (after == now)) & (before >= 0) & (after >= 0)
        assert both >= either.sum() / 2 > 0

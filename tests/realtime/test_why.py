"""Shared tags and alike passages, with known answers."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from encoder.files import unit
from realtime.passages import Passages
from realtime.why import alike_passages, shared_tags


def passages(starts: list[float], styles: list[list[float]], *, length_s: float = 3) -> Passages:
    rows = unit(np.array(styles, np.float32).reshape(len(starts), -1))
    return Passages(np.array(starts, np.float64), length_s, rows, whole=True)


def test_tags_are_as_strong_as_in_the_song_that_has_less() -> None:
    one = {"folk": 0.5, "rock": 0.9, "sad": 0.3, "live": 0.04, "mine": 1.0}
    other = {"folk": 0.6, "rock": 0.2, "sad": 0.25, "live": 0.9, "yours": 1.0}
    found = shared_tags(one, other)
    assert [(tag.tag, tag.a, tag.b) for tag in found] == [
        ("folk", 0.5, 0.6),
        ("sad", 0.3, 0.25),
        ("rock", 0.9, 0.2),
    ]
    assert shared_tags(one, {}) == []
    assert len(shared_tags(one, one, most=2)) == 2


def test_the_most_alike_passages_come_first_and_overlap_nowhere() -> None:
    one = passages([0, 2, 10], [[1, 0, 0], [1, 0.1, 0], [0, 1, 0]])
    other = passages([5, 20, 30], [[1, 0, 0], [0, 1, 0.5], [0, 0, 1]], length_s=4)
    found = alike_passages(one, other)
    assert [(pair.a_s, pair.b_s, pair.length_s) for pair in found] == [(0, 5, 3), (10, 20, 3)]
    assert [round(pair.cosine, 3) for pair in found] == [1.0, 0.894]


def test_of_nothing_nothing_is_alike() -> None:
    none = Passages(np.zeros(0), 3.0, np.zeros((0, 2), np.float32), whole=True)
    some = passages([0], [[1, 0]])
    assert alike_passages(none, some) == alike_passages(some, none) == []


@given(
    seed=st.integers(0, 2**32 - 1),
    first=st.integers(1, 12),
    second=st.integers(1, 12),
    most=st.integers(1, 5),
)
def test_each_pair_is_the_best_that_those_before_leave(
    seed: int, first: int, second: int, most: int
) -> None:
    rng = np.random.default_rng(seed)
    one, other = (
        passages(np.sort(rng.uniform(0, 60, n)).tolist(), rng.normal(size=(n, 3)).tolist())
        for n in (first, second)
    )
    found = alike_passages(one, other, most=most)
    left = {
        (float(a), float(b)): float(x @ y)
        for a, x in zip(one.starts_s, one.styles, strict=True)
        for b, y in zip(other.starts_s, other.styles, strict=True)
    }
    for pair in found:
        assert abs(pair.cosine - max(left.values())) < 1e-5
        left = {
            (a, b): cosine
            for (a, b), cosine in left.items()
            if abs(a - pair.a_s) >= 3 and abs(b - pair.b_s) >= 3
        }
    assert len(found) == most or not left

"""Paths through style space: their ends, their artists, and their steps against all others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from catalog.song_path import largest_step, song_path, step_angles
from encoder.files import unit

Artists = Sequence[str | None]


def styles_of(seed: int, songs: int, *, dimension: int = 3) -> NDArray[np.float32]:
    return unit(np.random.default_rng(seed).normal(size=(songs, dimension)).astype(np.float32))


def is_fair(path: Sequence[int], artists: Artists) -> bool:
    counts = Counter(artists[row] for row in path if artists[row] is not None)
    return max(counts.values(), default=0) <= 2


def every_path(songs: int, length: int, artists: Artists) -> Iterator[list[int]]:
    """All paths from the first song to the last that keep the rules."""
    for inner in permutations(range(1, songs - 1), length - 2):
        path = [0, *inner, songs - 1]
        if is_fair(path, artists):
            yield path


@given(
    seed=st.integers(0, 2**32 - 1),
    artists=st.lists(st.sampled_from(["A", "B", None]), min_size=3, max_size=7),
    length=st.integers(2, 5),
)
@settings(max_examples=150)
def test_of_few_songs_it_is_the_best_path_that_there_is(
    seed: int, artists: list[str | None], length: int
) -> None:
    songs = len(artists)
    styles = styles_of(seed, songs)
    found = song_path(styles, start=0, end=songs - 1, length=length, artists=artists)
    longest = next(n for n in range(length, 1, -1) if any(every_path(songs, n, artists)))
    assert len(found) == longest
    steps = step_angles(styles)
    others = list(every_path(songs, longest, artists))
    assert found in others
    least = min(largest_step(steps, path) for path in others)
    assert largest_step(steps, found) == least
    energies = [
        sum(float(steps[pair]) ** 2 for pair in pairwise(path))
        for path in others
        if largest_step(steps, path) == least
    ]
    mine = sum(float(steps[pair]) ** 2 for pair in pairwise(found))
    assert mine == pytest.approx(min(energies), rel=1e-5)


@given(
    seed=st.integers(0, 2**32 - 1),
    songs=st.integers(2, 60),
    length=st.integers(2, 60),
    artists=st.integers(1, 30),
    twins=st.booleans(),
)
@settings(max_examples=150)
def test_no_song_comes_twice_and_no_artist_more_than_twice(
    seed: int, songs: int, length: int, artists: int, twins: bool
) -> None:
    styles = styles_of(seed, songs)
    if twins:
        styles[songs // 2 :] = styles[: songs - songs // 2]
    drawn = np.random.default_rng(seed).integers(0, artists + 1, songs)
    names = [f"artist {number}" if number else None for number in drawn]
    found = song_path(styles, start=songs - 1, end=0, length=length, artists=names)
    assert (found[0], found[-1]) == (songs - 1, 0)
    assert len(set(found)) == len(found) <= length
    assert is_fair(found, names)
    if len(found) < length:  # nobody is left who could be in it as well
        assert not any(is_fair([*found, row], names) for row in range(songs) if row not in found)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("length", [5, 12, 30])
def test_of_many_songs_its_largest_step_is_hardly_above_the_least(seed: int, length: int) -> None:
    """Against the minimax path in which songs may be repeated, which no other can undercut."""
    styles = styles_of(seed, 400, dimension=4)
    steps = step_angles(styles)
    found = song_path(styles, start=0, end=1, length=length, artists=[None] * 400)
    moves = np.where(steps > 0, steps, np.inf)
    costs = steps[:, 1]
    for _ in range(length - 2):
        costs = np.maximum(moves, costs[np.newaxis]).min(axis=1)
    assert len(found) == length
    assert costs[0] <= largest_step(steps, found) <= 1.25 * costs[0]


def test_on_a_circle_it_goes_the_short_way_round_in_even_steps() -> None:
    angles = np.radians(np.arange(0, 360, 5))
    styles = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    found = song_path(styles, start=2, end=20, length=7, artists=[None] * len(styles))
    assert found == [2, 5, 8, 11, 14, 17, 20]


def test_songs_all_alike_make_a_path_too() -> None:
    styles = np.tile(np.array([[1, 0]], np.float32), (9, 1))
    found = song_path(styles, start=8, end=0, length=5, artists=[None] * 9)
    assert len(set(found)) == 5
    assert (found[0], found[-1]) == (8, 0)


@pytest.mark.parametrize(("start", "end", "length"), [(1, 1, 3), (0, 1, 1)])
def test_what_is_no_path_is_refused(start: int, end: int, length: int) -> None:
    with pytest.raises(ValueError, match=f"a path of {length} from {start} to {end}"):
        song_path(styles_of(0, 3), start=start, end=end, length=length, artists=[None] * 3)

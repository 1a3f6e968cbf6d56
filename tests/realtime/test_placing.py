"""The place on the map: near what sounds alike, gliding, and the same however it is computed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from catalog.map_placing import NEIGHBOURS, place_near
from catalog.search import NO_SCORE, NO_SONG
from realtime.placing import Glide, place_of_hits

NEAR_AXIS = {1: (1.0, 0.0, 0.0), 2: (0.9, 0.1, 0.0), 3: (-1.0, 0.0, 0.0), 4: (0.0, 0.0, 1.0)}


def hits(*found: tuple[int, float]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    songs, scores = zip(*found, strict=True) if found else ((), ())
    return np.array(songs, np.int64), np.array(scores, np.float32)


def known(ids: object) -> dict[int, tuple[float, float, float]]:
    return {song: NEAR_AXIS[song] for song in ids if song in NEAR_AXIS}  # type: ignore[attr-defined]


def test_it_is_where_the_only_song_is() -> None:
    assert place_of_hits(*hits((4, 0.3)), known) == pytest.approx((0, 0, 1))


def test_songs_that_are_not_on_the_map_say_nothing() -> None:
    assert place_of_hits(*hits(), known) is None
    assert place_of_hits(*hits((7, 0.9), (NO_SONG, NO_SCORE)), known) is None
    assert place_of_hits(*hits((7, 0.9), (4, 0.2), (NO_SONG, NO_SCORE)), known) == (0, 0, 1)


def test_two_neighbours_that_lie_together_outweigh_one_far_from_them() -> None:
    place = place_of_hits(*hits((3, 0.9), (1, 0.9), (2, 0.89)), known)
    assert place is not None
    # Between the two, and not in the void in the middle.
    assert 0.9 <= place[0] <= 1
    assert 0 <= place[1] <= 0.1


def test_a_song_that_is_clearly_nearest_draws_it_there() -> None:
    place = place_of_hits(*hits((3, 0.99), (1, 0.8), (2, 0.8)), known)
    assert place == pytest.approx(NEAR_AXIS[3], abs=1e-3)


@given(
    st.lists(
        st.tuples(st.floats(-1, 1), *[st.floats(-2, 2)] * 3), min_size=1, max_size=2 * NEIGHBOURS
    )
)
def test_it_lies_among_its_neighbours(rows: list[tuple[float, float, float, float]]) -> None:
    cosines = np.array([row[0] for row in rows], np.float32)
    xyz = np.array([row[1:] for row in rows], np.float32)
    place = place_near(cosines, xyz)
    assert (place >= xyz.min(axis=0) - 1e-5).all()
    assert (place <= xyz.max(axis=0) + 1e-5).all()


coordinates = st.tuples(*[st.floats(-2, 2)] * 3)


@given(coordinates, coordinates, st.lists(st.integers(1, 500), min_size=1, max_size=20))
def test_it_glides_the_same_however_often_it_is_asked(
    first: tuple[float, float, float], target: tuple[float, float, float], steps: list[int]
) -> None:
    """The way depends on the time that has passed, not on the number of rankings in it."""
    glide = Glide(span_samples=200)
    assert glide.towards(first, at=0) == first
    at = 0
    for step in steps:
        at += step
        place = glide.towards(target, at=at)
    left = np.exp(-at / 200)
    wanted = [new + left * (old - new) for old, new in zip(first, target, strict=True)]
    assert place == pytest.approx(wanted, abs=1e-9)


def test_it_never_jumps_and_begins_anew_after_silence() -> None:
    glide = Glide(span_samples=1000)
    glide.towards((0, 0, 0), at=0)
    x, _, _ = glide.towards((1, 0, 0), at=100)
    assert 0 < x < 0.1
    assert glide.towards((-1, 0, 0), at=100) == (x, 0, 0)  # no time has passed
    glide.clear()
    assert glide.towards((5, 5, 5), at=101) == (5, 5, 5)

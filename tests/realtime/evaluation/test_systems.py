"""A search with songs struck from it finds what a catalog without them would."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from catalog.landmark_index import LandmarkHits
from catalog.search import NO_SCORE, NO_SONG
from catalog.segments import SegmentHits
from realtime.evaluation.systems import landmarks_without, searching_without


class Segments:
    """Exact search over segments that stand in one line: the nearer, the better."""

    def __init__(self, places: list[tuple[int, int, float]]) -> None:
        self.places = places  # song, segment, place
        self.asked: list[int] = []

    def search_prints(self, prints: NDArray[np.float32], k: int) -> SegmentHits:
        self.asked.append(k)
        rows = [self._row(float(one[0]), k) for one in prints]
        songs, segments, scores = (np.array(column) for column in zip(*rows, strict=True))
        return SegmentHits(songs, segments, scores.astype(np.float32))

    def _row(self, at: float, k: int) -> tuple[list[int], list[int], list[float]]:
        best = sorted(self.places, key=lambda one: (abs(one[2] - at), one))[:k]
        found = [(song, segment, 1 - abs(place - at)) for song, segment, place in best]
        found += [(NO_SONG, NO_SONG, NO_SCORE)] * (k - len(found))
        return tuple(list(column) for column in zip(*found, strict=True))  # type: ignore[return-value]


PLACES = st.lists(
    st.tuples(st.integers(1, 5), st.integers(0, 99), st.integers(0, 1000).map(lambda n: n / 1000)),
    unique=True,
    max_size=40,
)


@given(PLACES, st.frozensets(st.integers(1, 5)), st.integers(1, 6))
def test_as_if_they_were_not_there(
    places: list[tuple[int, int, float]], struck: frozenset[int], k: int
) -> None:
    prints = np.array([[0.2], [0.7]], np.float32)
    found = searching_without(Segments(places), struck)(prints, k)
    expected = Segments([p for p in places if p[0] not in struck]).search_prints(prints, k)
    np.testing.assert_array_equal(found.songs, expected.songs)
    np.testing.assert_array_equal(found.segments, expected.segments)
    np.testing.assert_array_equal(found.scores, expected.scores)
    assert found.songs.shape == (2, k)


def test_more_is_asked_for_only_when_struck_songs_fill_the_places() -> None:
    places = [(1, number, 0.001 * number) for number in range(30)] + [(2, 0, 0.5), (3, 0, 0.6)]
    near, far = np.array([[0.0]], np.float32), np.array([[0.52]], np.float32)
    segments = Segments(places)
    without = searching_without(segments, frozenset({1}))
    assert without(far, 2).songs.tolist() == [[2, 3]]
    assert segments.asked == [2]
    assert without(near, 2).songs.tolist() == [[2, 3]]
    assert segments.asked == [2, 2, 8, 32]


@pytest.mark.parametrize("rows", [0, 1])
def test_a_catalog_that_is_empty(rows: int) -> None:
    nothing = SegmentHits(
        np.zeros((rows, 0), np.int64),
        np.zeros((rows, 0), np.int64),
        np.zeros((rows, 0), np.float32),
    )

    class Empty:
        def search_prints(self, prints: NDArray[np.float32], k: int) -> SegmentHits:
            assert (len(prints), k) == (rows, 3)
            return nothing

    found = searching_without(Empty(), frozenset({1}))(np.zeros((rows, 4), np.float32), 3)
    assert found.songs.shape == (rows, 0)


class Landmarks:
    """Every key is at frame 10 times itself of song 1, 2 and 3."""

    def search_landmarks(self, keys: NDArray[np.int64]) -> LandmarkHits:
        number = np.repeat(np.arange(len(keys)), 3)
        return LandmarkHits(number, np.tile([1, 2, 3], len(keys)), 10 * keys[number])


def test_landmarks_of_struck_songs_are_not_found() -> None:
    keys = np.array([5, 8])
    found = landmarks_without(Landmarks(), frozenset({1, 3}))(keys)
    assert found.keys.tolist() == [0, 1]
    assert found.songs.tolist() == [2, 2]
    assert found.frames.tolist() == [50, 80]
    assert len(landmarks_without(Landmarks(), frozenset())(keys).keys) == 6

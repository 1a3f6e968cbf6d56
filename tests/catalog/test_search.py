"""Exact search against the definition of cosine."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from catalog import search
from catalog.errors import SearchError
from catalog.search import NO_SCORE, NO_SONG, ExactIndex, cosine_from_angular, unit_rows

small = st.floats(-4, 4, width=32).map(lambda x: round(x, 2))


@given(
    vectors=arrays(np.float32, st.tuples(st.integers(1, 40), st.just(3)), elements=small),
    queries=arrays(np.float32, st.tuples(st.integers(1, 4), st.just(3)), elements=small),
    k=st.integers(1, 50),
    chunk=st.integers(1, 50),
)
def test_finds_the_largest_cosines_whatever_the_chunks(vectors, queries, k, chunk):
    ids = np.arange(len(vectors)) * 3 + 5
    cosines = unit_rows(queries) @ unit_rows(vectors).T
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search, "CHUNK_ROWS", chunk)
        hits = ExactIndex(unit_rows(vectors), ids=ids).search(queries, k)
    found = min(k, len(ids))
    assert hits.songs.shape == hits.scores.shape == (len(queries), k)
    for row, expected in enumerate(cosines):
        np.testing.assert_allclose(
            hits.scores[row, :found], np.sort(expected)[::-1][:found], atol=1e-6
        )
        by_id = dict(zip(ids, expected, strict=True))
        for song, score in zip(hits.songs[row, :found], hits.scores[row, :found], strict=True):
            assert by_id[song] == pytest.approx(score, abs=1e-6)
        assert len(set(hits.songs[row, :found])) == found
        assert (hits.songs[row, found:] == NO_SONG).all()
        assert (hits.scores[row, found:] == NO_SCORE).all()


def test_equal_scores_come_in_order_of_id():
    vectors = np.tile(np.array([[1, 0]], np.float32), (6, 1))
    hits = ExactIndex(vectors, ids=np.array([9, 4, 7, 1, 8, 2])).search(vectors[:1], 3)
    assert hits.songs.tolist() == [[1, 2, 4]]


def test_rows_say_where_each_song_lies():
    vectors = np.eye(4, dtype=np.float32)
    index = ExactIndex(vectors, ids=np.array([10, 20]), rows=np.array([3, 1]))
    assert index.search(vectors[3:], 1).songs.tolist() == [[10]]


@pytest.mark.parametrize(
    ("query", "k", "message"),
    [
        (np.zeros(3), 1, r"shape \(3,\), expected \(n, 3\)"),
        (np.zeros((1, 4)), 1, r"shape \(1, 4\), expected \(n, 3\)"),
        (np.full((1, 3), np.nan), 1, "not finite"),
        (np.full((1, 3), "a"), 1, "of type <U1"),
        (np.zeros((1, 3)), 0, "k is 0, expected 1 or more"),
    ],
)
def test_refuses_queries_by_naming_what_came(query, k, message):
    index = ExactIndex(np.eye(3, dtype=np.float32), ids=np.arange(3))
    with pytest.raises(SearchError, match=message):
        index.search(query, k)


@given(st.floats(-1, 1))
def test_angular_distance_becomes_the_cosine_it_came_from(cosine):
    distance = np.sqrt(2 * (1 - cosine))
    assert float(cosine_from_angular(distance)) == pytest.approx(cosine, abs=1e-6)

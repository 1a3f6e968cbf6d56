"""Places near what sounds alike, and the exact search behind them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog import map_placing
from catalog.map_placing import nearest_rows, places_of


@given(st.integers(1, 40), st.integers(1, 30), st.integers(1, 12), st.integers(0, 2**32 - 1))
def test_the_nearest_are_the_nearest(queries: int, rows: int, k: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    base, asked = rng.normal(size=(rows, 5)), rng.normal(size=(queries, 5))
    base /= np.linalg.norm(base, axis=1, keepdims=True)
    asked /= np.linalg.norm(asked, axis=1, keepdims=True)
    found, cosines = nearest_rows(asked.astype(np.float32), base.astype(np.float32), k)
    assert found.shape == cosines.shape == (queries, min(k, rows))
    truth = -np.sort(-(asked @ base.T), axis=1)[:, :k]
    np.testing.assert_allclose(cosines, truth, atol=1e-5)
    np.testing.assert_allclose(np.take_along_axis(asked @ base.T, found, axis=1), truth, atol=1e-5)


def test_bounded_memory_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(2)
    base, asked = rng.normal(size=(50, 8)), rng.normal(size=(23, 8))
    whole = nearest_rows(asked.astype(np.float32), base.astype(np.float32), 4)
    monkeypatch.setattr(map_placing, "QUERIES_AT_ONCE", 1)
    parts = nearest_rows(asked.astype(np.float32), base.astype(np.float32), 4)
    np.testing.assert_array_equal(whole[0], parts[0])
    np.testing.assert_allclose(whole[1], parts[1], atol=1e-6)


def test_a_song_that_sounds_like_one_alone_lies_where_that_is() -> None:
    known = np.eye(5, dtype=np.float32)
    xyz = np.array([[n, -n, 2 * n] for n in range(5)], np.float32)
    np.testing.assert_allclose(places_of(known[[3, 0]], known, xyz), xyz[[3, 0]], atol=1e-4)
    assert places_of(known[:0], known, xyz).shape == (0, 3)

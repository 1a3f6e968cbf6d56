"""Averages over the newest windows."""

import numpy as np
import pytest

from encoder.files import song_style
from realtime.smoothing import Impression, Smoother


def impression(*style: float, end: int) -> Impression:
    vector = np.array(style, np.float32)
    return Impression(style=vector, tags=np.abs(vector) / 10, end=end)


def test_the_style_is_the_unit_mean_of_raw_vectors_as_a_songs_is() -> None:
    smoother = Smoother(span_samples=100)
    rows = np.random.default_rng(2).normal(size=(5, 8)).astype(np.float32)
    for i, row in enumerate(rows):
        smoother.push(Impression(style=row, tags=row, end=i + 1))
    mean = smoother.mean()
    np.testing.assert_allclose(mean.style, song_style(rows), rtol=1e-6)
    np.testing.assert_allclose(mean.tags, rows.mean(axis=0), rtol=1e-5)
    assert np.linalg.norm(mean.style) == pytest.approx(1.0)
    assert mean.end == 5


def test_windows_that_are_too_old_are_let_go() -> None:
    smoother = Smoother(span_samples=10)
    for end in (10, 15, 20):
        smoother.push(impression(1, 0, end=end))
    assert len(smoother) == 2  # 10 lies a whole span back
    smoother.push(impression(0, 1, end=100))
    assert len(smoother) == 1
    assert smoother.mean().style.tolist() == [0, 1]


def test_cleared_it_begins_anew() -> None:
    smoother = Smoother(span_samples=10)
    smoother.push(impression(1, 0, end=1))
    smoother.clear()
    assert len(smoother) == 0
    smoother.push(impression(0, 2, end=2))
    assert smoother.mean().style.tolist() == [0, 1]


def test_the_probability_of_music_is_the_mean_of_the_newest_windows() -> None:
    smoother = Smoother(span_samples=10)
    vector = np.ones(2, np.float32)
    assert smoother.music() is None
    for end, music in [(5, 0.9), (12, 0.25), (20, 0.75), (21, None)]:
        smoother.push(Impression(vector, vector, end, music))
    assert smoother.music() == smoother.mean().music == 0.5
    smoother.clear()
    smoother.push(Impression(vector, vector, 30))
    assert smoother.music() is None


def test_a_style_of_zeros_stays_finite() -> None:
    smoother = Smoother(span_samples=10)
    smoother.push(impression(0, 0, end=1))
    assert smoother.mean().style.tolist() == [0, 0]

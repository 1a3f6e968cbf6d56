"""Genres from attributes: what can be told is told, probabilities are honest, splits are kept."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.attribute_genres import (
    INPUT,
    MAJORITY,
    NETWORK,
    UNKNOWN,
    attribute_material,
    calibration_error,
    learn_genres,
    log_loss,
    widened,
)
from catalog.datasets import Track
from catalog.errors import LearningError
from catalog.kept_attributes import ATTRIBUTES

ENERGY, TEMPO = ATTRIBUTES.index("energy"), ATTRIBUTES.index("tempo")


def made(count: int, *, blur: float = 0.0) -> tuple[list[Track], np.ndarray]:
    """Tracks whose genre their energy and tempo settle together, as no linear rule can."""
    rng = np.random.default_rng(1)
    values = rng.uniform(0.02, 0.98, size=(count, len(ATTRIBUTES)))
    values[:, TEMPO] = rng.uniform(60, 180, size=count)
    loud = values[:, ENERGY] + blur * rng.normal(size=count) > 0.5
    fast = values[:, TEMPO] + 120 * blur * rng.normal(size=count) > 120
    genre = np.where(loud == fast, "Even", "Odd")
    tracks = [
        Track("made", f"{n:04}", artist=f"artist {n // 3}", genre=str(genre[n]))
        for n in range(count)
    ]
    return tracks, values.astype(np.float32)


def test_the_network_tells_what_no_linear_rule_can() -> None:
    lesson = learn_genres(*made(700))
    ways = {way.method: way for way in lesson.ways}
    assert lesson.ways[0].method == NETWORK
    assert ways[NETWORK].test.accuracy > 0.9
    assert ways["gradient boosting"].test.accuracy > 0.9
    assert ways["logistic regression"].test.accuracy < 0.65
    assert ways[MAJORITY].test.accuracy < 0.65
    assert ways[NETWORK].log_loss < ways["logistic regression"].log_loss
    assert {way.test.tracks for way in lesson.ways} == {len(lesson.material.divided.rows("test"))}
    assert (lesson.head.input, lesson.head.names) == (INPUT, ("Even", "Odd"))


def test_no_artist_is_learnt_from_and_tested_on() -> None:
    material, rows = attribute_material(*made(300))
    assert len(rows) == len(material.tracks) == 300
    sides = [
        {material.tracks[line].artist for line in material.divided.rows(split).tolist()}
        for split in ("training", "validation", "test")
    ]
    assert all(sides)
    assert not sides[0] & sides[1] | sides[0] & sides[2] | sides[1] & sides[2]


def test_the_same_seed_learns_the_same() -> None:
    tracks, values = made(100, blur=0.2)
    first, again = (learn_genres(tracks, values, seed=3).ways[0] for _ in range(2))
    assert first.as_json() == again.as_json()


def test_the_splits_of_the_dataset_are_kept_and_what_is_unknown_is_left_out() -> None:
    tracks, values = made(120)
    splits = ["training"] * 90 + ["validation"] * 15 + ["test"] * 15
    given = [
        Track("made", track.key, artist=track.artist, genre=track.genre, split=split)
        for track, split in zip(tracks, splits, strict=True)
    ]
    values[:3, ENERGY] = np.nan
    given[5] = Track("made", "0005", artist="artist 1", split="training")
    material, rows = attribute_material(given, values)
    assert [len(material.divided.rows(s)) for s in ("training", "validation", "test")] == [
        86,
        15,
        15,
    ]
    assert material.left_out == {"no genre": 1, UNKNOWN: 3}
    assert np.isfinite(rows).all()


def test_too_little_to_learn_from_is_said() -> None:
    tracks, values = made(12)
    with pytest.raises(LearningError, match="expected at least one track in each split"):
        learn_genres(tracks, values)
    with pytest.raises(LearningError, match="0 training"):
        learn_genres([], values[:0])


def test_widened_keeps_the_order_of_values_and_is_finite_at_the_ends() -> None:
    values = np.array([[0.0] * 8, [0.5] * 8, [1.0] * 8], np.float32)
    values[:, TEMPO] = [0, 100, 300]
    wide = widened(values)
    assert wide.shape == (3, 16)
    assert np.isfinite(wide).all()
    assert (np.diff(wide, axis=0) > 0).all()
    assert wide[1, ENERGY] == 0.5
    assert wide[1, TEMPO] == 0.5
    assert wide[1, 8 + ENERGY] == pytest.approx(0.0)
    assert wide[1, 8 + TEMPO] == pytest.approx(np.log(100))


def test_log_loss_and_calibration_of_known_answers() -> None:
    told = np.array([[0.8, 0.2], [0.4, 0.6]], np.float32)
    truth = np.array([0, 0])
    assert log_loss(told, truth) == pytest.approx(-(np.log(0.8) + np.log(0.4)) / 2)
    assert log_loss(np.array([[0.0, 1.0]], np.float32), np.array([0])) < 10  # never endless
    assert calibration_error(told, truth) == pytest.approx((0.2 + 0.6) / 2, abs=1e-6)


@given(st.integers(1, 40), st.integers(0, 10_000))
def test_calibration_is_best_where_what_is_sure_is_right(count: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    told = rng.dirichlet([1.0, 1.0, 1.0], size=count).astype(np.float32)
    truth = rng.integers(0, 3, size=count)
    assert 0 <= calibration_error(told, truth) <= 1 + 1e-6
    sure = np.eye(3, dtype=np.float32)[truth]
    assert calibration_error(sure, truth) == 0
    assert log_loss(sure, truth) == 0

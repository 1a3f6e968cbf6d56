"""The ways to tell genres and tags, from vectors that say it and vectors that do not."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from catalog.datasets import Track
from catalog.errors import LearningError
from catalog.learning.comparing import Outcome, best, compare, save, score
from catalog.learning.figures import ClassFigures, LabelFigures
from catalog.learning.lesson import Vectors, as_json, by_features, learn
from catalog.learning.material import Material, genre_material, tag_material
from encoder.errors import WeightsError
from encoder.heads import Head, load_head

torch.set_num_threads(1)  # threads that share every small product wait for each other

SPLITS = ("training", "training", "training", "validation", "test")
GENRES = ("Folk", "Jazz", "Rock")
INPUT = "ab" * 32


def tracks(count: int = 300) -> list[Track]:
    return [
        Track(
            "fma",
            f"{number:06}",
            artist=f"artist {number}",
            genre=GENRES[number % 3],
            split=SPLITS[number // 3 % 5],
        )
        for number in range(count)
    ]


def telling(count: int = 300, *, width: int = 6, seed: int = 0) -> np.ndarray:
    """Vectors that lie around a place of their genre, with numbers of no meaning behind."""
    rng = np.random.default_rng(seed)
    places = np.array([[2.0, 0], [-2, 0], [0, 2]])
    x = rng.normal(size=(count, width))
    x[:, :2] = x[:, :2] * 0.7 + places[np.arange(count) % 3]
    return x.astype(np.float32)


def compared(material: Material, vectors: np.ndarray, **more: bool) -> list[Outcome]:
    return compare(material, vectors, input=INPUT, seed=1, device="cpu", **more)


@pytest.fixture(scope="module", autouse=True)
def quick() -> Iterator[None]:
    """One weight decay instead of three, tried elsewhere."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("catalog.learning.comparing.WEIGHT_DECAYS", (0.1,))
        yield


@pytest.fixture(scope="module")
def outcomes() -> list[Outcome]:
    return compared(genre_material(tracks(), least=1), telling())


def test_every_way_tells_what_the_vectors_say(outcomes: list[Outcome]) -> None:
    assert [outcome.method for outcome in outcomes] == ["k-NN (k=5)", "linear", "hidden 128"]
    for outcome in outcomes:
        assert isinstance(outcome.test, ClassFigures)
        assert outcome.test.tracks == 60
        assert outcome.test.accuracy > 0.85, outcome.method
    assert outcomes[0].model is None
    assert best(outcomes).model is not None


def test_nobody_tells_what_the_vectors_do_not_say() -> None:
    noise = np.random.default_rng(1).normal(size=(300, 6)).astype(np.float32)
    for outcome in compared(genre_material(tracks(), least=1), noise):
        assert score(outcome.test) < 0.6, outcome.method  # 1/3 by chance, of 60 tracks


def test_tags_are_told_with_areas() -> None:
    every = tracks()
    rng = np.random.default_rng(2)
    tags = [(track.key, (track.genre or "").lower(), 100.0) for track in every]
    tags += [(track.key, "coin", 100.0) for track in every if rng.uniform() < 0.5]
    material = tag_material(every, tags, most=9, least=1)
    outcomes = compared(material, telling())
    for outcome in outcomes:
        assert isinstance(outcome.test, LabelFigures)
        areas = dict(zip(outcome.test.names, outcome.test.roc_auc, strict=True))
        assert min(areas[genre] for genre in ("folk", "jazz", "rock")) > 0.9, outcome.method
        assert 0.2 < areas["coin"] < 0.8, outcome.method  # nothing says it


def test_numbers_of_different_units_are_scaled_for_the_neighbours() -> None:
    vectors = telling(100)
    vectors[:, 5] = 1e4 * vectors[:, 5] + 1e5  # a column that would decide alone
    material = genre_material(tracks(100), least=1)
    plain, scaled = (compared(material, vectors, scaled=way)[0] for way in (False, True))
    assert score(plain.test) < 0.6
    assert score(scaled.test) > 0.7


def test_a_class_that_nobody_learnt_is_never_told() -> None:
    every = [
        Track(**{**vars(track), "split": "test"}) if track.genre == "Rock" else track
        for track in tracks()
    ]
    outcomes = compared(genre_material(every, least=1), telling())
    for outcome in outcomes:
        assert isinstance(outcome.test, ClassFigures)
        assert outcome.test.confusion.shape == (3, 3)
        assert outcome.test.recall[2] < 0.2, outcome.method


def test_the_chosen_one_is_kept_with_what_it_takes(outcomes: list[Outcome], tmp_path: Path) -> None:
    outcome = best(outcomes)
    path = tmp_path / "heads" / "genre.safetensors"
    save(outcome, path)
    head = load_head(path, input=INPUT)
    assert head.names == GENRES
    assert head.figures["test"] == pytest.approx(score(outcome.test))
    told = head.predict(telling(seed=7)).argmax(axis=1)
    assert (told == np.arange(300) % 3).mean() > 0.85
    with pytest.raises(WeightsError, match="those of 'other'"):
        load_head(path, input="other")


def test_it_is_repeatable(outcomes: list[Outcome]) -> None:
    again = compared(genre_material(tracks(), least=1), telling())
    assert [o.as_json() for o in outcomes] == [o.as_json() for o in again]


def test_a_split_without_tracks_is_refused() -> None:
    only = [track for track in tracks() if track.split != "test"]
    material = genre_material(only, least=1)
    with pytest.raises(LearningError, match="0 test"):
        compared(material, telling()[: len(only)])


def test_a_table_of_features_is_learnt_from(tmp_path: Path) -> None:
    every, vectors = tracks(), telling()
    lines = [
        "feature,a,a,a,b,b,b",
        "statistics,x,x,x,x,x,x",
        "number,1,2,3,1,2,3",
        "track_id,,,,,,",
    ]
    rows = [f"{n}," + ",".join(f"{v:.6g}" for v in row) for n, row in enumerate(vectors)]
    rows[7] = "7,torn"
    path = tmp_path / "features.csv"
    path.write_text("\n".join(lines + rows[:290]) + "\n")
    found = by_features(genre_material(every, least=1), path)
    assert found.skipped == [("line 12", "2 cells, expected 7")]
    assert found.material.left_out == {"no row in the table of features": 11}
    kept = [number for number in range(290) if number != 7]
    np.testing.assert_allclose(found.values, vectors[kept], rtol=1e-4)
    outcomes = learn(found, seed=1, device="cpu")
    assert score(best(outcomes).test) > 0.8
    told = as_json(found.material, outcomes)
    assert told["names"] == list(GENRES)
    assert told["tracks"]["training"] > told["tracks"]["test"] > 0
    assert told["official_splits"] == 300
    assert isinstance(found, Vectors)


def test_the_weight_decay_is_chosen_by_validation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("catalog.learning.comparing.WEIGHT_DECAYS", (50.0, 0.1))
    head = best(compared(genre_material(tracks(90), least=1), telling(90))).model
    assert isinstance(head, Head)
    assert head.settings.weight_decay == 0.1  # the other holds all weights near zero

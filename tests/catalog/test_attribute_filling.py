"""From made attributes, a known function of style, to every song's attributes and genres."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from catalog.attribute_filling import fill
from catalog.attribute_genres import learn_genres
from catalog.attribute_heads import (
    GENRE_HEAD,
    LEAST_SONGS,
    STYLE_HEAD,
    StyleLesson,
    heads_folder,
    learn_from_style,
)
from catalog.catalog import Catalog
from catalog.kept_attributes import ATTRIBUTES, Attributes, dataset_attributes
from encoder.errors import WeightsError
from encoder.heads import Head, HeadSettings, fit_head
from tests.catalog.attributing import (
    KNOWN,
    SONGS,
    TEMPO,
    attributed_catalog,
    genre_of_values,
    truth,
)
from tests.catalog.making import DIMENSION, SPEC, made_catalog, new_song, random_songs, settings_at


@pytest.fixture(scope="module")
def learnt(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Catalog, StyleLesson]]:
    """A catalog with both heads, filled in; no test writes to it."""
    settings = attributed_catalog(tmp_path_factory.mktemp("attributed"))
    with Catalog.open(settings, SPEC) as catalog:
        lesson = learn_from_style(catalog)
        assert lesson.head is not None
        lesson.head.save(heads_folder(settings) / STYLE_HEAD)
        genres = learn_genres(*dataset_attributes(settings, "made"))
        genres.head.save(heads_folder(settings) / GENRE_HEAD)
        yield catalog, lesson


def any_head() -> Head:
    """A head that tells something from styles."""
    rows = np.random.default_rng(0).normal(size=(8, DIMENSION)).astype(np.float32)
    settings = HeadSettings(epochs=1, held_out=0, device="cpu")
    values = rows[:, : len(ATTRIBUTES)]
    input = SPEC.fingerprint
    return fit_head(rows, values, kind="values", settings=settings, names=ATTRIBUTES, input=input)


def test_attributes_are_told_from_style_far_better_than_by_the_mean(
    learnt: tuple[Catalog, StyleLesson],
) -> None:
    _, lesson = learnt
    assert lesson.songs == KNOWN
    assert lesson.tested > 0
    assert [one.name for one in lesson.figures] == list(ATTRIBUTES)
    for one in lesson.figures:
        assert one.r2 > 0.8, one
        assert one.error < one.error_of_mean / 2


def test_every_song_gets_attributes_and_what_is_known_stays(
    learnt: tuple[Catalog, StyleLesson],
) -> None:
    catalog, _ = learnt
    filled = fill(catalog)
    assert (filled.songs, filled.known, filled.told) == (SONGS, KNOWN, SONGS - KNOWN)
    assert filled.missing == ()
    _, values = truth()
    ids = np.arange(1, SONGS + 1)
    with Attributes(catalog.settings) as kept:
        found, known, told = kept.of_songs(ids), kept.known(ids), kept.told(ids)
    np.testing.assert_allclose(found[:KNOWN], values[:KNOWN], rtol=1e-6)
    assert np.isnan(known[KNOWN:]).all()
    assert np.isnan(told[:KNOWN]).all()
    away = np.abs(found[KNOWN:] - values[KNOWN:]).mean(axis=0)
    spread = values[KNOWN:].std(axis=0)
    assert (away < spread / 2).all()
    rest = np.delete(found, TEMPO, axis=1)
    assert ((rest >= 0) & (rest <= 1)).all()


def test_songs_and_tracks_without_a_genre_get_a_probable_one(
    learnt: tuple[Catalog, StyleLesson],
) -> None:
    catalog, _ = learnt
    filled = fill(catalog)
    assert filled.song_genres == SONGS - 1  # one has its own
    assert filled.track_genres == {"made": KNOWN // 10}
    _, values = truth()
    right = [genre_of_values(row) for row in values]
    with Attributes(catalog.settings) as kept:
        songs, tracks = kept.song_genres(), kept.track_genres("made")
        assert kept.song_genres([1, 2]) == {2: songs[2]}
        assert kept.track_genres("other") == {}
    assert set(songs) == set(range(2, SONGS + 1))
    hits = [guess.genre == right[song - 1] for song, guess in songs.items()]
    assert np.mean(hits) > 0.75
    assert all(1 / 3 <= guess.probability <= 1 for guess in songs.values())
    assert set(tracks) == {f"{number:03}" for number in range(0, KNOWN, 10)}
    assert catalog.song(1).genre == "My own"
    assert catalog.song(2).genre is None  # a guess is no fact


def test_without_heads_nothing_is_filled_in_and_it_is_said_why(tmp_path: Path) -> None:
    settings = made_catalog(tmp_path, random_songs(3))
    with Catalog.open(settings, SPEC) as catalog:
        filled = fill(catalog)
    assert (filled.songs, filled.known, filled.told, filled.song_genres) == (3, 0, 0, 0)
    assert len(filled.missing) == 2
    assert all("nowhear attributes train" in why for why in filled.missing)


def test_too_few_songs_that_have_both_teach_nothing(tmp_path: Path) -> None:
    settings = made_catalog(tmp_path, random_songs(LEAST_SONGS))
    with Catalog.open(settings, SPEC) as catalog:
        lesson = learn_from_style(catalog)
    assert (lesson.songs, lesson.head, lesson.figures) == (0, None, ())


def test_a_song_that_sounds_otherwise_by_now_loses_what_was_told(tmp_path: Path) -> None:
    settings = made_catalog(tmp_path, random_songs(4))
    any_head().save(heads_folder(settings) / STYLE_HEAD)
    with Catalog.open(settings, SPEC, write=True) as catalog:
        fill(catalog)
        ids = np.array([3, 4])
        with Attributes(settings) as kept:
            assert not np.isnan(kept.of_songs(ids)).any()
            catalog.insert([new_song("again.mp3", np.eye(12)[3], replaces=4)])
            after = kept.of_songs(ids)
            assert not np.isnan(after[0]).any()
            assert np.isnan(after[1]).all()
            fill(catalog)
            assert not np.isnan(kept.of_songs(ids)).any()


def test_a_head_for_another_encoder_is_refused(tmp_path: Path) -> None:
    settings = made_catalog(tmp_path, random_songs(4))
    any_head().save(heads_folder(settings) / STYLE_HEAD)
    other = replace(SPEC, fingerprint="d" * 64)
    with (
        Catalog.open(settings_at(tmp_path), other, write=True, restart=True) as catalog,
        pytest.raises(WeightsError, match="b" * 16),
    ):
        fill(catalog)

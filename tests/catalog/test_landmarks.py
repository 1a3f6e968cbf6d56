"""Landmarks in the catalog: what is found, as against all landmarks of all songs one by one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from catalog import landmark_index
from catalog.catalog import Catalog
from catalog.landmark_index import LandmarkHits, LandmarkIndex
from catalog.settings import CatalogSettings
from encoder.landmarks import LANDMARK_KEYS, song_landmarks
from tests.catalog.making import SPEC, made_catalog, random_songs
from tests.helpers.clips import RATE_HZ, clip, peaks_of
from tests.helpers.landmarks import landmarks_of

Found = set[tuple[int, int, int]]


@pytest.fixture(scope="module")
def songs() -> dict[int, np.ndarray]:
    """Peaks of the first 20 s of three clips, and of one that is silent."""
    rows = {song: peaks_of(clip(song)[: 20 * RATE_HZ], 36) for song in (1, 2, 3)}
    return {7: rows[1], 4: np.zeros_like(rows[1]), 9: rows[2], 3: rows[3]}


def exactly(songs: dict[int, np.ndarray], keys: np.ndarray) -> Found:
    """Number of the key, song and frame of all that has one of `keys`."""
    wanted: dict[int, list[int]] = {}
    for number, key in enumerate(keys.tolist()):
        wanted.setdefault(key, []).append(number)
    return {
        (number, song, frame)
        for song, rows in songs.items()
        for landmarks in [song_landmarks(rows)]
        for key, frame in zip(landmarks.keys().tolist(), landmarks.frame.tolist(), strict=True)
        for number in wanted.get(key, [])
    }


def as_set(hits: LandmarkHits) -> Found:
    columns = (hits.keys.tolist(), hits.songs.tolist(), hits.frames.tolist())
    found = list(zip(*columns, strict=True))
    assert len(set(found)) == len(found)
    return set(found)


def test_all_that_has_a_key_is_found_and_nothing_else(
    songs: dict[int, np.ndarray], tmp_path: Path
) -> None:
    keys = np.random.default_rng(1).permutation(LANDMARK_KEYS)[: LANDMARK_KEYS // 2]
    found = as_set(landmarks_of(songs, tmp_path)(keys))
    assert found == exactly(songs, keys)
    assert len(found) > 300
    assert {song for _, song, _ in found} == {7, 9, 3}


def test_of_too_many_the_rarest_are_found(songs: dict[int, np.ndarray], tmp_path: Path) -> None:
    keys = np.arange(LANDMARK_KEYS)
    everything = exactly(songs, keys)
    found = as_set(landmarks_of(songs, tmp_path, most=len(everything) // 2)(keys))
    assert found < everything
    assert len(everything) // 2 - 5 <= len(found) <= len(everything) // 2
    often = np.bincount([key for key, _, _ in everything], minlength=LANDMARK_KEYS)
    left = {key for key, _, _ in everything - found}
    assert max(often[key] for key, _, _ in found) <= min(often[key] for key in left)


def test_no_keys_find_nothing(songs: dict[int, np.ndarray], tmp_path: Path) -> None:
    assert as_set(landmarks_of(songs, tmp_path)(np.zeros(0, np.int64))) == set()


def test_songs_are_found_once_indexed_until_they_are_removed(tmp_path: Path) -> None:
    made, late = random_songs(6, seed=1), random_songs(8, seed=2)[6:]
    settings, keys = made_catalog(tmp_path, made), np.arange(LANDMARK_KEYS)
    with Catalog.open(settings, SPEC, write=True) as catalog:
        wanted = {song.id: catalog.peaks(song.id) for song in catalog.songs()}
        everything = exactly(wanted, keys)
        assert as_set(catalog.search_landmarks(keys)) == everything
        assert len(everything) > 100
        new = catalog.insert(late)
        assert as_set(catalog.search_landmarks(keys)) == everything  # they wait for the index
        gone = next(iter(wanted))
        catalog.remove([gone])
        left = {one for one in everything if one[1] != gone}
        assert as_set(catalog.search_landmarks(keys)) == left
        catalog.publish(force=True)
        after = {song for _, song, _ in as_set(catalog.search_landmarks(keys))}
        assert after == (set(wanted) - {gone}) | set(new)


def test_an_index_without_landmarks_or_with_others_gets_them_when_next_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as other_format:
        other_format.setattr(landmark_index, "STARTS_NAME", "landmark_starts_0.npy")
        other_format.setattr(landmark_index, "PLACES_NAME", "landmark_places_0.npy")
        settings = made_catalog(tmp_path, random_songs(3, seed=1))
    keys = np.arange(LANDMARK_KEYS)
    assert as_set(found_by_a_reader(settings, keys)) == set()
    with Catalog.open(settings, SPEC, write=True) as catalog:
        assert catalog.publish()
        assert not catalog.publish()
    assert as_set(found_by_a_reader(settings, keys))


def found_by_a_reader(settings: CatalogSettings, keys: np.ndarray) -> LandmarkHits:
    with Catalog.open(settings, SPEC) as catalog:
        return catalog.search_landmarks(keys)


def test_a_folder_that_is_gone_is_told_from_one_without_landmarks(tmp_path: Path) -> None:
    assert LandmarkIndex.open(tmp_path) is None
    with pytest.raises(FileNotFoundError):
        LandmarkIndex.open(tmp_path / "gone")

"""Tracks join songs by the names of files, by place, and by artist and title."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from catalog.catalog import Catalog
from catalog.dataset_rows import Batch
from catalog.datasets import Datasets
from catalog.imports.join import Joined, join_songs
from catalog.settings import CatalogSettings
from catalog.songs import Details
from tests.catalog.making import SPEC, made_catalog, random_songs

pytest.importorskip("rapidfuzz", reason="the extra `learn` is not installed")

FILES = {
    1: ("/m/fma_small/000/000002.mp3", "Other", "Entirely"),
    2: ("/m/TRAAAAW128F429D538.mp3", "Casual", "I Didn't Mean To"),
    3: ("/m/queen.mp3", "Queen", "Bohemian Rhapsody - Remastered 2011"),
    4: ("/m/SOMZWCG12A8C13C480.ogg", "A", "B"),
    5: ("/m/piano.mp3", "Ed Askew", "Piano 2"),
    6: ("/m/000003.mp3", "Nobody", "Nothing"),
    7: ("/m/queen live.mp3", "Queen", "Bohemian Rhapsody (Live)"),
}


@pytest.fixture
def settings(tmp_path: Path) -> CatalogSettings:
    songs = random_songs(len(FILES))
    named = [
        replace(
            song,
            file=replace(song.file, path=Path(path)),
            details=Details(title=title, artist=artist),
        )
        for song, (path, artist, title) in zip(songs, FILES.values(), strict=True)
    ]
    return made_catalog(tmp_path, named)


@pytest.fixture
def datasets(settings: CatalogSettings) -> Iterator[Datasets]:
    with Datasets(settings) as opened:
        yield opened


def write(datasets: Datasets, dataset: str, *tracks: dict[str, object]) -> None:
    datasets.begin(dataset, "made")
    datasets.write(Batch(dataset, tracks=tracks))


def test_ids_in_the_names_of_files(datasets: Datasets) -> None:
    write(datasets, "fma", {"key": "000002"}, {"key": "000003"})
    write(
        datasets,
        "msd",
        {"key": "TRAAAAW128F429D538"},
        {"key": "TRX", "alias": "SOMZWCG12A8C13C480"},
    )
    datasets.item_ids("tasteprofile", ["SOMZWCG12A8C13C480", "SOX"])
    # 000003.mp3 does not lie in a folder 000, as FMA's do
    assert join_songs(datasets, "fma") == Joined("fma", 1, 0, 0, 1, True)
    assert join_songs(datasets, "msd") == Joined("msd", 2, 0, 0, 2, True)
    assert join_songs(datasets, "tasteprofile").songs == 1
    assert datasets.songs_of("fma") == {"000002": 1}
    assert datasets.songs_of("msd") == {"TRAAAAW128F429D538": 2, "TRX": 4}
    assert datasets.songs_of("tasteprofile") == {"SOMZWCG12A8C13C480": 4}


def test_the_place_of_the_file(datasets: Datasets) -> None:
    write(
        datasets,
        "fma",
        {"key": "000009", "path": Path("/m/queen.mp3"), "artist": "x", "title": "y"},
    )
    assert join_songs(datasets, "fma") == Joined("fma", 0, 1, 0, 1, True)
    assert datasets.songs_of("fma") == {"000009": 3}


def test_artist_and_title(datasets: Datasets) -> None:
    write(
        datasets,
        "spotify",
        {"key": "a", "artist": "QUEEN", "title": "Bohemian Rapsody"},
        {"key": "b", "artist": "Queen", "title": "Bohemian Rhapsody (Live in Ghent)"},
        {"key": "c", "artist": "Ed Askew", "title": "Piano 3"},
        {"key": "d", "artist": "Ed Askew"},
        {"key": "e", "artist": "Casual", "title": "I Didnt Mean To"},
    )
    assert join_songs(datasets, "spotify") == Joined("spotify", 0, 0, 3, 3, True)
    assert datasets.songs_of("spotify") == {"a": 3, "b": 7, "e": 2}


def test_a_song_that_is_one_track_is_not_another_that_is_like_it(datasets: Datasets) -> None:
    write(
        datasets,
        "spotify",
        {"key": "a", "artist": "Casual", "title": "I Didn't Mean To"},
        {"key": "b", "artist": "Casual", "title": "I Didn't Mean Too"},
    )
    join_songs(datasets, "spotify")
    assert datasets.songs_of("spotify") == {"a": 2}


def test_of_songs_that_are_named_alike_the_one_that_is_as_long(
    datasets: Datasets, settings: CatalogSettings
) -> None:
    twins = [
        replace(song, details=Details(title="Twin", artist="T"))
        for song in random_songs(3, seed=9, prefix="twin")
    ]  # 60, 70 and 80 s long
    with Catalog.open(settings, SPEC, write=True) as catalog:
        catalog.insert(twins)
    write(datasets, "msd", {"key": "a", "artist": "T", "title": "Twin", "duration_s": 71.0})
    join_songs(datasets, "msd")
    assert datasets.songs_of("msd") == {"a": 9}


def test_joining_again_follows_the_catalog(datasets: Datasets, settings: CatalogSettings) -> None:
    write(
        datasets,
        "fma",
        {"key": "000002"},
        {"key": "000007", "artist": "Queen", "title": "Bohemian Rhapsody"},
    )
    first = join_songs(datasets, "fma")
    assert join_songs(datasets, "fma") == first == Joined("fma", 1, 0, 1, 2, True)
    with Catalog.open(settings, SPEC, write=True) as catalog:
        catalog.remove([1])
    assert join_songs(datasets, "fma") == Joined("fma", 0, 0, 1, 1, True)
    assert [track.song for track in datasets.tracks("fma")] == [None, 3]


def test_artists_are_no_songs(datasets: Datasets) -> None:
    write(datasets, "lastfm", {"key": "1", "artist": "Queen"})
    assert join_songs(datasets, "lastfm").songs == 0


def test_without_rapidfuzz_names_must_be_alike(
    datasets: Datasets, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "rapidfuzz", None)
    write(
        datasets,
        "spotify",
        {"key": "a", "artist": "QUEEN", "title": "Bohemian Rapsody"},
        {"key": "b", "artist": "casual", "title": "I didnt mean to"},
    )
    assert join_songs(datasets, "spotify") == Joined("spotify", 0, 0, 1, 1, False)
    assert datasets.songs_of("spotify") == {"b": 2}


def test_progress_is_told(datasets: Datasets) -> None:
    write(datasets, "fma", {"key": "000002"})
    told: list[object] = []
    join_songs(datasets, "fma", on_progress=lambda *each: told.append(each))
    assert told == [(0, None, "joining fma")]

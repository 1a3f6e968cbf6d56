"""Stars: kept in the user's order, whoever writes meanwhile, and whatever becomes of the songs."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from catalog import favourites
from catalog.catalog import Catalog
from catalog.errors import LimitError, NoCatalogError, UnknownSongError
from catalog.favourites import Favourites
from catalog.settings import CatalogSettings
from catalog.store import DATABASE_NAME
from tests.catalog.making import SPEC, made_catalog, random_songs, settings_at


@pytest.fixture
def settings(tmp_path: Path) -> CatalogSettings:
    return made_catalog(tmp_path, random_songs(8))


def starred(settings: CatalogSettings) -> list[int]:
    with Favourites(settings) as stars:
        return [song.song for song in stars.songs()]


def star(settings: CatalogSettings, *songs: int) -> None:
    with Favourites(settings) as stars:
        for song in songs:
            stars.add(song)


def test_stars_are_kept_in_the_order_in_which_they_were_given(settings: CatalogSettings) -> None:
    assert starred(settings) == []
    star(settings, 5, 2, 7, 2)
    assert starred(settings) == [5, 2, 7]
    with Favourites(settings) as stars:
        assert (stars.has(2), stars.has(3)) == (True, False)
        stars.remove(2)
        stars.remove(3)
    star(settings, 2)
    assert starred(settings) == [5, 7, 2]


def test_a_song_that_is_not_there_gets_no_star(settings: CatalogSettings) -> None:
    with pytest.raises(UnknownSongError, match="no song 99"):
        star(settings, 99)
    assert starred(settings) == []


def test_reading_stars_that_were_never_given_changes_nothing(settings: CatalogSettings) -> None:
    with sqlite3.connect(settings.directory / DATABASE_NAME) as other:
        other.execute("DROP TABLE IF EXISTS stars")  # a catalog from before there were stars
    with Favourites(settings) as stars:
        stars.remove(1)
        stars.order([1])
        assert (stars.has(1), stars.songs()) == (False, [])
    star(settings, 1)
    assert starred(settings) == [1]


def test_where_no_catalog_is_none_is_made(tmp_path: Path) -> None:
    with pytest.raises(NoCatalogError, match="nowhear add"):
        Favourites(settings_at(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_there_is_an_end_of_stars(
    settings: CatalogSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(favourites, "MOST_STARS", 2)
    star(settings, 1, 2, 1)
    with pytest.raises(LimitError, match="2 songs are starred"):
        star(settings, 3)


@hypothesis_settings(max_examples=25)
@given(given=st.permutations(range(1, 9)), asked=st.lists(st.integers(1, 10), max_size=12))
def test_the_order_is_the_one_asked_for(
    tmp_path_factory: pytest.TempPathFactory, given: list[int], asked: list[int]
) -> None:
    folder = tmp_path_factory.getbasetemp() / "ordered"
    settings = settings_at(folder)
    if not folder.exists():
        made_catalog(folder, random_songs(8))
    with Favourites(settings) as stars:
        for song in range(1, 9):
            stars.remove(song)
        for song in given[:5]:
            stars.add(song)
        stars.order(asked)
        after = [song.song for song in stars.songs()]
    named = [song for song in dict.fromkeys(asked) if song in given[:5]]
    assert after == named + [song for song in given[:5] if song not in named]


def test_a_star_outlives_its_song_with_its_names(settings: CatalogSettings) -> None:
    star(settings, 3, 1)
    with Favourites(settings) as stars:
        before = stars.songs()
    with Catalog.open(settings, SPEC, write=True) as catalog:
        catalog.remove([3])
    with Favourites(settings) as stars:
        gone, there = stars.songs()
        assert (gone.song, gone.gone, there.gone) == (3, True, False)
        assert (gone.title, gone.path) == (before[0].title, before[0].path)
        stars.order([1, 3])
        assert [song.song for song in stars.songs()] == [1, 3]
        stars.remove(3)
        assert [song.song for song in stars.songs()] == [1]


def test_stars_outlive_a_rebuild(settings: CatalogSettings) -> None:
    star(settings, 6, 4)
    with Catalog.open(settings, SPEC, write=True, restart=True):
        pass
    assert starred(settings) == [6, 4]


def test_many_writers_lose_no_star(settings: CatalogSettings) -> None:
    """Each with connections of its own, as several browsers and a command line have, while songs
    are added."""
    start = threading.Barrier(5)

    def give(songs: list[int]) -> None:
        start.wait()
        for song in songs:
            star(settings, song)

    def add_songs() -> None:
        with Catalog.open(settings, SPEC, write=True) as catalog:
            start.wait()
            for i in range(5):
                catalog.insert(random_songs(1, seed=100 + i, prefix=f"more{i}-"))

    parts = ([1, 2, 3], [3, 4, 5], [5, 6, 1], [8, 7, 2])
    threads = [threading.Thread(target=give, args=[part]) for part in parts]
    threads.append(threading.Thread(target=add_songs))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(starred(settings)) == list(range(1, 9))
    with Catalog.open(settings, SPEC) as catalog:
        assert catalog.count == 13

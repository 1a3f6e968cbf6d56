"""Playlists: made, changed and removed as a whole, and what is in them outlives the catalog."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from catalog import playlists
from catalog.catalog import Catalog
from catalog.errors import LimitError, UnknownPlaylistError, UnknownSongError
from catalog.playlists import Playlist, Playlists
from catalog.settings import CatalogSettings
from catalog.store import DATABASE_NAME
from tests.catalog.making import SPEC, made_catalog, random_songs


@pytest.fixture
def settings(tmp_path: Path) -> CatalogSettings:
    return made_catalog(tmp_path, random_songs(5))


def ids(playlist: Playlist) -> list[int]:
    return [song.song for song in playlist.songs]


def test_a_playlist_is_kept_as_it_was_made(settings: CatalogSettings) -> None:
    with Playlists(settings) as lists:
        assert lists.all() == []
        made = lists.make("  Évening 🎵 ", [4, 1, 4])
        empty = lists.make("Évening 🎵", [])
    with Playlists(settings) as lists:
        assert lists.all() == [made, empty]
        assert lists.get(made.id) == made
    assert (made.name, ids(made), ids(empty)) == ("Évening 🎵", [4, 1, 4], [])
    assert made.songs[0].title == "song3.mp3"


def test_a_change_replaces_all_of_it(settings: CatalogSettings) -> None:
    with Playlists(settings) as lists:
        made, other = lists.make("a", [1, 2]), lists.make("b", [3])
        changed = lists.change(made.id, "c", [2, 5, 1])
        assert (changed.name, ids(changed)) == ("c", [2, 5, 1])
        assert lists.all() == [changed, other]
        lists.remove(made.id)
        assert lists.all() == [other]


def test_an_id_is_not_given_twice(settings: CatalogSettings) -> None:
    with Playlists(settings) as lists:
        first = lists.make("a", [1])
        lists.remove(first.id)
        second = lists.make("b", [2])
    assert second.id != first.id


def test_what_is_refused_changes_nothing(settings: CatalogSettings) -> None:
    with Playlists(settings) as lists:
        made = lists.make("a", [1, 2])
        with pytest.raises(UnknownSongError, match="no song 7, 9 in this catalog; nothing"):
            lists.change(made.id, "b", [1, 9, 7])
        with pytest.raises(UnknownSongError):
            lists.make("b", [6])
        for name in ("", "  ", "x" * 201):
            with pytest.raises(LimitError, match="expected 1 to 200"):
                lists.change(made.id, name, [1])
        for unknown in (made.id + 1, 0, -1, 2**70):
            with pytest.raises(UnknownPlaylistError, match=f"no playlist {unknown}"):
                lists.change(unknown, "b", [1])
            with pytest.raises(UnknownPlaylistError):
                lists.remove(unknown)
            with pytest.raises(UnknownPlaylistError):
                lists.get(unknown)
        assert lists.all() == [made]


def test_there_are_bounds(settings: CatalogSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(playlists, "MOST_PLAYLISTS", 1)
    monkeypatch.setattr(playlists, "MOST_SONGS", 2)
    with Playlists(settings) as lists:
        with pytest.raises(LimitError, match="3 songs, expected at most 2"):
            lists.make("a", [1, 2, 3])
        lists.make("a", [1, 2])
        with pytest.raises(LimitError, match="1 playlists are kept"):
            lists.make("b", [])


def test_a_song_that_has_gone_keeps_its_place_and_name(settings: CatalogSettings) -> None:
    with Playlists(settings) as lists:
        made = lists.make("a", [1, 2])
        with Catalog.open(settings, SPEC, write=True) as catalog:
            catalog.remove([2])
        there, gone = lists.get(made.id).songs
        assert (there.gone, gone.gone, gone.title) == (False, True, "song1.mp3")
        changed = lists.change(made.id, "a", [2, 3, 1])
        assert (ids(changed), changed.songs[0]) == ([2, 3, 1], gone)
        with pytest.raises(UnknownSongError):
            lists.make("b", [2])


def test_a_catalog_from_before_there_were_playlists_takes_them(settings: CatalogSettings) -> None:
    with sqlite3.connect(settings.directory / DATABASE_NAME) as other:
        other.execute("DROP TABLE IF EXISTS playlists")
        other.execute("DROP TABLE IF EXISTS playlist_songs")
    with Playlists(settings) as lists:
        assert lists.all() == []
        with pytest.raises(UnknownPlaylistError):
            lists.get(1)
        assert ids(lists.make("a", [1])) == [1]

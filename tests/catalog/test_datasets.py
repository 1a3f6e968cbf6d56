"""Datasets: kept by their own keys, never twice, and read back as they were."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from catalog.catalog import Catalog
from catalog.dataset_rows import Batch
from catalog.datasets import ATTRIBUTES, Datasets, Genre, Track
from catalog.errors import NoCatalogError
from catalog.settings import CatalogSettings
from tests.catalog.making import SPEC, made_catalog, random_songs, settings_at


@pytest.fixture
def settings(tmp_path: Path) -> CatalogSettings:
    return made_catalog(tmp_path, random_songs(3))


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> CatalogSettings:
    return made_catalog(tmp_path_factory.mktemp("shared"), random_songs(1))


def listens(datasets: Datasets, dataset: str, plays: list[tuple[str, str, float]]) -> None:
    """Triplets, a batch a triplet."""
    for listener, item, times in plays:
        number = datasets.item_ids(dataset, [item])[item]
        one = (listener, np.array([number], np.int32), np.array([times], np.float32))
        datasets.write(Batch(dataset, listens=[one]))


def test_of_what_was_never_imported_there_is_nothing(settings: CatalogSettings) -> None:
    with Datasets(settings) as datasets:
        assert datasets.names() == []
        assert not datasets.any()
        assert list(datasets.tracks("fma")) == []
        assert datasets.attributes().values.shape == (0, 8)
        assert list(datasets.tags("msd")) == []
        assert datasets.genre_tree("fma") == []
        assert datasets.songs_of("msd") == {}
        heard = datasets.listening("lastfm")
    assert (heard.users, heard.items, len(heard.plays)) == ([], [], 0)


def test_without_a_catalog_there_are_none(tmp_path: Path) -> None:
    with pytest.raises(NoCatalogError):
        Datasets(settings_at(tmp_path))


def test_a_track_is_read_as_it_was_written(settings: CatalogSettings) -> None:
    track = Track(
        dataset="fma",
        key="000002",
        title="Ünïcode 音",
        artist="A",
        album="B",
        genres=("Hip-Hop", "Rap"),
        year=2009,
        duration_s=168.0,
        path=Path("/music/caf\udce9.mp3"),
        split="training",
        genre="Hip-Hop",
        alias="SO1",
        facts={"subset": "small"},
    )
    values = {name: getattr(track, name) for name in track.__dataclass_fields__}
    row = {name: value for name, value in values.items() if name not in ("dataset", "song")}
    with Datasets(settings) as datasets:
        datasets.write(Batch("fma", tracks=[row]))
        datasets.write(Batch("fma", tracks=[{"key": "000002", "title": None}, {"key": "000003"}]))
        assert list(datasets.tracks("fma")) == [track, Track("fma", "000003")]
        datasets.write(Batch("fma", tracks=[{"key": "000002", "title": "new"}]))
        assert next(datasets.tracks("fma")).title == "new"
        assert next(datasets.tracks("fma")).album == "B"


def test_tracks_come_by_key_page_by_page(
    settings: CatalogSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("catalog.datasets.PAGE_ROWS", 3)
    keys = [f"{number:03}" for number in range(10)]
    with Datasets(settings) as datasets:
        datasets.write(Batch("fma", tracks=[{"key": key} for key in reversed(keys)]))
        assert [track.key for track in datasets.tracks("fma")] == keys


def test_genres_are_added_when_asked(settings: CatalogSettings) -> None:
    def row(*genres: str) -> dict[str, object]:
        return {"key": "x", "genres": genres}

    with Datasets(settings) as datasets:
        datasets.write(Batch("spotify", tracks=[row("Pop"), row("Rock")], add_genres=True))
        datasets.write(Batch("spotify", tracks=[row("Jazz"), row("Pop")], add_genres=True))
        assert next(datasets.tracks("spotify")).genres == ("Pop", "Rock", "Jazz")
        datasets.write(Batch("spotify", tracks=[row("Folk")]))
        assert next(datasets.tracks("spotify")).genres == ("Folk",)


def test_attributes_that_are_unknown_are_nan(settings: CatalogSettings) -> None:
    with Datasets(settings) as datasets:
        datasets.begin("fma", "here")
        datasets.begin("spotify", "there")
        datasets.write(Batch("fma", attributes=[{"key": "2", "energy": 0.5, "tempo": 120.0}]))
        datasets.write(Batch("fma", attributes=[{"key": "2", "energy": 0.25}]))
        whole = {"key": "1", **dict.fromkeys(ATTRIBUTES, 0.125)}
        datasets.write(Batch("spotify", attributes=[whole]))
        one, both = datasets.attributes("fma"), datasets.attributes()
    expected = np.full((1, 8), np.nan, np.float32)
    expected[0, ATTRIBUTES.index("energy")] = 0.25
    expected[0, ATTRIBUTES.index("tempo")] = 120
    np.testing.assert_array_equal(one.values, expected)
    assert both.keys == [("fma", "2"), ("spotify", "1")]
    np.testing.assert_array_equal(both.values[1], np.full(8, 0.125, np.float32))


def test_lists_come_heaviest_first_and_replace_each_other(settings: CatalogSettings) -> None:
    with Datasets(settings) as datasets:
        datasets.write(Batch("msd", lists=[("tags", "TR2", [("x", 1)]), ("tags", "TR1", [])]))
        datasets.write(Batch("msd", lists=[("tags", "TR2", [("pop", 3), ("rock", 100)])]))
        datasets.write(Batch("msd", lists=[("similar", "TR2", [("TR9", 0.5)])]))
        assert list(datasets.tags("msd")) == [("TR2", "rock", 100.0), ("TR2", "pop", 3.0)]
        assert list(datasets.tags("msd", kind="similar")) == [("TR2", "TR9", 0.5)]


def test_the_genre_tree(settings: CatalogSettings) -> None:
    rows = [
        {"key": "38", "title": "Experimental", "parent": None, "top": "38"},
        {"key": "1", "title": "Avant-Garde", "parent": "38", "top": "38"},
    ]
    with Datasets(settings) as datasets:
        datasets.write(Batch("fma", genres=rows))
        datasets.write(Batch("fma", genres=rows))
        assert datasets.genre_tree("fma") == [
            Genre("1", "Avant-Garde", "38", "38"),
            Genre("38", "Experimental", None, "38"),
        ]


NUMBERS = count()
PLAYS = st.tuples(st.sampled_from("abc"), st.sampled_from("UVWXYZ"), st.integers(1, 99))


@examples(max_examples=20)  # each waits for the disk
@given(st.lists(PLAYS, max_size=8))
def test_listening_is_the_last_of_each_pair(
    shared: CatalogSettings, plays: list[tuple[str, str, int]]
) -> None:
    with Datasets(shared) as datasets:
        name = f"made{next(NUMBERS)}"
        listens(datasets, name, [(user, item, float(times)) for user, item, times in plays])
        heard = datasets.listening(name)
    expected = {(user, item): times for user, item, times in plays}
    assert heard.users == sorted({user for user, _ in expected})
    assert heard.items == sorted({item for _, item in expected})
    found = [
        (heard.users[u], heard.items[i])
        for u, i in zip(heard.user.tolist(), heard.item.tolist(), strict=True)
    ]
    assert found == sorted(expected)
    assert heard.plays.tolist() == [expected[pair] for pair in found]
    assert (heard.user.dtype, heard.item.dtype, heard.plays.dtype) == (
        np.int32,
        np.int32,
        np.float32,
    )


def test_mismatched_songs_are_not_listened_to(settings: CatalogSettings) -> None:
    with Datasets(settings) as datasets:
        listens(datasets, "tasteprofile", [("u", "SO1", 1), ("u", "SO2", 2), ("v", "SO1", 3)])
        datasets.write(Batch("tasteprofile", lists=[("mismatched", "SO1", [])]))
        heard = datasets.listening("tasteprofile")
    assert (heard.users, heard.items, heard.plays.tolist()) == (["u"], ["SO2"], [2.0])


def test_listening_items_are_named_and_joined_by_their_track(settings: CatalogSettings) -> None:
    tracks = [
        {"key": "TRA", "alias": "SO1", "title": "Soul Deep", "artist": "The Box Tops"},
        {"key": "TRB", "alias": "SO1", "title": "Soul Deep (again)"},
        {"key": "TRC", "alias": "SO9", "title": "not listened to"},
    ]
    with Datasets(settings) as datasets:
        datasets.write(Batch("msd", tracks=tracks))
        datasets.item_ids("tasteprofile", ["SO1", "SO2"])
        datasets.join({("msd", "TRB"): 2, ("msd", "TRC"): 1})
        named, unnamed = datasets.tracks("tasteprofile")
        assert (named.title, named.song, named.alias) == ("Soul Deep (again)", 2, "TRB")
        assert unnamed == Track("tasteprofile", "SO2")
        assert datasets.songs_of("tasteprofile") == {"SO1": 2}
        assert datasets.songs_of("msd") == {"TRB": 2, "TRC": 1}
        with Catalog.open(settings, SPEC, write=True) as catalog:
            catalog.remove([2])
        assert datasets.songs_of("msd") == {"TRC": 1}
        assert [track.song for track in datasets.tracks("msd")] == [None, None, 1]
        datasets.join({("msd", "TRC"): None})
        assert datasets.songs_of("msd") == {}


def test_a_song_without_its_track_gives_way_to_the_track(settings: CatalogSettings) -> None:
    def keys(datasets: Datasets) -> list[tuple[str, str | None, str | None]]:
        return [(track.key, track.title, track.album) for track in datasets.tracks("msd")]

    song = {"key": "SO1", "alias": "SO1", "title": "by song", "album": "B"}
    track = {"key": "TR1", "alias": "SO1", "title": "by track"}
    with Datasets(settings) as datasets:
        datasets.write(Batch("msd", tracks=[song]))
        datasets.write(Batch("msd", tracks=[track]))
        assert keys(datasets) == [("TR1", "by track", "B")]
        datasets.write(Batch("msd", tracks=[song]))
        assert keys(datasets) == [("TR1", "by song", "B")]
        datasets.write(Batch("msd", tracks=[{"key": "TR2"}]))
        datasets.write(Batch("msd", tracks=[{**song, "key": "SO2", "alias": "SO2"}]))
        datasets.write(Batch("msd", tracks=[{**track, "key": "TR2", "alias": "SO2"}]))
        assert keys(datasets) == [("TR1", "by song", "B"), ("TR2", "by track", None)]


def test_names_count_what_there_is(settings: CatalogSettings) -> None:
    with Datasets(settings) as datasets:
        datasets.begin("fma", "first")
        (begun,) = datasets.names()
        assert begun.finished_at is None
        assert datasets.any()
        rows = [{"key": "1", "title": "a", "path": Path("/a")}, {"key": "2"}]
        datasets.write(
            Batch("fma", tracks=rows, attributes=[{"key": "2"}], lists=[("tags", "1", [])])
        )
        listens(datasets, "fma", [("u", "1", 1), ("u", "2", 1)])
        datasets.join({("fma", "1"): 1})
        datasets.finish("fma", "last")
        (info,) = datasets.names()
    assert (info.name, info.source) == ("fma", "last")
    assert info.finished_at is not None
    assert info.finished_at >= info.started_at
    assert (info.tracks, info.titled, info.audio, info.joined) == (2, 1, 1, 1)
    assert (info.attributes, info.tags, info.listeners, info.plays) == (1, 1, 1, 2)

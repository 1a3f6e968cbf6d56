"""The nearest songs: as many as were asked for, as long as there are any."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from catalog.catalog import Catalog
from catalog.similar import query_of_song
from catalog.songs import Details
from realtime import nearest as module
from realtime.nearest import nearest
from tests.catalog.making import SPEC, made_catalog, random_songs


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    """Of forty songs all but the last ten are by one artist."""
    songs = [
        replace(song, details=Details(title=f"{i}", artist="A" if i < 30 else f"B{i}"))
        for i, song in enumerate(random_songs(40))
    ]
    with Catalog.open(made_catalog(tmp_path, songs), SPEC) as opened:
        yield opened


def test_it_looks_on_until_there_are_enough(catalog: Catalog) -> None:
    query = query_of_song(catalog, 1)
    found = nearest(catalog, query, k=12, per_artist=2)
    assert sum(song.artist == "A" for song, _ in found) == 2
    assert {song.artist for song, _ in found} >= {f"B{i}" for i in range(30, 40)}
    assert all(song.id != 1 for song, _ in found)
    scores = [score for _, score in found]
    assert scores == sorted(scores, reverse=True)
    assert [song.id for song, _ in nearest(catalog, query, k=5, per_artist=2)] == [
        song.id for song, _ in found[:5]
    ]


def test_without_a_limit_all_are_named(catalog: Catalog) -> None:
    assert len(nearest(catalog, query_of_song(catalog, 1), k=100, per_artist=0)) == 39


def test_it_does_not_look_on_for_ever(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    fetched: list[int] = []
    search = catalog.search

    def counted(vectors, k):  # type: ignore[no-untyped-def]
        fetched.append(k)
        return search(vectors, k)

    monkeypatch.setattr(catalog, "search", counted)
    monkeypatch.setattr(module, "MOST_HITS", 20)
    assert len(nearest(catalog, query_of_song(catalog, 1), k=3, per_artist=1)) <= 3
    nearest(catalog, query_of_song(catalog, 1), k=8, per_artist=1)
    assert max(fetched) == 20

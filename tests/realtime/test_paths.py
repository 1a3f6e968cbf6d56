"""Paths through a catalog: which songs may be in them."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.catalog import Catalog
from catalog.errors import UnknownSongError
from catalog.songs import Details, NewSong
from encoder.files import unit
from realtime import paths
from realtime.errors import NoPathError
from realtime.paths import arc, path_between
from tests.catalog.making import SPEC, made_catalog, new_song, random_songs


def by_artists(songs: list[NewSong], *, artists: int) -> list[NewSong]:
    """The songs, given out among artists whose names are written differently each time."""
    named = []
    for i, song in enumerate(songs):
        name = f"Artist {i % artists}"
        written = name.upper() if i % 2 else f" {name} "
        named.append(replace(song, details=Details(title=f"t{i}", artist=written)))
    return named


@pytest.mark.parametrize("pool", [1200, 30])
def test_no_artist_comes_more_than_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pool: int
) -> None:
    monkeypatch.setattr(paths, "MOST_POOL", pool)
    settings = made_catalog(tmp_path, by_artists(random_songs(60), artists=9))
    with Catalog.open(settings, SPEC) as catalog:
        path = path_between(catalog, 5, 50, length=18)
    assert (path[0].id, path[-1].id) == (5, 50)
    assert len({song.id for song in path}) == len(path) == (18 if pool > 60 else len(path))
    assert len(path) >= 12
    counts = Counter((song.artist or "").strip().casefold() for song in path)
    assert max(counts.values()) <= 2


def test_copies_of_one_recording_come_once(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    styles = unit(rng.normal(size=(6, 12)).astype(np.float32))
    songs = [
        new_song(f"{i}-{copy}.mp3", style, duration_s=60 + 10 * i)
        for i, style in enumerate(styles)
        for copy in range(2)
    ]
    settings = made_catalog(tmp_path, songs)
    with Catalog.open(settings, SPEC) as catalog:
        path = path_between(catalog, 2, 12, length=50)
        assert (path[0].id, path[-1].id, len(path)) == (2, 12, 6)
        assert len({song.group for song in path}) == 6
        with pytest.raises(NoPathError, match="songs 3 and 4 are one recording"):
            path_between(catalog, 3, 4, length=5)
        for ends in ((1, 99), (99, 1)):
            with pytest.raises(UnknownSongError, match="no song 99"):
                path_between(catalog, *ends, length=5)


@given(
    seed=st.integers(0, 2**32 - 1), points=st.integers(2, 30), kind=st.sampled_from("random twin")
)
def test_points_on_the_arc_are_evenly_apart(seed: int, points: int, kind: str) -> None:
    start, end = unit(np.random.default_rng(seed).normal(size=(2, 5)).astype(np.float32))
    end = start if kind == "twin" else end
    found = arc(start, end, points=points)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(found[[0, -1]], [start, end], atol=1e-3)
    steps = np.arccos(np.clip(np.einsum("ij,ij->i", found[1:], found[:-1]), -1, 1))
    whole = np.arccos(np.clip(start @ end, -1, 1))
    np.testing.assert_allclose(steps, whole / (points - 1), atol=2e-3)

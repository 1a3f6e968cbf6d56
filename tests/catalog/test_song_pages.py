"""Pages of songs against a list in memory, and cosines against a product."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.catalog import Catalog
from catalog.song_pages import Chosen, SongOrder
from catalog.songs import Details, NewSong, Song, search_key
from tests.catalog.making import DIMENSION, SPEC, made_catalog, random_songs

NAMES = [
    Details("Straße", "Ärzte", "Best of", "Punk Rock"),
    Details("Maple Leaf Rag", "Scott Joplin", None, "Ragtime"),
    Details("100% rag_time", "scott joplin", "Rags", None),
    Details("a", None, None, "ПАНК"),
    Details("Rag", "Ärzte", "C:\\music", "rock"),
    Details("[x]/music", "AC/DC", "Back", ""),
    Details("ｆｕｌｌ width", "ab", "Rags", "Rock"),
]
WORDS = ["rag", "RAG", "strasse", "ärzte", "rock", "панк", "%", "_", "\\", "/", "music", "full"]
WORDS += ["joplin", "a", "mp3", "song", "c:\\music", "ac/dc", "nothing", "rag_"]


def named_songs() -> list[NewSong]:
    songs = random_songs(len(NAMES))
    return [replace(song, details=names) for song, names in zip(songs, NAMES, strict=True)]


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    made = made_catalog(tmp_path_factory.mktemp("songs"), named_songs())
    with Catalog.open(made, SPEC) as opened:
        yield opened


def holds(song: Song, text: str) -> bool:
    key = search_key(song.title, song.artist, song.album, song.genre)
    return all(word in key for word in search_key(text).split())


@given(
    words=st.lists(st.sampled_from(WORDS), max_size=3),
    limit=st.integers(1, 9),
    order=st.sampled_from(get_args(SongOrder)),
    descending=st.booleans(),
)
@settings(max_examples=60)
def test_the_songs_of_all_pages_hold_every_word(
    catalog: Catalog, words: list[str], limit: int, order: SongOrder, descending: bool
) -> None:
    text = " ".join(words)
    wanted = [song for song in catalog.songs() if holds(song, text)]
    whole = catalog.page(text, order=order, descending=descending, limit=9).songs
    assert sorted(whole, key=lambda song: song.id) == wanted
    found: list[Song] = []
    for offset in range(0, 10, limit):
        page = catalog.page(text, order=order, descending=descending, limit=limit, offset=offset)
        assert page.total == len(wanted)
        assert len(page.songs) <= limit
        found += page.songs
    assert found == whole


@pytest.mark.parametrize(
    ("order", "ids"),
    [
        ("id", [1, 2, 3, 4, 5, 6, 7]),
        ("added", [7, 6, 5, 4, 3, 2, 1]),
        ("title", [3, 6, 4, 7, 2, 5, 1]),
        ("match", [3, 6, 4, 7, 2, 5, 1]),
        ("artist", [7, 6, 3, 2, 5, 1, 4]),
        ("album", [6, 1, 5, 3, 7, 4, 2]),
    ],
)
def test_the_order(catalog: Catalog, order: SongOrder, ids: list[int]) -> None:
    assert [song.id for song in catalog.page(order=order, limit=9).songs] == ids
    other_way = [song.id for song in catalog.page(order=order, descending=True, limit=9).songs]
    if order in ("id", "title", "added"):
        assert other_way == ids[::-1]


@pytest.mark.parametrize("order", ["title", "artist", "added", "id"])
@pytest.mark.parametrize("only", [True, False])
def test_only_some_or_all_but_some(catalog: Catalog, order: SongOrder, only: bool) -> None:
    chosen = Chosen(np.array([2, 5, 6, 99]), only)
    every = catalog.page(order=order, descending=True, limit=9).songs
    wanted = [song for song in every if (song.id in (2, 5, 6)) == only]
    for offset in (0, 1, 9):
        page = catalog.page(order=order, descending=True, limit=2, offset=offset, chosen=chosen)
        assert page == (wanted[offset : offset + 2], len(wanted))


def test_those_that_begin_with_the_text_come_first(catalog: Catalog) -> None:
    assert [song.id for song in catalog.page("rag", limit=9).songs] == [5, 3, 7, 2]
    assert [song.id for song in catalog.page("  Ärz", limit=9).songs] == [5, 1]


def test_a_genre_that_comes_is_found_at_once(tmp_path: Path) -> None:
    with Catalog.open(made_catalog(tmp_path, named_songs()), SPEC, write=True) as writer:
        assert writer.page("polka", limit=9).total == 0
        (song,) = random_songs(1, seed=9, prefix="other")
        writer.insert([replace(song, details=Details("x", genre="Polka"))])
        assert [song.title for song in writer.page("polka", limit=9).songs] == ["x"]


def test_a_path_finds_nothing(catalog: Catalog) -> None:
    assert catalog.songs("song3.mp3") != []
    assert catalog.page("song3.mp3", limit=9) == ([], 0)


def test_cosines_are_those_of_the_styles(tmp_path: Path) -> None:
    songs = random_songs(30)
    settings = made_catalog(tmp_path, songs[:20])
    styles = np.stack([song.style for song in songs])
    with Catalog.open(settings, SPEC, write=True) as writer:
        writer.remove([3])
        writer.insert(songs[20:])  # a tail behind the index
        ids = np.array([99, 30, 1, 3, 21, -1, 7], np.int32)
        found = writer.cosines(7, ids)
    at = [29, 0, 20, 6]
    assert found.dtype == np.float32
    assert found[[0, 3, 5]].tolist() == [-1.0, -1.0, -1.0]
    np.testing.assert_allclose(found[[1, 2, 4, 6]], styles[at] @ styles[6], atol=1e-6)
    assert styles.shape[1] == DIMENSION

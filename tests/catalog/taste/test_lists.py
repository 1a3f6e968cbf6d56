"""Lists find the catalog's songs, by path and by names that are spelled otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from catalog.catalog import Catalog
from catalog.errors import TasteError
from catalog.kept import kept
from catalog.reader import CatalogReader
from catalog.songs import Details
from catalog.taste import lists
from catalog.taste.lists import listed_songs, read_list
from realtime.playlist_files import FORMATS, list_file
from tests.catalog.making import made_catalog, random_songs

NAMES = [
    Details("Fjord", "The Fogs"),
    Details("Naïve Waltz", "Motörhead"),
    Details("Überblick", None),
    Details("=Formula", "+Plus"),
    Details("Twice", "One"),
    Details("Twice", "Two"),
]


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CatalogReader]:
    songs = [
        replace(song, details=details)
        for song, details in zip(random_songs(len(NAMES)), NAMES, strict=True)
    ]
    with Catalog.open(made_catalog(tmp_path_factory.mktemp("named"), songs), None) as opened:
        yield opened


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("address", [None, lambda song: f"https://host/api/songs/{song}/audio"])
def test_every_list_that_is_exported_is_found_again(
    catalog: CatalogReader, kind: str, address: object, tmp_path: Path
) -> None:
    songs = [kept(song) for song in catalog.songs()]
    text = list_file(kind, "all", songs[::-1], address_of=address)  # type: ignore[arg-type]
    path = tmp_path / f"all.{kind}"
    path.write_text(text, encoding="utf-8")
    found = read_list(catalog, path)
    assert found == lists.ListedSongs((6, 5, 4, 3, 2, 1))


def test_names_may_be_spelled_otherwise_but_not_be_others(catalog: CatalogReader) -> None:
    text = """Artist,Title
FOGS,fjord (feat. Somebody)
Motorhead,Naive Waltzz
Somebody,Überblick
Nobody,Fjord
The Fogs,Fjordland
The Frogs and more,Fjord
,Twice
"""
    found = listed_songs(catalog, text, "csv")
    assert found.songs == (1, 2, 3)
    assert found.not_found == (
        "Nobody - Fjord",
        "The Fogs - Fjordland",
        "The Frogs and more - Fjord",
        "Twice",  # by whom?
    )


def test_paths_count_only_for_lists_on_this_machine(catalog: CatalogReader, tmp_path: Path) -> None:
    text = "/music/song0.mp3\n/music/other.mp3\n"
    assert listed_songs(catalog, text, "m3u8").songs == ()
    assert listed_songs(catalog, text, "m3u8", folder=tmp_path).songs == (1,)
    relative = listed_songs(catalog, "song0.mp3\n", "m3u8", folder=Path("/music"))
    assert relative.songs == (1,)
    by_name = listed_songs(catalog, "D:\\Musik\\07 - The Fogs - Fjord.mp3\n", "m3u8")
    assert by_name.songs == (1,)


def test_an_old_list_in_another_encoding_is_read(catalog: CatalogReader, tmp_path: Path) -> None:
    path = tmp_path / "old.m3u"
    path.write_bytes("#EXTINF:3,Motörhead - Naïve Waltz\nx.mp3\n".encode("latin-1"))
    assert read_list(catalog, path).songs == (2,)


def test_files_that_are_no_lists_are_refused(catalog: CatalogReader, tmp_path: Path) -> None:
    with pytest.raises(TasteError, match=r"a\.mp3: expected a list"):
        read_list(catalog, tmp_path / "a.mp3")
    with pytest.raises(TasteError, match=r"a\.csv: cannot be read: No such file"):
        read_list(catalog, tmp_path / "a.csv")
    (tmp_path / "b.json").write_text("{")
    with pytest.raises(TasteError, match=r"b\.json: the list is not JSON"):
        read_list(catalog, tmp_path / "b.json")
    (tmp_path / "c.csv").write_bytes(b"a" * (lists.LARGEST_BYTES + 1))
    with pytest.raises(TasteError, match="expected a list of songs"):
        read_list(catalog, tmp_path / "c.csv")

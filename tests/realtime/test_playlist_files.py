"""Lists as files: what is written is read back as it was, and nothing in a name does harm."""

from __future__ import annotations

import csv
import io
import json
import os
import unicodedata
from pathlib import Path
from urllib.parse import unquote_to_bytes

from hypothesis import given
from hypothesis import strategies as st

from catalog.kept import KeptSong
from realtime.playlist_files import FORMATS, file_name, list_file

SONG = KeptSong(7, "Fjord", "The Fogs", None, "folk", 183.456, Path("/music/a b.mp3"))

NAMES = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        [
            "=1+1",
            "+1",
            "-1",
            "@SUM(A1)",
            "\t=1",
            "\r=1",
            "  =1",
            "＝1",
            "﹦1",
            "\xa0=1",
            '"',
            ",",
            "\n",
        ]
    ),
)
PATHS = st.binary(min_size=1, max_size=30).filter(lambda b: b"\0" not in b)
SONGS = st.builds(
    KeptSong,
    song=st.integers(1, 2**31 - 1),
    title=NAMES,
    artist=st.none() | NAMES,
    album=st.none() | NAMES,
    genre=st.none() | NAMES,
    duration_s=st.floats(0, 1e5),
    path=PATHS.map(lambda raw: Path(os.fsdecode(b"/" + raw))),
)


def test_m3u8() -> None:
    assert list_file("m3u8", "Späti", [SONG, SONG]) == (
        "#EXTM3U\n#PLAYLIST:Späti\n" + "#EXTINF:183,The Fogs - Fjord\n/music/a b.mp3\n" * 2
    )
    far = list_file("m3u8", "x", [SONG], address_of=lambda song: f"http://radio/{song}")
    assert far == "#EXTM3U\n#PLAYLIST:x\n#EXTINF:183,The Fogs - Fjord\nhttp://radio/7\n"


def test_csv() -> None:
    assert list_file("csv", "x", [SONG]) == (
        "place,song,title,artist,album,genre,duration_s,path\r\n"
        "1,7,Fjord,The Fogs,,folk,183.456,/music/a b.mp3\r\n"
    )


def test_json() -> None:
    (row,) = json.loads(list_file("json", "x", [SONG]))["songs"]
    assert row == {
        "place": 1,
        "song": 7,
        "title": "Fjord",
        "artist": "The Fogs",
        "album": None,
        "genre": "folk",
        "duration_s": 183.456,
        "path": "/music/a b.mp3",
    }


@given(name=NAMES, songs=st.lists(SONGS, max_size=4))
def test_every_line_of_an_m3u8_is_what_it_should_be(name: str, songs: list[KeptSong]) -> None:
    lines = list_file("m3u8", name, songs).split("\n")
    assert len(lines) == 3 + 2 * len(songs)
    assert lines[-1] == ""
    assert not any(unicodedata.category(c) in ("Cc", "Zl", "Zp", "Cs") for c in "".join(lines))
    for song, head, entry in zip(songs, lines[2::2], lines[3::2], strict=False):
        assert head.startswith("#EXTINF:")
        if entry.startswith("file://"):
            assert unquote_to_bytes(entry.removeprefix("file://")) == os.fsencode(song.path)
        else:
            assert entry == entry.strip()
            assert entry.encode() == os.fsencode(song.path)


@given(name=NAMES, songs=st.lists(SONGS, max_size=4))
def test_no_cell_of_a_csv_is_a_formula(name: str, songs: list[KeptSong]) -> None:
    text = list_file("csv", name, songs)
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert len(rows) == len(songs)
    for row, song in zip(rows, songs, strict=True):
        for field in ("title", "artist", "album", "genre"):
            said, meant = row[field], getattr(song, field) or ""
            assert said in (meant, f"'{meant}")
            assert unicodedata.normalize("NFKC", said.lstrip())[:1] not in tuple("=+-@")
            assert said[:1] not in tuple("\t\r\n")


@given(name=NAMES, songs=st.lists(SONGS, max_size=4))
def test_json_says_all_as_it_is(name: str, songs: list[KeptSong]) -> None:
    found = json.loads(list_file("json", name, songs))
    assert found["name"] == name
    assert [row["title"] for row in found["songs"]] == [song.title for song in songs]


@given(songs=st.lists(SONGS, min_size=1, max_size=2))
def test_with_addresses_no_path_is_told(songs: list[KeptSong]) -> None:
    for kind in FORMATS:
        told = list_file(kind, "x", songs, address_of=lambda song: f"http://radio/{song}")
        other = [
            KeptSong(s.song, s.title, s.artist, s.album, s.genre, s.duration_s, Path("/else"))
            for s in songs
        ]
        assert told == list_file(kind, "x", other, address_of=lambda s: f"http://radio/{s}")


@given(name=st.text(max_size=200))
def test_a_files_name_is_one_everywhere(name: str) -> None:
    found = file_name(name, "csv")
    assert found.endswith(".csv")
    assert 4 < len(found) <= 84
    assert not set(found) & set('\\/:*?"<>|\n\r\t\0')
    assert found == found.strip()
    assert not found.startswith(".")
    found.encode()

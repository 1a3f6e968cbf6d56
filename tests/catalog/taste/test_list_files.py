"""Lists in files, as we and as others write them."""

from __future__ import annotations

import csv
import io
import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.errors import TasteError
from catalog.taste.list_files import FORMATS, MOST_ENTRIES, Entry, ListFormat, read_entries

FJORD = Entry("Fjord", "The Fogs")


@pytest.mark.parametrize(
    "text",
    [
        "Artist,Title\nThe Fogs,Fjord\n",
        "title;ARTIST;x\r\nFjord;The Fogs;1\r\n",
        "\ufeffTrack Name\tArtist Name(s)\nFjord\tThe Fogs\n",
        "The Fogs,Fjord\n",
        "\nplace,song,title,artist\n1,77,Fjord,The Fogs\n",
        'artist,title\n"The\x00 Fogs","Fj\u00adord"\n'.replace("\u00ad", ""),
    ],
)
def test_tables_with_all_sorts_of_headings(text: str) -> None:
    assert read_entries(text.lstrip("\n"), "csv") == [FJORD]


@pytest.mark.parametrize(
    "text",
    [
        '[{"artist": "The Fogs", "title": "Fjord"}]',
        '{"name": "x", "songs": [{"song": 7, "title": "Fjord", "artist": "The Fogs"}]}',
        '{"tracks": ["The Fogs – Fjord"]}',
        '["The Fogs - Fjord", {}]',
    ],
)
def test_json_of_all_sorts(text: str) -> None:
    assert read_entries(text, "json") == [FJORD]


def test_playlists_name_files_and_addresses() -> None:
    text = (
        "#EXTM3U\n#PLAYLIST:x\n#EXTINF:-1 tvg-id=1,The Fogs - Fjord\n/music/a%20b.mp3\n\n"
        "#EXTINF:3,Alone\nhttp://host/api/songs/3/audio\nfile:///music/na%C3%AFve%FF.mp3\n"
        "album/[x] c.ogg\nC:\\Music\\d.mp3\n"
    )
    assert read_entries(text, "m3u8") == [
        Entry("Fjord", "The Fogs", "/music/a%20b.mp3"),
        Entry("Alone"),
        Entry(None, None, "/music/naïve\udcff.mp3"),
        Entry(None, None, "album/[x] c.ogg"),
        Entry(None, None, "C:\\Music\\d.mp3"),
    ]
    assert (
        os.fsencode(Path(read_entries(text, "m3u8")[2].path or ""))
        == b"/music/na\xc3\xafve\xff.mp3"
    )


@pytest.mark.parametrize(
    ("text", "kind", "said"),
    [
        ("{", "json", "not JSON"),
        ("[" * 100_000, "json", "not JSON"),
        ("3", "json", "not a list of songs"),
        ("[3]", "json", "is '3', expected a text"),
        ("a,b,c\n1,2,3\n", "csv", "columns a, b, c; expected a heading"),
        ("artist,title\n" + "a,b\n" * (MOST_ENTRIES + 1), "csv", "10001 songs, expected 10000"),
    ],
)
def test_what_is_no_list_is_told_from_one(text: str, kind: ListFormat, said: str) -> None:
    with pytest.raises(TasteError, match=said):
        read_entries(text, kind)


@given(st.text(max_size=200), st.sampled_from(FORMATS))
def test_any_text_is_read_or_refused(text: str, kind: ListFormat) -> None:
    try:
        entries = read_entries(text, kind)
    except TasteError:
        return
    assert all(any(entry) and str(entry) for entry in entries)


@given(st.lists(st.tuples(*[st.text(st.characters(codec="utf-8"), max_size=9)] * 2), max_size=5))
def test_what_a_table_says_is_what_is_read(rows: list[tuple[str, str]]) -> None:
    text = io.StringIO()
    csv.writer(text).writerows([("artist", "title"), *rows])
    as_json = json.dumps([{"artist": artist, "title": title} for artist, title in rows])
    from_json = read_entries(as_json, "json")
    if not any(cell.startswith("'") for row in rows for cell in row):
        assert read_entries(text.getvalue(), "csv") == from_json
    assert len(from_json) <= len(rows)

"""Lists of songs as files: M3U8 for players, CSV for tables, JSON for programs. Pure.

M3U8 is the extended M3U playlist in UTF-8: a line `#EXTINF:seconds,title` before each entry, as
RFC 8216, section 4.3.2.1 has it. An entry is the absolute path of a file for who is on the same
machine, and an address for who is not.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import Literal, get_args
from urllib.parse import quote

from catalog.kept import KeptSong
from catalog.songs import one_line, path_text

FileFormat = Literal["m3u8", "csv", "json"]
FORMATS: tuple[FileFormat, ...] = get_args(FileFormat)
MEDIA_TYPES: dict[FileFormat, str] = {
    "m3u8": "audio/x-mpegurl; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
}
COLUMNS = ("place", "song", "title", "artist", "album", "genre", "duration_s")

AddressOf = Callable[[int], str]
"""Song id to where its audio can be had."""

_FORMULA = ("=", "+", "-", "@")
_CONTROL = ("\t", "\r", "\n")
_DECIMALS = 3  # of seconds
_MOST_NAME = 80  # characters of a file's name


def list_file(
    kind: FileFormat, name: str, songs: Sequence[KeptSong], *, address_of: AddressOf | None = None
) -> str:
    """The list called `name` as the text of a file.

    Songs are named by the paths of their files, or with `address_of` by addresses: paths then stay
    out of it.
    """
    writers = {"m3u8": as_m3u8, "csv": as_csv, "json": as_json}
    return writers[kind](name, songs, address_of)


def as_m3u8(name: str, songs: Sequence[KeptSong], address_of: AddressOf | None) -> str:
    """An extended M3U playlist."""
    lines = ["#EXTM3U", f"#PLAYLIST:{one_line(name)}"]
    for song in songs:
        title = f"{song.artist} - {song.title}" if song.artist else song.title
        lines.append(f"#EXTINF:{round(song.duration_s)},{one_line(title)}")
        lines.append(_entry(song) if address_of is None else address_of(song.song))
    return "\n".join(lines) + "\n"


def as_csv(name: str, songs: Sequence[KeptSong], address_of: AddressOf | None) -> str:
    """A table with a heading (RFC 4180). Text that a spreadsheet would take for a formula is led by
    an apostrophe (OWASP, "CSV Injection")."""
    del name
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([*COLUMNS, _where(address_of)])
    for place, song in enumerate(songs, start=1):
        row = _fields(place, song, address_of)
        writer.writerow([harmless(v) if isinstance(v, str) else v for v in row])
    return text.getvalue()


def as_json(name: str, songs: Sequence[KeptSong], address_of: AddressOf | None) -> str:
    """An object with `name` and `songs`."""
    heads = [*COLUMNS, _where(address_of)]
    rows = [
        dict(zip(heads, _fields(place, song, address_of), strict=True))
        for place, song in enumerate(songs, start=1)
    ]
    return json.dumps({"name": name, "songs": rows}, ensure_ascii=False, indent=2) + "\n"


def file_name(name: str, kind: FileFormat) -> str:
    """A name for the file that every system takes.

    >>> file_name("a/b: <live>", "csv")
    'a b live.csv'
    """
    printable = "".join(c if unicodedata.category(c)[0] not in "CZ" else " " for c in name)
    plain = " ".join(re.sub(r'[\\/:*?"<>|]', " ", printable).split())[:_MOST_NAME].strip(". ")
    return f"{plain or 'playlist'}.{kind}"


def _where(address_of: AddressOf | None) -> str:
    return "path" if address_of is None else "address"


def _fields(place: int, song: KeptSong, address_of: AddressOf | None) -> list[object]:
    where = path_text(song.path) if address_of is None else address_of(song.song)
    names = (song.title, song.artist, song.album, song.genre)
    return [place, song.song, *names, round(song.duration_s, _DECIMALS), where]


def harmless(text: str) -> str:
    """`text` as a cell that no spreadsheet takes for a formula.

    >>> harmless("=1+1"), harmless("1+1")
    ("'=1+1", '1+1')
    """
    # Compatibility forms as well: spreadsheets take a wide equals sign for one.
    begins = unicodedata.normalize("NFKC", text.lstrip())
    return f"'{text}" if begins.startswith(_FORMULA) or text.startswith(_CONTROL) else text


def _entry(song: KeptSong) -> str:
    """The path as a line; one that no line can hold as a `file:` address (RFC 8089)."""
    raw = os.fsencode(song.path)
    text = path_text(song.path)
    if os.fsencode(text) == raw and one_line(text) == text == text.strip():
        return text
    return "file://" + quote(raw)

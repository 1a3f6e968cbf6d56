"""Lists of songs in files, read: M3U playlists, CSV tables, JSON; whoever wrote them. Pure.

What the exports of nowhear hold is read again, and so are tables and lists that name artist and
title in a common way.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Sequence
from typing import Any, Literal, NamedTuple, get_args
from urllib.parse import unquote, unquote_to_bytes, urlsplit

from ..errors import TasteError
from ..text_mending import clean

ListFormat = Literal["m3u8", "csv", "json"]
FORMATS: tuple[ListFormat, ...] = get_args(ListFormat)

MOST_ENTRIES = 10_000
"""Entries of a list that are read; a longer one is refused."""

_TITLES = ("title", "track name", "track", "song", "name")
_ARTISTS = ("artist", "artist name", "artist name(s)", "artists", "creator", "track artist")
_PATHS = ("path", "file", "location")
_DASH = re.compile(r"\s+[-–—]\s+")
_EXTINF = re.compile(r"#EXTINF:\s*-?[\d.]*[^,]*,(.*)", re.IGNORECASE)


class Entry(NamedTuple):
    """What a list says of one song; `path` is that of a file, as it is written there."""

    title: str | None
    artist: str | None = None
    path: str | None = None

    def __str__(self) -> str:
        """As it is shown to whoever made the list."""
        named = " - ".join(part for part in (self.artist, self.title) if part)
        return named or self.path or "(nameless)"


def read_entries(text: str, kind: ListFormat) -> list[Entry]:
    r"""The entries of a list in their order.

    Raises `TasteError`: it is no such list, or too long.

    >>> read_entries("#EXTM3U\n#EXTINF:61,The Fogs - Fjord\n/music/fjord.mp3\n", "m3u8")
    [Entry(title='Fjord', artist='The Fogs', path='/music/fjord.mp3')]
    >>> read_entries("Artist,Title\nThe Fogs,Fjord\n", "csv")
    [Entry(title='Fjord', artist='The Fogs', path=None)]
    >>> [str(entry) for entry in read_entries('["The Fogs - Fjord"]', "json")]
    ['The Fogs - Fjord']
    """
    readers: dict[ListFormat, Callable[[str], list[Entry]]] = {
        "m3u8": _from_m3u,
        "csv": _from_csv,
        "json": _from_json,
    }
    entries = [entry for entry in readers[kind](text.lstrip("\ufeff")) if any(entry)]
    if len(entries) > MOST_ENTRIES:
        raise TasteError(f"a list of {len(entries)} songs, expected {MOST_ENTRIES} at most")
    return entries


def format_of(name: str) -> ListFormat | None:
    """The format of a file by its name; None when it is none of a list.

    >>> format_of("Evening.M3U"), format_of("a.csv"), format_of("a.mp3")
    ('m3u8', 'csv', None)
    """
    suffix = name.rpartition(".")[2].lower()
    if suffix == "m3u":
        return "m3u8"
    return next((kind for kind in FORMATS if kind == suffix), None)


def _from_m3u(text: str) -> list[Entry]:
    entries, named = [], ""
    for line in map(str.strip, text.splitlines()):
        if match := _EXTINF.match(line):
            named = match[1]
        elif line and not line.startswith("#"):
            entries.append(_named(named)._replace(path=_as_path(line)))
            named = ""
    return entries


def _as_path(line: str) -> str | None:
    """The path that a line of a playlist gives; None for an address elsewhere."""
    if line.lower().startswith("file://"):
        raw = unquote_to_bytes(line[len("file://") :].partition("/")[2])
        return "/" + raw.decode("utf-8", "surrogateescape")
    return None if len(urlsplit(line.replace("[", "")).scheme) > 1 else line


def _from_csv(text: str) -> list[Entry]:
    try:
        rows = [row for row in csv.reader(io.StringIO(text, newline=""), _dialect(text)) if row]
    except csv.Error as error:
        raise TasteError(f"the table cannot be read: {error}") from error
    if not rows:
        return []
    heads = [clean(head).lower() for head in rows[0]]
    columns = [_column(heads, names) for names in (_TITLES, _ARTISTS, _PATHS)]
    if columns[0] is None:
        if len(rows[0]) != 2:
            raise TasteError(
                f"the table has columns {', '.join(rows[0][:8])}; expected a heading with `artist` "
                "and `title`, or two columns, artist and title"
            )
        return [_entry(row[1], row[0]) for row in rows if len(row) == 2]
    return [_entry(*(_cell(row, column) for column in columns)) for row in rows[1:]]


def _dialect(text: str) -> type[csv.Dialect]:
    """Commas, semicolons or tabs, whichever the first line has most of."""

    class Found(csv.excel):
        delimiter = max(",;\t", key=text.partition("\n")[0].count)

    return Found


def _column(heads: Sequence[str], names: Sequence[str]) -> int | None:
    return next((heads.index(name) for name in names if _is_text(name, heads)), None)


def _is_text(name: str, heads: Sequence[str]) -> bool:
    # In our own tables `song` is an id, which means nothing in another catalog.
    return name in heads and not (name == "song" and "title" in heads)


def _cell(row: Sequence[str], column: int | None) -> str | None:
    if column is None or column >= len(row):
        return None
    # An apostrophe keeps spreadsheets from taking the text for a formula.
    return row[column].removeprefix("'") if row[column][1:2] in tuple("=+-@") else row[column]


def _from_json(text: str) -> list[Entry]:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise TasteError(f"the list is not JSON: {error}") from error
    if isinstance(data, dict):
        data = data.get("songs", data.get("tracks"))
    if not isinstance(data, list):
        raise TasteError('the list is JSON, but not a list of songs or an object with "songs"')
    return [_json_entry(one) for one in data]


def _json_entry(one: Any) -> Entry:
    if isinstance(one, str):
        return _named(one)
    if isinstance(one, dict):
        fields = {str(key).lower(): value for key, value in one.items() if isinstance(value, str)}
        found = (
            next((fields[n] for n in names if n in fields), None)
            for names in (_TITLES, _ARTISTS, _PATHS)
        )
        return _entry(*found)
    raise TasteError(f"an entry of the list is {str(one)!r:.40}, expected a text or an object")


def _named(text: str) -> Entry:
    """Artist and title from "artist - title"."""
    parts = _DASH.split(unquote(text) if "%20" in text else text, maxsplit=1)
    return _entry(parts[-1], parts[0] if len(parts) == 2 else None)


def _entry(title: str | None, artist: str | None, path: str | None = None) -> Entry:
    title, artist = (clean(text) or None if text else None for text in (title, artist))
    return Entry(title, artist, path or None)

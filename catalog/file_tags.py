"""Title, artist, album, genre and year from a file's own tags, or from its name.

Whatever a file holds there, reading it never fails: broken tags are no tags.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import mutagen
from mutagen.id3 import ID3

from .songs import Details
from .text_mending import clean, mend

_LATIN_1 = 0  # ID3's number for it

_ID3 = {"title": "TIT2", "artist": "TPE1", "album": "TALB", "genre": "TCON"}
_ID3_YEAR = ("TDRC", "TYER", "TDRL", "TDOR", "TORY")
_OTHERS = {  # Vorbis comments and APEv2 / MP4 / ASF; compared without regard to case
    "title": ("title", "\xa9nam"),
    "artist": ("artist", "\xa9art", "author", "albumartist", "aart"),
    "album": ("album", "\xa9alb", "wm/albumtitle"),
    "genre": ("genre", "\xa9gen", "wm/genre"),
    "year": ("date", "year", "\xa9day", "wm/year", "originaldate"),
}
_YEAR = re.compile(r"(?<!\d)(1[89]\d\d|20\d\d)(?!\d)")
_TRACK = re.compile(r"^(?:\d{1,2}-)?\d{1,3}(?:[.)]\s*|\s*[-_]\s*|[\s_]+)(?=\D)")
_DASH = re.compile(r"\s+[-–—]\s+")


def read_details(path: Path) -> Details:
    """What the tags of the file say; what they do not, its name does."""
    try:
        file = mutagen.File(path)
        tags = None if file is None else file.tags
        found = {} if tags is None else _id3(tags) if isinstance(tags, ID3) else _others(tags)
    except Exception:  # noqa: BLE001 - mutagen meets broken files with errors of any type
        found = {}
    title = _join(found.get("title", ()))
    artist = _join(found.get("artist", ()))
    if title is None:
        named = from_name(path)
        title, artist = named.title, artist or named.artist
    return Details(
        title=title,
        artist=artist,
        album=_join(found.get("album", ())),
        genre=_join(found.get("genre", ())),
        year=_year(found.get("year", ())),
    )


def from_name(path: Path) -> Details:
    """Title, and artist if it is there, from a file's name.

    >>> from_name(Path("01 - Scott Joplin - The Entertainer.ogg"))
    Details(title='The Entertainer', artist='Scott Joplin', album=None, genre=None, year=None)
    >>> from_name(Path("07_slow_waltz.mp3")).title
    'slow waltz'
    """
    stem = os.fsencode(path.stem).decode("utf-8", "replace")
    text = clean(_TRACK.sub("", stem))
    if " " not in text:
        text = clean(text.replace("_", " "))
    parts = _DASH.split(text, maxsplit=1)
    if len(parts) == 2 and all(parts):
        return Details(title=parts[1], artist=parts[0])
    return Details(title=text or clean(stem) or "untitled")


def _id3(tags: ID3) -> dict[str, list[str]]:
    found = {name: _frame(tags, key) for name, key in _ID3.items()}
    found["year"] = [text for key in _ID3_YEAR for text in _frame(tags, key)]
    return found


def _frame(tags: ID3, key: str) -> list[str]:
    frames: list[Any] = tags.getall(key)  # type: ignore[no-untyped-call]
    texts: list[str] = []
    for frame in frames:
        # `genres` also turns ID3v1's numbers, "(17)", into names.
        values = frame.genres if key == "TCON" else [str(text) for text in frame.text]
        texts += [mend(text) for text in values] if frame.encoding == _LATIN_1 else values
    return texts


def _others(tags: Any) -> dict[str, list[str]]:
    by_key: dict[str, list[str]] = {}
    for key in tags.keys():  # noqa: SIM118 - some of mutagen's containers iterate over pairs
        values = tags[key]
        values = [values] if isinstance(values, str) else list(values)
        by_key.setdefault(str(key).lower(), []).extend(str(value) for value in values)
    return {
        name: next((by_key[key] for key in keys if by_key.get(key)), [])
        for name, keys in _OTHERS.items()
    }


def _join(values: Iterable[str]) -> str | None:
    """All values, each once, as one text; None when nothing is left of them."""
    cleaned = dict.fromkeys(filter(None, map(clean, values)))
    return clean("; ".join(cleaned)) or None


def _year(values: Iterable[str]) -> int | None:
    match = _YEAR.search(" ".join(values))
    return int(match[1]) if match else None

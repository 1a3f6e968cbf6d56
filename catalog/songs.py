"""What the catalog says about a song, and how the bytes of a path become text."""

from __future__ import annotations

import os
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Song:
    """A recording in the catalog.

    `group` is the id of its near-duplicate group, the smallest song id in it: its own when no other
    song is the same recording. `added_at` is in UTC.
    """

    id: int
    path: Path
    title: str
    artist: str | None
    album: str | None
    genre: str | None
    year: int | None
    duration_s: float
    content_hash: str  # SHA-256 of the file's bytes, hexadecimal
    added_at: datetime
    group: int


@dataclass(frozen=True)
class Details:
    """What a file's own tags say; `title` is never empty."""

    title: str
    artist: str | None = None
    album: str | None = None
    genre: str | None = None
    year: int | None = None


@dataclass(frozen=True)
class FileState:
    """A file as it was when it was read: enough to see that it has not changed since."""

    path: Path
    size: int  # bytes
    mtime_ns: int
    content_hash: str


@dataclass(frozen=True)
class StoredFile:
    """The file of a song as the catalog knows it; `embedded` is False while a rebuild is due."""

    song: int
    file: FileState
    embedded: bool


@dataclass(frozen=True, eq=False)
class NewSong:
    """A song to store: `replaces` names the song whose file has changed, None makes a new one.

    Raises ValueError: there are not as many rows of peaks as of prints.
    """

    file: FileState
    details: Details
    duration_s: float
    style: NDArray[np.float32] = field(repr=False)  # (D,), unit length
    tags: NDArray[np.float32] = field(repr=False)  # (T,), probabilities
    prints: NDArray[np.float32] = field(repr=False)  # (m, D), a row a segment, zeros where silent
    peaks: NDArray[np.uint16] = field(repr=False)  # (m, P), a row a segment, see `encoder.peaks`
    replaces: int | None = None

    def __post_init__(self) -> None:
        if len(self.peaks) != len(self.prints):  # one number finds both in their files
            raise ValueError(f"{len(self.peaks)} rows of peaks, expected {len(self.prints)}")


def path_text(path: Path) -> str:
    r"""The path as text that can be printed and sent anywhere.

    A path is bytes; those that are no UTF-8 are written as `\xNN`, all else stays as it is.

    >>> path_text(Path("caf\udce9.mp3"))
    'caf\\xe9.mp3'
    """
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def one_line(text: str) -> str:
    r"""`text` for a terminal: control characters are written as escapes.

    >>> one_line("a\nb")
    'a\\nb'
    """
    return "".join(
        character.encode("unicode_escape").decode("ascii")
        if unicodedata.category(character) in ("Cc", "Zl", "Zp", "Cs")
        else character
        for character in text
    )


def search_key(*parts: str | None) -> str:
    """The text that a search looks in: case and compatibility forms make no difference.

    >>> search_key("Straße", None, "Ｆｕｌｌ")
    'strasse\\nfull'
    """
    text = "\n".join(part for part in parts if part)
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())

"""The songs of the catalog that a list names: by the path of their file, or by artist and title."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import TasteError
from ..file_tags import from_name
from ..text_mending import mend
from .list_files import Entry, ListFormat, format_of, read_entries
from .naming import NamedSongs

if TYPE_CHECKING:
    from ..reader import CatalogReader

LARGEST_BYTES = 8 << 20
"""Of a file with a list: ten thousand songs take about one million."""


@dataclass(frozen=True)
class ListedSongs:
    """The songs that were found, each once, in the order of the list; and the entries that the
    catalog does not have, as they are named there."""

    songs: tuple[int, ...]
    not_found: tuple[str, ...] = ()


def listed_songs(
    catalog: CatalogReader, text: str, kind: ListFormat, *, folder: Path | None = None
) -> ListedSongs:
    """The songs that the text of a list names.

    With `folder`, where the list lies, also by the paths in it; without it they are not looked at,
    since who sends a list must not learn what files there are. Raises `TasteError`: it is no list
    of that kind, or rapidfuzz is missing. `StoreError`.
    """
    return found_songs(catalog, read_entries(text, kind), folder=folder)


def read_list(catalog: CatalogReader, path: Path) -> ListedSongs:
    """The songs that the file of a list names: .m3u, .m3u8, .csv or .json.

    Raises `TasteError`: it cannot be read, or is no list.
    """
    kind = format_of(path.name)
    if kind is None:
        raise TasteError(f"{path.name}: expected a list, as .m3u, .m3u8, .csv or .json")
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise TasteError(f"{path}: cannot be read: {error.strerror}") from error
    if len(data) > LARGEST_BYTES:
        raise TasteError(f"{path}: more than {LARGEST_BYTES} bytes, expected a list of songs")
    try:
        return listed_songs(catalog, _text(data), kind, folder=path.absolute().parent)
    except TasteError as error:
        raise TasteError(f"{path}: {error}") from error


def found_songs(
    catalog: CatalogReader, entries: Sequence[Entry], *, folder: Path | None
) -> ListedSongs:
    """The songs of entries, see `listed_songs`."""
    by_path = [None if folder is None else _by_path(catalog, entry, folder) for entry in entries]
    named = None
    if any(song is None for song in by_path):
        named = NamedSongs(catalog.songs())
    songs: dict[int, None] = {}
    missing: dict[str, None] = {}
    for entry, found in zip(entries, by_path, strict=True):
        song = found if found is not None or named is None else _by_name(named, entry)
        if song is None:
            missing[str(entry)] = None
        else:
            songs[song] = None
    return ListedSongs(tuple(songs), tuple(missing))


def _by_path(catalog: CatalogReader, entry: Entry, folder: Path) -> int | None:
    if entry.path is None or "\0" in entry.path:
        return None
    stored = catalog.by_path(folder / entry.path)
    return None if stored is None else stored.song


def _by_name(named: NamedSongs, entry: Entry) -> int | None:
    if entry.title is not None:
        return named.find(entry.title, entry.artist)
    if entry.path is None:
        return None
    details = from_name(Path(entry.path.replace("\\", "/")))  # also as Windows writes it
    return named.find(details.title, details.artist)


def _text(data: bytes) -> str:
    """UTF-8; an old list in another encoding as what its bytes most likely are, line by line."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return "\n".join(mend(line) for line in data.decode("latin-1").splitlines())

"""What users and listeners keep beside the songs: plays, stars, playlists.

They stand in the catalog's database, are written without the writer's lock, so that songs can be
added meanwhile, and their tables are made when they are first needed. Each change is one short
transaction, for which the others wait. What is kept of a song outlives it, so it holds a copy of
the song's names.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, inspect

from . import records
from .closing import Closing
from .errors import UnknownSongError
from .settings import CatalogSettings
from .songs import Song
from .store import Store


class Kept(Closing):
    """What is kept in the catalog in `settings.directory`; close it, or use it in a `with` block.

    Raises `NoCatalogError`, `ManifestError`, `StoreError`: there is no catalog that can be used.
    """

    def __init__(self, settings: CatalogSettings) -> None:
        self._store = Store(settings.directory, url=settings.database)
        try:
            self._store.meta()  # a database that is none is not written to
        except BaseException:
            self._store.close()
            raise

    def close(self) -> None:
        """Give back the connections."""
        self._store.close()


@dataclass(frozen=True)
class KeptSong:
    """A song as the catalog has it now; if it is `gone` from there, as it was when it was kept."""

    song: int
    title: str
    artist: str | None
    album: str | None
    genre: str | None
    duration_s: float
    path: Path
    gone: bool = False


def kept(song: Song) -> KeptSong:
    """A song of the catalog in the form of those that are kept."""
    return KeptSong(
        song.id, song.title, song.artist, song.album, song.genre, song.duration_s, song.path
    )


def has_table(db: Connection, table: Table) -> bool:
    """Whether anything was ever kept there."""
    return inspect(db).has_table(table.name)


def copies(
    db: Connection, ids: Iterable[int], *, known: Mapping[int, Mapping[str, Any]] | None = None
) -> list[dict[str, Any]]:
    """What to keep of songs, in the order of `ids`: the columns of `schema.song_copy`.

    `known` are copies of songs that may have left the catalog. Raises `UnknownSongError`.
    """
    wanted = list(ids)
    found = records.get(db, wanted)
    older = known or {}
    if missing := sorted({song for song in wanted if song not in found and song not in older}):
        names = ", ".join(map(str, missing[:5])) + (", ..." if len(missing) > 5 else "")
        raise UnknownSongError(f"no song {names} in this catalog; nothing was changed")
    return [_copy(found[song]) if song in found else dict(older[song]) for song in wanted]


def _copy(song: Song) -> dict[str, Any]:
    return {
        "song": song.id,
        "title": song.title,
        "artist": song.artist,
        "album": song.album,
        "genre": song.genre,
        "duration_s": song.duration_s,
        "path": os.fsencode(song.path),
    }


def as_now(db: Connection, rows: Sequence[Mapping[str, Any]]) -> list[KeptSong]:
    """Rows of `schema.song_copy` as songs: by what the catalog says of them now if it has them."""
    found = records.get(db, (row["song"] for row in rows))
    return [_now(row, found.get(row["song"])) for row in rows]


def _now(row: Mapping[str, Any], song: Song | None) -> KeptSong:
    if song is not None:
        return kept(song)
    path = Path(os.fsdecode(row["path"]))
    return KeptSong(**{**row, "path": path}, gone=True)

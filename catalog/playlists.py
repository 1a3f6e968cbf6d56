"""Playlists: named lists of songs that the user keeps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from . import schema
from .errors import LimitError, UnknownPlaylistError
from .kept import Kept, KeptSong, as_now, copies, has_table
from .records import MOST_ID

MOST_PLAYLISTS = 500
MOST_SONGS = 5_000
MOST_NAME = 200
"""Playlists, songs in one, and characters of its name: an answer with all of them stays bounded."""


@dataclass(frozen=True)
class Playlist:
    """A playlist; a song may come in it more than once."""

    id: int
    name: str
    songs: tuple[KeptSong, ...]


class Playlists(Kept):
    """The playlists of a catalog, see `Kept`. Each method is one transaction and may raise
    `StoreError`."""

    def all(self) -> list[Playlist]:
        """All playlists in the order in which they were made."""
        with self._store.read() as db:
            if not has_table(db, schema.playlists):
                return []
            names = db.execute(select(schema.playlists).order_by(schema.playlists.c.id))
            return [_read(db, row.id, row.name) for row in names]

    def get(self, playlist: int) -> Playlist:
        """One playlist; raises `UnknownPlaylistError`."""
        with self._store.read() as db:
            return _read(db, playlist, _name(db, playlist))

    def make(self, name: str, songs: Sequence[int]) -> Playlist:
        """Keep a new playlist. Raises `UnknownSongError`, `LimitError`."""
        name = _checked(name, songs)
        with self._store.write() as db:
            for table in (schema.playlists, schema.playlist_songs):
                table.create(db, checkfirst=True)
            count = db.execute(select(func.count()).select_from(schema.playlists)).scalar_one()
            if count >= MOST_PLAYLISTS:
                raise LimitError(f"{count} playlists are kept, the most that can be")
            key = db.execute(insert(schema.playlists).values(name=name)).inserted_primary_key
            assert key is not None
            playlist = int(key[0])
            _write(db, playlist, copies(db, songs))
            return _read(db, playlist, name)

    def change(self, playlist: int, name: str, songs: Sequence[int]) -> Playlist:
        """Give a playlist this name and these songs in place of what it had.

        Songs in it that have left the catalog may stay. Raises `UnknownPlaylistError`,
        `UnknownSongError`, `LimitError`; then it is as it was.
        """
        name = _checked(name, songs)
        table = schema.playlists
        with self._store.write() as db:
            _name(db, playlist)
            known = {row["song"]: row for row in _rows(db, playlist)}
            values = copies(db, songs, known=known)
            db.execute(update(table).where(table.c.id == playlist).values(name=name))
            _clear(db, playlist)
            _write(db, playlist, values)
            return _read(db, playlist, name)

    def remove(self, playlist: int) -> None:
        """Forget a playlist; raises `UnknownPlaylistError`."""
        with self._store.write() as db:
            _name(db, playlist)
            _clear(db, playlist)
            db.execute(delete(schema.playlists).where(schema.playlists.c.id == playlist))


def _checked(name: str, songs: Sequence[int]) -> str:
    """The name without space around it."""
    name = name.strip()
    if not 0 < len(name) <= MOST_NAME:
        raise LimitError(f"a name of {len(name)} characters, expected 1 to {MOST_NAME}")
    if len(songs) > MOST_SONGS:
        raise LimitError(f"{len(songs)} songs, expected at most {MOST_SONGS} in a playlist")
    return name


def _name(db: Connection, playlist: int) -> str:
    table = schema.playlists
    name: str | None = None
    if has_table(db, table) and abs(playlist) <= MOST_ID:
        name = db.scalars(select(table.c.name).where(table.c.id == playlist)).first()
    if name is None:
        raise UnknownPlaylistError(f"no playlist {playlist}; `nowhear playlist list` names them")
    return name


def _read(db: Connection, playlist: int, name: str) -> Playlist:
    return Playlist(playlist, name, tuple(as_now(db, _rows(db, playlist))))


def _rows(db: Connection, playlist: int) -> list[Mapping[str, Any]]:
    table = schema.playlist_songs.c
    query = select(*(table[column] for column in schema.COPIED))
    query = query.where(table.playlist == playlist).order_by(table.place)
    return [row._asdict() for row in db.execute(query)]


def _clear(db: Connection, playlist: int) -> None:
    table = schema.playlist_songs
    db.execute(delete(table).where(table.c.playlist == playlist))


def _write(db: Connection, playlist: int, songs: Sequence[Mapping[str, Any]]) -> None:
    rows = [{**song, "playlist": playlist, "place": i} for i, song in enumerate(songs)]
    if rows:
        db.execute(insert(schema.playlist_songs), rows)

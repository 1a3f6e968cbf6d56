"""The statements on the song table: rows in, records out. Every one runs in a transaction that the
caller has begun."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from . import schema
from .places import Place
from .snapshot import Delta
from .songs import Details, FileState, NewSong, Song, StoredFile, path_text, search_key

MOST_IDS = 500
"""Ids in one statement; SQLite and drivers bound the number of parameters."""

MOST_ID = 2**63 - 1
"""No song has a larger id, and no database takes a larger number."""

_SONG = [
    "id",
    "path",
    "title",
    "artist",
    "album",
    "genre",
    "year",
    "duration_s",
    "content_hash",
    "added_at",
    "group_id",
]
_FILE = ("id", "path", "size", "mtime_ns", "content_hash", "row")


def _columns(names: Iterable[str]) -> list[Any]:
    return [schema.songs.c[name] for name in names]


def _song(row: Row[Any]) -> Song:
    values = dict(row._mapping)
    path, group = values.pop("path"), values.pop("group_id")
    added_at = values.pop("added_at").replace(tzinfo=UTC)
    return Song(**values, path=Path(os.fsdecode(path)), added_at=added_at, group=group)


def _stored(row: Row[Any]) -> StoredFile:
    state = FileState(Path(os.fsdecode(row.path)), row.size, row.mtime_ns, row.content_hash)
    return StoredFile(row.id, state, embedded=row.row is not None)


def _chunks(ids: Iterable[int]) -> Iterator[list[int]]:
    todo = sorted({int(song) for song in ids if abs(int(song)) <= MOST_ID})
    for first in range(0, len(todo), MOST_IDS):
        yield todo[first : first + MOST_IDS]


def get(db: Connection, ids: Iterable[int]) -> dict[int, Song]:
    """The songs among `ids` that exist."""
    found: dict[int, Song] = {}
    for chunk in _chunks(ids):
        query = select(*_columns(_SONG)).where(schema.songs.c.id.in_(chunk))
        found.update((row.id, _song(row)) for row in db.execute(query))
    return found


def find(db: Connection, text: str | None, *, limit: int | None) -> list[Song]:
    """Songs in order of id whose title, artist, album or path holds every word of `text`."""
    query = select(*_columns(_SONG)).order_by(schema.songs.c.id).limit(limit)
    for word in search_key(text or "").split():
        query = query.where(schema.songs.c.search_key.contains(word, autoescape=True))
    return [_song(row) for row in db.execute(query)]


def genres(db: Connection) -> dict[int, str | None]:
    """The genre of every song."""
    query = select(schema.songs.c.id, schema.songs.c.genre)
    return {row.id: row.genre for row in db.execute(query)}


def by_path(db: Connection, path: Path) -> StoredFile | None:
    """The song whose file is `path`."""
    query = select(*_columns(_FILE)).where(schema.songs.c.path == os.fsencode(path))
    row = db.execute(query).first()
    return None if row is None else _stored(row)


def by_hash(db: Connection, content_hash: str) -> list[StoredFile]:
    """Songs with that content, in order of id."""
    query = select(*_columns(_FILE)).where(schema.songs.c.content_hash == content_hash)
    return [_stored(row) for row in db.execute(query.order_by(schema.songs.c.id))]


def waiting(db: Connection) -> list[Path]:
    """Files of the songs that are to be embedded again, in order of path."""
    query = select(schema.songs.c.path).where(schema.songs.c.row.is_(None))
    return sorted(Path(os.fsdecode(path)) for path in db.scalars(query))


def delta_since(db: Connection, revision: int, *, now: int) -> Delta:
    """What changed after `revision`; `now` is the catalog's revision."""
    table = schema.songs.c
    columns = (table.id, table.row, table.first_segment, table.segments)
    present = db.execute(select(*columns).where(table.revision > revision))
    gone = db.scalars(select(schema.removed.c.id).where(schema.removed.c.revision > revision))
    return Delta(
        present=tuple(
            (song, None if place[0] is None else Place(*place)) for song, *place in present
        ),
        removed=tuple(gone),
        revision=now,
    )


def _details(file: FileState, details: Details) -> dict[str, Any]:
    named = (details.title, details.artist, details.album)
    return {
        "path": os.fsencode(file.path),
        "content_hash": file.content_hash,
        "size": file.size,
        "mtime_ns": file.mtime_ns,
        "title": details.title,
        "artist": details.artist,
        "album": details.album,
        "genre": details.genre,
        "year": details.year,
        "search_key": search_key(*named, path_text(file.path)),
    }


def write_song(db: Connection, new: NewSong, *, place: Place, revision: int) -> int:
    """Insert a song, or replace what the song `new.replaces` was; returns its id. Alone in its
    group until `set_groups`."""
    values = {
        **_details(new.file, new.details),
        "duration_s": new.duration_s,
        **place._asdict(),
        "revision": revision,
    }
    table = schema.songs
    if new.replaces is not None:
        values["group_id"] = new.replaces
        db.execute(update(table).where(table.c.id == new.replaces).values(values))
        return new.replaces
    values |= {"group_id": 0, "added_at": datetime.now(UTC).replace(tzinfo=None)}
    key = db.execute(insert(table).values(values)).inserted_primary_key
    assert key is not None
    song = int(key[0])
    db.execute(update(table).where(table.c.id == song).values(group_id=song))
    return song


def move(db: Connection, song: int, file: FileState, details: Details, *, revision: int) -> None:
    """The song's file has another place, name or time; its content is the same."""
    values = {**_details(file, details), "revision": revision}
    db.execute(update(schema.songs).where(schema.songs.c.id == song).values(values))


def forget(db: Connection, ids: Sequence[int], *, revision: int) -> None:
    """Delete songs, and note their ids for readers."""
    for chunk in _chunks(ids):
        db.execute(delete(schema.songs).where(schema.songs.c.id.in_(chunk)))
        db.execute(insert(schema.removed), [{"id": i, "revision": revision} for i in chunk])


def forget_rows(db: Connection, *, revision: int) -> None:
    """All songs are to be embedded again, each alone in its group until then."""
    table = schema.songs
    nowhere = {"row": None, "first_segment": None, "segments": None}
    db.execute(update(table).values(**nowhere, revision=revision, group_id=table.c.id))


def rows_and_durations(db: Connection, ids: Iterable[int]) -> dict[int, tuple[int, float, int]]:
    """Row, duration in seconds and group of every song among `ids` that is embedded."""
    table = schema.songs.c
    found: dict[int, tuple[int, float, int]] = {}
    for chunk in _chunks(ids):
        query = select(table.id, table.row, table.duration_s, table.group_id).where(
            table.id.in_(chunk), table.row.is_not(None)
        )
        found.update((row.id, (row.row, row.duration_s, row.group_id)) for row in db.execute(query))
    return found


def members(db: Connection, groups: Iterable[int]) -> list[int]:
    """Songs of these groups, in order of id."""
    found: list[int] = []
    for chunk in _chunks(groups):
        found += db.scalars(select(schema.songs.c.id).where(schema.songs.c.group_id.in_(chunk)))
    return sorted(found)


def groups_of(db: Connection, ids: Iterable[int]) -> dict[int, int]:
    """Groups of the songs among `ids` that exist."""
    found: dict[int, int] = {}
    table = schema.songs.c
    for chunk in _chunks(ids):
        rows = db.execute(select(table.id, table.group_id).where(table.id.in_(chunk)))
        found.update((song, group) for song, group in rows)
    return found


def set_group(db: Connection, ids: Iterable[int], group: int, *, revision: int) -> None:
    """Put songs into a group."""
    for chunk in _chunks(ids):
        where = schema.songs.c.id.in_(chunk)
        db.execute(update(schema.songs).where(where).values(group_id=group, revision=revision))


class Totals(NamedTuple):
    """Songs, those that are embedded, and seconds of audio and segments in all."""

    songs: int
    embedded: int
    audio_s: float
    segments: int


def totals(db: Connection) -> Totals:
    """Counts over all songs."""
    table = schema.songs.c
    counts = (func.count(), func.count(table.row))
    sums = (func.sum(table.duration_s), func.sum(table.segments))
    query = select(*counts, *sums).select_from(schema.songs)
    songs, embedded, audio_s, segments = db.execute(query).one()
    return Totals(int(songs), int(embedded), float(audio_s or 0.0), int(segments or 0))

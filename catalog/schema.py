"""The tables: the same on SQLite and PostgreSQL.

`songs.revision` and `removed` say what changed and when, so that a reader takes over a change
without reading the whole table again. Ids and rows are never used twice.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData()

meta = Table(
    "meta",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)

songs = Table(
    "songs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("path", LargeBinary, nullable=False, unique=True),  # bytes: names need not be UTF-8
    Column("title", Text, nullable=False),
    Column("artist", Text),
    Column("album", Text),
    Column("genre", Text),
    Column("year", Integer),
    Column("duration_s", Float, nullable=False),
    Column("content_hash", String(64), nullable=False, index=True),
    Column("size", BigInteger, nullable=False),
    Column("mtime_ns", BigInteger, nullable=False),
    Column("added_at", DateTime(timezone=False), nullable=False),  # UTC
    Column("row", Integer, unique=True),  # of the vector files; null: to be embedded again
    Column("first_segment", BigInteger),  # row of the print file, one a segment; null as `row`
    Column("segments", Integer),
    Column("group_id", Integer, nullable=False, index=True),
    Column("search_key", Text, nullable=False),
    Column("revision", BigInteger, nullable=False, index=True),
    sqlite_autoincrement=True,  # without it SQLite would give a removed song's id to another
)

removed = Table(
    "removed",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("revision", BigInteger, nullable=False, index=True),
)

# Not of the catalog's own contents: written by whoever listens, without the writer's lock, and made
# when it is first needed. A play outlives its song, so it holds a copy of the song's name.
plays = Table(
    "plays",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("song", Integer, nullable=False, index=True),
    Column("title", Text, nullable=False),
    Column("artist", Text),
    Column("source_kind", String(16), nullable=False),
    Column("source_name", Text, nullable=False),
    Column("started_at", DateTime(timezone=False), nullable=False, index=True),  # UTC
    Column("ended_at", DateTime(timezone=False), nullable=False),
    Column("start_s", Float, nullable=False),  # of the source
    Column("end_s", Float, nullable=False),
    Column("position_from_s", Float, nullable=False),  # of the song
    Column("position_to_s", Float, nullable=False),
    Column("rate", Float, nullable=False),
    Column("confidence", Float, nullable=False),
)


def song_copy() -> list[Column[Any]]:
    """What is kept of a song that may leave the catalog."""
    return [
        Column("song", Integer, nullable=False),
        Column("title", Text, nullable=False),
        Column("artist", Text),
        Column("album", Text),
        Column("genre", Text),
        Column("duration_s", Float, nullable=False),
        Column("path", LargeBinary, nullable=False),
    ]


COPIED = tuple(column.name for column in song_copy())
"""Names of those columns."""

# The user's own, kept as `plays` are.
stars = Table(
    "stars",
    metadata,
    Column("id", Integer, primary_key=True),
    *song_copy(),
    Column("place", BigInteger, nullable=False),  # in the user's order; need not be dense
    UniqueConstraint("song"),
)

playlists = Table(
    "playlists",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    sqlite_autoincrement=True,
)

playlist_songs = Table(
    "playlist_songs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("playlist", Integer, nullable=False, index=True),
    Column("place", Integer, nullable=False),
    *song_copy(),
)

# What was heard, ranked and tagged in the last hours, moment by moment; see `catalog.evening`.
evening = Table(
    "evening",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Float, nullable=False, index=True),  # seconds since 1970
    Column("moment", Text, nullable=False),  # JSON
)

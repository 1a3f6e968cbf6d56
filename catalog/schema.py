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
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData()

ATTRIBUTES = (
    "acousticness",
    "danceability",
    "energy",
    "instrumentalness",
    "liveness",
    "speechiness",
    "tempo",
    "valence",
)
"""Echo Nest's audio attributes: all from 0 to 1 but the tempo, in beats a minute."""

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

FIRST = (meta, songs, removed)
"""Tables of every catalog; the others are made when they are first needed."""

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

# Rows of datasets that were imported, by the dataset's own keys; see `catalog.datasets`.
datasets = Table(
    "datasets",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("source", Text, nullable=False),  # what was read last
    Column("started_at", DateTime(timezone=False), nullable=False),  # UTC
    Column("finished_at", DateTime(timezone=False)),  # null: an import was broken off
)

dataset_tracks = Table(
    "dataset_tracks",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("dataset", String(32), nullable=False),
    Column("key", String(128), nullable=False),
    Column("alias", String(128)),  # another dataset's key: the Echo Nest song of an MSD track
    Column("title", Text),
    Column("artist", Text),
    Column("album", Text),
    Column("genre", Text),  # the main one, where the dataset names one
    Column("genres", Text),  # JSON list of names
    Column("year", Integer),
    Column("duration_s", Float),
    Column("path", LargeBinary),
    Column("split", String(16)),
    Column("facts", Text),  # JSON object: what else the dataset says
    Column("song", Integer),  # of the catalog
    UniqueConstraint("dataset", "key"),
    Index("dataset_tracks_alias", "dataset", "alias"),
    sqlite_autoincrement=True,  # `dataset_listens` refers to ids
)

dataset_genres = Table(
    "dataset_genres",
    metadata,
    Column("dataset", String(32), primary_key=True),
    Column("key", String(128), primary_key=True),
    Column("title", Text, nullable=False),
    Column("parent", String(128)),
    Column("top", String(128)),
)

dataset_attributes = Table(
    "dataset_attributes",
    metadata,
    Column("dataset", String(32), primary_key=True),
    Column("key", String(128), primary_key=True),
    *(Column(name, Float) for name in ATTRIBUTES),
)

# Lists of one entry: tags or similar tracks of a track, friends of a listener, and the like. One
# row a list, as Last.fm's similar tracks alone are 56 million pairs.
dataset_lists = Table(
    "dataset_lists",
    metadata,
    Column("dataset", String(32), primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("key", String(128), primary_key=True),
    Column("entries", Text, nullable=False),  # JSON list of [name, weight]
)

# One row a listener, as one for each of 48 million pairs would take ten times the room and time.
dataset_listens = Table(
    "dataset_listens",
    metadata,
    Column("dataset", String(32), primary_key=True),
    Column("listener", String(128), primary_key=True),
    Column("count", Integer, nullable=False),
    Column("items", LargeBinary, nullable=False),  # ids of `dataset_tracks`, int32, ascending
    Column("plays", LargeBinary, nullable=False),  # float32, in the order of `items`
)

# What a head says of songs that no dataset does; see `catalog.kept_attributes`. Never a song's own.
song_guesses = Table(
    "song_guesses",
    metadata,
    Column("song", Integer, primary_key=True, autoincrement=False),
    Column("style_row", Integer, nullable=False),  # the row of the style that it was told from
    Column("epoch", Integer, nullable=False),
    *(Column(name, Float) for name in ATTRIBUTES),
    Column("genre", Text),
    Column("probability", Float),
)

# The likeliest genre of tracks whose dataset names none.
track_guesses = Table(
    "track_guesses",
    metadata,
    Column("dataset", String(32), primary_key=True),
    Column("key", String(128), primary_key=True),
    Column("genre", Text, nullable=False),
    Column("probability", Float, nullable=False),
)

# Long commands that run one after the other beside the daemon; see `catalog.jobs`.
jobs = Table(
    "jobs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("command", Text, nullable=False),  # JSON: a list of text
    Column("folder", LargeBinary),  # where it runs; null: wherever the daemon is
    Column("state", String(16), nullable=False, index=True),
    Column("progress", Float),  # 0 to 1; null: nobody knows
    Column("message", Text),
    Column("made_at", DateTime(timezone=False), nullable=False),  # UTC
    Column("started_at", DateTime(timezone=False)),
    Column("ended_at", DateTime(timezone=False)),
    Column("result", Text),  # JSON
    sqlite_autoincrement=True,
)

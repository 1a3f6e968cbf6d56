"""The statements on the tables of datasets. Every one runs in a transaction that the caller has
begun."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from json import dumps, loads
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Insert, Table, bindparam, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from . import schema

MILLION_SONGS = "msd"
TASTE_PROFILE = "tasteprofile"
MISMATCHED = "mismatched"
MOST_KEYS = 500
"""Keys in one statement; SQLite and drivers bound the number of parameters."""

_TABLES = (
    schema.datasets,
    schema.dataset_tracks,
    schema.dataset_genres,
    schema.dataset_attributes,
    schema.dataset_lists,
    schema.dataset_listens,
)
_TRACK = tuple(c.name for c in schema.dataset_tracks.c if c.name not in ("id", "song"))


@dataclass(frozen=True)
class Batch:
    """Rows of one dataset that are stored together.

    - `tracks`: mappings with `key` and any other field of `Track` but `dataset` and `song`.
    - `genres`: mappings with `key`, `title`, `parent`, `top`.
    - `attributes`: mappings with `key` and any of `ATTRIBUTES`.
    - `lists`: (kind, key, entries of name and weight); a list takes an older one's place.
    - `listens`: (listener, ids of items, plays), see `item_ids`; an item that the listener had
      takes the new number of plays.
    - `add_genres`: genres of tracks are added to those they had instead of taking their place.
    """

    dataset: str
    tracks: Sequence[Mapping[str, Any]] = ()
    genres: Sequence[Mapping[str, Any]] = ()
    attributes: Sequence[Mapping[str, Any]] = ()
    lists: Sequence[tuple[str, str, Sequence[tuple[str, float]]]] = ()
    listens: Sequence[tuple[str, NDArray[np.int32], NDArray[np.float32]]] = ()
    add_genres: bool = False


def create_tables(db: Connection) -> None:
    """Make what is not there yet."""
    schema.metadata.create_all(db, tables=_TABLES)


def note_import(db: Connection, dataset: str, source: str, *, finished: bool) -> None:
    """Keep when an import began or came to its end."""
    now = datetime.now(UTC).replace(tzinfo=None)
    row: dict[str, Any] = {"name": dataset, "source": source}
    if finished:
        table = schema.datasets
        db.execute(update(table).where(table.c.name == dataset).values(**row, finished_at=now))
        return
    row |= {"started_at": now, "finished_at": None}
    _upsert(db, schema.datasets, [row], by=("name",), whole=True)


def write_batch(db: Connection, batch: Batch) -> None:
    """Store a batch; what was there and is not named in it stays."""
    create_tables(db)
    name = {"dataset": batch.dataset}
    tracks = [_track_row(batch.dataset, track) for track in batch.tracks]
    if batch.dataset == MILLION_SONGS:
        tracks = _settle_aliases(db, tracks)
    if batch.add_genres:
        tracks = _with_more_genres(db, batch.dataset, tracks)
    _upsert(db, schema.dataset_tracks, tracks, by=("dataset", "key"))
    genres = [{**name, **row} for row in batch.genres]
    _upsert(db, schema.dataset_genres, genres, by=("dataset", "key"))
    unknown = dict.fromkeys(schema.ATTRIBUTES)
    attributes = [{**name, **unknown, **row} for row in batch.attributes]
    _upsert(db, schema.dataset_attributes, attributes, by=("dataset", "key"))
    lists = [
        {**name, "kind": kind, "key": key, "entries": _json(_heaviest_first(entries))}
        for kind, key, entries in batch.lists
    ]
    _upsert(db, schema.dataset_lists, lists, by=("dataset", "kind", "key"))
    _write_listens(db, batch)


def _upsert(
    db: Connection,
    table: Table,
    values: Sequence[Mapping[str, Any]],
    *,
    by: tuple[str, ...],
    whole: bool = False,
) -> None:
    """Insert rows or change those that are there, where None wipes nothing unless rows are
    replaced as a `whole`."""
    if not values:
        return
    make = postgresql.insert if db.dialect.name == "postgresql" else sqlite.insert
    statement: Any = make(table)
    changed = {}
    for name in values[0]:
        if name not in by:
            given = statement.excluded[name]
            changed[name] = given if whole else func.coalesce(given, table.c[name])
    upsert: Insert = statement.on_conflict_do_update(index_elements=by, set_=changed)
    db.execute(upsert, [dict(row) for row in values])


def _track_row(dataset: str, track: Mapping[str, Any]) -> dict[str, Any]:
    row: dict[str, Any] = {**dict.fromkeys(_TRACK), **track, "dataset": dataset}
    path: Path | None = row["path"]
    row["path"] = None if path is None else os.fsencode(path)
    for name in ("genres", "facts"):
        row[name] = _json(row[name]) if row[name] else None
    return row


def _json(value: Any) -> str:
    return dumps(value, ensure_ascii=False, separators=(",", ":"))


def _heaviest_first(entries: Iterable[tuple[str, float]]) -> list[tuple[str, float]]:
    return sorted(entries, key=lambda entry: (-entry[1], entry[0]))


def _with_more_genres(
    db: Connection, dataset: str, tracks: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    table = schema.dataset_tracks.c
    known: dict[str, dict[str, None]] = {}
    for keys in chunks({track["key"] for track in tracks}):
        query = select(table.key, table.genres).where(table.dataset == dataset, table.key.in_(keys))
        for key, genres in db.execute(query):
            known[key] = dict.fromkeys(loads(genres or "[]"))
    for track in tracks:
        genres = known.setdefault(track["key"], {})
        genres.update(dict.fromkeys(loads(track["genres"] or "[]")))
        track["genres"] = _json(list(genres)) if genres else None
    return tracks


def _settle_aliases(db: Connection, tracks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Some tables of the Million Song Dataset name songs only, others tracks and their songs: a
    row that is keyed by its song (`key` = `alias`) gives way to that of a track of this song."""
    table = schema.dataset_tracks
    here = table.c.dataset == MILLION_SONGS
    holders: dict[str, list[str]] = {}
    present: set[str] = set()
    for aliases in chunks({track["alias"] for track in tracks if track["alias"]}):
        query = select(table.c.key, table.c.alias).where(here, table.c.alias.in_(aliases))
        for key, alias in db.execute(query.order_by(table.c.key)):
            holders.setdefault(alias, []).append(key)
    for keys in chunks({track["key"] for track in tracks}):
        present.update(db.scalars(select(table.c.key).where(here, table.c.key.in_(keys))))
    settled = []
    for track in tracks:
        key, alias = track["key"], track["alias"]
        held = holders.get(alias, [])
        if key == alias:
            track["key"] = next((other for other in held if other != alias), key)
        elif alias in held:
            held.remove(alias)
            old = (here, table.c.key == alias)
            if key in present:
                db.execute(delete(table).where(*old))
            else:
                db.execute(update(table).where(*old).values(key=key))
                present.add(key)
        settled.append(track)
    return settled


def item_ids(db: Connection, dataset: str, keys: Sequence[str]) -> dict[str, int]:
    """Numbers of items by their keys; those that are not there yet are made."""
    create_tables(db)
    found = _ids(db, dataset, keys)
    fresh = [key for key in dict.fromkeys(keys) if key not in found]
    if fresh:
        table = schema.dataset_tracks
        last = db.scalar(select(func.max(table.c.id))) or 0
        db.execute(insert(table), [{"dataset": dataset, "key": key} for key in fresh])
        # Ids only rise: one query finds the new ones.
        query = select(table.c.key, table.c.id)
        query = query.where(table.c.dataset == dataset, table.c.id > last)
        found.update((key, number) for key, number in db.execute(query))
    return found


def _ids(db: Connection, dataset: str, keys: Iterable[str]) -> dict[str, int]:
    table = schema.dataset_tracks.c
    found: dict[str, int] = {}
    for chunk in chunks(keys):
        query = select(table.key, table.id).where(table.dataset == dataset, table.key.in_(chunk))
        found.update((key, number) for key, number in db.execute(query))
    return found


def _write_listens(db: Connection, batch: Batch) -> None:
    table = schema.dataset_listens
    names = [listener for listener, _, _ in batch.listens]
    stored: dict[str, tuple[NDArray[np.int32], NDArray[np.float32]]] = {}
    for chunk in chunks(names):
        query = select(table.c.listener, table.c["items"], table.c.plays)
        query = query.where(table.c.dataset == batch.dataset, table.c.listener.in_(chunk))
        for row in db.execute(query):
            stored[row.listener] = (items_of(row[1]), plays_of(row[2]))
    changed = []
    for listener, items, plays in batch.listens:
        if listener in stored:
            before, counts = stored[listener]
            items, plays = np.append(before, items), np.append(counts, plays)
        # The last of an item counts: `unique` keeps the first, so it looks from the end.
        kept, places = np.unique(items[::-1], return_index=True)
        values = kept.astype("<i4"), plays[::-1][places].astype("<f4")
        stored[listener] = values
        changed.append(
            {
                "dataset": batch.dataset,
                "listener": listener,
                "count": len(kept),
                "items": values[0].tobytes(),
                "plays": values[1].tobytes(),
            }
        )
    _upsert(db, table, changed, by=("dataset", "listener"))


def items_of(data: bytes) -> NDArray[np.int32]:
    """Ids of a listener's items."""
    return np.frombuffer(data, "<i4")


def plays_of(data: bytes) -> NDArray[np.float32]:
    """How often each was played."""
    return np.frombuffer(data, "<f4")


def chunks(keys: Iterable[str]) -> Iterator[list[str]]:
    """Each key once, in parts that a statement can name."""
    every = list(dict.fromkeys(keys))
    for first in range(0, len(every), MOST_KEYS):
        yield every[first : first + MOST_KEYS]


def join(db: Connection, songs: Mapping[tuple[str, str], int | None]) -> None:
    """Join tracks, by dataset and key, with songs, or with none."""
    if not songs:
        return
    create_tables(db)
    table = schema.dataset_tracks
    where = (table.c.dataset == bindparam("of"), table.c.key == bindparam("named"))
    statement = update(table).where(*where).values(song=bindparam("to"))
    db.execute(statement, [{"of": of, "named": key, "to": to} for (of, key), to in songs.items()])

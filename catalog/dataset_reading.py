"""What is asked of the tables of datasets, beyond plain rows. Every function runs in a transaction
that the caller has begun."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, func, select

from . import schema
from .dataset_rows import (
    MILLION_SONGS,
    MISMATCHED,
    MOST_KEYS,
    TASTE_PROFILE,
    chunks,
    items_of,
    plays_of,
)
from .kept import has_table

Triplets = tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float32]]


def by_alias(db: Connection, aliases: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """The Million Song track of each Echo Nest song: of several one that is joined or has audio,
    if one has, else the first by key."""
    table = schema.dataset_tracks.c
    best: dict[str, Mapping[str, Any]] = {}
    if not has_table(db, schema.dataset_tracks):
        return best
    for chunk in chunks(aliases):
        query = select(schema.dataset_tracks).where(
            table.dataset == MILLION_SONGS, table.alias.in_(chunk)
        )
        for row in db.execute(query.order_by(table.key)):
            found, now = row._asdict(), best.get(row.alias)
            if now is None or _worth(found) > _worth(now):
                best[row.alias] = found
    return best


def _worth(row: Mapping[str, Any]) -> tuple[bool, bool]:
    return row["song"] is not None, row["path"] is not None


def songs_here(db: Connection, ids: Sequence[int]) -> set[int]:
    """Those of the songs that are in the catalog."""
    here: set[int] = set()
    for first in range(0, len(ids), MOST_KEYS):
        part = ids[first : first + MOST_KEYS]
        here.update(db.scalars(select(schema.songs.c.id).where(schema.songs.c.id.in_(part))))
    return here


def songs_of(db: Connection, dataset: str) -> dict[str, int]:
    """Song of the catalog by key; items of the Taste Profile have those of the Million Song tracks
    as well."""
    table = schema.dataset_tracks.c
    found: dict[str, int] = {}
    if not has_table(db, schema.dataset_tracks):
        return found
    alive = table.song.in_(select(schema.songs.c.id))
    if dataset == TASTE_PROFILE:
        of_tracks = select(table.alias, table.song).where(table.dataset == MILLION_SONGS, alive)
        of_tracks = of_tracks.where(table.alias.is_not(None)).order_by(table.key.desc())
        listened = set(db.scalars(select(table.key).where(table.dataset == dataset)))
        found.update((key, song) for key, song in db.execute(of_tracks) if key in listened)
    own = select(table.key, table.song).where(table.dataset == dataset, alive).order_by(table.key)
    found.update((key, song) for key, song in db.execute(own))
    return found


def listening(db: Connection, dataset: str) -> tuple[list[str], list[str], Triplets]:
    """Listeners, items, and the triplets of their places and plays; see `Listening`."""
    if not has_table(db, schema.dataset_listens):
        nothing = np.empty(0, np.int32)
        return [], [], (nothing, nothing, np.empty(0, np.float32))
    keys, lookup = _keptitems_of(db, dataset)
    table = schema.dataset_listens.c
    total = db.scalar(select(func.sum(table.count)).where(table.dataset == dataset)) or 0
    user, item = np.empty(total, np.int32), np.empty(total, np.int32)
    plays = np.empty(total, np.float32)
    users: list[str] = []
    at = 0
    query = select(table.listener, table["items"], table.plays).where(table.dataset == dataset)
    query = query.order_by(table.listener).execution_options(yield_per=MOST_KEYS)
    for listener, raw_items, raw_plays in db.execute(query):
        places = lookup[items_of(raw_items)]
        order = np.argsort(places)
        order = order[places[order] >= 0]
        if len(order) == 0:
            continue
        end = at + len(order)
        user[at:end], item[at:end] = len(users), places[order]
        plays[at:end] = plays_of(raw_plays)[order]
        users.append(listener)
        at = end
    item = item[:at]
    used, item_of = _dense(item, len(keys))
    return users, [keys[place] for place in used], (user[:at], item_of, plays[:at])


def _keptitems_of(db: Connection, dataset: str) -> tuple[list[str], NDArray[np.int32]]:
    """Keys of the items in order, and each one's place in them by its id, -1 where it is left
    out."""
    table, lists = schema.dataset_tracks.c, schema.dataset_lists.c
    mismatched = set(
        db.scalars(
            select(lists.key).where(lists.dataset == TASTE_PROFILE, lists.kind == MISMATCHED)
        )
        if dataset == TASTE_PROFILE
        else ()
    )
    query = select(table.key, table.id).where(table.dataset == dataset)
    rows = sorted((key, number) for key, number in db.execute(query))
    kept = [(key, number) for key, number in rows if key not in mismatched]
    lookup = np.full(max((number for _, number in rows), default=0) + 1, -1, np.int32)
    lookup[[number for _, number in kept]] = np.arange(len(kept))
    return [key for key, _ in kept], lookup


def _dense(item: NDArray[np.int32], count: int) -> tuple[NDArray[np.intp], NDArray[np.int32]]:
    """The items that occur, and `item` as places among them."""
    occurs = np.zeros(count, bool)
    occurs[item] = True
    places = np.cumsum(occurs, dtype=np.int32) - 1
    return np.flatnonzero(occurs), places[item].astype(np.int32)

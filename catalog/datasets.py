"""Datasets that were imported: their tracks, attributes, tags and listening, by their own keys.

They stand in the catalog's database (see `Kept`). A track may be joined with a song of the catalog;
`catalog.imports` writes, `catalog.imports.join` joins, and others read here.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC
from json import loads
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Table, func, select

from . import dataset_reading as reading
from . import dataset_rows as rows
from . import records, schema
from .dataset_rows import Batch
from .dataset_values import AttributeTable, DatasetInfo, Genre, Listening, Track
from .kept import Kept, has_table
from .schema import ATTRIBUTES
from .songs import Song

__all__ = ["ATTRIBUTES", "AttributeTable", "DatasetInfo", "Datasets", "Genre", "Listening", "Track"]

PAGE_ROWS = 5000
"""Rows read in one transaction, so that a reader that is slow, or stops, holds nothing."""

TAGS = "tags"
TERMS = "terms"
SIMILAR = "similar"
FRIENDS = "friends"
MISMATCHED = rows.MISMATCHED
"""Kinds of lists: tags of a track, the Echo Nest's terms for its artist, tracks heard by the same
listeners, friends of a listener, and items whose title is known to be another's."""


class Datasets(Kept):
    """The datasets beside a catalog, see `Kept`. Every method may raise `StoreError`; of a dataset
    that was never imported there is nothing."""

    def names(self) -> list[DatasetInfo]:
        """What is imported, by name."""
        with self._store.read() as db:
            if not has_table(db, schema.datasets):
                return []
            query = select(schema.datasets).order_by(schema.datasets.c.name)
            return [_info(db, dict(row._mapping)) for row in db.execute(query)]

    def any(self) -> bool:
        """Whether anything is imported."""
        with self._store.read() as db:
            table = schema.datasets
            return has_table(db, table) and db.execute(select(table.c.name)).first() is not None

    def tracks(self, dataset: str) -> Iterator[Track]:
        """All tracks of a dataset, by key; a song that has left the catalog is none.

        Items of `tasteprofile` are Echo Nest songs; titles and songs come from the Million Song
        tracks of the same song, where `msd` is imported.
        """
        after = ""
        while page := self._page(schema.dataset_tracks, dataset, after):
            found = [_track(row) for row in page]
            with self._store.read() as db:
                if dataset == rows.TASTE_PROFILE:
                    known = reading.by_alias(db, [track.key for track in found])
                    found = [_named_by(track, known.get(track.key)) for track in found]
                joined = [track.song for track in found if track.song is not None]
                here = reading.songs_here(db, joined)
            found = [
                t if t.song is None or t.song in here else replace(t, song=None) for t in found
            ]
            yield from found
            after = found[-1].key

    def attributes(self, dataset: str | None = None) -> AttributeTable:
        """The Echo Nest attributes of a dataset, or of all; by dataset and key."""
        names = [info.name for info in self.names()] if dataset is None else [dataset]
        keys: list[tuple[str, str]] = []
        pages: list[NDArray[np.float32]] = [np.empty((0, len(ATTRIBUTES)), np.float32)]
        for name in names:
            after = ""
            while page := self._page(schema.dataset_attributes, name, after):
                keys += [(name, row["key"]) for row in page]
                # None becomes NaN
                values = [[row[each] for each in ATTRIBUTES] for row in page]
                pages.append(np.array(values, np.float32))
                after = page[-1]["key"]
        return AttributeTable(keys, np.concatenate(pages))

    def tags(self, dataset: str, *, kind: str = TAGS) -> Iterator[tuple[str, str, float]]:
        """(key, tag, weight), by key, the heaviest first. Weights are as the dataset has them:
        0 to 100 from Last.fm, numbers of listeners who gave it from HetRec.

        `kind` may be another of the lists: `TERMS`, `SIMILAR`, `FRIENDS`, `MISMATCHED`.
        """
        after = ""
        while page := self._page(schema.dataset_lists, dataset, after, kind=kind):
            for row in page:
                for name, weight in loads(row["entries"]):
                    yield row["key"], name, float(weight)
            after = page[-1]["key"]

    def genre_tree(self, dataset: str) -> list[Genre]:
        """The tree of genres, by key."""
        table = schema.dataset_genres
        query = select(table.c.key, table.c.title, table.c.parent, table.c.top)
        query = query.where(table.c.dataset == dataset).order_by(table.c.key)
        with self._store.read() as db:
            if not has_table(db, table):
                return []
            return [Genre(**row._mapping) for row in db.execute(query)]

    def listening(self, dataset: str) -> Listening:
        """All triplets; 12 bytes each in memory. Items of mismatched songs are left out."""
        with self._store.read() as db:
            users, items, triplets = reading.listening(db, dataset)
        return Listening(users, items, *triplets)

    def songs_of(self, dataset: str) -> dict[str, int]:
        """The songs of the catalog that tracks are joined with, by the tracks' keys; a song that
        has left the catalog is left out."""
        with self._store.read() as db:
            return reading.songs_of(db, dataset)

    def songs(self) -> list[Song]:
        """The songs of the catalog, to join tracks with."""
        with self._store.read() as db:
            return records.find(db, None, limit=None)

    def begin(self, dataset: str, source: str) -> None:
        """Note that an import begins; until `finish` it counts as broken off."""
        with self._store.write() as db:
            rows.create_tables(db)
            rows.note_import(db, dataset, source, finished=False)

    def write(self, batch: Batch) -> None:
        """Store a batch whole or not at all. What a track had and the batch does not say stays;
        nothing is there twice. Raises `StoreError`."""
        with self._store.write() as db:
            rows.write_batch(db, batch)

    def item_ids(self, dataset: str, keys: Sequence[str]) -> dict[str, int]:
        """Numbers of listening items by their keys, for `Batch.listens`; new ones are made."""
        with self._store.write() as db:
            return rows.item_ids(db, dataset, keys)

    def finish(self, dataset: str, source: str) -> None:
        """Note that the import came to its end."""
        with self._store.write() as db:
            rows.note_import(db, dataset, source, finished=True)

    def join(self, songs: Mapping[tuple[str, str], int | None]) -> None:
        """Join tracks, by (dataset, key), with songs, or with none."""
        with self._store.write() as db:
            rows.join(db, songs)

    def _page(
        self, table: Table, dataset: str, after: str, *, kind: str | None = None
    ) -> list[dict[str, Any]]:
        """The next rows of a dataset by key."""
        query = select(table).where(table.c.dataset == dataset, table.c.key > after)
        if kind is not None:
            query = query.where(table.c.kind == kind)
        query = query.order_by(table.c.key).limit(PAGE_ROWS)
        with self._store.read() as db:
            if not has_table(db, table):
                return []
            return [dict(row._mapping) for row in db.execute(query)]


def _track(row: Mapping[str, Any]) -> Track:
    values = {name: value for name, value in row.items() if name != "id"}
    path = values["path"]
    return Track(
        **values
        | {
            "genres": tuple(loads(values["genres"] or "[]")),
            "facts": loads(values["facts"] or "{}"),
            "path": None if path is None else Path(os.fsdecode(path)),
        }
    )


def _named_by(track: Track, row: Mapping[str, Any] | None) -> Track:
    """A listening item with what the Million Song Dataset says of it."""
    if row is None:
        return track
    known = _track(row)
    values = {name: getattr(track, name) or getattr(known, name) for name in _TAKEN_OVER}
    return Track(dataset=track.dataset, key=track.key, alias=known.key, **values)


_TAKEN_OVER = (
    *("title", "artist", "album", "genres", "year", "duration_s", "path", "split", "song"),
    *("genre", "facts"),
)


def _info(db: Connection, row: dict[str, Any]) -> DatasetInfo:
    name = row["name"]
    table, lists = schema.dataset_tracks, schema.dataset_lists

    def count(of: Table, *where: Any) -> int:
        query = select(func.count()).select_from(of).where(of.c.dataset == name, *where)
        return int(db.execute(query).scalar_one())

    listens = schema.dataset_listens.c
    total = select(func.count(), func.sum(listens.count)).where(listens.dataset == name)
    listeners, plays = db.execute(total).one()
    named = table.c.title.is_not(None) | table.c.artist.is_not(None)
    return DatasetInfo(
        name=name,
        source=row["source"],
        started_at=row["started_at"].replace(tzinfo=UTC),
        finished_at=row["finished_at"] and row["finished_at"].replace(tzinfo=UTC),
        tracks=count(table),
        titled=count(table, named),
        audio=count(table, table.c.path.is_not(None)),
        joined=len(reading.songs_of(db, name)),
        genres=count(schema.dataset_genres),
        attributes=count(schema.dataset_attributes),
        tags=count(lists, lists.c.kind == TAGS),
        listeners=int(listeners),
        plays=int(plays or 0),
    )

"""The Echo Nest's eight attributes of songs: as a dataset has them, or as they were told from the
song's style. And the genres that songs and tracks probably have, beside those they have.

What was told from a style counts as long as the song sounds as it did then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, and_, delete, func, insert, or_, select

from . import schema
from .datasets import Datasets, Track
from .kept import Kept, has_table
from .places import lines_of
from .schema import ATTRIBUTES
from .settings import CatalogSettings

__all__ = ["ATTRIBUTES", "Attributes", "Guess", "SongGuess", "dataset_attributes"]


MOST_NAMED = 500
"""Songs that are named in a statement; for more, all rows are read."""


@dataclass(frozen=True)
class Guess:
    """A genre that is not known, and how probable it is, 0 to 1."""

    genre: str
    probability: float


@dataclass(frozen=True, eq=False)
class SongGuess:
    """What was told of a song from its style in `row` of the vectors of `epoch`: attributes `(8,)`,
    and its genre, None where that is known."""

    song: int
    row: int
    epoch: int
    values: NDArray[np.float32]
    genre: Guess | None = None


class Attributes(Kept):
    """Attributes and probable genres in a catalog, see `Kept`. Every method may raise
    `StoreError`."""

    def known(self, ids: NDArray[np.int64]) -> NDArray[np.float32]:
        """Attributes `(n, 8)` of the songs `ids` `(n,)`, ascending, that are joined with a track of
        a dataset that has some; NaN where none is known. Of several tracks the first by dataset
        and key."""
        tracks, values = schema.dataset_tracks.c, schema.dataset_attributes.c
        found = np.full((len(ids), len(ATTRIBUTES)), np.nan, np.float32)
        with self._store.read() as db:
            if not has_table(db, schema.dataset_attributes):
                return found
            both = and_(tracks.dataset == values.dataset, tracks.key == values.key)
            query = select(tracks.song, *(values[name] for name in ATTRIBUTES))
            query = query.join_from(schema.dataset_tracks, schema.dataset_attributes, both)
            query = query.where(tracks.song.is_not(None), *_among(tracks.song, ids))
            rows = db.execute(query.order_by(tracks.dataset.desc(), tracks.key.desc())).all()
        _put(found, ids, [(row[0], row[1:]) for row in rows])
        return found

    def told(self, ids: NDArray[np.int64]) -> NDArray[np.float32]:
        """Attributes `(n, 8)` that were told from the styles of the songs `ids` `(n,)`, ascending;
        NaN where none were, or the song sounds otherwise by now."""
        found = np.full((len(ids), len(ATTRIBUTES)), np.nan, np.float32)
        rows = self._guesses([schema.song_guesses.c[name] for name in ATTRIBUTES], ids=ids)
        _put(found, ids, [(row[0], row[1:]) for row in rows])
        return found

    def of_songs(self, ids: NDArray[np.int64]) -> NDArray[np.float32]:
        """Attributes `(n, 8)` of the songs `ids` `(n,)`, ascending: those known, else those told
        from the style, else NaN."""
        known = self.known(ids)
        return np.where(np.isnan(known), self.told(ids), known)

    def song_genres(self, ids: Sequence[int] | None = None) -> dict[int, Guess]:
        """The probable genres of songs that have none of their own, of all or those of `ids`."""
        columns = schema.song_guesses.c
        rows = self._guesses([columns.genre, columns.probability], ids=ids, no_genre=True)
        return {row[0]: Guess(row[1], row[2]) for row in rows if row[1] is not None}

    def track_genres(self, dataset: str) -> dict[str, Guess]:
        """The probable genres of tracks of a dataset that names none for them, by key."""
        table = schema.track_guesses
        query = select(table.c.key, table.c.genre, table.c.probability)
        with self._store.read() as db:
            if not has_table(db, table):
                return {}
            rows = db.execute(query.where(table.c.dataset == dataset)).all()
        return {key: Guess(genre, probability) for key, genre, probability in rows}

    def keep_songs(self, guesses: Iterable[SongGuess]) -> None:
        """Put these in the place of all that was told of songs."""
        rows = [_song_row(guess) for guess in guesses]
        with self._store.write() as db:
            schema.song_guesses.create(db, checkfirst=True)
            db.execute(delete(schema.song_guesses))
            if rows:
                db.execute(insert(schema.song_guesses), rows)

    def keep_tracks(self, dataset: str, guesses: Mapping[str, Guess]) -> None:
        """Put these, by key, in the place of all probable genres of a dataset's tracks."""
        table = schema.track_guesses
        rows = [
            {"dataset": dataset, "key": key, "genre": one.genre, "probability": one.probability}
            for key, one in guesses.items()
        ]
        with self._store.write() as db:
            table.create(db, checkfirst=True)
            db.execute(delete(table).where(table.c.dataset == dataset))
            if rows:
                db.execute(insert(table), rows)

    def _guesses(
        self,
        columns: Sequence[Any],
        *,
        ids: Sequence[int] | NDArray[np.int64] | None = None,
        no_genre: bool = False,
    ) -> list[tuple[Any, ...]]:
        """Song and `columns` of what still holds."""
        meta, songs, table = self._store.meta(), schema.songs.c, schema.song_guesses.c
        holds = and_(table.song == songs.id, table.style_row == songs.row)
        query = select(table.song, *columns)
        query = query.join_from(schema.song_guesses, schema.songs, holds)
        query = query.where(table.epoch == meta.epoch)
        if ids is not None:
            query = query.where(*_among(table.song, ids))
        if no_genre:
            query = query.where(or_(songs.genre.is_(None), func.trim(songs.genre) == ""))
        with self._store.read() as db:
            if not has_table(db, schema.song_guesses):
                return []
            return [tuple(row) for row in db.execute(query)]


def dataset_attributes(
    settings: CatalogSettings, dataset: str
) -> tuple[list[Track], NDArray[np.float32]]:
    """The tracks of a dataset that have attributes, by key, and these `(n, 8)`, NaN where unknown.
    Of some nothing but the key may be known.

    Raises `StoreError`.
    """
    with Datasets(settings) as datasets:
        table = datasets.attributes(dataset)
        named = {track.key: track for track in datasets.tracks(dataset)}
    return [named.get(key) or Track(dataset, key) for _, key in table.keys], table.values


def _among(
    column: ColumnElement[int], ids: Sequence[int] | NDArray[np.int64]
) -> list[ColumnElement[bool]]:
    """That `column` is one of a few `ids`; nothing for many, of which all are read."""
    few = [int(song) for song in ids] if len(ids) <= MOST_NAMED else None
    return [] if few is None else [column.in_(few)]


def _song_row(guess: SongGuess) -> dict[str, object]:
    values = [None if np.isnan(value) else float(value) for value in guess.values]
    genre = guess.genre
    return {
        "song": guess.song,
        "style_row": guess.row,
        "epoch": guess.epoch,
        **dict(zip(ATTRIBUTES, values, strict=True)),
        "genre": None if genre is None else genre.genre,
        "probability": None if genre is None else genre.probability,
    }


def _put(
    found: NDArray[np.float32],
    ids: NDArray[np.int64],
    rows: Sequence[tuple[int, Sequence[float | None]]],
) -> None:
    """Write `rows` of song and values into the lines of `found` that are theirs; the last wins."""
    lines = lines_of(ids, np.array([song for song, _ in rows], np.int64))
    for line, (_, values) in zip(lines.tolist(), rows, strict=True):
        if line >= 0:
            found[line] = np.array(values, np.float32)  # None becomes NaN

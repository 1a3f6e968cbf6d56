"""What was played: one record for every song that was heard, from when to when.

Records stand in the catalog's database. They are written without the writer's lock, so that songs
can be added while another process listens; each is one short transaction, for which the others
wait.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, or_, select
from sqlalchemy import insert as sql_insert

from . import schema
from .errors import UnknownPlayError
from .kept import Kept, has_table


@dataclass(frozen=True)
class PlayRecord:
    """A song that was played.

    - `song`, `title`, `artist`: as they were then; the song may have left the catalog since.
    - `source_kind`, `source_name`: where it was heard.
    - `started_at`, `ended_at`: when, in UTC.
    - `start_s`, `end_s`: where in the source, in seconds since that was opened.
    - `position_from_s`, `position_to_s`: where in the song; between them it may have jumped.
    - `rate`: how fast on average; 1.08 is 8 % faster.
    - `confidence`: probability that the song is right, at its best.
    """

    song: int
    title: str
    artist: str | None
    source_kind: str
    source_name: str
    started_at: datetime
    ended_at: datetime
    start_s: float
    end_s: float
    position_from_s: float
    position_to_s: float
    rate: float
    confidence: float


class Plays(Kept):
    """The plays of a catalog, see `Kept`."""

    def add(self, play: PlayRecord) -> None:
        """Store a play; when this returns, it is on the disk. Raises `StoreError`."""
        values = asdict(play)
        for name in ("started_at", "ended_at"):
            values[name] = _as_stored(values[name])
        with self._store.write() as db:
            schema.plays.create(db, checkfirst=True)
            db.execute(sql_insert(schema.plays).values(**values))

    def find(self, *, since: datetime | None = None, limit: int | None = None) -> list[PlayRecord]:
        """Plays, newest first: at most `limit`, those that ended at `since` or later.

        Raises `StoreError`.
        """
        query = _PLAYS.order_by(*_NEWEST_FIRST).limit(limit)
        if since is not None:
            query = query.where(schema.plays.c.ended_at >= _as_stored(since))
        with self._store.read() as db:
            return [play for _, play in _found(db, query)]

    def page(self, *, limit: int, before: int | None = None) -> list[tuple[int, PlayRecord]]:
        """At most `limit` plays with their ids, newest first: those that began before play
        `before` did, all of them when it is None.

        Raises `UnknownPlayError`: there is no play `before`. `StoreError`.
        """
        query = _PLAYS.order_by(*_NEWEST_FIRST).limit(limit)
        with self._store.read() as db:
            if before is not None:
                query = query.where(_began_before(db, before))
            return _found(db, query)

    def between(self, begin: datetime, end: datetime, *, limit: int) -> list[PlayRecord]:
        """The first `limit` plays that sounded between `begin` and `end`, in order of time.

        Raises `StoreError`.
        """
        table = schema.plays.c
        query = _PLAYS.where(table.started_at < _as_stored(end), table.ended_at > _as_stored(begin))
        query = query.order_by(table.started_at, table.id).limit(limit)
        with self._store.read() as db:
            return [play for _, play in _found(db, query)]


_PLAYS = select(schema.plays.c.id, *(schema.plays.c[field.name] for field in fields(PlayRecord)))
_NEWEST_FIRST = (schema.plays.c.started_at.desc(), schema.plays.c.id.desc())


def _found(db: Connection, query: Select[Any]) -> list[tuple[int, PlayRecord]]:
    """The plays that `query`, made of `_PLAYS`, finds, with their ids."""
    if not has_table(db, schema.plays):
        return []
    found = [row._asdict() for row in db.execute(query)]
    return [(values.pop("id"), _record(values)) for values in found]


def _began_before(db: Connection, play: int) -> ColumnElement[bool]:
    """Which plays come after `play`, newest first; raises `UnknownPlayError`."""
    table = schema.plays.c
    started_at = None
    if has_table(db, schema.plays):
        started_at = db.scalars(select(table.started_at).where(table.id == play)).first()
    if started_at is None:
        raise UnknownPlayError(f"no play {play} in the history")
    as_old = and_(table.started_at == started_at, table.id < play)
    return or_(table.started_at < started_at, as_old)


def _as_stored(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)


def _record(values: dict[str, object]) -> PlayRecord:
    for name in ("started_at", "ended_at"):
        moment = values[name]
        assert isinstance(moment, datetime)
        values[name] = moment.replace(tzinfo=UTC)
    return PlayRecord(**values)  # type: ignore[arg-type]

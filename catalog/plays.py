"""What was played: one record for every song that was heard, from when to when.

Records stand in the catalog's database. They are written without the writer's lock, so that songs
can be added while another process listens; each is one short transaction, for which the others
wait.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime

from sqlalchemy import insert as sql_insert
from sqlalchemy import inspect, select

from . import schema
from .closing import Closing
from .settings import CatalogSettings
from .store import Store


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


class Plays(Closing):
    """The plays of the catalog in `settings.directory`; close it, or use it as a context manager.

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

    def add(self, play: PlayRecord) -> None:
        """Store a play; when this returns, it is on the disk. Raises `StoreError`."""
        values = asdict(play)
        for name in ("started_at", "ended_at"):
            values[name] = values[name].astimezone(UTC).replace(tzinfo=None)
        with self._store.write() as db:
            schema.plays.create(db, checkfirst=True)
            db.execute(sql_insert(schema.plays).values(**values))

    def find(self, *, since: datetime | None = None, limit: int | None = None) -> list[PlayRecord]:
        """Plays, newest first: at most `limit`, those that ended at `since` or later.

        Raises `StoreError`.
        """
        table = schema.plays.c
        query = select(*(table[field.name] for field in fields(PlayRecord)))
        query = query.order_by(table.started_at.desc(), table.id.desc()).limit(limit)
        if since is not None:
            query = query.where(table.ended_at >= since.astimezone(UTC).replace(tzinfo=None))
        with self._store.read() as db:
            if not inspect(db).has_table(schema.plays.name):
                return []
            return [_record(row._asdict()) for row in db.execute(query)]


def _record(values: dict[str, object]) -> PlayRecord:
    for name in ("started_at", "ended_at"):
        moment = values[name]
        assert isinstance(moment, datetime)
        values[name] = moment.replace(tzinfo=UTC)
    return PlayRecord(**values)  # type: ignore[arg-type]

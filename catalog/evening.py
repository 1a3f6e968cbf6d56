"""The evening so far: what was heard, ranked and tagged, moment by moment, for some hours.

Kept beside the songs as plays are (`catalog.kept`), without any sound. A moment holds names as they
were, since songs may leave the catalog. Moments that are older than is kept are deleted while newer
ones are written, and there are never more than fit into that time.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import ceil

from sqlalchemy import delete, func, select
from sqlalchemy import insert as sql_insert

from . import schema
from .kept import Kept, has_table
from .map_file import Xyz
from .settings import CatalogSettings, EveningSettings

HOUR_S = 3600


@dataclass(frozen=True)
class Near:
    """A song that sounds like what is heard; `score` is the cosine of their styles."""

    song: int
    title: str
    artist: str | None
    score: float


@dataclass(frozen=True)
class Likely:
    """A tag of what is heard."""

    tag: str
    probability: float


@dataclass(frozen=True)
class Moment:
    """What was heard `at` seconds since 1970.

    `xyz` is its place on the map; `state` that of the match, and `song` its song, with title and
    artist; all None where there was none. `similar` and `tags` are the first of each, best first.
    """

    at: float
    xyz: Xyz | None
    state: str
    song: int | None
    title: str | None
    artist: str | None
    similar: tuple[Near, ...]
    tags: tuple[Likely, ...]

    def as_json(self) -> str:
        """The moment as an object of JSON."""
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":"), allow_nan=False)


class Evening(Kept):
    """The moments kept in the catalog of `settings`."""

    def __init__(self, settings: CatalogSettings, kept: EveningSettings) -> None:
        super().__init__(settings)
        self._keep_s = kept.keep_h * HOUR_S
        self.most = ceil(self._keep_s / kept.every_s)
        """So many moments are kept at most."""

    def add(self, moments: Sequence[Moment]) -> None:
        """Store moments, in order, and delete those that are too old by the newest of them, and
        the oldest of too many. Raises `StoreError`."""
        if not moments:
            return
        table = schema.evening
        with self._store.write() as db:
            table.create(db, checkfirst=True)
            db.execute(
                sql_insert(table), [{"at": one.at, "moment": one.as_json()} for one in moments]
            )
            newest = db.execute(select(func.max(table.c.id))).scalar_one()
            too_old = table.c.at < moments[-1].at - self._keep_s
            db.execute(delete(table).where(too_old | (table.c.id <= newest - self.most)))

    def find(self, *, since: float = 0.0, limit: int | None = None) -> list[str]:
        """The newest moments, `limit` at most, of those later than `since` (seconds since 1970):
        each an object of JSON, oldest first. Raises `StoreError`."""
        table = schema.evening.c
        query = select(table.moment).where(table.at > since)
        query = query.order_by(table.at.desc(), table.id.desc()).limit(limit)
        with self._store.read() as db:
            if not has_table(db, schema.evening):
                return []
            return [str(moment) for moment in db.scalars(query)][::-1]

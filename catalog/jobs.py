"""Long commands that wait for their turn, one after the other: a queue that outlives the daemon.

A job is a command of `nowhear`, such as `map build`. Who holds the lock of `jobs_lock` runs them;
all others add, look and cancel. A job that was running when its daemon ended is put back into the
queue and runs again: every command is made so that running it again is right.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import takewhile
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Connection, delete, func, insert, select, update

from . import schema
from .errors import LimitError, UnknownJobError
from .kept import Kept, has_table
from .lock import WriterLock
from .settings import CatalogSettings

State = Literal["queued", "running", "done", "failed", "cancelled"]
WAITING: tuple[State, ...] = ("queued", "running")
"""States of jobs that have not ended."""

MOST_QUEUED = 100
MOST_ENDED = 200
"""Jobs that have ended and are still known; older ones are forgotten."""
MOST_MESSAGE = 1000  # characters

_FOLDER = "jobs"
_NAME_WORDS = 2  # of a command's name, at most


@dataclass(frozen=True)
class Job:
    """A command in the queue.

    - `command`: its words, without the program's name.
    - `folder`: where it runs, and what its relative paths are relative to; None: anywhere.
    - `progress`: 0 to 1; None: unknown.
    - `message`: what is being done, or why it failed.
    - `made_at`, `started_at`, `ended_at`: in UTC.
    - `result`: what it printed: JSON, or text when that is none; None: nothing, or not ended.
    """

    id: int
    command: tuple[str, ...]
    folder: Path | None
    state: State
    progress: float | None
    message: str | None
    made_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    result: Any

    @property
    def name(self) -> str:
        """The command without its options and paths: `import fma` of `import fma /music`."""
        words = takewhile(re.compile(r"[a-z][a-z-]*").fullmatch, self.command[:_NAME_WORDS])
        return " ".join(words)

    @property
    def ended(self) -> bool:
        """Whether nothing will happen to it any more."""
        return self.state not in WAITING


class Jobs(Kept):
    """The queue of a catalog, see `Kept`. Each method is one transaction, may raise `StoreError`,
    and `UnknownJobError` when it is told a job that there is not."""

    def add(self, command: Sequence[str], *, folder: Path | None = None) -> Job:
        """Put a command at the end of the queue; one that waits there already is not put twice.

        Raises `LimitError`: too many wait.
        """
        words = json.dumps(list(command), ensure_ascii=False)
        where = None if folder is None else os.fsencode(folder)
        table = schema.jobs
        with self._store.write() as db:
            table.create(db, checkfirst=True)
            queued = [job for job in _all(db) if job.state == "queued"]
            for job in queued:
                if (job.command, job.folder) == (tuple(command), folder):
                    return job
            if len(queued) >= MOST_QUEUED:
                raise LimitError(f"{len(queued)} jobs wait already, the most that can; cancel some")
            _forget(db)
            values = {"command": words, "folder": where, "state": "queued", "made_at": _now()}
            made = db.execute(insert(table).values(**values)).inserted_primary_key
            assert made is not None
            return _get(db, made[0])

    def all(self) -> list[Job]:
        """All jobs that are known, oldest first."""
        with self._store.read() as db:
            return _all(db) if has_table(db, schema.jobs) else []

    def get(self, number: int) -> Job:
        """One job."""
        with self._store.read() as db:
            return _get(db, number)

    def cancel(self, number: int) -> Job:
        """Take a job out of the queue, or have it ended if it runs; one that has ended stays as it
        is."""
        with self._store.write() as db:
            if not _get(db, number).ended:
                _change(db, number, state="cancelled", ended_at=_now())
            return _get(db, number)

    def take(self) -> Job | None:
        """The oldest job that waits; it is running from now on. None: there is none."""
        with self._store.write() as db:
            if not has_table(db, schema.jobs):
                return None
            job = next((job for job in _all(db) if job.state == "queued"), None)
            if job is None:
                return None
            fresh = {"progress": None, "message": None, "ended_at": None, "result": None}
            _change(db, job.id, state="running", started_at=_now(), **fresh)
            return _get(db, job.id)

    def tell(self, number: int, *, progress: float | None, message: str | None) -> None:
        """Note how far a job is."""
        with self._store.write() as db:
            _change(db, number, progress=progress, message=_shortened(message))

    def end(self, number: int, state: State, *, message: str | None, result: Any = None) -> None:
        """Note how a job ended, unless it was cancelled meanwhile."""
        with self._store.write() as db:
            if _get(db, number).state != "running":
                return
            done = {"progress": 1.0} if state == "done" else {}
            text = None if result is None else json.dumps(result, ensure_ascii=False)
            words = {"message": _shortened(message), "result": text, "ended_at": _now()}
            _change(db, number, state=state, **words, **done)

    def put_back(self) -> None:
        """Jobs that are running wait again: for who has just taken the lock, or gives it back."""
        again = {"state": "queued", "progress": None, "message": None, "started_at": None}
        with self._store.write() as db:
            if has_table(db, schema.jobs):
                running = schema.jobs.c.state == "running"
                db.execute(update(schema.jobs).where(running).values(**again))


def jobs_lock(settings: CatalogSettings) -> WriterLock:
    """The lock of whoever runs the catalog's jobs; see `WriterLock`. Raises `OSError`."""
    folder = settings.directory / _FOLDER
    folder.mkdir(exist_ok=True)
    return WriterLock(folder)


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


def _shortened(message: str | None) -> str | None:
    return None if message is None else message[:MOST_MESSAGE]


def _all(db: Connection) -> list[Job]:
    rows = db.execute(select(schema.jobs).order_by(schema.jobs.c.id))
    return [_job(row._asdict()) for row in rows]


def _get(db: Connection, number: int) -> Job:
    row = None
    if has_table(db, schema.jobs):
        row = db.execute(select(schema.jobs).where(schema.jobs.c.id == number)).first()
    if row is None:
        raise UnknownJobError(f"no job {number}; `nowhear jobs` lists them")
    return _job(row._asdict())


def _change(db: Connection, number: int, **values: Any) -> None:
    db.execute(update(schema.jobs).where(schema.jobs.c.id == number).values(**values))


def _forget(db: Connection) -> None:
    """Leaves the newest of the jobs that have ended."""
    table = schema.jobs.c
    ended = table.state.not_in(WAITING)
    kept = select(table.id).where(ended).order_by(table.id.desc()).limit(MOST_ENDED).subquery()
    oldest = db.scalar(select(func.min(kept.c.id)))
    if oldest is not None:
        db.execute(delete(schema.jobs).where(ended, table.id < oldest))


def _job(row: Mapping[str, Any]) -> Job:
    values = dict(row)
    for name in ("made_at", "started_at", "ended_at"):
        values[name] = None if values[name] is None else values[name].replace(tzinfo=UTC)
    folder, result = values["folder"], values["result"]
    values["command"] = tuple(json.loads(values["command"]))
    values["folder"] = None if folder is None else Path(os.fsdecode(folder))
    values["result"] = None if result is None else json.loads(result)
    return Job(**values)

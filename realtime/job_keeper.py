"""Runs the jobs of the catalog's queue while the daemon listens, and says how far they are."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

from catalog.errors import BusyError, CatalogError, NoCatalogError
from catalog.jobs import Job, Jobs, jobs_lock
from catalog.lock import WriterLock

from . import messages
from .job_process import JobProcess
from .logs import logger
from .settings import Settings

_log = logger("jobs")

ENDED_TOLD = 10
"""Jobs that have ended and are still told of."""

NOTE_EVERY_S = 1.0
"""Between two notes in the database of how far a job is."""

LAST_S = 6.0
"""So long is waited at the end for a job to end by itself; it is put back into the queue."""


class JobKeeper:
    """Looks with every `tick` whether a job waits, and has one run at a time.

    Of several daemons on one catalog the first runs them. What goes wrong is logged and stops
    nothing.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._jobs: Jobs | None = None
        self._lock: WriterLock | None = None
        self._worker: threading.Thread | None = None
        self._running: tuple[int, JobProcess] | None = None
        self._told: messages.Jobs | None = None
        self._trouble: str | None = None

    def tick(self) -> messages.Jobs | None:
        """Begins the next job if that is due, and ends one that was cancelled; returns soon.

        Returns what there is to tell, None: nothing new.
        """
        try:
            known = self._look()
        except NoCatalogError:
            return None
        except (CatalogError, OSError) as error:
            self._note(error)
            return None
        news = told(known)
        if news == (self._told or messages.Jobs(jobs=())):
            return None
        self._told = news
        return news

    def close(self) -> None:
        """Ends what runs; it waits in the queue from now on, and begins again another time."""
        worker, running = self._worker, self._running
        if worker is not None and running is not None:
            running[1].stop()
            worker.join(LAST_S)
            if worker.is_alive():
                running[1].kill()
                worker.join(LAST_S)
        try:
            if self._jobs is not None and self._lock is not None:
                self._jobs.put_back()
        except CatalogError as error:
            self._note(error)
        if self._lock is not None:
            self._lock.release()
        if self._jobs is not None:
            self._jobs.close()

    def _look(self) -> list[Job]:
        if self._jobs is None:
            self._jobs = Jobs(self._settings.catalog)
        known = self._jobs.all()
        if self._worker is not None and self._worker.is_alive():
            self._heed_cancelled(known)
        elif any(not job.ended for job in known) and self._begin(self._jobs):
            known = self._jobs.all()
        return known

    def _heed_cancelled(self, known: Sequence[Job]) -> None:
        cancelled = {job.id for job in known if job.state == "cancelled"}
        if self._running is not None and self._running[0] in cancelled:
            self._running[1].stop()

    def _begin(self, jobs: Jobs) -> bool:
        """Begins the next job; whether anything has changed."""
        if self._lock is None:
            lock = jobs_lock(self._settings.catalog)
            try:
                lock.acquire()
            except BusyError:
                return False  # another daemon runs them
            self._lock = lock
        jobs.put_back()  # nobody runs what is called running
        job = jobs.take()
        if job is None:
            return False
        process = JobProcess(job, self._settings)
        self._running = (job.id, process)
        self._worker = threading.Thread(
            target=self._work, args=(jobs, job, process, self._lock), name="job", daemon=True
        )
        self._worker.start()
        return True

    def _work(self, jobs: Jobs, job: Job, process: JobProcess, lock: WriterLock) -> None:
        noted_s = -NOTE_EVERY_S

        def tell(progress: float | None, message: str | None) -> None:
            nonlocal noted_s
            if time.monotonic() - noted_s >= NOTE_EVERY_S:
                noted_s = time.monotonic()
                jobs.tell(job.id, progress=progress, message=message)

        _log.info("job %d: %s", job.id, job.name)
        try:
            ended = process.run(tell, lock=lock.fileno())
            if ended.state == "done" or not process.stopped:
                jobs.end(job.id, ended.state, message=ended.message, result=ended.result)
                _log.info("job %d: %s%s", job.id, ended.state, _because(ended.message))
        except (OSError, ValueError) as error:  # such as a folder that is gone
            self._fail(jobs, job, error)
        except CatalogError as error:
            self._note(error)

    def _fail(self, jobs: Jobs, job: Job, error: Exception) -> None:
        _log.warning("job %d: %s", job.id, error)
        try:
            jobs.end(job.id, "failed", message=f"it could not be started: {error}")
        except CatalogError as trouble:
            self._note(trouble)

    def _note(self, error: Exception) -> None:
        if str(error) != self._trouble:
            _log.warning("jobs: %s", error)
        self._trouble = str(error)


def told(known: Sequence[Job]) -> messages.Jobs:
    """What is told of jobs: of those that have ended the last few."""
    ended = [job.id for job in known if job.ended][-ENDED_TOLD:]
    rows = [job for job in known if not job.ended or job.id in ended]
    return messages.Jobs(jobs=tuple(job_row(job) for job in rows))


def job_row(job: Job) -> messages.Job:
    """A job as clients hear of it."""
    return messages.Job(
        job=job.id,
        name=job.name,
        state=job.state,
        progress=job.progress,
        message=job.message,
    )


def _because(message: str | None) -> str:
    return f": {message}" if message else ""

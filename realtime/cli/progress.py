"""How far a long command is: a bar on a terminal, lines of JSON for whoever runs it as a job.

Under `NOWHEAR_PROGRESS=json` in the environment, each line on standard error is an object:
`{"progress": 0..1 or null, "message": text or null}`; null is unknown. Without it, and without a
terminal, nothing is written.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from realtime.cli.common import stderr

PROGRESS_VARIABLE = "NOWHEAR_PROGRESS"
AS_JSON = "json"

_LEAST_S = 0.2
"""Seconds between two lines of JSON: nobody reads faster, and each is written to a database."""


class Tell(Protocol):
    """Is told how far the work is, as often as you like."""

    def __call__(self, done: float, total: float | None, message: str | None = None, /) -> None:
        """`done` of `total`, in any unit; `total` None: nobody knows. `message` says what is being
        done, for example the file or the stage."""


@contextmanager
def progress(what: str) -> Iterator[Tell]:
    """Shows how far the work within is; `what` names it in one word, for example "importing".

    >>> with progress("counting") as tell:
    ...     for number in range(3):
    ...         tell(number, 3, f"number {number}")
    """
    if os.environ.get(PROGRESS_VARIABLE) == AS_JSON:
        with _lines(what) as tell:
            yield tell
    elif sys.stderr.isatty() and stderr.is_terminal:
        with _bar(what) as tell:
            yield tell
    else:
        yield _nobody


def progress_is_seen() -> bool:
    """Whether anybody sees what `progress` shows, for work that is slower when it must tell."""
    asked = os.environ.get(PROGRESS_VARIABLE) == AS_JSON
    return asked or (sys.stderr.isatty() and stderr.is_terminal)


def share_of(done: float, total: float | None) -> float | None:
    """How much of `total` is done, 0 to 1; None: unknown."""
    return min(1.0, max(0.0, done / total)) if total else None


def _nobody(_done: float, _total: float | None, _message: str | None = None, /) -> None:
    pass


@contextmanager
def _bar(what: str) -> Iterator[Tell]:
    message = TextColumn("{task.fields[message]}", markup=False)
    columns = (TextColumn(what), BarColumn(), TaskProgressColumn(), TimeRemainingColumn(), message)
    with Progress(*columns, console=stderr, transient=True) as bar:
        task = bar.add_task(what, total=None, message="")

        def tell(done: float, total: float | None, message: str | None = None, /) -> None:
            bar.update(task, completed=done, total=total, message=message or "")

        yield tell


@contextmanager
def _lines(what: str, *, clock: Callable[[], float] = time.monotonic) -> Iterator[Tell]:
    written_s: float | None = None
    waiting: str | None = None

    def tell(done: float, total: float | None, message: str | None = None, /) -> None:
        nonlocal written_s, waiting
        line = json.dumps({"progress": share_of(done, total), "message": message or what})
        now_s = clock()
        if written_s is not None and now_s - written_s < _LEAST_S:
            waiting = line
            return
        _write(line)
        written_s, waiting = now_s, None

    tell(0, None)
    try:
        yield tell
    finally:
        if waiting is not None:
            _write(waiting)


def _write(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()

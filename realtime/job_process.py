"""One job as a process of its own: begun, listened to, ended."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from catalog.jobs import Job, State

from .settings import CONFIG_NAME, Settings

CHILD = (sys.executable, "-m", "realtime.cli.job_child")
ENVIRONMENT = {
    "NOWHEAR_PROGRESS": "json",
    "PYTHONIOENCODING": "utf-8",
    "COLUMNS": "1000",  # no error is broken into lines
    "NO_COLOR": "1",
}
MOST_PRINTED = 64 * 1024  # bytes of what a command printed that are kept
_BOX = "│╭╰─╮╯ \t"  # what errors of usage are framed by

Tell = Callable[[float | None, str | None], None]
"""Is told how much is done, 0 to 1, and what is being done; None: unknown."""


@dataclass(frozen=True)
class Outcome:
    """How a job ended: why, if it failed, and what it printed."""

    state: State
    message: str | None
    result: Any


class JobProcess:
    """The process of `job`; `settings` are those it works with, the catalog's folder among them."""

    def __init__(self, job: Job, settings: Settings) -> None:
        self._job, self._settings = job, settings
        self._process: subprocess.Popen[bytes] | None = None
        self.stopped = False

    def run(self, tell: Tell, *, lock: int) -> Outcome:
        """The whole job; returns when it has ended. `lock` is a file that the process holds open
        too. Raises `OSError`: it could not be started."""
        with tempfile.TemporaryDirectory(prefix="nowhear-") as folder:
            config = Path(folder) / CONFIG_NAME
            secret = {"server"}  # the token
            config.write_text(
                json.dumps(self._settings.model_dump(mode="json", exclude=secret)), encoding="utf-8"
            )
            with tempfile.TemporaryFile() as printed:
                process = self._begin(with_config(self._job.command, config), printed, lock)
                try:
                    last = _heard(process, tell)
                finally:
                    self._close()
                    status = process.wait()
                return _outcome(status, last, printed)

    def stop(self) -> None:
        """Has the process end soon, by itself: its standard input closes."""
        self.stopped = True
        if self._process is not None:
            self._close()

    def kill(self) -> None:
        """Ends the process at once."""
        if self._process is not None:
            self._process.kill()

    def _begin(self, command: Sequence[str], printed: IO[bytes], lock: int) -> Any:
        self._process = subprocess.Popen(
            [*CHILD, *command],
            stdin=subprocess.PIPE,
            stdout=printed,
            stderr=subprocess.PIPE,
            cwd=self._job.folder,
            env={**os.environ, **ENVIRONMENT},
            pass_fds=(lock,),
            start_new_session=True,  # Ctrl-C is for the daemon, which ends this properly
        )
        if self.stopped:  # meanwhile
            self._close()
        return self._process

    def _close(self) -> None:
        if self._process is not None and self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.close()


def with_config(command: Sequence[str], config: Path) -> list[str]:
    """The command with an option `--config`, before what it takes as it is.

    >>> with_config(["add", "--", "-odd name"], Path("c.yaml"))
    ['add', '--config', 'c.yaml', '--', '-odd name']
    """
    words = list(command)
    at = words.index("--") if "--" in words else len(words)
    return [*words[:at], "--config", str(config), *words[at:]]


def _heard(process: subprocess.Popen[bytes], tell: Tell) -> str | None:
    """Hands on how far the process is, until it has ended; the last that it said in words."""
    last = None
    assert process.stderr is not None
    with process.stderr as lines:
        for raw in lines:
            line = raw.decode("utf-8", "replace").strip(_BOX + "\r\n")
            if (told := _told(line)) is not None:
                tell(*told)
            elif line:
                last = line
    return last


def _told(line: str) -> tuple[float | None, str | None] | None:
    """What a line of `realtime.cli.progress` says; None: it is none."""
    if not line.startswith('{"progress":'):
        return None
    try:
        said = json.loads(line)
        return said["progress"], said["message"]
    except (ValueError, KeyError, RecursionError):
        return None


def _outcome(status: int, last: str | None, printed: IO[bytes]) -> Outcome:
    if status != 0:
        why = (last or f"it ended with status {status}").removeprefix("nowhear: ")
        return Outcome("failed", why, None)
    printed.seek(0)
    raw = printed.read(MOST_PRINTED + 1)
    text = raw[:MOST_PRINTED].decode("utf-8", "replace").strip()
    try:
        return Outcome("done", last, json.loads(text) if text else None)
    except (ValueError, RecursionError):
        return Outcome("done", last, text)

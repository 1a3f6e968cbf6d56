"""One writer at a time: a lock on a file in the catalog's folder."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from .errors import BusyError, StoreError

LOCK_NAME = "writer.lock"


class WriterLock:
    """Held from `acquire` to `release`, or until the process ends in whatever way.

    The kernel lets go of a `flock` with the process, so a kill leaves nothing to clean up. The file
    holds the writer's process id, for the message only.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / LOCK_NAME
        self._fd: int | None = None

    def acquire(self) -> None:
        """Take the lock at once; raises `BusyError` when another holds it, `StoreError`."""
        try:
            fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise StoreError(f"{self._path}: cannot be opened for writing: {error}") from error
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(fd, 32).decode("ascii", "replace").strip() or "unknown"
            os.close(fd)
            raise BusyError(
                f"{self._path.parent}: another process (pid {holder}) is writing to this catalog; "
                "wait for it to end, then run this again"
            ) from None
        except OSError as error:
            os.close(fd)
            raise StoreError(f"{self._path}: cannot be locked: {error}") from error
        self._fd = fd
        try:
            os.ftruncate(fd, 0)
            os.pwrite(fd, f"{os.getpid()}\n".encode(), 0)
        except OSError:
            pass  # a full disk: the lock holds all the same, only its holder goes unnamed

    def fileno(self) -> int:
        """The file's descriptor, for a child process that shall hold the lock as well: then it is
        free once both have ended. Raises `StoreError` when the lock is not held."""
        if self._fd is None:
            raise StoreError(f"{self._path}: not held by this process")
        return self._fd

    def release(self) -> None:
        """Let go; does nothing when the lock is not held."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def __enter__(self) -> WriterLock:
        self.acquire()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.release()


@contextmanager
def locked_folder(folder: Path) -> Iterator[Path]:
    """A folder of the catalog's, made if need be and locked within the block.

    Raises `BusyError`, `StoreError`.
    """
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise StoreError(f"{folder}: cannot be made: {error.strerror}") from error
    with WriterLock(folder):
        yield folder

"""One audio file: what it was when it was read, and the song it makes."""

from __future__ import annotations

import hashlib
import os
import stat
import threading
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from encoder.embedding import Embeddings, Encoder, EncoderSpec
from encoder.errors import AudioError
from encoder.files import FileEmbedding, embed_file, song_style

from .file_tags import read_details
from .songs import FileState, NewSong

READ_BYTES = 1 << 20


class RefusedError(Exception):
    """This file cannot be added; the text says why. Not an error of the run."""


class StoppedError(Exception):
    """The run is to end."""


class CancellableEncoder:
    """An encoder that raises `StoppedError` once `stop` is set, so that a file of hours does not
    keep a run from ending."""

    def __init__(self, encoder: Encoder, stop: threading.Event) -> None:
        self._encoder = encoder
        self._stop = stop

    @property
    def spec(self) -> EncoderSpec:
        """The encoder's own."""
        return self._encoder.spec

    def embed(self, windows: NDArray[np.float32]) -> Embeddings:
        """The encoder's own, or `StoppedError`."""
        if self._stop.is_set():
            raise StoppedError
        return self._encoder.embed(windows)

    def prints(self, stretches: NDArray[np.float32]) -> NDArray[np.float32]:
        """The encoder's own, or `StoppedError`."""
        if self._stop.is_set():
            raise StoppedError
        return self._encoder.prints(stretches)


def read_state(path: Path, *, stop: threading.Event | None = None) -> FileState:
    """Size, time and SHA-256 of a file; raises `RefusedError`, `StoppedError`."""
    digest = hashlib.sha256()
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)  # a pipe must not block
        with os.fdopen(fd, "rb") as file:
            before = os.fstat(fd)
            if not stat.S_ISREG(before.st_mode):
                raise RefusedError("is no regular file")
            while block := file.read(READ_BYTES):
                if stop is not None and stop.is_set():
                    raise StoppedError
                digest.update(block)
    except (OSError, ValueError) as error:
        raise RefusedError(_reason(error)) from error
    if before.st_size == 0:
        raise RefusedError("is empty")
    return FileState(path, before.st_size, before.st_mtime_ns, digest.hexdigest())


def is_as_stored(file: FileState) -> bool:
    """Whether the file still has the size and time it had."""
    try:
        now = file.path.stat()
    except (OSError, ValueError):
        return False
    return (now.st_size, now.st_mtime_ns) == (file.size, file.mtime_ns)


def is_gone(file: FileState) -> bool:
    """Whether that content is no longer at that place."""
    if is_as_stored(file):
        return False
    try:
        return read_state(file.path).content_hash != file.content_hash
    except RefusedError:
        return True


def embed(path: Path, encoder: Encoder, *, hop_s: float) -> FileEmbedding:
    """`embed_file`, its errors and the system's as `RefusedError`."""
    try:
        return embed_file(path, encoder, hop_s=hop_s)
    except AudioError as error:
        raise RefusedError(str(error)) from error
    except (OSError, ValueError) as error:
        raise RefusedError(_reason(error)) from error


def make_song(file: FileState, encoder: Encoder, *, hop_s: float, replaces: int | None) -> NewSong:
    """The song of a file; raises `RefusedError`, `StoppedError`."""
    heard = embed(file.path, encoder, hop_s=hop_s)
    details = read_details(file.path)
    if not is_as_stored(file):
        raise RefusedError("was changed or removed while it was read; run this again")
    return NewSong(
        file=file,
        details=details,
        duration_s=heard.duration_s,
        style=song_style(heard.style),
        tags=heard.tags.mean(axis=0, dtype=np.float64).astype(np.float32),
        prints=heard.prints,
        peaks=heard.peaks,
        replaces=replaces,
    )


def _reason(error: OSError | ValueError) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)

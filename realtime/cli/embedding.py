"""Writes window vectors of files for the command `nowhear embed`."""

from __future__ import annotations

import io
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from catalog.files import RefusedError, embed
from encoder.embedding import Encoder
from encoder.files import FileEmbedding
from realtime.errors import RealtimeError


def write_embeddings(
    files: Iterable[Path], out: Path, encoder: Encoder, *, hop_s: float
) -> tuple[list[tuple[Path, Path]], list[tuple[Path, str]]]:
    """Embed `files` one by one into `out`: pairs of file and result, and of file and why not.

    Raises `RealtimeError` when `out` cannot be written.
    """
    written: list[tuple[Path, Path]] = []
    skipped: list[tuple[Path, str]] = []
    try:
        out.mkdir(parents=True, exist_ok=True)
        for path, name in _names(files):
            try:
                heard = embed(path, encoder, hop_s=hop_s)
            except RefusedError as error:
                skipped.append((path, str(error)))
                continue
            write_whole(out / name, _npz(heard))
            written.append((path, out / name))
    except OSError as error:
        raise RealtimeError(f"{out}: cannot be written: {error.strerror}") from error
    return written, skipped


def _names(files: Iterable[Path]) -> Iterator[tuple[Path, str]]:
    """Every file once with the name of its result; names are the same at each run."""
    taken: set[str] = set()
    for path in dict.fromkeys(files):
        name, number = f"{path.stem}.npz", 1
        while name in taken:
            number += 1
            name = f"{path.stem}-{number}.npz"
        taken.add(name)
        yield path, name


def _npz(heard: FileEmbedding) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, style=heard.style, tags=heard.tags, times=heard.times_s)
    return buffer.getvalue()


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that a reader, or a kill, finds the old or the new one whole."""
    temporary = path.with_name(f".{path.name[:200]}.{os.getpid()}")
    try:
        temporary.write_bytes(data)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)

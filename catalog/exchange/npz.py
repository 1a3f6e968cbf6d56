"""Features as NPZ: an array a column, all of it in memory while it is written."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import ManifestError
from .rows import (
    CHUNK_SONGS,
    NUMBERS,
    TEXTS,
    Chunk,
    Contents,
    Header,
    Writer,
    chunk_of,
    read_header,
)

_HEADER = "header"


class _Writer:
    def __init__(self) -> None:
        self.chunks: list[Chunk] = []

    def add(self, chunk: Chunk) -> None:
        self.chunks.append(chunk)


class Npz:
    """NumPy's zip of arrays."""

    @contextmanager
    def writing(self, path: Path, header: Header) -> Iterator[Writer]:
        """See `rows.Format`."""
        writer = _Writer()
        yield writer
        with path.open("wb") as file:  # by name, savez would add an ending
            np.savez(file, allow_pickle=False, **_arrays(writer.chunks, header))

    @contextmanager
    def reading(self, path: Path) -> Iterator[Contents]:
        """See `rows.Format`."""
        try:
            # Opened here, since numpy leaves a file open that is none.
            with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
                arrays = {name: file[name] for name in file.files}
        except (OSError, ValueError, AttributeError, TypeError, zipfile.BadZipFile) as error:
            raise ManifestError(f"{path}: is no NPZ file that can be read: {error}") from error
        header = read_header(str(arrays.get(_HEADER, "")), path)
        if missing := {*TEXTS, *NUMBERS, "style", "tags", *header.of_segments()} - set(arrays):
            raise ManifestError(f"{path}: without {', '.join(sorted(missing))}")
        songs = len(arrays["uri"])
        yield Contents(header, songs, _chunks(arrays, header, songs))


def _arrays(chunks: list[Chunk], header: Header) -> dict[str, Any]:
    spec = header.spec
    columns: dict[str, list[Any]] = {name: [] for name in (*TEXTS, *NUMBERS)}
    style, tags = [np.zeros((0, spec.style_dim), "<f4")], [np.zeros((0, len(spec.tags)), "<f4")]
    segments: dict[str, list[NDArray[Any]]] = {
        name: [np.zeros((0, width), kind)] for name, (kind, width) in header.of_segments().items()
    }
    for chunk in chunks:
        for name, values in chunk.columns().items():
            columns[name] += ["" if value is None else value for value in values]
        style.append(chunk.style)
        tags.append(chunk.tags)
        segments["prints"] += chunk.prints
        segments["peaks"] += chunk.peaks
    return {
        _HEADER: np.array(header.to_json()),
        **{name: np.array(columns[name], np.str_) for name in TEXTS},
        **{name: np.array(columns[name], kind) for name, kind in NUMBERS.items()},
        "style": np.concatenate(style),
        "tags": np.concatenate(tags),
        **{name: np.concatenate(rows) for name, rows in segments.items()},
    }


def _chunks(arrays: dict[str, Any], header: Header, songs: int) -> Iterator[Chunk]:
    ends = np.concatenate([[0], np.cumsum(arrays["segments"])])
    for first in range(0, songs, CHUNK_SONGS):
        last = min(first + CHUNK_SONGS, songs)
        columns = {name: arrays[name][first:last] for name in NUMBERS}
        columns |= {name: arrays[name][first:last].tolist() for name in TEXTS}
        rows = slice(ends[first], ends[last])
        yield chunk_of(
            columns,
            arrays["style"][first:last],
            arrays["tags"][first:last],
            {name: arrays[name][rows] for name in header.of_segments()},
            header,
        )

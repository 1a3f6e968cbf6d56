"""Features as HDF5: a data set a column, growing along the songs; the header is an attribute."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import ManifestError, MissingExtraError
from .rows import (
    CHUNK_SONGS,
    FORMAT,
    NUMBERS,
    TEXTS,
    Chunk,
    Contents,
    Header,
    Writer,
    chunk_of,
    read_header,
)


def _h5py() -> Any:
    try:
        import h5py
    except ImportError as error:
        raise MissingExtraError(
            "HDF5 needs h5py, which is not installed: pip install 'nowhear[learn]'"
        ) from error
    return h5py


class _Writer:
    def __init__(self, file: Any, header: Header, text: Any) -> None:
        self._file = file
        spec = header.spec
        for name in TEXTS:
            file.create_dataset(name, (0,), maxshape=(None,), dtype=text, chunks=(CHUNK_SONGS,))
        for name, kind in NUMBERS.items():
            file.create_dataset(name, (0,), maxshape=(None,), dtype=kind, chunks=(CHUNK_SONGS,))
        for name, width in (("style", spec.style_dim), ("tags", len(spec.tags))):
            self._rows(name, width, "<f4")
        for name, (dtype, width) in header.of_segments().items():
            self._rows(name, width, dtype)

    def _rows(self, name: str, width: int, kind: Any) -> None:
        self._file.create_dataset(
            name, (0, width), maxshape=(None, width), dtype=kind, chunks=(CHUNK_SONGS, width)
        )

    def add(self, chunk: Chunk) -> None:
        for name, values in chunk.columns().items():
            self._append(name, ["" if value is None else value for value in values])
        self._append("style", chunk.style)
        self._append("tags", chunk.tags)
        for prints, peaks in zip(chunk.prints, chunk.peaks, strict=True):
            self._append("prints", prints)
            self._append("peaks", peaks)

    def _append(self, name: str, values: Any) -> None:
        data = self._file[name]
        before = data.shape[0]
        data.resize(before + len(values), axis=0)
        data[before:] = values


class Hdf5:
    """HDF5, by h5py."""

    @contextmanager
    def writing(self, path: Path, header: Header) -> Iterator[Writer]:
        """See `rows.Format`."""
        h5py = _h5py()
        with h5py.File(path, "w") as file:
            file.attrs[FORMAT] = header.to_json()
            yield _Writer(file, header, h5py.string_dtype())

    @contextmanager
    def reading(self, path: Path) -> Iterator[Contents]:
        """See `rows.Format`."""
        h5py = _h5py()
        try:
            file = h5py.File(path, "r")
        except OSError as error:
            raise ManifestError(f"{path}: is no HDF5 file that can be read: {error}") from error
        with file:
            header = read_header(file.attrs.get(FORMAT), path)
            if missing := {*TEXTS, *NUMBERS, "style", "tags", *header.of_segments()} - set(file):
                raise ManifestError(f"{path}: without {', '.join(sorted(missing))}")
            songs = int(file["uri"].shape[0])
            yield Contents(header, songs, _chunks(file, header, songs))


def _chunks(file: Any, header: Header, songs: int) -> Iterator[Chunk]:
    first_segment = 0
    for first in range(0, songs, CHUNK_SONGS):
        part = slice(first, min(first + CHUNK_SONGS, songs))
        columns = {name: file[name].asstr()[part] for name in TEXTS}
        columns |= {name: file[name][part] for name in NUMBERS}
        last_segment = first_segment + int(np.sum(columns["segments"]))
        rows = slice(first_segment, last_segment)
        first_segment = last_segment
        yield chunk_of(
            columns,
            file["style"][part],
            file["tags"][part],
            {name: file[name][rows] for name in header.of_segments()},
            header,
        )

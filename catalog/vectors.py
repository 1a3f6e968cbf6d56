"""Vectors on disk: rows of numbers of one type, little-endian, only ever added to.

A row counts once the database says so. Rows are written and flushed to the disk first and
committed to the database second, so a kill between the two leaves rows that no song refers to;
the next writer writes over them.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .errors import StoreError

ROW_TYPE = np.dtype("<f4")
REMEDY = "`nowhear add --rebuild` embeds all again"
CHECK_ROWS = 16_384
UNIT_TOLERANCE = 1e-3


class VectorFile:
    """A file of rows with `dimension` numbers of type `dtype` each. The file need not exist."""

    def __init__(self, path: Path, *, dimension: int, dtype: np.dtype[Any] = ROW_TYPE) -> None:
        self.path = path
        self._dimension = dimension
        self._dtype = dtype
        self._row_bytes = dimension * dtype.itemsize

    def rows(self, count: int) -> NDArray[Any]:
        """The first `count` rows, mapped (count, dimension), read-only.

        Raises `StoreError`: the file cannot be read or is shorter than that.
        """
        if count == 0:
            return np.zeros((0, self._dimension), dtype=self._dtype)
        try:
            size = self.path.stat().st_size
            if size < count * self._row_bytes:
                raise StoreError(
                    f"{self.path}: {size} bytes, expected at least {count * self._row_bytes} for "
                    f"{count} rows; the file was cut off: {REMEDY}"
                )
            return np.memmap(self.path, self._dtype, "r", shape=(count, self._dimension))
        except FileNotFoundError as error:
            raise StoreError(f"{self.path}: the file is missing; {REMEDY}") from error
        except (OSError, ValueError) as error:
            raise StoreError(f"{self.path}: cannot be read: {error}") from error

    def check_unit(self, rows: NDArray[np.float32], numbers: NDArray[np.int64]) -> None:
        """Raises `StoreError` unless the vectors `rows[numbers]` are there and of length 1.

        They were written so. A file that was zeroed or written over would else be searched, and
        give a ranking that means nothing.
        """
        for first in range(0, len(numbers), CHECK_ROWS):
            part = numbers[first : first + CHECK_ROWS]
            outside = part[(part < 0) | (part >= len(rows))]
            if len(outside):
                raise StoreError(
                    f"{self.path}: the database names row {outside[0]}, but {len(rows)} count; "
                    f"{REMEDY}"
                )
            with np.errstate(over="ignore", invalid="ignore"):
                lengths = np.linalg.norm(rows[part], axis=1)  # (m,)
            if len(bad := part[~(np.abs(lengths - 1) < UNIT_TOLERANCE)]):
                raise StoreError(
                    f"{self.path}: row {bad[0]} is no vector of length 1; the file is damaged: "
                    f"{REMEDY}"
                )

    def write(self, first: int, rows: NDArray[Any]) -> None:
        """Write `rows` (n, dimension) from row `first` on and wait until the disk has them; where
        there are none, their width is no matter.

        Whatever stood there is a leftover of a writer that was killed. Raises `StoreError`: the
        disk is full or the file cannot be written; then the file ends at row `first`.
        """
        if rows.ndim != 2 or (len(rows) and rows.shape[1] != self._dimension):
            raise StoreError(f"rows of shape {rows.shape}, expected (n, {self._dimension})")
        start = first * self._row_bytes
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
            try:
                self._write(
                    self.path, fd, start, np.ascontiguousarray(rows, dtype=self._dtype).tobytes()
                )
            finally:
                os.close(fd)
        except OSError as error:
            raise StoreError(
                f"{self.path}: cannot be written: {error.strerror}. The songs stored before are "
                "safe; free some space and run this again"
            ) from error

    @staticmethod
    def _write(path: Path, fd: int, start: int, data: bytes) -> None:
        if (size := os.fstat(fd).st_size) < start:
            raise StoreError(
                f"{path}: {size} bytes where {start} were expected; the file was cut off: {REMEDY}"
            )
        os.ftruncate(fd, start)
        try:
            written = 0
            while written < len(data):
                written += os.pwrite(fd, data[written:], start + written)
            os.fsync(fd)
        except OSError:
            os.ftruncate(fd, start)  # half a row is of no use, and its space is needed
            raise

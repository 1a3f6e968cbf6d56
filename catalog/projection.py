"""Fewer dimensions for the index of segments: the principal directions of the catalog's own prints.

An Annoy file holds every item as float32, so its size grows with the dimension. Directions are
those of largest second moment, not centred: cosines are what is compared, and they are kept best by
the directions that hold most of the vectors' length (Eckart and Young, 1936).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .prints import unit_prints

CHUNK_ROWS = 16_384

MOST_CHUNKS = 16
"""So many chunks, spread evenly over all rows, are looked at: 260,000 prints settle a matrix of
128 x 128, and a catalog of a million songs has 500 million."""


def principal_directions(
    prints: NDArray[np.int8], rows: NDArray[np.int64], *, dimension: int
) -> NDArray[np.float32]:
    """Orthonormal columns ``(D, d)`` of the stored ``prints[rows]``, largest moment first.

    ``d`` is the smaller of ``dimension`` and ``D``. Each column's largest entry is positive, so
    that the same prints give the same columns and not their mirror images.
    """
    width = prints.shape[1]
    moment = np.zeros((width, width), dtype=np.float64)
    for first in _chunk_starts(len(rows)):
        part = unit_prints(prints[rows[first : first + CHUNK_ROWS]])
        moment += part.T @ part
    _, columns = np.linalg.eigh(moment)  # ascending
    columns = columns[:, ::-1][:, :dimension]  # (D, d)
    largest = np.take_along_axis(columns, np.abs(columns).argmax(axis=0)[None, :], axis=0)
    return np.ascontiguousarray(columns * np.where(largest < 0, -1, 1), dtype=np.float32)


def _chunk_starts(count: int) -> NDArray[np.int64]:
    chunks = -(-count // CHUNK_ROWS)
    if chunks <= MOST_CHUNKS:
        return np.arange(chunks, dtype=np.int64) * CHUNK_ROWS
    return np.linspace(0, count - CHUNK_ROWS, MOST_CHUNKS).astype(np.int64)

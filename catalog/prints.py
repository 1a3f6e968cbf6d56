"""Prints as they are stored: a byte a number, direction alone.

Each row is scaled by its own largest number to the range of int8 and rounded. The scale is not
kept, since a print is a unit vector: reading brings the row back to length 1. A row of zeros stands
for a silent segment and stays one.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

PRINT_TYPE = np.dtype("i1")

LARGEST = 127
"""The largest stored number; -128 is not used, so that both signs round alike."""


def stored_prints(prints: NDArray[np.float32]) -> NDArray[np.int8]:
    """Prints ``(m, D)`` of any length as rows of int8; not finite ones become zeros.

    >>> stored_prints(np.array([[0.6, -0.8], [0, 0]], np.float32)).tolist()
    [[95, -127], [0, 0]]
    """
    prints = np.where(np.isfinite(prints).all(axis=1, keepdims=True), prints, np.float32(0))
    largest = np.abs(prints).max(axis=1, keepdims=True, initial=0)  # (m, 1)
    scaled = prints / np.where(largest > 0, largest, 1)  # first, since 127 / tiny is infinite
    return np.rint(scaled * LARGEST).astype(np.int8)


def unit_prints(rows: NDArray[np.int8]) -> NDArray[np.float32]:
    """Stored rows ``(m, D)`` as unit vectors, rows of zeros where silent."""
    prints = rows.astype(np.float32)
    prints *= inverse_lengths(prints)[:, None]
    return prints


def inverse_lengths(prints: NDArray[np.float32]) -> NDArray[np.float32]:
    """1 / length of each row ``(m, D)``; 0 for a row of zeros."""
    squares = np.einsum("md,md->m", prints, prints)  # exact: whole numbers below 2**24
    inverse: NDArray[np.float32] = np.zeros_like(squares)
    np.divide(1, np.sqrt(squares), out=inverse, where=squares > 0)
    return inverse

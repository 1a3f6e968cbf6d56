"""Writing a picture as PNG (ISO/IEC 15948): eight bits a colour, no filter, row by row."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_HEADER = struct.Struct(">IIBBBBB")
_BITS, _RGB = 8, 2
_ROWS_AT_ONCE = 256


def write_png(path: Path, picture: NDArray[np.uint8]) -> None:
    """Write `picture` (height, width, 3), red, green and blue. Raises `OSError`."""
    height, width, _ = picture.shape
    with path.open("wb") as file:
        file.write(_SIGNATURE)
        file.write(_chunk(b"IHDR", _HEADER.pack(width, height, _BITS, _RGB, 0, 0, 0)))
        packer = zlib.compressobj()
        for first in range(0, height, _ROWS_AT_ONCE):
            rows = picture[first : first + _ROWS_AT_ONCE].reshape(-1, width * 3)
            lines = np.zeros((len(rows), 1 + width * 3), np.uint8)  # each led by its filter: none
            lines[:, 1:] = rows
            if packed := packer.compress(lines.tobytes()):
                file.write(_chunk(b"IDAT", packed))
        file.write(_chunk(b"IDAT", packer.flush()))
        file.write(_chunk(b"IEND", b""))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

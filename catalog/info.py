"""What a catalog holds and takes up, as a value."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class CatalogInfo:
    """Counts and sizes of a catalog."""

    directory: Path
    songs: int
    waiting: int  # songs to be embedded again
    audio_seconds: float
    segments: int  # of all songs
    generation: int | None  # published index, None before the first
    indexed: int  # songs found through it
    tail: int  # songs searched exactly
    tail_segments: int
    bytes: dict[str, int]  # on disk: database, vectors, index, map
    bytes_a_song: int  # all of that, divided by the songs
    encoder: str
    fingerprint: str
    dimension: int  # of styles
    print_name: str  # the network that makes the prints
    print_fingerprint: str
    print_dimension: int
    format_version: int
    revision: int


def bytes_on_disk(folder: Path, database: Path | None) -> dict[str, int]:
    """Bytes of the database (0 when a server holds it), the vectors, the index and the map."""
    beside = () if database is None else (f"{database}{end}" for end in ("", "-wal", "-shm"))
    return {
        "database": sum(_size(Path(name)) for name in beside),
        "vectors": _size(folder / "vectors"),
        "index": _size(folder / "index"),
        "map": _size(folder / "map"),
    }


def _size(path: Path) -> int:
    try:
        if path.is_dir():
            return sum(_size(Path(entry.path)) for entry in os.scandir(path))
        return path.stat().st_size
    except OSError:
        return 0  # deleted by the writer in this moment

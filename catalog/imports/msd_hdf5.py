"""HDF5 of the Million Song Dataset: a file a song, or many songs in an aggregate or summary file.
All have the tables `metadata/songs`, `analysis/songs` and `musicbrainz/songs`, row by row the same
songs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from catalog.datasets import TERMS
from catalog.errors import MissingExtraError

from .job import Job
from .lines import text_of, tidy
from .msd_ids import SONG, TRACK, checked
from .numbers import number, seconds, year

BLOCK_ROWS = 5000
_TABLES = ("metadata/songs", "analysis/songs", "musicbrainz/songs")
_FACTS = ("key", "loudness", "mode", "tempo", "time_signature")


def read_file(job: Job, file: Path) -> None:
    """The songs of a file; what is damaged is reported. Raises `MissingExtraError`."""
    try:
        import h5py
    except ImportError:
        raise MissingExtraError(
            "h5py is not installed, which reads the Million Song Dataset's HDF5 files: "
            "`pip install 'nowhear[learn]'`, or import track_metadata.db instead"
        ) from None
    alone = file.stem.startswith("TR")
    if not alone:
        job.begin(file)
    try:
        with h5py.File(file, "r") as opened:
            for line, values in _songs(opened):
                _store(job, file, line, values)
    # h5py raises RuntimeError and others for what is damaged within.
    except (OSError, KeyError, ValueError, RuntimeError, TypeError) as error:
        job.report.bad(file, None, f"cannot be read to its end: {error}")
    if not alone:
        job.on_bytes(file.stat().st_size)


def _songs(opened: Any) -> Iterator[tuple[int, dict[str, Any]]]:
    """Each song's number and fields, of all three tables, and its artist's terms."""
    tables = [opened[name] for name in _TABLES]
    lengths = {len(table) for table in tables}
    if len(lengths) != 1:
        raise ValueError(f"its tables have {sorted(lengths)} rows; expected as many in each")
    (total,) = lengths
    for first in range(0, total, BLOCK_ROWS):
        blocks = [table[first : first + BLOCK_ROWS] for table in tables]
        ends = _ends(opened, blocks[0], first, total)
        for row in range(len(blocks[0])):
            values = {name: block[row][name] for block in blocks for name in block.dtype.names}
            begin, end = int(values.get("idx_artist_terms", 0)), ends[row]
            yield first + row + 1, {**values, "terms": _terms(opened, begin, end)}


def _ends(opened: Any, block: Any, first: int, total: int) -> list[int]:
    """Where each song's terms end: where the next song's begin."""
    count = len(opened["metadata/artist_terms"]) if "metadata/artist_terms" in opened else 0
    if "idx_artist_terms" not in (block.dtype.names or ()):
        return [0] * len(block)
    begins = [int(begin) for begin in block["idx_artist_terms"]]
    last = first + len(block)
    after = opened["metadata/songs"][last]["idx_artist_terms"] if last < total else count
    return [*begins[1:], int(after)]


def _terms(opened: Any, begin: int, end: int) -> list[tuple[str, float]]:
    if not 0 <= begin < end:
        return []
    names = opened["metadata/artist_terms"][begin:end]
    weights = opened["metadata/artist_terms_weight"][begin:end]
    pairs = zip(names, weights, strict=True)
    found = {text_of(bytes(name))[0]: float(weight) for name, weight in pairs}
    return [(name, weight) for name, weight in found.items() if np.isfinite(weight)]


def _store(job: Job, file: Path, line: int, values: dict[str, Any]) -> None:
    def text(name: str) -> tuple[str, bool]:
        value = values.get(name, b"")
        return text_of(bytes(value)) if isinstance(value, bytes) else (str(value), False)

    names = {name: text(name) for name in ("title", "artist_name", "release")}
    try:
        key = checked(TRACK, text("track_id")[0], "track id")
        alias = checked(SONG, text("song_id")[0], "song id")
    except ValueError as error:
        job.report.bad(file, line, str(error))
        return
    facts: dict[str, Any] = {name: number(values.get(name)) for name in _FACTS}
    facts |= {"artist_id": text("artist_id")[0], "track_7digitalid": values.get("track_7digitalid")}
    facts["track_7digitalid"] = number(facts["track_7digitalid"])
    job.report.rows += 1
    if any(mended for _, mended in names.values()):
        job.report.was_mended(file, line)
    job.write.track(
        {
            "key": key,
            "alias": alias,
            "title": tidy(names["title"][0]),
            "artist": tidy(names["artist_name"][0]),
            "album": tidy(names["release"][0]),
            "duration_s": seconds(values.get("duration")),
            "year": year(values.get("year")),
            "facts": {name: value for name, value in facts.items() if value is not None},
        }
    )
    if values["terms"]:
        job.write.list(TERMS, key, values["terms"])

"""Last.fm's part of the Million Song Dataset: tags and similar tracks, as a tree of JSON files, one
a track, or as SQLite databases."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from catalog.datasets import SIMILAR, TAGS

from .job import Job
from .lines import text_of, tidy

_SPLITS = {"lastfm_train": "training", "lastfm_test": "test"}
_TAGS = """
    SELECT tids.tid, tags.tag, tid_tag.val FROM tid_tag
    JOIN tids ON tids.rowid = tid_tag.tid JOIN tags ON tags.rowid = tid_tag.tag
    ORDER BY tid_tag.tid
"""

Entries = list[tuple[str, float]]


def read_json(job: Job, file: Path) -> None:
    """One track's file."""
    found = job.json(file)
    if found is None:
        return
    try:
        if not isinstance(found, dict) or found.get("track_id") != file.stem:
            raise ValueError(f"expected an object whose track_id is {file.stem}")
        tags = _entries(found.get("tags", []))
        similar = _entries(found.get("similars", []))
    except (TypeError, ValueError) as error:
        job.report.bad(file, None, str(error))
        return
    job.report.rows += 1
    names = {"title": _text(found.get("title")), "artist": _text(found.get("artist"))}
    split = next((_SPLITS[part] for part in file.parts if part in _SPLITS), None)
    job.write.track({"key": file.stem, "split": split, **names})
    job.write.list(TAGS, file.stem, tags)
    job.write.list(SIMILAR, file.stem, similar)


def _text(value: Any) -> str | None:
    return tidy(value) if isinstance(value, str) else None


def _entries(pairs: Any) -> Entries:
    """Names and weights, which are numbers as text in some files. Raises TypeError, ValueError."""
    found: dict[str, float] = {}
    for name, weight in pairs:
        if text := _text(name):
            found[text] = max(float(weight), found.get(text, 0.0))
    return list(found.items())


def read_tags(job: Job, file: Path) -> None:
    """`lastfm_tags.db`: tables `tids`, `tags`, and `tid_tag` with row numbers of both."""
    rows = job.queried(file, _TAGS)
    for track, entries in groupby(rows, key=lambda row: row[0]):
        _store(job, file, TAGS, track, [(tag, weight) for _, tag, weight in entries])


def read_similars(job: Job, file: Path) -> None:
    """`lastfm_similars.db`: for each track a text of tracks and weights in turns."""
    for track, target in job.queried(file, "SELECT tid, target FROM similars_src"):
        parts = bytes(target or b"").split(b",") if target else []
        _store(job, file, SIMILAR, track, list(zip(parts[::2], parts[1::2], strict=False)))


def _store(job: Job, file: Path, kind: str, track: Any, pairs: Sequence[Any]) -> None:
    key, _ = text_of(bytes(track or b""))
    try:
        if not key:
            raise ValueError("a row without a track")
        entries = _entries([(text_of(bytes(name))[0], weight) for name, weight in pairs])
    except (TypeError, ValueError) as error:
        job.report.bad(file, None, f"track {key[:30]!r}: {error}")
        return
    job.report.rows += 1
    job.write.track({"key": key})
    job.write.list(kind, key, entries)

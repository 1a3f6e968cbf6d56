"""FMA (Defferrard et al., "FMA: a dataset for music analysis", ISMIR 2017): `fma_metadata` and the
tree of audio, `000/000002.mp3`.

Keys are track ids of six digits, as the files have them.
"""

from __future__ import annotations

import re
from json import loads
from pathlib import Path
from typing import Any

from catalog.errors import DatasetError
from catalog.walk import EXTENSIONS

from . import echonest
from .echonest import key_of
from .job import Job, starts
from .lines import tidy
from .numbers import seconds, year

NAME = "fma"
SILENT = frozenset({"099134", "108925", "133297"})
"""Clips of FMA small that hold no sound at all: cut beyond their songs' ends (mdeff/fma, issues 4
and 41)."""
SHORT = frozenset({"098565", "098567", "098569"})
"""Clips of FMA small that are much shorter than their 30 s (issue 8)."""
_TRACK = re.compile(r"\d{6}")
_TWO_LEVELS = re.compile(r",(album|artist|set|track)(,|$)")
_EXPECTED = (
    "expected tracks.csv, genres.csv, raw_genres.csv, echonest.csv or echonest.json of "
    "fma_metadata, or a tree of audio such as fma_small/000/000002.mp3"
)


def read(job: Job) -> None:
    """Genres first, as tracks name them by number; audio last. Raises `DatasetError`."""
    kinds: dict[str, list[Path]] = {"genres": [], "tracks": [], "echonest": []}
    for file in job.files:
        if kind := _kind(file):
            kinds[kind].append(file)
        elif file.suffix.lower() in (".csv", ".json"):
            job.report.notes[f"{file.name}: not a table that is used"] += 1
    audio = sum(job.in_trees[end] for end in EXTENSIONS)
    if not (audio or any(kinds.values())):
        raise DatasetError(f"{job.paths[0]}: nothing of FMA here; {_EXPECTED}")
    job.expect([file for files in kinds.values() for file in files])
    for file in kinds["genres"]:
        _read_genres(job, file)
    job.write.flush()
    genres = {genre.key: genre.title for genre in job.write.datasets.genre_tree(NAME)}
    for file in kinds["tracks"]:
        _read_tracks(job, file, genres)
    for file in kinds["echonest"]:
        echonest.read_file(job, file)
    _find_audio(job)


def _kind(file: Path) -> str | None:
    if file.suffix.lower() == ".json" and echonest.is_ours(file):
        return "echonest"
    if file.suffix.lower() != ".csv":
        return None
    (first,) = starts(file)
    if first.startswith("genre_id,"):
        return "genres"
    if _TWO_LEVELS.match(first):
        return "tracks"
    return "echonest" if echonest.is_ours(file) else None


def _read_genres(job: Job, file: Path) -> None:
    table = job.table(file)
    columns = table.header()
    raw = "genre_title" in columns
    title, parent = ("genre_title", "genre_parent_id") if raw else ("title", "parent")
    missing = {"genre_id", title, parent} - set(columns)
    if missing:
        raise DatasetError(f"{file}: no column {', '.join(sorted(missing))} in a table of genres")

    def parse(fields: list[str]) -> dict[str, Any]:
        row = dict(zip(columns, fields, strict=True))
        key, name = str(int(row["genre_id"])), tidy(row[title])
        if name is None:
            raise ValueError(f"genre {key} has no title")
        above = str(int(row[parent])) if row[parent].strip() else "0"
        top = str(int(row["top_level"])) if row.get("top_level") else None
        return {"key": key, "title": name, "parent": None if above == "0" else above, "top": top}

    for genre in table.rows(len(columns), parse):
        job.write.genre(genre)


def _read_tracks(job: Job, file: Path, genres: dict[str, str]) -> None:
    table = job.table(file)
    first, second, third = table.header(), table.header(), table.header()
    columns = list(zip(first, second, strict=False))
    if len(first) != len(second) or ("track", "title") not in columns or third[:1] != ["track_id"]:
        raise DatasetError(
            f"{file}: expected FMA's header of three rows (album, artist, set, track; their "
            f"columns; track_id), read {len(first)}, {len(second)} and {len(third)} fields"
        )

    def parse(fields: list[str]) -> dict[str, Any]:
        return _track(fields[0], dict(zip(columns[1:], fields[1:], strict=True)), job, genres)

    for track in table.rows(len(columns), parse):
        job.write.track(track)


def _track(
    number: str, row: dict[tuple[str, str], str], job: Job, genres: dict[str, str]
) -> dict[str, Any]:
    said = row.get
    split = said(("set", "split")) or None
    if split not in (None, "training", "validation", "test"):
        raise ValueError(f"split {split[:20]!r}; expected training, validation or test")
    names = []
    for genre in _numbers(said(("track", "genres"))):
        if genre in genres:
            names.append(genres[genre])
        else:
            job.report.notes[f"genre {genre}: not in the table of genres"] += 1
    facts = {"subset": said(("set", "subset")), "artist_id": said(("artist", "id"))}
    return {
        "key": key_of(number),
        "title": tidy(said(("track", "title"))),
        "artist": tidy(said(("artist", "name"))),
        "album": tidy(said(("album", "title"))),
        "genre": tidy(said(("track", "genre_top"))),
        "genres": names,
        "year": year(said(("album", "date_released"))) or year(said(("track", "date_recorded"))),
        "duration_s": seconds(said(("track", "duration"))),
        "split": split,
        "facts": {name: value for name, value in facts.items() if value},
    }


def _numbers(text: str | None) -> list[str]:
    """Genre numbers as `[21, 4]`. Raises ValueError."""
    found = loads(text) if text else []
    if not isinstance(found, list) or not all(type(genre) is int for genre in found):
        raise ValueError(f"genres {str(text)[:30]!r}; expected a list of numbers")
    return [str(genre) for genre in found]


def _find_audio(job: Job) -> None:
    for file in job.tree(*EXTENSIONS):
        key = file.stem
        if not (_TRACK.fullmatch(key) and file.parent.name == key[:3]):
            job.report.notes["audio files not named as FMA's are"] += 1
        elif key in SILENT and "small" in str(file):
            job.report.bad(file, None, "known to hold no sound; left without audio")
        else:
            if key in SHORT and "small" in str(file):
                job.report.warn(file, "known to be much shorter than 30 s")
            job.report.rows += 1
            job.write.track({"key": key, "path": file.absolute()})

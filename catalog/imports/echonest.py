"""Echo Nest's audio attributes of FMA tracks: `echonest.csv` of `fma_metadata`, with its header of
four rows, or a JSON object of columns, as pandas writes it, or a list of objects.

They stand under the dataset `fma`, with FMA's keys.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from catalog.errors import DatasetError
from catalog.schema import ATTRIBUTES

from .job import Job, starts
from .numbers import attributes

NAME = "fma"
_LEVELS = 3
_FEATURES = "audio_features"
_START_CHARACTERS = 200


def read(job: Job) -> None:
    """Every file that holds attributes. Raises `DatasetError`: none does."""
    files = [file for file in job.files if is_ours(file)]
    if not files:
        raise DatasetError(
            f"{job.paths[0]}: no Echo Nest attributes here; expected echonest.csv of fma_metadata "
            "or a JSON file with track_id, acousticness, danceability, ..."
        )
    job.expect(files)
    for file in files:
        read_file(job, file)


def is_ours(file: Path) -> bool:
    """Whether a file holds attributes of tracks."""
    end = file.suffix.lower()
    if end == ".csv":
        first, second = starts(file, 2)
        return first.startswith(",echonest") and _FEATURES in second
    if end != ".json":
        return False
    (first,) = starts(file)
    return "track_id" in first[:_START_CHARACTERS] or file.name.lower().startswith("echonest")


def read_file(job: Job, file: Path) -> None:
    """Read one file. Raises `DatasetError`: it has not the layout."""
    if file.suffix.lower() == ".json":
        _read_json(job, file)
    else:
        _read_csv(job, file)


def key_of(text: str) -> str:
    """The key of a track's number. Raises ValueError.

    >>> key_of("2")
    '000002'
    """
    if not (text.isascii() and text.isdecimal() and len(text) <= len("000000")):
        raise ValueError(f"track {text[:20]!r}; expected a number of at most six digits")
    return text.zfill(6)


def _read_csv(job: Job, file: Path) -> None:
    table = job.table(file)
    levels = [table.header() for _ in range(_LEVELS)]
    table.header()  # track_id and nothing
    columns = {
        name: place
        for place, (_, kind, name) in enumerate(zip(*levels, strict=False))
        if kind == _FEATURES and name in ATTRIBUTES
    }
    if missing := [name for name in ATTRIBUTES if name not in columns]:
        raise DatasetError(f"{file}: no column {', '.join(missing)} under {_FEATURES}")

    def parse(fields: list[str]) -> dict[str, Any]:
        return _row(fields[0], {name: fields[place] for name, place in columns.items()})

    for row in table.rows(len(levels[0]), parse):
        job.write.attributes(row)


def _row(number: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    return {"key": key_of(str(number)), **attributes(values)}


def _read_json(job: Job, file: Path) -> None:
    job.begin(file)
    found = job.json(file)
    if found is None:
        return
    for place, record in enumerate(_records(file, found), start=1):
        try:
            row = _row(record.get("track_id"), record)
        except (TypeError, ValueError) as error:
            job.report.bad(file, place, str(error))
        else:
            job.report.rows += 1
            job.write.attributes(row)


def _records(file: Path, found: Any) -> Iterator[Mapping[str, Any]]:
    """Objects of one track each, from a list of them or from columns by row."""
    if isinstance(found, list):
        yield from (each if isinstance(each, dict) else {} for each in found)
        return
    tracks = found.get("track_id") if isinstance(found, dict) else None
    if not isinstance(tracks, dict):
        raise DatasetError(
            f"{file}: expected an object of columns, with track_id among them, or a list of objects"
        )
    columns = {name: found[name] for name in ATTRIBUTES if isinstance(found.get(name), dict)}
    for place, track in tracks.items():
        yield {"track_id": track, **{name: column.get(place) for name, column in columns.items()}}

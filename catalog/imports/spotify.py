"""Kaggle's "Ultimate Spotify Tracks DB", `SpotifyFeatures.csv`: a row for each genre of a track.

Keys are Spotify's track ids. A track has all the genres of its rows, and none is its main one.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from catalog.errors import DatasetError

from .job import Job, starts
from .lines import tidy
from .numbers import attributes, number, seconds

NAME = "spotify"
_NEEDED = {"genre", "artist_name", "track_name", "track_id", "duration_ms"}
_KEY = re.compile(r"[0-9A-Za-z]{22}")
_MONTHS = {"Jan": 1, "Feb": 2, "Mar": 3, "Apr": 4, "May": 5, "Jun": 6, "Jul": 7, "Aug": 8, "Sep": 9}
_DATE = re.compile(r"(\d{1,2})-([A-Z][a-z]{2})")
_MS_A_SECOND = 1000


def read(job: Job) -> None:
    """Every table with these columns. Raises `DatasetError`: there is none."""
    files = [file for file in job.files if _is_ours(file)]
    if not files:
        raise DatasetError(
            f"{job.paths[0]}: no table of Spotify's features here; expected a CSV file with the "
            f"columns {', '.join(sorted(_NEEDED))}"
        )
    job.expect(files)
    for file in files:
        _read_table(job, file)


def _is_ours(file: Path) -> bool:
    return file.suffix.lower() == ".csv" and set(starts(file)[0].split(",")) >= _NEEDED


def _read_table(job: Job, file: Path) -> None:
    table = job.table(file)
    columns = table.header()

    def parse(fields: list[str]) -> tuple[dict[str, Any], dict[str, Any]]:
        row = dict(zip(columns, fields, strict=True))
        return _track(row), {"key": row["track_id"], **attributes(row)}

    for track, values in table.rows(len(columns), parse):
        job.write.track(track)
        job.write.attributes(values)


def _track(row: dict[str, str]) -> dict[str, Any]:
    key, genre = row["track_id"], tidy(row["genre"])
    if not _KEY.fullmatch(key):
        raise ValueError(f"track id {key[:30]!r}; expected 22 letters and digits")
    milliseconds = seconds(row["duration_ms"])
    facts = {
        "popularity": number(row.get("popularity")),
        "loudness": number(row.get("loudness")),
        "key": tidy(row.get("key")),
        "mode": tidy(row.get("mode")),
        "time_signature": time_signature(row.get("time_signature") or ""),
    }
    return {
        "key": key,
        "title": tidy(row["track_name"]),
        "artist": tidy(row["artist_name"]),
        "genres": [] if genre is None else [genre],
        "duration_s": None if milliseconds is None else milliseconds / _MS_A_SECOND,
        "facts": {name: value for name, value in facts.items() if value is not None},
    }


def time_signature(text: str) -> str | None:
    """A time signature that a spreadsheet took for a date, month for day: 3/4 became "4-Mar".

    >>> time_signature("4-Apr"), time_signature("4-May"), time_signature("4-Mar")
    ('4/4', '5/4', '3/4')
    >>> time_signature("3/4"), time_signature("")
    ('3/4', None)
    """
    date = _DATE.fullmatch(text.strip())
    if date and date[2] in _MONTHS:
        return f"{_MONTHS[date[2]]}/{int(date[1])}"
    return text.strip() or None

"""The Million Song Dataset (Bertin-Mahieux et al., ISMIR 2011) and what belongs to it: song files
and summary in HDF5, `track_metadata.db`, `unique_tracks.txt`, the table of the subset, Last.fm's
tags and similar tracks (a tree of JSON files, or SQLite), tagtraum's genres, and the songs that
were mistaken for others.

Keys are track ids (TR...); a song id (SO...) is a track's alias, and the key where a table knows
no more.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from catalog.dataset_rows import MILLION_SONGS
from catalog.errors import DatasetError
from catalog.walk import EXTENSIONS

from . import msd_hdf5, msd_lastfm
from .job import Job, columns_of, starts
from .lines import text_of, tidy
from .msd_ids import SONG, TRACK, checked
from .numbers import number, seconds, year
from .tasteprofile import is_mismatches, read_mismatches

NAME = MILLION_SONGS
_SEPARATOR = "<SEP>"
_UNIQUE = ("track", "song", "artist", "title")
_YEAR = re.compile(r"[12]\d{3}")
_SUBSET = {"song.id", "title", "artist.name", "duration", "year"}
_FACTS = ("artist.id", "key", "loudness", "mode", "tempo", "time_signature", "terms")
_METADATA = (
    "track_id, song_id, title, artist_name, release, duration, year, artist_id, track_7digitalid"
)
_SQLITE = {
    "songs.track_id": "metadata",
    "tid_tag.val": "lastfm_tags",
    "similars_src.target": "lastfm_similars",
}
_DATABASES = {
    "track_metadata": "metadata",
    "lastfm_tags": "lastfm_tags",
    "lastfm_similars": "lastfm_similars",
}
_EXPECTED = (
    "expected song files TR....h5, the summary file, track_metadata.db, unique_tracks.txt, "
    "tracks_per_year.txt, "
    "msd_subset.csv, Last.fm's TR....json, lastfm_tags.db or lastfm_similars.db, tagtraum's .cls "
    "or sid_mismatches.txt"
)


def read(job: Job) -> None:
    """Whatever of it is there. Raises `DatasetError`: nothing is. `MissingExtraError`."""
    found = [(kind, file) for file in job.files if (kind := _kind(file)) is not None]
    if not (found or any(job.in_trees.values())):
        raise DatasetError(f"{job.paths[0]}: nothing of the Million Song Dataset here; {_EXPECTED}")
    job.expect(file for _, file in found)
    for kind, file in found:
        _READERS[kind](job, file)
    for file in job.tree(".h5"):
        msd_hdf5.read_file(job, file)
    for file in job.tree(".json"):
        msd_lastfm.read_json(job, file)
    _find_audio(job)


def _kind(file: Path) -> str | None:
    end = file.suffix.lower()
    if end == ".h5":
        return "hdf5"
    if end in (".db", ".sqlite"):
        columns = columns_of(file)
        named = next((kind for name, kind in _DATABASES.items() if name in file.name), None)
        # One whose tables cannot be listed is damaged, which its reader will tell.
        default = None if columns else named
        return next((kind for column, kind in _SQLITE.items() if column in columns), default)
    if end == ".cls":
        return "genres"
    if end == ".csv":
        return "subset" if set(starts(file)[0].split(",")) >= _SUBSET else None
    if end != ".txt":
        return None
    if is_mismatches(file):
        return "mismatches"
    first = starts(file)[0].split(_SEPARATOR)[0]
    return "unique" if TRACK.fullmatch(first) else "years" if _YEAR.fullmatch(first) else None


def _subset(job: Job, file: Path) -> None:
    table = job.table(file)
    columns = table.header()

    def parse(fields: list[str]) -> dict[str, Any]:
        row = dict(zip(columns, fields, strict=True))
        song = checked(SONG, row["song.id"], "song id")
        return {
            "key": song,
            "alias": song,
            "title": tidy(row["title"]),
            "artist": tidy(row["artist.name"]),
            "album": tidy(row.get("release.name")),
            "duration_s": seconds(row["duration"]),
            "year": year(row["year"]),
            "facts": {name.replace(".", "_"): row[name] for name in _FACTS if row.get(name)},
        }

    for track in table.rows(len(columns), parse):
        job.write.track(track)


def _unique(job: Job, file: Path) -> None:
    """`unique_tracks.txt`: track, song, artist, title."""

    def parse(key: str, song: str, artist: str, title: str) -> dict[str, Any]:
        checked(TRACK, key, "track id")
        alias = checked(SONG, song, "song id")
        return {"key": key, "alias": alias, "artist": tidy(artist), "title": tidy(title)}

    _separated(job, file, parse)


def _years(job: Job, file: Path) -> None:
    """`tracks_per_year.txt`: year, track, artist, title."""

    def parse(when: str, key: str, artist: str, title: str) -> dict[str, Any]:
        checked(TRACK, key, "track id")
        return {"key": key, "year": year(when), "artist": tidy(artist), "title": tidy(title)}

    _separated(job, file, parse)


def _separated(job: Job, file: Path, parse: Callable[[str, str, str, str], dict[str, Any]]) -> None:
    for line, text in job.lines(file):
        fields = text.split(_SEPARATOR)
        try:
            if len(fields) != len(_UNIQUE):
                raise ValueError(f"has {len(fields)} fields; expected {len(_UNIQUE)}")
            track = parse(*fields)
        except ValueError as error:
            job.report.bad(file, line, str(error))
            continue
        job.report.rows += 1
        job.write.track(track)


def _genres(job: Job, file: Path) -> None:
    """tagtraum (Schreiber, ISMIR 2015): a track, its genre, and maybe a second one."""
    for line, text in job.lines(file):
        if not text.strip() or text.startswith("#"):
            continue
        key, *genres = text.split("\t")
        names = [name for genre in genres if (name := tidy(genre))]
        try:
            checked(TRACK, key, "track id")
            if not names:
                raise ValueError("names no genre")
        except ValueError as error:
            job.report.bad(file, line, str(error))
            continue
        job.report.rows += 1
        job.write.track({"key": key, "genre": names[0], "genres": names})


def _metadata(job: Job, file: Path) -> None:
    rows = job.queried(file, f"SELECT rowid, {_METADATA} FROM songs ORDER BY rowid")
    for line, *values in rows:
        texts: list[Any] = []
        mended = False
        for value in values:
            text, was_mended = text_of(value) if isinstance(value, bytes) else (value, False)
            texts.append(text)
            mended |= was_mended
        key, song, title, artist, release, duration, when, artist_id, clip = texts
        try:
            track = {
                "key": checked(TRACK, str(key), "track id"),
                "alias": checked(SONG, str(song), "song id"),
                "title": tidy(title),
                "artist": tidy(artist),
                "album": tidy(release),
                "duration_s": seconds(duration),
                "year": year(when),
                "facts": {"artist_id": artist_id, "track_7digitalid": number(clip)},
            }
        except ValueError as error:
            job.report.bad(file, line, str(error))
            continue
        job.report.rows += 1
        if mended:
            job.report.was_mended(file, line)
        job.write.track(track)


def _find_audio(job: Job) -> None:
    for file in job.tree(*EXTENSIONS):
        if TRACK.fullmatch(file.stem):
            job.report.rows += 1
            job.write.track({"key": file.stem, "path": file})
        else:
            job.report.notes["audio files not named by a track id"] += 1


_READERS = {
    "hdf5": msd_hdf5.read_file,
    "metadata": _metadata,
    "lastfm_tags": msd_lastfm.read_tags,
    "lastfm_similars": msd_lastfm.read_similars,
    "genres": _genres,
    "subset": _subset,
    "unique": _unique,
    "years": _years,
    "mismatches": read_mismatches,
}

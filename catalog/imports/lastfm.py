"""HetRec 2011 Last.fm (Cantador, Brusilovsky, Kuflik 2011): who played which artist how often, tags
and friends. `artists.dat`, `tags.dat` and so on, with tabs between fields and a heading each.

Keys are artists' numbers. Tags are weighted by how many listeners gave them to an artist.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from catalog.datasets import FRIENDS, TAGS
from catalog.errors import DatasetError

from .job import Job, starts
from .lines import tidy
from .tasteprofile import Triplets, store

NAME = "lastfm"
BATCH_TRIPLETS = 100_000
_HEADS = {
    "artists": ("id", "name", "url", "pictureURL"),
    "tags": ("tagID", "tagValue"),
    "plays": ("userID", "artistID", "weight"),
    "friends": ("userID", "friendID"),
    "tagged": ("userID", "artistID", "tagID", "day", "month", "year"),
}


def read(job: Job) -> None:
    """Every file of the dataset. Raises `DatasetError`: there is none."""
    files: dict[str, list[Path]] = {kind: [] for kind in _HEADS}
    for file in job.files:
        if kind := _kind(file):
            files[kind].append(file)
    if not any(files.values()):
        raise DatasetError(
            f"{job.paths[0]}: nothing of HetRec's Last.fm here; expected artists.dat, tags.dat, "
            "user_artists.dat, user_taggedartists.dat or user_friends.dat"
        )
    job.expect([file for every in files.values() for file in every])
    for file in files["artists"]:
        for _, (key, name, *_rest) in _rows(job, file, "artists"):
            job.write.track({"key": key, "artist": tidy(name)})
    job.write.flush()
    for file in files["plays"]:
        _read_plays(job, file)
    names = {key: name for file in files["tags"] for _, (key, name) in _rows(job, file, "tags")}
    _read_tagged(job, files["tagged"], names)
    _read_friends(job, files["friends"])


def _kind(file: Path) -> str | None:
    if file.suffix.lower() != ".dat":
        return None
    head = tuple(starts(file)[0].split("\t"))
    return next((kind for kind, expected in _HEADS.items() if head == expected), None)


def _rows(job: Job, file: Path, kind: str) -> Iterator[tuple[int, list[str]]]:
    """Rows with their lines' numbers; all fields but names are whole numbers from 0."""
    columns = _HEADS[kind]
    for number, line in job.lines(file):
        if number == 1 or not line.strip():
            continue
        fields = line.split("\t")
        if reason := _fault(columns, fields):
            job.report.bad(file, number, reason)
            continue
        job.report.rows += 1
        yield number, fields


def _fault(columns: tuple[str, ...], fields: list[str]) -> str | None:
    # The files' last columns, addresses of pictures, are missing from some rows.
    if not len(columns) - (columns[-1] == "pictureURL") <= len(fields) <= len(columns):
        return f"has {len(fields)} fields; expected {len(columns)}"
    for name, value in zip(columns, fields, strict=False):
        if name in ("name", "tagValue"):
            if tidy(value) is None:
                return f"{name} is empty"
        elif name not in ("url", "pictureURL") and not (value.isascii() and value.isdecimal()):
            return f"{name} is {value[:20]!r}; expected a whole number"
    return None


def _read_plays(job: Job, file: Path) -> None:
    numbers: dict[str, int] = {}
    found: Triplets = []
    for number, (user, artist, weight) in _rows(job, file, "plays"):
        if int(weight) == 0:
            job.report.rows -= 1
            job.report.bad(file, number, "weight is 0; expected plays")
            continue
        found.append((user, artist, weight))
        if len(found) >= BATCH_TRIPLETS:
            store(job, found, numbers)
            found = []
    store(job, found, numbers)


def _read_tagged(job: Job, files: list[Path], names: dict[str, str]) -> None:
    given: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for file in files:
        for number, (user, artist, tag, *_date) in _rows(job, file, "tagged"):
            if tag in names:
                given[artist].add((user, tag))
            else:
                job.report.rows -= 1
                job.report.bad(file, number, f"tag {tag} is not in tags.dat")
    for artist, pairs in given.items():
        weights = Counter(tidy(names[tag]) or "" for _, tag in pairs)
        job.write.list(TAGS, artist, [(name, float(count)) for name, count in weights.items()])


def _read_friends(job: Job, files: list[Path]) -> None:
    friends: dict[str, dict[str, None]] = defaultdict(dict)
    for file in files:
        for _, (user, friend) in _rows(job, file, "friends"):
            friends[user][friend] = None
    for user, others in friends.items():
        job.write.list(FRIENDS, user, [(other, 1.0) for other in others])

"""The Echo Nest Taste Profile: 48 million triplets of user, song and plays, and the list of songs
that the Million Song Dataset mistook for others.

Keys of items are Echo Nest song ids. Triplets of mismatched songs are stored, and left out when
they are read (`Datasets.listening`), whichever of the two files comes first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from catalog.dataset_rows import TASTE_PROFILE, Batch
from catalog.datasets import MISMATCHED
from catalog.errors import DatasetError

from .job import Job, starts
from .lines import BOM, LONGEST_LINE, opened, text_of

NAME = TASTE_PROFILE
BLOCK_BYTES = 8 << 20
"""Read, looked at and stored at once: some 130,000 triplets."""
_TRIPLET = re.compile(r"^([^\t\r\n]{1,128})\t(SO[A-Z0-9]{16})\t([1-9]\d{0,8})\r?$", re.MULTILINE)
_MISMATCH = re.compile(r"<(SO[A-Z0-9]{16}) (TR[A-Z0-9]{16})>")
_LOOKED_AT = 5

Triplets = list[tuple[str, str, str]]


def read(job: Job) -> None:
    """Every file of triplets, and of mismatches. Raises `DatasetError`: there is neither."""
    mismatches = [file for file in job.files if is_mismatches(file)]
    triplets = [file for file in job.files if file not in mismatches and _is_triplets(file)]
    if not (mismatches or triplets):
        raise DatasetError(
            f"{job.paths[0]}: no Taste Profile here; expected lines of user, song (such as "
            "SOAKIMP12A8C130995) and plays with tabs between, as in train_triplets.txt"
        )
    job.expect([*mismatches, *triplets])
    for file in mismatches:
        read_mismatches(job, file)
    job.write.flush()
    numbers: dict[str, int] = {}
    for file in triplets:
        _read_triplets(job, file, numbers)


def is_mismatches(file: Path) -> bool:
    """Whether a file lists songs whose track is another's."""
    return file.suffix.lower() == ".txt" and bool(_MISMATCH.search(starts(file)[0]))


def read_mismatches(job: Job, file: Path) -> None:
    """Note the songs of such a list."""
    entries: dict[str, list[tuple[str, float]]] = {}
    for number, line in job.lines(file):
        found = _MISMATCH.search(line)
        if found:
            entries.setdefault(found[1], []).append((found[2], 1.0))
            job.report.rows += 1
        elif line.strip():
            job.report.bad(file, number, "expected `<song track>` as in sid_mismatches.txt")
    lists = [(MISMATCHED, song, tracks) for song, tracks in entries.items()]
    job.write.write(Batch(NAME, lists=lists))


def _is_triplets(file: Path) -> bool:
    if file.suffix.lower() not in (".txt", ".tsv", ""):
        return False
    return any(_TRIPLET.match(line) for line in starts(file, _LOOKED_AT))


def _read_triplets(job: Job, file: Path, numbers: dict[str, int]) -> None:
    job.begin(file)
    first = 1
    for block in _blocks(file):
        text, mended = text_of(block)
        lines = text.count("\n") + (not text.endswith("\n"))
        found: Triplets = _TRIPLET.findall(text)
        if mended or len(found) != lines:
            found = _line_by_line(job, file, first, block)
        store(job, found, numbers)
        job.report.rows += len(found)
        first += lines
        job.on_bytes(len(block))


def _blocks(file: Path) -> Iterator[bytes]:
    """The file in parts that end with lines."""
    with opened(file) as source:
        source.read(len(BOM) if source.peek(len(BOM)).startswith(BOM) else 0)
        while block := source.read(BLOCK_BYTES):
            # A file without line ends is no table: it is cut, and its parts reported.
            yield block + (b"" if block.endswith(b"\n") else source.readline(LONGEST_LINE))


def _line_by_line(job: Job, file: Path, first: int, block: bytes) -> Triplets:
    """The triplets of a block in which not every line is one."""
    found: Triplets = []
    for number, line in enumerate(block.rstrip(b"\n").split(b"\n"), start=first):
        text, mended = text_of(line)
        match = _TRIPLET.fullmatch(text)
        if match:
            found.append((match[1], match[2], match[3]))
            if mended:
                job.report.was_mended(file, number)
        elif text.strip():
            job.report.bad(file, number, _reason(text))
    return found


def _reason(line: str) -> str:
    fields = line.rstrip("\r").split("\t")
    if len(fields) != len(("user", "song", "plays")):
        return f"has {len(fields)} fields; expected user, song and plays with tabs between"
    user, song, plays = fields
    if not re.fullmatch(r"[1-9]\d{0,8}", plays):
        return f"plays are {plays[:20]!r}; expected a whole number above 0"
    if not user or len(user) > 128:
        return "names no user, or one of more than 128 characters"
    return f"song {song[:30]!r}; expected one such as SOAKIMP12A8C130995"


def store(job: Job, found: Triplets, numbers: dict[str, int]) -> None:
    """Store triplets; `numbers` of items by their keys is filled on the way."""
    if not found:
        return
    users, items, plays = zip(*found, strict=True)
    fresh = [key for key in dict.fromkeys(items) if key not in numbers]
    if fresh:
        numbers.update(job.write.item_ids(fresh))
    item = np.fromiter((numbers[key] for key in items), np.int32, len(items))
    listens = by_listener(users, item, np.array(plays, np.float32))
    job.write.write(Batch(job.write.dataset, listens=list(listens)))


def by_listener(
    users: tuple[str, ...], item: NDArray[np.int32], plays: NDArray[np.float32]
) -> Iterator[tuple[str, NDArray[np.int32], NDArray[np.float32]]]:
    """The listens of a batch, from t triplets that stand in any order."""
    places: dict[str, int] = {}
    user = np.fromiter((places.setdefault(name, len(places)) for name in users), np.int32)
    order = np.argsort(user, kind="stable")
    ends = np.cumsum(np.bincount(user, minlength=len(places)))
    item, plays = item[order], plays[order]
    begin = 0
    for name, end in zip(places, ends.tolist(), strict=True):
        yield name, item[begin:end], plays[begin:end]
        begin = end

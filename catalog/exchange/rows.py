"""What a file of features holds: songs with their styles, tags, prints and peaks, and whose they
are."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol
from urllib.parse import quote_from_bytes, unquote_to_bytes

import numpy as np
from numpy.typing import NDArray

from encoder.peaks import PEAK_TYPE

from ..errors import ManifestError
from ..prints import PRINT_TYPE
from ..songs import Details, FileState
from ..vectors import UNIT_TOLERANCE

if TYPE_CHECKING:
    from encoder.embedding import EncoderSpec

FORMAT = "nowhear-features"
VERSION = 2
"""1: styles, tags and prints. 2: peaks as well."""

CHUNK_SONGS = 256
"""Songs that are held in memory at once: 0.3 MB of styles and tags, 15 MB of prints, 4 of peaks."""

NO_YEAR = 0
SCHEME = "file://"

TEXTS = ("uri", "content_hash", "title", "artist", "album", "genre")
NULLABLE = ("artist", "album", "genre")
NUMBERS: Mapping[str, np.dtype[Any]] = {
    "size": np.dtype("<i8"),
    "mtime_ns": np.dtype("<i8"),
    "year": np.dtype("<i4"),
    "duration_s": np.dtype("<f8"),
    "segments": np.dtype("<i8"),
}
"""Columns of a song beside its vectors; `segments` are its rows of prints and of peaks in
the file."""


@dataclass(frozen=True)
class Header:
    """Whose the vectors are. `spec` is the encoder's; `print_hop_samples` lie between two segments
    of a song, of each of which there are `peaks_per_segment` in `peak_format`; `with_prints`:
    prints and peaks stand in the file."""

    spec: EncoderSpec
    print_hop_samples: int
    peak_format: int
    peaks_per_segment: int
    with_prints: bool

    def of_segments(self) -> dict[str, tuple[np.dtype[Any], int]]:
        """The columns with a row for each segment: type and numbers in a row."""
        return {
            "prints": (PRINT_TYPE, self.spec.prints.dimension),
            "peaks": (PEAK_TYPE, self.peaks_per_segment),
        }

    def to_json(self) -> str:
        """As it stands in every format."""
        record = {"format": FORMAT, "version": VERSION, **asdict(self)}
        return json.dumps(record, sort_keys=True)


@dataclass(frozen=True, eq=False)
class Chunk:
    """Songs in a row. `file` and `details` are as `NewSong` has them; `style` (c, D) and `tags`
    (c, T) float32; `prints` a (m, D) int8 and `peaks` a (m, P) uint16 for each song, as
    `catalog.prints` and `encoder.peaks` have them, m = 0 where the file is without."""

    files: Sequence[FileState]
    details: Sequence[Details]
    duration_s: Sequence[float]
    style: NDArray[np.float32]
    tags: NDArray[np.float32]
    prints: Sequence[NDArray[np.int8]]
    peaks: Sequence[NDArray[np.uint16]]

    def columns(self) -> dict[str, list[Any]]:
        """The columns `TEXTS` and `NUMBERS`; None stands for nothing there."""
        pairs = list(zip(self.files, self.details, strict=True))
        return {
            "uri": [uri_of(file.path) for file in self.files],
            "content_hash": [file.content_hash for file in self.files],
            **{name: [getattr(d, name) for _, d in pairs] for name in TEXTS[2:]},
            "size": [file.size for file in self.files],
            "mtime_ns": [file.mtime_ns for file in self.files],
            "year": [NO_YEAR if d.year is None else d.year for _, d in pairs],
            "duration_s": list(self.duration_s),
            "segments": [len(rows) for rows in self.prints],
        }


def chunk_of(
    columns: Mapping[str, Sequence[Any]],
    style: NDArray[np.float32],
    tags: NDArray[np.float32],
    segments: Mapping[str, NDArray[Any]],
    header: Header,
) -> Chunk:
    """The songs of columns as `Chunk.columns` gives them; `segments` are the rows of all of them,
    as `Header.of_segments` says. Raises ValueError: a row is no song, or these do not fit."""
    files, details = [], []
    for row in range(len(columns["uri"])):
        at = {name: columns[name][row] for name in (*TEXTS, *NUMBERS)}
        files.append(
            FileState(path_of(at["uri"]), int(at["size"]), int(at["mtime_ns"]), at["content_hash"])
        )
        year = int(at["year"])
        words = {name: at[name] or None for name in NULLABLE}
        details.append(Details(at["title"], **words, year=None if year == NO_YEAR else year))
    durations = [float(value) for value in columns["duration_s"]]
    each = {
        name: _split(name, segments[name], columns["segments"], kind, width)
        for name, (kind, width) in header.of_segments().items()
    }
    return Chunk(files, details, durations, style, tags, **each)


def check_vectors(chunk: Chunk, header: Header) -> None:
    """Raises ValueError: styles or tags are none, or not as many as the songs."""
    count, spec = len(chunk.files), header.spec
    for name, rows, width in (
        ("style", chunk.style, spec.style_dim),
        ("tags", chunk.tags, len(spec.tags)),
    ):
        if rows.shape != (count, width) or rows.dtype != np.float32:
            raise ValueError(f"{name} {rows.dtype} {rows.shape}, expected ({count}, {width})")
        if not np.isfinite(rows).all():
            raise ValueError(f"{name} holds values that are not finite")
    lengths = np.linalg.norm(chunk.style, axis=1)
    if (np.abs(lengths - 1) > UNIT_TOLERANCE).any():
        raise ValueError(f"a style is of length {lengths[np.abs(lengths - 1).argmax()]:g}, not 1")
    if not ((chunk.tags >= 0) & (chunk.tags <= 1)).all():
        raise ValueError("tags hold values that are no probabilities")


class Writer(Protocol):
    """Takes chunks in a row."""

    def add(self, chunk: Chunk) -> None:
        """Write the songs behind those that are there."""


class Contents(NamedTuple):
    """A file that is read: its header, how many songs it holds, and they themselves, once."""

    header: Header
    songs: int
    chunks: Iterator[Chunk]


class Format(Protocol):
    """A kind of file. Both may raise `OSError`; `MissingExtraError`: its library is not here."""

    def writing(self, path: Path, header: Header) -> AbstractContextManager[Writer]:
        """A new file at `path`, whole once the context ends."""

    def reading(self, path: Path) -> AbstractContextManager[Contents]:
        """What the file holds. Raises `ManifestError`: it is none."""


def read_header(text: str | bytes | None, path: Path) -> Header:
    """The header of the file at `path`; raises `ManifestError` when it is none that we know."""
    from encoder.embedding import EncoderSpec, PrintSpec

    try:
        record = json.loads(text or "")
        if (record["format"], record["version"]) == (FORMAT, 1):
            raise ManifestError(
                f"{path}: is {FORMAT} version 1, without the peaks of songs; this nowhear reads "
                f"version {VERSION}: export it anew with a nowhear as new as this one"
            )
        if (record["format"], record["version"]) != (FORMAT, VERSION):
            raise ValueError(f"{record['format']!r} version {record['version']!r}")
        spec = dict(record["spec"])
        prints = PrintSpec(**spec.pop("prints"))
        return Header(
            spec=EncoderSpec(**spec | {"tags": tuple(spec["tags"])}, prints=prints),
            print_hop_samples=int(record["print_hop_samples"]),
            peak_format=int(record["peak_format"]),
            peaks_per_segment=int(record["peaks_per_segment"]),
            with_prints=bool(record["with_prints"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ManifestError(
            f"{path}: its header is {error}, expected {FORMAT} version {VERSION}; give a file that "
            "`nowhear export features` wrote"
        ) from error


def uri_of(path: Path) -> str:
    """The bytes of an absolute path as an address in plain ASCII.

    >>> uri_of(Path("/music/caf\\udce9 1.mp3"))
    'file:///music/caf%E9%201.mp3'
    """
    return SCHEME + quote_from_bytes(os.fsencode(path))


def path_of(uri: str) -> Path:
    """The path of an address that `uri_of` made; raises ValueError when it is none."""
    if not uri.startswith(SCHEME + "/"):
        raise ValueError(f"address {uri[:60]!r}, expected one that begins with {SCHEME}/")
    path = unquote_to_bytes(uri.removeprefix(SCHEME))
    if b"\0" in path:
        raise ValueError(f"address {uri[:60]!r} holds a zero byte")
    return Path(os.fsdecode(path))


def _split(
    name: str, rows: NDArray[Any], segments: Sequence[int], kind: np.dtype[Any], width: int
) -> list[NDArray[Any]]:
    """The rows of each song from those of all; raises ValueError when they do not fit."""
    counts = np.asarray(segments, np.int64)
    wanted = (int(counts.sum()), width)
    if (counts < 0).any() or (rows.shape, rows.dtype) != (wanted, kind):
        raise ValueError(f"{name} {rows.dtype} {rows.shape}, expected {kind} {wanted}")
    return np.split(rows, np.cumsum(counts)[:-1]) if len(counts) else []

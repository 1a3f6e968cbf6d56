"""The map: where every song lies in a space of three dimensions, and how it travels and is kept.

    <catalog>/map/
      gen-000001/   map.bin (as clients get it), songs.npy (what each place rests on), map.json
      CURRENT       the name of the published one
      writer.lock   held by the one process that draws the map

Published as generations of the index are: a kill at any moment leaves the last map whole.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import generations
from .errors import StoreError
from .places import lines_of
from .settings import CatalogSettings

Method = Literal["tsne", "umap", "pca"]
Xyz = tuple[float, float, float]

FORMAT_VERSION = 1
MAGIC = b"NWM1"
DIMENSION = 3
NO_GENRE = 65535
NO_TAG = NO_THEME = 255
VERSION_LENGTH = 16  # hexadecimal digits: 64 bits tell maps apart

BINARY_NAME = "map.bin"
SONGS_NAME = "songs.npy"
MANIFEST_NAME = "map.json"


def map_folder(settings: CatalogSettings) -> Path:
    """Where the map of a catalog is kept."""
    return settings.directory / "map"


@dataclass(frozen=True, eq=False)
class SongMap:
    """Every song's place and colour; line i of every array is one song, ids ascend.

    `xyz` is centred, and 98 % of the songs lie within radius 1. `genre`, `tag` and `theme` are
    places in `genres`, `tags` and `themes`, or `NO_GENRE`, `NO_TAG`, `NO_THEME`.

    >>> songs = SongMap.of([4, 7], [[1, 0, 0], [0, 1, 0]])
    >>> SongMap.decode(songs.encode()).places([7, 5])
    {7: (0.0, 1.0, 0.0)}
    """

    ids: NDArray[np.int32]  # (n,)
    xyz: NDArray[np.float32]  # (n, 3)
    genre: NDArray[np.uint16]  # (n,)
    tag: NDArray[np.uint8]  # (n,)
    theme: NDArray[np.uint8]  # (n,)
    genres: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()

    @classmethod
    def of(cls, ids: ArrayLike, xyz: ArrayLike) -> SongMap:
        """A map without colours; `ids` (n,) ascend, `xyz` is (n, 3)."""
        songs = np.asarray(ids, np.int32)
        n = len(songs)
        return cls(
            songs,
            np.asarray(xyz, np.float32).reshape(n, DIMENSION),
            np.full(n, NO_GENRE, np.uint16),
            np.full(n, NO_TAG, np.uint8),
            np.full(n, NO_THEME, np.uint8),
        )

    def __len__(self) -> int:
        return len(self.ids)

    def encode(self) -> bytes:
        """As clients get it, all little-endian: `NWM1`, uint32 n, int32 ids, float32 xyz (three a
        song), uint16 genre, uint8 tag, uint8 theme: 8 + 20 n bytes."""
        columns = (
            self.ids.astype("<i4"),
            self.xyz.astype("<f4"),
            self.genre.astype("<u2"),
            self.tag,
            self.theme,
        )
        head = MAGIC + len(self).to_bytes(4, "little")
        return head + b"".join(column.tobytes() for column in columns)

    @classmethod
    def decode(
        cls,
        data: bytes | memoryview,
        *,
        genres: Sequence[str] = (),
        tags: Sequence[str] = (),
        themes: Sequence[str] = (),
    ) -> SongMap:
        """From what `encode` gave. Raises `ValueError`: it is no map, or not a whole one."""
        head = len(MAGIC) + 4
        if len(data) < head or bytes(data[: len(MAGIC)]) != MAGIC:
            raise ValueError(
                f"a map begins with {MAGIC!r} and has {head} bytes or more, got {len(data)} bytes "
                f"that begin with {bytes(data[: len(MAGIC)])!r}"
            )
        n = int(np.frombuffer(data, "<u4", 1, len(MAGIC))[0])
        columns, at = [], head
        for kind, width in (("<i4", 1), ("<f4", DIMENSION), ("<u2", 1), ("u1", 1), ("u1", 1)):
            size = n * width * np.dtype(kind).itemsize
            if at + size > len(data):
                raise ValueError(f"a map of {n} songs ends after {len(data)} bytes")
            columns.append(np.frombuffer(data, kind, n * width, at))
            at += size
        if at != len(data):
            raise ValueError(f"a map of {n} songs has {at} bytes, got {len(data)}")
        ids, xyz, genre, tag, theme = columns
        names = (tuple(genres), tuple(tags), tuple(themes))
        return cls(ids, xyz.reshape(n, DIMENSION), genre, tag, theme, *names)

    @property
    def version(self) -> str:
        """Another one whenever a song, a place, a colour or a name is another."""
        digest = hashlib.sha256(self.encode())
        digest.update(json.dumps([self.genres, self.tags, self.themes]).encode())
        return digest.hexdigest()[:VERSION_LENGTH]

    @property
    def radius(self) -> float:
        """Of the sphere about the origin that holds every song."""
        return float(np.linalg.norm(self.xyz, axis=1).max(initial=0.0))

    def lines(self, ids: NDArray[np.int64]) -> NDArray[np.int64]:
        """The line of every song (m,), -1 for one that is not on the map."""
        return lines_of(self.ids, ids)

    def places(self, ids: Iterable[int]) -> dict[int, Xyz]:
        """Where the songs among `ids` lie that are on the map."""
        wanted = np.array(list(ids), np.int64)
        lines = self.lines(wanted)
        found = zip(wanted[lines >= 0].tolist(), self.xyz[lines[lines >= 0]].tolist(), strict=True)
        return {song: (x, y, z) for song, (x, y, z) in found}


@dataclass(frozen=True)
class Stamp:
    """The state of a catalog: two that are equal hold the same songs."""

    catalog: str
    epoch: int
    revision: int


@dataclass(frozen=True)
class MapFacts:
    """How a map was drawn; `map.json` holds it."""

    format_version: int
    version: str  # of the map
    songs: int
    method: Method
    asked: str  # the method that was asked for; "auto" leaves the choice to the number of songs
    seed: int
    scale: float  # by so much was the picture made smaller to fit the radius 1
    placed: int  # songs that came since the map was drawn, and lie near their neighbours
    catalog: str
    epoch: int
    revision: int  # of the catalog that the map is abreast of
    genres: tuple[str, ...]
    tags: tuple[str, ...]
    themes: tuple[str, ...]

    @property
    def stamp(self) -> Stamp:
        """The catalog's state that the map is abreast of."""
        return Stamp(self.catalog, self.epoch, self.revision)


@dataclass(frozen=True, eq=False)
class StoredMap:
    """A published map. `rows[i]` is the row of the style that the place of song i rests on;
    `placed[i]` says that it came after the map was drawn."""

    number: int
    facts: MapFacts
    map: SongMap
    rows: NDArray[np.int64]
    placed: NDArray[np.bool_]
    file: Path  # the map as clients get it; it may be deleted while a newer one is published


def publish_map(
    folder: Path,
    songs: SongMap,
    facts: MapFacts,
    *,
    rows: NDArray[np.int64],
    placed: NDArray[np.bool_],
) -> StoredMap:
    """Make `songs` the map in `folder`; the lock there must be held.

    Raises `StoreError`; then the map before still stands.
    """

    def build(place: Path) -> None:
        (place / BINARY_NAME).write_bytes(songs.encode())
        np.save(place / SONGS_NAME, np.stack([rows, placed.astype(np.int64)], axis=1))
        text = json.dumps(asdict(facts), indent=2) + "\n"
        (place / MANIFEST_NAME).write_text(text, encoding="utf-8")

    try:
        number = generations.publish_folder(folder, build)
    except OSError as error:
        raise StoreError(
            f"{folder}: the map cannot be written: {error}. The songs are stored; free some space "
            "and run `nowhear map build`"
        ) from error
    generations.prune(folder)
    return StoredMap(number, facts, songs, rows, placed, _binary(folder, number))


def withdraw_map(folder: Path) -> None:
    """Publish that there is no map."""
    generations.withdraw(folder)


def open_map(folder: Path) -> StoredMap | None:
    """The published map in `folder`, None when there is none.

    Raises `StoreError`: it is damaged, or of another format.
    """
    missing = _damaged(folder, "CURRENT names a map that is not there")
    return generations.read_current(folder, _read, missing=missing)


def _read(place: Path, number: int) -> StoredMap:
    try:
        return _open(place, number)
    except FileNotFoundError:
        raise
    except (OSError, ValueError, TypeError, RecursionError) as error:
        raise _damaged(place, str(error)) from error


def _open(place: Path, number: int) -> StoredMap:
    facts = _facts(json.loads((place / MANIFEST_NAME).read_text(encoding="utf-8")), place)
    names = {"genres": facts.genres, "tags": facts.tags, "themes": facts.themes}
    songs = SongMap.decode((place / BINARY_NAME).read_bytes(), **names)
    table = np.load(place / SONGS_NAME, allow_pickle=False)
    if songs.version != facts.version or table.shape != (len(songs), 2):
        raise _damaged(place, f"{len(songs)} songs, version {songs.version}")
    file = place / BINARY_NAME
    return StoredMap(number, facts, songs, table[:, 0], table[:, 1].astype(np.bool_), file)


def _facts(data: Any, place: Path) -> MapFacts:
    wanted = {field.name for field in fields(MapFacts)}
    if not isinstance(data, dict) or set(data) != wanted:
        raise _damaged(place, f"{MANIFEST_NAME} has other keys than expected")
    if data["format_version"] != FORMAT_VERSION:
        raise _damaged(place, f"format {data['format_version']}, expected {FORMAT_VERSION}")
    return MapFacts(**{**data, **{key: tuple(data[key]) for key in ("genres", "tags", "themes")}})


def _binary(folder: Path, number: int) -> Path:
    return folder / generations.name_of(number) / BINARY_NAME


def _damaged(place: Path, what: str) -> StoreError:
    return StoreError(f"{place}: the map is damaged ({what}); `nowhear map build` draws it anew")

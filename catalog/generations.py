"""Index generations on disk: built beside the old one, published by an atomic rename.

    index/
      gen-000001/   style.annoy, songs.npy (every song's id and place), manifest.json, and the
                    files of `catalog.segment_index` and `catalog.landmark_index`
      CURRENT       the name of the published one

A kill at any moment leaves CURRENT naming a whole generation. The one before the current is kept,
for a reader that has read CURRENT and not yet opened the files.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from .annoy_index import AnnoyFile, build_annoy
from .errors import ManifestError, StoreError
from .landmark_index import LandmarkIndex, build_landmark_index
from .manifest import REMEDY, Manifest
from .meta import Meta
from .places import Places
from .segment_index import SegmentIndex, build_segment_index, searched_rows
from .settings import CatalogSettings

T = TypeVar("T")

CURRENT_NAME = "CURRENT"
ANNOY_NAME = "style.annoy"
SONGS_NAME = "songs.npy"
BUILDING_NAME = ".building"
NAME = re.compile(r"gen-(\d{6,})")
OPEN_ATTEMPTS = 5
"""A reader that finds its generation gone reads CURRENT again: two newer ones were published in
the moment between. More than a few times in a row is damage, not haste."""


@dataclass(frozen=True, eq=False)
class Generation:
    """An open generation; its files stay readable after they are deleted."""

    number: int
    manifest: Manifest
    places: Places  # of every song, as they were
    index: AnnoyFile  # of styles: item i is the song in line i of `places`
    segments: SegmentIndex | None  # None: nothing but silence
    landmarks: LandmarkIndex | None  # None: of another format


def current_number(folder: Path) -> int | None:
    """Number of the published generation in `folder`; None when there is none.

    Raises `StoreError` when CURRENT cannot be read or names nothing sensible.
    """
    path = folder / CURRENT_NAME
    try:
        name = path.read_text(encoding="ascii", errors="replace").strip()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StoreError(f"{path}: cannot be read: {error}") from error
    match = NAME.fullmatch(name)
    if match is None:
        raise StoreError(f"{path}: names {name!r:.40}, expected gen-NNNNNN; {REMEDY}")
    return int(match[1])


def open_current(folder: Path, meta: Meta) -> Generation | None:
    """The published generation in `folder`, checked against `meta`.

    Raises `ManifestError`: it was made with other parameters. `StoreError`: a file is damaged.
    """

    def read(place: Path, number: int) -> Generation:
        try:
            return _open(folder, number, meta)
        except FileNotFoundError:
            raise
        except OSError as error:
            raise StoreError(f"{place}: cannot be read: {error}") from error

    missing = f"{folder / CURRENT_NAME}: names a generation that has files missing; {REMEDY}"
    return read_current(folder, read, missing=StoreError(missing))


def read_current(folder: Path, read: Callable[[Path, int], T], *, missing: StoreError) -> T | None:
    """What `read` makes of the published generation's folder and number; None: there is none.

    A `FileNotFoundError` of `read` says that a writer has published another one meanwhile and
    deleted this: it is looked up again. Raises `missing` when that does not help, and `StoreError`.
    """
    for _ in range(OPEN_ATTEMPTS):
        number = current_number(folder)
        if number is None:
            return None
        with contextlib.suppress(FileNotFoundError):
            return read(folder / name_of(number), number)
    raise missing


def _open(folder: Path, number: int, meta: Meta) -> Generation:
    place = folder / name_of(number)
    manifest = Manifest.read(place)
    manifest.check(meta, folder=place)
    manifest.check_files(place)
    table = np.load(place / SONGS_NAME, allow_pickle=False)  # (n, 4); its checksum was right
    if len(table) != manifest.songs:
        raise ManifestError(
            f"{place}: {len(table)} songs, but its manifest says {manifest.songs}; {REMEDY}"
        )
    index = AnnoyFile(place / ANNOY_NAME, dimension=meta.dimension, items=len(table))
    return Generation(
        number,
        manifest,
        places=Places(table),
        index=index,
        segments=SegmentIndex.open(place),
        landmarks=LandmarkIndex.open(place),
    )


def publish(
    folder: Path,
    meta: Meta,
    settings: CatalogSettings,
    *,
    places: Places,
    styles: NDArray[np.float32],
    prints: NDArray[np.int8],
    peaks: NDArray[np.uint16],
) -> int:
    """Build a generation of the songs in `places`, whose vectors are in `styles`, `prints` and
    `peaks`.

    To be called by the one writer only. Returns its number. Raises `StoreError`; then what was
    published before still stands, and nothing half-built is left.
    """

    def build(place: Path) -> None:
        segments = _build(place, settings, places, styles, prints)
        build_landmark_index(peaks, places, place)
        manifest = Manifest.of(meta, settings, songs=len(places), segments=segments, folder=place)
        manifest.write(place)

    try:
        return publish_folder(folder, build)
    except (OSError, StoreError) as error:
        raise StoreError(
            f"{folder}: the index cannot be written: {error}. All songs are stored; free some "
            "space and run this again"
        ) from error


def publish_folder(folder: Path, build: Callable[[Path], None]) -> int:
    """Publish as the current one the generation whose files `build` writes into a folder.

    To be called by the one writer only. Returns its number. Raises `OSError`, and what `build`
    raises; then what was published before still stands, and nothing half-built is left.
    """
    building = folder / BUILDING_NAME
    try:
        folder.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(building, ignore_errors=True)
        building.mkdir()
        number = max(_numbers(folder), default=0) + 1
        build(building)
        _flush(building)
        building.rename(folder / name_of(number))
        _point_to(folder, number)
    except BaseException:
        shutil.rmtree(building, ignore_errors=True)
        raise
    return number


def _build(
    folder: Path,
    settings: CatalogSettings,
    places: Places,
    styles: NDArray[np.float32],
    prints: NDArray[np.int8],
) -> int:
    """Write everything but the manifest; gives the number of segments that can be found."""
    build_annoy(styles, places.rows, folder / ANNOY_NAME, trees=settings.trees)
    np.save(folder / SONGS_NAME, places.table)
    return build_segment_index(
        prints,
        searched_rows(places.by_segment(), every=settings.index_every),
        folder,
        dimension=settings.print_dimension,
        trees=settings.print_trees,
    )


def withdraw(folder: Path) -> None:
    """Publish that there is no generation (the catalog is empty)."""
    (folder / CURRENT_NAME).unlink(missing_ok=True)


def prune(folder: Path) -> None:
    """Delete what no reader can be about to open: all but the current one and the one before."""
    current = current_number(folder)
    kept = sorted(n for n in _numbers(folder) if current is not None and n <= current)[-2:]
    for number in _numbers(folder) - set(kept):
        shutil.rmtree(folder / name_of(number), ignore_errors=True)


def name_of(number: int) -> str:
    """Folder name of a generation."""
    return f"gen-{number:06d}"


def _numbers(folder: Path) -> set[int]:
    names = (NAME.fullmatch(entry.name) for entry in folder.iterdir()) if folder.is_dir() else ()
    return {int(match[1]) for match in names if match}


def _point_to(folder: Path, number: int) -> None:
    temporary = folder / f"{CURRENT_NAME}.new"
    temporary.write_text(name_of(number) + "\n", encoding="ascii")
    _flush_file(temporary)
    _flush_file(folder)  # the generation's own name must be on the disk before CURRENT has it
    temporary.replace(folder / CURRENT_NAME)
    _flush_file(folder)


def _flush(folder: Path) -> None:
    for entry in folder.iterdir():
        _flush_file(entry)
    _flush_file(folder)


def _flush_file(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)

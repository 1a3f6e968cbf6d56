"""A catalog's songs with their vectors into one file, and from one into a catalog.

What comes back is what went: styles, tags, prints and peaks to the bit, times and names as they
were. A file belongs to the encoders that made its vectors, and is refused where others are in
force.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..catalog import Catalog
from ..errors import ManifestError, StoreError, UnknownSongError
from ..meta import ENCODER_FIELDS, PEAK_FIELDS, PRINT_FIELDS, Meta
from ..prints import stored_prints, unit_prints
from ..settings import CatalogSettings
from ..songs import Details, NewSong, Song, path_text
from ..store import Store
from ..walk import EXTENSIONS, Skipped
from .hdf5 import Hdf5
from .npz import Npz
from .parquet import Parquet
from .rows import CHUNK_SONGS, Chunk, Format, Header, check_vectors

if TYPE_CHECKING:
    from encoder.embedding import EncoderSpec

    from ..reader import CatalogReader

Tell = Callable[[int, int | None, str], None]

FORMATS: dict[str, Format] = {
    ".h5": Hdf5(),
    ".hdf5": Hdf5(),
    ".parquet": Parquet(),
    ".npz": Npz(),
}
"""By the ending of the file's name."""


@dataclass
class Imported:
    """What an import did: songs that are new, those that were there, those left out and why."""

    added: int = 0
    unchanged: int = 0
    without_file: int = 0  # of those added: nothing stands at their path here
    skipped: list[Skipped] = field(default_factory=list)


def format_of(path: Path) -> Format:
    """The format that the file's ending names; raises `ManifestError` when it names none."""
    found = FORMATS.get(path.suffix.lower())
    if found is None:
        raise ManifestError(
            f"{path}: ends in {path.suffix!r}, expected one of {', '.join(FORMATS)}"
        )
    return found


def export_features(
    settings: CatalogSettings, path: Path, *, with_prints: bool, tell: Tell | None = None
) -> int:
    """Write all songs that can be found to `path`; returns how many. A file there is replaced
    once the new one is whole.

    Raises `ManifestError`: an ending that names no format. `MissingExtraError`, `StoreError`,
    `NoCatalogError`.
    """
    chosen = format_of(path)
    with Catalog.open(settings, None) as catalog, _replacing(path) as part:
        header = _header(_meta(settings), with_prints=with_prints)
        ids = catalog.survey().ids.tolist()
        done = 0
        with chosen.writing(part, header) as writer:
            for first in range(0, len(ids), CHUNK_SONGS):
                chunk = _chunk(catalog, ids[first : first + CHUNK_SONGS], header)
                writer.add(chunk)
                done += len(chunk.files)
                if tell is not None:
                    tell(done, len(ids), "exporting")
    return done


def import_features(
    settings: CatalogSettings, path: Path, spec: EncoderSpec | None, *, tell: Tell | None = None
) -> Imported:
    """Store the songs of the file at `path` that the catalog does not have, by their content.

    `spec` is the encoder in force, by which a catalog is made where there is none; None: there
    must be one. A song that waits for being embedded again gets its vectors. One whose path
    another song has, or whose file is no audio by its name, is left out.

    Raises `ManifestError`: the file is none, or its vectors are of another encoder. `StoreError`.
    """
    chosen = format_of(path)
    with chosen.reading(path) as contents:
        if spec is not None:
            _check(contents.header, Meta.of(spec), path, "the encoder in force")
        create = spec is not None
        with Catalog.open(settings, spec, create=create, write=True) as catalog:
            _check(contents.header, _meta(settings), path, "the catalog")
            done = Imported()
            for chunk in _sound_chunks(contents.chunks, contents.header, path):
                _store(catalog, chunk, done)
                if tell is not None:
                    tell(done.added + done.unchanged, contents.songs, "importing")
            catalog.publish()
    return done


def _meta(settings: CatalogSettings) -> Meta:
    store = Store(settings.directory, url=settings.database)
    try:
        return store.meta()
    finally:
        store.close()


def _header(meta: Meta, *, with_prints: bool) -> Header:
    from encoder.embedding import EncoderSpec, PrintSpec

    prints = PrintSpec(
        name=meta.print_name,
        fingerprint=meta.print_fingerprint,
        sample_rate_hz=meta.print_sample_rate_hz,
        window_samples=meta.print_window_samples,
        stride_samples=meta.print_stride_samples,
        dimension=meta.print_dimension,
    )
    spec = EncoderSpec(
        name=meta.encoder,
        fingerprint=meta.fingerprint,
        sample_rate_hz=meta.sample_rate_hz,
        window_samples=meta.window_samples,
        style_dim=meta.dimension,
        tags=meta.tags,
        prints=prints,
    )
    return Header(
        spec, meta.print_hop_samples, meta.peak_format, meta.peaks_per_segment, with_prints
    )


def _check(header: Header, here: Meta, path: Path, whose: str) -> None:
    """Raises `ManifestError` unless the file's vectors compare with those of `here`."""
    theirs = replace(
        Meta.of(header.spec),
        print_hop_samples=header.print_hop_samples,
        peak_format=header.peak_format,
        peaks_per_segment=header.peaks_per_segment,
    )
    fields = (*ENCODER_FIELDS, "tags", *PRINT_FIELDS, *PEAK_FIELDS)
    for name in fields if header.with_prints else (*ENCODER_FIELDS, "tags"):
        came = getattr(theirs, name)
        if came != getattr(here, name):
            maker = "encoder" if name in (*ENCODER_FIELDS, "tags") else "print_name"
            raise ManifestError(
                f"{path}: its vectors were made by the encoder {getattr(theirs, maker)!r} with "
                f"{name} {came!r}, but {whose} has {getattr(here, maker)!r} with "
                f"{getattr(here, name)!r}; export them anew where the same encoder is in force"
            )


def _chunk(catalog: CatalogReader, ids: Sequence[int], header: Header) -> Chunk:
    """Songs that are still there when they are read."""
    known, styles = catalog.styles(ids)
    songs = catalog.get(ids)
    rows = []
    style_of = dict(zip((i for i, has in zip(ids, known, strict=True) if has), styles, strict=True))
    for song in ids:
        stored = catalog.by_path(songs[song].path) if song in songs else None
        if stored is None or stored.song != song or song not in style_of:
            continue
        try:
            tags = np.array(list(catalog.tags(song).values()), np.float32)
            of_segments = _of_segments(catalog, song, header)
        except UnknownSongError:
            continue
        rows.append((stored.file, songs[song], style_of[song], tags, *of_segments))
    return Chunk(
        files=[row[0] for row in rows],
        details=[_details(row[1]) for row in rows],
        duration_s=[row[1].duration_s for row in rows],
        style=np.array([row[2] for row in rows], np.float32).reshape(-1, header.spec.style_dim),
        tags=np.array([row[3] for row in rows], np.float32).reshape(-1, len(header.spec.tags)),
        prints=[row[4] for row in rows],
        peaks=[row[5] for row in rows],
    )


def _of_segments(
    catalog: CatalogReader, song: int, header: Header
) -> tuple[NDArray[np.int8], NDArray[np.uint16]]:
    """A song's prints and peaks as they are stored, none where the file is without."""
    if header.with_prints:
        return stored_prints(catalog.prints(song)), catalog.peaks(song)
    prints, peaks = (np.zeros((0, width), kind) for kind, width in header.of_segments().values())
    return prints, peaks


def _details(song: Song) -> Details:
    return Details(song.title, song.artist, song.album, song.genre, song.year)


def _sound_chunks(chunks: Iterator[Chunk], header: Header, path: Path) -> Iterator[Chunk]:
    """The chunks, checked: a vector that is none would be searched and mean nothing.

    Raises `ManifestError`: the file is damaged there.
    """
    done = 0
    while True:
        try:
            chunk = next(chunks, None)
            if chunk is None:
                return
            check_vectors(chunk, header)
        except (ValueError, IndexError, KeyError, TypeError, OSError) as error:
            raise ManifestError(
                f"{path}: is damaged after {done} songs: {error}; those before it are stored"
            ) from error
        done += len(chunk.files)
        yield chunk


def _store(catalog: Catalog, chunk: Chunk, done: Imported) -> None:
    new: list[NewSong] = []
    seen: set[object] = set()
    for row, file in enumerate(chunk.files):
        twins = catalog.by_hash(file.content_hash)
        waiting = [twin for twin in twins if not twin.embedded]
        if file.path in seen or file.content_hash in seen or (twins and not waiting):
            done.unchanged += 1
            continue
        there = catalog.by_path(file.path)
        reason = None
        if file.path.suffix.lower() not in EXTENSIONS:
            reason = "is no audio file by its name"
        elif there is not None and not waiting:
            reason = f"song {there.song} has this path and another content"
        if reason is not None:
            done.skipped.append(Skipped(file.path, reason))
            continue
        seen |= {file.path, file.content_hash}
        done.without_file += not file.path.exists()
        new.append(
            NewSong(
                file=waiting[0].file if waiting else file,
                details=chunk.details[row],
                duration_s=chunk.duration_s[row],
                style=chunk.style[row],
                tags=chunk.tags[row],
                prints=unit_prints(chunk.prints[row]),
                peaks=chunk.peaks[row],
                replaces=waiting[0].song if waiting else None,
            )
        )
    if new:
        catalog.insert(new)
        catalog.publish_in_run()
        done.added += len(new)


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """A place to write to, which becomes `path` once it is whole; raises `StoreError`."""
    part = path.with_name(f".{path.name[:200]}.{os.getpid()}{path.suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield part
        part.replace(path)
    except OSError as error:
        reason = error.strerror or str(error)
        raise StoreError(f"{path_text(path)}: cannot be written: {reason}") from error
    finally:
        with suppress(OSError):  # what failed has been told
            part.unlink(missing_ok=True)

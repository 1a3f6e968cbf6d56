"""The catalog: songs, their vectors, and the search over them, in one folder.

    catalog.sqlite        the song table (unless settings name another database)
    vectors/000001/       style.f32, tags.f32: one row a song; prints.i8, peaks.u16: one row a
                          segment
    index/                generations, see `catalog.generations`
    writer.lock           held by the one process that writes

One process writes at a time; any number read, without a lock, and see the catalog as it was when
they last called `refresh`.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import Connection

from . import generations, grouping, records
from .errors import BusyError, NoCatalogError, StoreError, UnknownSongError
from .lock import WriterLock
from .meta import Meta, read_meta, write_meta
from .migration import migrate
from .places import Place
from .prints import stored_prints
from .reader import CatalogReader
from .settings import CatalogSettings
from .songs import Details, FileState, NewSong, Song
from .store import DATABASE_NAME, Store

if TYPE_CHECKING:
    from encoder.embedding import EncoderSpec


class Catalog(CatalogReader):
    """An open catalog; `open` makes one. Close it, or use it as a context manager.

    What reads may be called from any thread; what writes, from one.
    """

    @classmethod
    def open(
        cls,
        settings: CatalogSettings,
        spec: EncoderSpec | None,
        *,
        create: bool = False,
        write: bool = False,
        restart: bool = False,
    ) -> Catalog:
        """Open the catalog in `settings.directory`.

        `spec` is the encoder that queries come from; None reads without checking it. `create`
        makes the catalog unless there is one (and needs `spec`); `create` and `write` take the
        writer's lock. `restart` (with `write`) prepares a catalog for being embedded again by
        `spec`: songs keep their ids, and are found once `add` has embedded them.

        Raises `NoCatalogError`, `BusyError`: another process writes. `ManifestError`: the songs or
        the index were made with other parameters. `StoreError`: files are damaged or unreadable.
        """
        folder = settings.directory
        lock = None
        if create or write or restart:
            _prepare(settings, create=create)
            lock = WriterLock(folder)
            lock.acquire()
        store = None
        try:
            store = Store(folder, url=settings.database)
            if create and spec is not None:
                store.create(spec)
            if restart and spec is not None:
                _restart(store, spec, folder)
            return cls(settings, store, lock, spec)
        except BaseException:
            if store is not None:
                store.close()
            if lock is not None:
                lock.release()
            raise

    def insert(self, new: Sequence[NewSong]) -> list[int]:
        """Store songs in one transaction, grouped with what is there; returns their ids.

        When this returns, they are on the disk; when it raises `StoreError`, none is.
        """
        self._writes()
        with self._store.write() as db:
            meta = self._begin(db)
            write_meta(db, self._write_vectors(new, meta))
            ids = [
                self._store_song(db, song, place=place, revision=meta.revision)
                for song, place in zip(new, _places(new, meta), strict=True)
            ]
        self.refresh()
        return ids

    def _write_vectors(self, new: Sequence[NewSong], meta: Meta) -> Meta:
        """Write the songs' vectors behind all that counts by `meta`; gives the meta by which they
        count as well. Raises `StoreError`."""
        row, segment, state = meta.next_row, meta.next_segment, self._state
        state.style_file(meta).write(row, np.stack([song.style for song in new]))
        state.tag_file(meta).write(row, np.stack([song.tags for song in new]))
        prints = stored_prints(np.concatenate([song.prints for song in new]))
        state.print_file(meta).write(segment, prints)
        state.peak_file(meta).write(segment, np.concatenate([song.peaks for song in new]))
        return replace(meta, next_row=row + len(new), next_segment=segment + len(prints))

    def _store_song(self, db: Connection, new: NewSong, *, place: Place, revision: int) -> int:
        if new.replaces is not None:
            self._leave_group(db, [new.replaces], rows=place.row, revision=revision)
        song = records.write_song(db, new, place=place, revision=revision)
        snapshot = self._state.within(db, rows=place.row + 1)
        matches = grouping.same_recordings(db, snapshot, new.style, new.duration_s, new.prints) - {
            song
        }
        grouping.join(db, song, matches, revision=revision)
        return song

    def move(self, song: int, file: FileState, details: Details) -> None:
        """The song's file has another place, name or time, and the same content."""
        self._writes()
        with self._store.write() as db:
            meta = self._begin(db)
            records.move(db, song, file, details, revision=meta.revision)
            write_meta(db, meta)
        self.refresh()

    def remove(self, ids: Iterable[int]) -> list[Song]:
        """Remove songs from the catalog (their files stay); returns what they were.

        Raises `UnknownSongError` when one is not there; then none is removed.
        """
        self._writes()
        wanted = sorted(set(ids))
        with self._store.write() as db:
            meta = self._begin(db)
            found = records.get(db, wanted)
            if missing := [str(song) for song in wanted if song not in found]:
                raise UnknownSongError(
                    f"no song {', '.join(missing)} in this catalog; nothing was removed"
                )
            self._leave_group(db, wanted, rows=meta.next_row, revision=meta.revision)
            records.forget(db, wanted, revision=meta.revision)
            write_meta(db, meta)
        self.refresh()
        return [found[song] for song in wanted]

    def publish(self, *, force: bool = False) -> bool:
        """Build and publish an index generation if it is due, or if `force`; True when it was.

        Raises `StoreError`; what was published before then still stands.
        """
        self._writes()
        self.refresh()
        _drop_old_vectors(self._folder / "vectors", self._state.meta.epoch)
        snapshot = self._state.snapshot
        if snapshot.count == 0:
            generations.withdraw(self._state.index_folder)
        elif force or snapshot.wants_generation():
            self._state.check_styles(snapshot.places.rows)
            generations.publish(
                self._state.index_folder,
                self._state.meta,
                self.settings,
                places=snapshot.places,
                styles=snapshot.stored.styles,
                prints=snapshot.stored.prints,
                peaks=snapshot.stored.peaks,
            )
            generations.prune(self._state.index_folder)
        else:
            return False
        return self.refresh()

    def publish_in_run(self) -> None:
        """`publish` between two songs of a long run, when the tail has grown too long."""
        if self._state.snapshot.searches_slowly:
            self.publish()

    def _writes(self) -> None:
        if self._lock is None:
            raise BusyError(f"{self._folder}: opened for reading; open it with write=True")

    def _begin(self, db: Connection) -> Meta:
        """The catalog's meta with the revision raised."""
        meta = read_meta(db)
        if meta is None:
            raise NoCatalogError(f"{self._folder}: the catalog was removed")
        return replace(meta, revision=meta.revision + 1)

    def _leave_group(self, db: Connection, ids: Sequence[int], *, rows: int, revision: int) -> None:
        """Group anew those that `ids` leave behind; the vectors have `rows` rows."""
        groups = records.groups_of(db, ids)
        if others := set(records.members(db, groups.values())).difference(ids):
            snapshot = self._state.within(db, rows=rows)
            grouping.regroup(db, sorted(others), snapshot, revision=revision)


def _prepare(settings: CatalogSettings, *, create: bool) -> None:
    """Make the folder; without `create`, leave nothing behind where no catalog is."""
    folder = settings.directory
    try:
        if create:
            folder.mkdir(parents=True, exist_ok=True)
        elif settings.database is None and not (folder / DATABASE_NAME).is_file():
            raise NoCatalogError(f"{folder}: no catalog here; `nowhear add PATH...` makes one")
    except OSError as error:
        raise StoreError(f"{folder}: cannot be made: {error.strerror}") from error


def _places(new: Sequence[NewSong], meta: Meta) -> Iterator[Place]:
    """Where songs come to stand behind all that counts by `meta`."""
    first = meta.next_segment
    for row, song in enumerate(new, start=meta.next_row):
        yield Place(row, first, len(song.prints))
        first += len(song.prints)


def _restart(store: Store, spec: EncoderSpec, folder: Path) -> None:
    """Mark all songs as not embedded, unless an interrupted rebuild by `spec` is to go on."""
    migrate(store, spec, folder)
    meta = store.meta()
    with store.write() as db:
        if meta.is_of(spec) and records.waiting(db):
            return
        generations.withdraw(folder / "index")  # first: a reader then searches exactly, or waits
        meta = meta.restarted(spec)
        records.forget_rows(db, revision=meta.revision)
        write_meta(db, meta)


def _drop_old_vectors(folder: Path, epoch: int) -> None:
    """Delete the vectors of encoders before; a reader that maps them keeps its mapping."""
    if folder.is_dir():
        for entry in folder.iterdir():
            if entry.name.isdigit() and int(entry.name) < epoch:
                shutil.rmtree(entry, ignore_errors=True)

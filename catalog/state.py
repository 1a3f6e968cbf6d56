"""A process's view of the catalog: what it last took over from the database and the index."""

from __future__ import annotations

import logging
import threading
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from encoder.peaks import PEAK_TYPE

from . import generations, records
from .errors import ManifestError, NoCatalogError, StoreError
from .generations import Generation
from .meta import Meta, read_meta
from .prints import PRINT_TYPE
from .settings import CatalogSettings
from .snapshot import Snapshot, Stored
from .store import Store
from .vectors import VectorFile

if TYPE_CHECKING:
    from encoder.embedding import EncoderSpec

log = logging.getLogger(__name__)

LOAD_ATTEMPTS = 5
"""A writer may commit and publish between two reads of a reader; so often is it tried again."""


class State:
    """The newest snapshot, and how it is brought up to date. `refresh` may come from any thread.

    `mends` is True for a writer: where a reader refuses an index that does not match, it goes on
    without and builds another.
    """

    def __init__(
        self, settings: CatalogSettings, store: Store, spec: EncoderSpec | None, *, mends: bool
    ) -> None:
        """Raises `NoCatalogError`, `ManifestError`, `StoreError`."""
        self.folder = settings.directory
        self.index_folder = settings.directory / "index"
        self._settings = settings
        self._store = store
        self._spec = spec
        self._mends = mends
        self._lock = threading.Lock()
        self.meta = store.meta()
        self.snapshot = self._load()

    def refresh(self) -> bool:
        """Take over what has changed; True when anything had. Two small reads when nothing has."""
        with self._lock:
            with self._store.read() as db:
                meta = _meta(db, self.folder)
            number = self._published()
            if (meta.revision, number) == (self.meta.revision, self._number):
                return False
            if number == self._number and meta.epoch == self.meta.epoch:
                self.snapshot = self._caught_up(self.snapshot)
            else:
                self.snapshot = self._load()
            return True

    def within(self, db: Connection, *, rows: int) -> Snapshot:
        """The snapshot as the open transaction `db` sees it, over `rows` rows of styles."""
        meta = replace(_meta(db, self.folder), next_row=rows)
        delta = records.delta_since(db, self.snapshot.revision, now=meta.revision)
        return self.snapshot.after(delta, self.stored(meta))

    def stored(self, meta: Meta) -> Stored:
        """The vectors that count by `meta`."""
        return Stored(
            styles=self.style_file(meta).rows(meta.next_row),
            prints=self.print_file(meta).rows(meta.next_segment),
            peaks=self.peak_file(meta).rows(meta.next_segment),
        )

    def style_file(self, meta: Meta) -> VectorFile:
        """Unit styles of the songs."""
        return VectorFile(self._vectors(meta) / "style.f32", dimension=meta.dimension)

    def tag_file(self, meta: Meta) -> VectorFile:
        """Tag probabilities of the songs."""
        return VectorFile(self._vectors(meta) / "tags.f32", dimension=len(meta.tags))

    def print_file(self, meta: Meta) -> VectorFile:
        """Prints of the songs' segments, as `catalog.prints` stores them."""
        path = self._vectors(meta) / "prints.i8"
        return VectorFile(path, dimension=meta.print_dimension, dtype=PRINT_TYPE)

    def peak_file(self, meta: Meta) -> VectorFile:
        """Peaks of the songs' segments, in the rows of their prints."""
        path = self._vectors(meta) / "peaks.u16"
        return VectorFile(path, dimension=meta.peaks_per_segment, dtype=PEAK_TYPE)

    def check_styles(self, rows: NDArray[np.int64]) -> None:
        """Raises `StoreError` unless these rows of the snapshot hold unit styles."""
        self.style_file(self.meta).check_unit(self.snapshot.stored.styles, rows)

    def _vectors(self, meta: Meta) -> Path:
        return self.folder / "vectors" / f"{meta.epoch:06d}"

    def _load(self) -> Snapshot:
        """A snapshot from the published generation and all that came after it."""
        for attempt in range(LOAD_ATTEMPTS):
            meta = self._checked(self._store.meta())
            self._number = self._published()
            try:
                self.generation = self._open(meta)
            except ManifestError:
                last = attempt == LOAD_ATTEMPTS - 1
                if last or self._store.meta().revision == meta.revision:
                    raise
                continue  # published after the meta was read
            start = Snapshot.start(
                self.stored(replace(meta, next_row=0, next_segment=0)),
                self.generation,
                epoch=meta.epoch,
                settings=self._settings,
            )
            snapshot = self._caught_up(start)
            if self.meta.epoch == meta.epoch:
                self.style_file(meta).check_unit(snapshot.stored.styles, snapshot.tail.rows)
                return snapshot
        raise StoreError(f"{self.folder}: the catalog keeps changing; try again")

    def _open(self, meta: Meta) -> Generation | None:
        try:
            return generations.open_current(self.index_folder, meta)
        except ManifestError:
            if not self._mends:
                raise
            log.warning("the index does not match the catalog and will be built again")
        except StoreError as error:
            log.warning("%s. Until then every song is compared, which is slower", error)
        return None

    def _caught_up(self, snapshot: Snapshot) -> Snapshot:
        with self._store.read() as db:
            meta = self._checked(_meta(db, self.folder))
            delta = records.delta_since(db, snapshot.revision, now=meta.revision)
        caught_up = snapshot.after(delta, self.stored(meta))
        self.meta = meta
        return caught_up

    def _checked(self, meta: Meta) -> Meta:
        if self._spec is not None:
            meta.check(self._spec)
        return meta

    def _published(self) -> int | None:
        try:
            return generations.current_number(self.index_folder)
        except StoreError:
            return None  # `open_current` says what is wrong


def _meta(db: Connection, folder: Path) -> Meta:
    meta = read_meta(db)
    if meta is None:
        raise NoCatalogError(f"{folder}: the catalog was removed")
    return meta

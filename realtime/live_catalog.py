"""The catalog as the daemon sees it: it may not be there yet, and troubles never stop listening."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from catalog.catalog import Catalog
from catalog.errors import CatalogError, NoCatalogError, UnknownSongError
from catalog.landmark_index import NO_LANDMARKS, LandmarkHits
from catalog.search import Hits
from catalog.segments import SegmentHits
from catalog.settings import CatalogSettings
from catalog.songs import Song
from encoder.embedding import PRINT_HOP_SAMPLES, EncoderSpec
from encoder.peaks import PEAK_TYPE, PEAKS_PER_SEGMENT

from .logs import logger
from .messages import CatalogState

_log = logger("catalog")

T = TypeVar("T")


class LiveCatalog:
    """Searches the catalog of `settings`, and takes over what other processes write to it.

    Without a catalog all searches are empty, and it is looked for at every `refresh`. What goes
    wrong later is said in `trouble` and searches stay empty until it is mended.

    Raises `CatalogError` when there is a catalog that cannot be used, such as one made with another
    encoder.
    """

    def __init__(self, settings: CatalogSettings, spec: EncoderSpec) -> None:
        self._settings = settings
        self._spec = spec
        self._catalog: Catalog | None = None
        self.trouble: str | None = None
        try:
            self._catalog = Catalog.open(settings, spec)
        except NoCatalogError as error:
            self._note(str(error))
        self._note_if_empty()

    def _note(self, trouble: str | None) -> None:
        if trouble is not None and trouble != self.trouble:
            _log.warning("catalog: %s", trouble)
        self.trouble = trouble

    def _note_if_empty(self) -> None:
        if self._catalog is not None:
            empty = self._catalog.count == 0
            self._note("the catalog is empty; `nowhear add PATH...` fills it" if empty else None)

    def refresh(self) -> None:
        """Takes over what was written since; raises nothing."""
        before = self.state
        try:
            if self._catalog is None:
                self._catalog = Catalog.open(self._settings, self._spec)
            else:
                self._catalog.refresh()
        except CatalogError as error:
            self._note(str(error))
            return
        self._note_if_empty()
        if self.state != before:
            _log.info("catalog: %d songs, generation %s", self.state.songs, self.state.generation)

    @property
    def catalog(self) -> Catalog | None:
        """The catalog itself, for what may fail; None while there is none."""
        return self._catalog

    @property
    def state(self) -> CatalogState:
        """What is being searched."""
        if self._catalog is None:
            return CatalogState(songs=0, generation=None)
        return CatalogState(songs=self._catalog.count, generation=self._catalog.generation)

    def search(self, vectors: NDArray[np.float32], k: int) -> Hits:
        """The nearest songs; none while there is no catalog or it is in trouble."""
        if self._catalog is not None:
            try:
                return self._catalog.search(vectors, k)
            except CatalogError as error:
                self._note(str(error))
        nothing = np.zeros((len(vectors), 0))
        return Hits(songs=nothing.astype(np.int64), scores=nothing.astype(np.float32))

    def search_prints(self, prints: NDArray[np.float32], k: int) -> SegmentHits:
        """The nearest segments; none while there is no catalog or it is in trouble."""
        if self._catalog is not None:
            try:
                return self._catalog.search_prints(prints, k)
            except CatalogError as error:
                self._note(str(error))
        nothing = np.zeros((len(prints), 0))
        numbers = nothing.astype(np.int64)
        return SegmentHits(numbers, numbers, nothing.astype(np.float32))

    def search_landmarks(self, keys: NDArray[np.int64]) -> LandmarkHits:
        """Moments of songs with these landmarks; none while there is no catalog."""
        return NO_LANDMARKS if self._catalog is None else self._catalog.search_landmarks(keys)

    def prints(self, song: int) -> NDArray[np.float32]:
        """A song's prints `(m, D)`; `(0, D)` when it has none that can be read."""
        found = self._read(lambda catalog: catalog.prints(song))
        nothing = np.zeros((0, self._spec.prints.dimension), np.float32)
        return nothing if found is None else found

    def peaks(self, song: int) -> NDArray[np.uint16]:
        """A song's peaks `(m, P)`, a row a segment, as `encoder.peaks` packs them; `(0, P)` when it
        has none that can be read."""
        found = self._read(lambda catalog: catalog.peaks(song))
        return np.zeros((0, PEAKS_PER_SEGMENT), PEAK_TYPE) if found is None else found

    def _read(self, read: Callable[[Catalog], T]) -> T | None:
        """What `read` finds in the catalog; None when it has none that can be read."""
        if self._catalog is not None:
            try:
                return read(self._catalog)
            except UnknownSongError:
                pass  # removed since it was found
            except CatalogError as error:
                self._note(str(error))
        return None

    @property
    def print_hop_samples(self) -> int:
        """Samples from one segment to the next: no catalog with another distance is taken up."""
        return PRINT_HOP_SAMPLES

    def groups(self, ids: Sequence[int]) -> dict[int, int]:
        """As `Catalog.groups`; none where there is no catalog."""
        return self._read(lambda catalog: catalog.groups(ids)) or {}

    def songs(self, ids: Sequence[int]) -> dict[int, Song]:
        """The songs among `ids` that the catalog has."""
        return self._read(lambda catalog: catalog.get(ids)) or {}

    def audio_path(self, song: int) -> Path | None:
        """The file of a song."""
        found = self.songs([song]).get(song)
        return None if found is None else found.path

    def close(self) -> None:
        """Gives back the catalog's connections."""
        if self._catalog is not None:
            self._catalog.close()

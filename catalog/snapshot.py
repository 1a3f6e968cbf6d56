"""What is searched: one state of the catalog, never changed once made.

A state is an index generation with the songs in it that are still as they were when it was built,
and a tail of all other songs, searched exactly. A change makes a new state from the old, so a
search in another thread keeps the state that it began with.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .generations import Generation
from .landmark_index import NO_LANDMARKS, LandmarkHits
from .places import Place, Places, lines_of
from .prints import unit_prints
from .search import NO_SCORE, NO_SONG, ExactIndex, Hits, best_of, check_queries
from .segment_search import search_index, search_places, without_silence
from .segments import SegmentHits, hits_of_rows
from .settings import CatalogSettings

TAIL_SHARE = 0.05
"""A tail of up to this share of the generation is left to exact search: it costs less than the
index search itself, and building again at every thousand songs would take hours at a million."""

SEGMENT_TAIL_SHARE = 0.02
"""The same for segments: 5 % of them would cost more than the search of the index."""

RUN_SHARE = 0.25
"""While many songs are added, the index is built again when the tail has this share of its
segments: those who listen meanwhile keep quick searches, and all building together costs about
five times the last."""

DEAD_SHARE = 0.2
"""So much of a generation may be removed or changed before it is built again: every search then
fetches that many songs in vain."""


@dataclass(frozen=True)
class Delta:
    """What changed in the song table since a revision."""

    present: tuple[tuple[int, Place | None], ...]  # (song, place); None: not embedded
    removed: tuple[int, ...]
    revision: int


class Stored(NamedTuple):
    """The vector files as far as they count, mapped."""

    styles: NDArray[np.float32]  # (rows, S)
    prints: NDArray[np.int8]  # (segments, D)
    peaks: NDArray[np.uint16]  # (segments, P)


@dataclass(frozen=True, eq=False)
class Snapshot:
    """One state of the catalog; `search` satisfies the index protocol."""

    revision: int
    epoch: int
    stored: Stored
    generation: Generation | None
    alive: NDArray[np.bool_]  # (n,) songs of the generation that still hold
    tail: Places
    settings: CatalogSettings

    @classmethod
    def start(
        cls,
        stored: Stored,
        generation: Generation | None,
        *,
        epoch: int,
        settings: CatalogSettings,
    ) -> Snapshot:
        """The state when `generation` was built; the empty one when it is None."""
        items = 0 if generation is None else len(generation.places)
        return cls(
            revision=0 if generation is None else generation.manifest.revision,
            epoch=epoch,
            stored=stored,
            generation=generation,
            alive=np.ones(items, dtype=np.bool_),
            tail=Places.of([]),
            settings=settings,
        )

    @property
    def count(self) -> int:
        """Songs that can be found."""
        return int(np.count_nonzero(self.alive)) + len(self.tail)

    @property
    def dead(self) -> int:
        """Songs in the generation that were removed or changed since."""
        return len(self.alive) - int(np.count_nonzero(self.alive))

    def wants_generation(self) -> bool:
        """Whether the index is worth building anew."""
        if self.generation is None:
            return self.count > 0
        items, segments = len(self.alive), self.generation.places.segment_count
        return (
            len(self.tail) > max(self.settings.tail_songs, TAIL_SHARE * items)
            or self.tail.segment_count
            > max(self.settings.tail_segments, SEGMENT_TAIL_SHARE * segments)
            or self.dead > DEAD_SHARE * items
            or self.generation.landmarks is None
        )

    @property
    def searches_slowly(self) -> bool:
        """Whether the tail is so long that the index should not wait for the end of a run."""
        indexed = 0 if self.generation is None else self.generation.places.segment_count
        return self.tail.segment_count > max(self.settings.tail_segments, RUN_SHARE * indexed)

    @cached_property
    def places(self) -> Places:
        """Every song that can be found."""
        return self._indexed.joined(self.tail)

    @cached_property
    def _indexed(self) -> Places:
        """Songs found through the generation."""
        if self.generation is None:
            return Places.of([])
        return self.generation.places.where(self.alive)

    @cached_property
    def _indexed_by_segment(self) -> Places:
        return self._indexed.by_segment()

    @cached_property
    def _tail_by_segment(self) -> Places:
        return self.tail.by_segment()

    @cached_property
    def _by_segment(self) -> Places:
        return self.places.by_segment()

    def after(self, delta: Delta, stored: Stored) -> Snapshot:
        """The state after `delta`, over the files as they are now."""
        places = dict(delta.present)
        tail = {song: Place(*place) for song, *place in self.tail.table.tolist()}
        alive = self.alive.copy()
        for song in (*delta.removed, *places):
            tail.pop(song, None)
            place = places.get(song)
            item = None if self.generation is None else self.generation.places.item(song)
            kept = item is not None and place is not None and self._place(item) == place
            if item is not None:
                alive[item] = kept
            if place is not None and not kept:
                tail[song] = place
        return replace(
            self,
            revision=delta.revision,
            stored=stored,
            alive=alive,
            tail=Places.of(tail.items()),
        )

    def _place(self, item: int) -> Place:
        assert self.generation is not None
        return self.generation.places.place(item)

    def prints(self, song: int) -> NDArray[np.float32] | None:
        """A song's prints (m, D), unit rows, zeros where silent; None when it is not here."""
        rows = self._segments(song)
        return None if rows is None else unit_prints(self.stored.prints[rows])

    def peaks(self, song: int) -> NDArray[np.uint16] | None:
        """A song's peaks (m, P) as `encoder.peaks` packs them; None when it is not here."""
        rows = self._segments(song)
        return None if rows is None else np.array(self.stored.peaks[rows])

    def _segments(self, song: int) -> slice | None:
        """Rows of a song's segments."""
        place = self.tail.of_song(song) or self._indexed.of_song(song)
        if place is None:
            return None
        return slice(place.first_segment, place.first_segment + place.segments)

    def search_prints(self, prints: NDArray[np.float32], k: int) -> SegmentHits:
        """The `k` segments nearest to each of `prints` (n, D); raises `SearchError`."""
        stored = self.stored.prints
        queries = check_queries(prints, dimension=stored.shape[1], k=k)
        every, by_segment = self.settings.index_every, self._tail_by_segment
        parts = [search_places(queries, stored, by_segment, k, every=every)]
        index = None if self.generation is None else self.generation.segments
        if index is not None and len(queries):
            alive, search_k = self._indexed_by_segment, self.settings.print_search_k
            parts.append(search_index(queries, stored, index, alive, k, search_k=search_k))
        best = best_of(parts, queries=len(queries), k=k)
        return hits_of_rows(without_silence(best, queries), self._by_segment)

    def search_landmarks(self, keys: NDArray[np.int64]) -> LandmarkHits:
        """The moments of songs in the index that have one of `keys` (m,)."""
        index = None if self.generation is None else self.generation.landmarks
        if index is None:
            return NO_LANDMARKS
        return index.find(keys, self._indexed_by_segment, most=self.settings.landmark_hits)

    def cosines(
        self, style: NDArray[np.float32], ids: NDArray[np.integer[Any]]
    ) -> NDArray[np.float32]:
        """Cosine of a unit style (S,) with those of songs `ids` (n,), NO_SCORE for one that is not
        here."""
        lines = lines_of(self.places.ids, ids)
        here = lines >= 0
        # Reading all rows in order is quicker than gathering those that count.
        of_rows = np.clip(self.stored.styles @ style, -1.0, 1.0)  # (rows,)
        scores = np.full(len(ids), NO_SCORE, dtype=np.float32)
        scores[here] = of_rows[self.places.rows[lines[here]]]
        return scores

    def search(self, vectors: NDArray[np.float32], k: int) -> Hits:
        """The `k` songs nearest to each of `vectors` (n, S); raises `SearchError`."""
        styles = self.stored.styles
        queries = check_queries(vectors, dimension=styles.shape[1], k=k)
        tail = ExactIndex(styles, ids=self.tail.ids, rows=self.tail.rows)
        parts = [tail.search(queries, k)]
        if self.generation is not None:
            parts.append(self._search_generation(self.generation, queries, k))
        return best_of(parts, queries=len(queries), k=k)

    def _search_generation(
        self, generation: Generation, queries: NDArray[np.float32], k: int
    ) -> Hits:
        songs = np.full((len(queries), k), NO_SONG, dtype=np.int64)
        scores = np.full((len(queries), k), NO_SCORE, dtype=np.float32)
        for place, query in enumerate(queries):
            items, cosines = self._nearest_alive(generation, query, k)
            songs[place, : len(items)] = generation.places.ids[items]
            scores[place, : len(items)] = cosines
        return Hits(songs, scores)

    def _nearest_alive(
        self, generation: Generation, query: NDArray[np.float32], k: int
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The `k` nearest items that still hold. Fetches more until there are so many, since all
        of the nearest may be dead."""
        wanted = min(k, len(self.alive) - self.dead)
        fetch = k + min(self.dead, k)
        while True:
            items, cosines = generation.index.nearest(
                query, fetch, search_k=max(self.settings.search_k, fetch)
            )
            keep = np.flatnonzero(self.alive[items])[:k]
            if len(keep) >= wanted or fetch >= len(self.alive):
                return items[keep], cosines[keep]
            fetch *= 2

"""What is searched: one state of the catalog, never changed once made.

A state is an index generation with the songs in it that are still as they were when it was built,
and a tail of all other songs, searched exactly. A change makes a new state from the old, so a
search in another thread keeps the state that it began with.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from .generations import Generation
from .search import NO_SCORE, NO_SONG, ExactIndex, Hits, best_of, check_queries

TAIL_SHARE = 0.05
"""A tail of up to this share of the generation is left to exact search: it costs less than the
index search itself, and building again at every thousand songs would take hours at a million."""

DEAD_SHARE = 0.2
"""So much of a generation may be removed or changed before it is built again: every search then
fetches that many songs in vain."""


@dataclass(frozen=True)
class Delta:
    """What changed in the song table since a revision."""

    present: tuple[tuple[int, int | None], ...]  # (song, row); row None: not embedded
    removed: tuple[int, ...]
    revision: int


@dataclass(frozen=True, eq=False)
class Snapshot:
    """One state of the catalog; `search` satisfies the index protocol."""

    revision: int
    epoch: int
    vectors: NDArray[np.float32]  # (rows, D), mapped
    generation: Generation | None
    alive: NDArray[np.bool_]  # (n,) items of the generation that still hold
    tail_ids: NDArray[np.int64]  # (m,) ascending
    tail_rows: NDArray[np.int64]  # (m,)
    search_k: int

    @classmethod
    def start(
        cls,
        vectors: NDArray[np.float32],
        generation: Generation | None,
        *,
        epoch: int,
        search_k: int,
    ) -> Snapshot:
        """The state when `generation` was built; the empty one when it is None."""
        items = 0 if generation is None else len(generation.ids)
        none = np.zeros(0, dtype=np.int64)
        return cls(
            revision=0 if generation is None else generation.manifest.revision,
            epoch=epoch,
            vectors=vectors,
            generation=generation,
            alive=np.ones(items, dtype=np.bool_),
            tail_ids=none,
            tail_rows=none,
            search_k=search_k,
        )

    @property
    def count(self) -> int:
        """Songs that can be found."""
        return int(np.count_nonzero(self.alive)) + len(self.tail_ids)

    @property
    def dead(self) -> int:
        """Songs in the generation that were removed or changed since."""
        return len(self.alive) - int(np.count_nonzero(self.alive))

    def wants_generation(self, *, tail_songs: int) -> bool:
        """Whether the index is worth building anew (`tail_songs`: the setting)."""
        if self.generation is None:
            return self.count > 0
        items = len(self.alive)
        return (
            len(self.tail_ids) > max(tail_songs, TAIL_SHARE * items)
            or self.dead > DEAD_SHARE * items
        )

    def songs_and_rows(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Every song's id, ascending, and its row."""
        ids, rows = self.tail_ids, self.tail_rows
        if self.generation is not None:
            ids = np.concatenate([self.generation.ids[self.alive], ids])
            rows = np.concatenate([self.generation.rows[self.alive], rows])
        order = np.argsort(ids, kind="stable")
        return ids[order], rows[order]

    def after(self, delta: Delta, vectors: NDArray[np.float32]) -> Snapshot:
        """The state after `delta`, over the file as it is now."""
        rows = dict(delta.present)
        tail = dict(zip(self.tail_ids.tolist(), self.tail_rows.tolist(), strict=True))
        alive = self.alive.copy()
        for song in (*delta.removed, *rows):
            tail.pop(song, None)
            row, item = rows.get(song), self._item(song)
            kept = item is not None and row is not None and self._row(item) == row
            if item is not None:
                alive[item] = kept
            if row is not None and not kept:
                tail[song] = row
        ids = np.array(sorted(tail), dtype=np.int64)
        return replace(
            self,
            revision=delta.revision,
            vectors=vectors,
            alive=alive,
            tail_ids=ids,
            tail_rows=np.array([tail[song] for song in ids.tolist()], dtype=np.int64),
        )

    def _item(self, song: int) -> int | None:
        """The song's item in the generation."""
        if self.generation is None:
            return None
        item = int(np.searchsorted(self.generation.ids, song))
        found = item < len(self.generation.ids) and self.generation.ids[item] == song
        return item if found else None

    def _row(self, item: int) -> int:
        assert self.generation is not None
        return int(self.generation.rows[item])

    def search(self, vectors: NDArray[np.float32], k: int) -> Hits:
        """The `k` songs nearest to each of `vectors` (n, D); raises `SearchError`."""
        queries = check_queries(vectors, dimension=self.vectors.shape[1], k=k)
        tail = ExactIndex(self.vectors, ids=self.tail_ids, rows=self.tail_rows)
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
            songs[place, : len(items)] = generation.ids[items]
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
                query, fetch, search_k=max(self.search_k, fetch)
            )
            keep = np.flatnonzero(self.alive[items])[:k]
            if len(keep) >= wanted or fetch >= len(self.alive):
                return items[keep], cosines[keep]
            fetch *= 2

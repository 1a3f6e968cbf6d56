"""The index protocol, its results, and exact search: the reference that others are measured by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .errors import SearchError

NO_SONG = -1
"""Stands in `Hits.songs` where fewer than k songs were found."""

NO_SCORE = -1.0
"""Stands in `Hits.scores` there: the smallest cosine there is."""

CHUNK_ROWS = 16_384
"""Rows compared at once: 13 MB of 200-d vectors, so that a search over a mapped file of any size
needs little memory."""


@dataclass(frozen=True, eq=False)
class Hits:
    """For every query the nearest songs, best first; equal scores in order of id."""

    songs: NDArray[np.int64]  # (n, k) song ids, NO_SONG where none
    scores: NDArray[np.float32]  # (n, k) cosine, -1 to 1, NO_SCORE where none


class Index(Protocol):
    """Anything that finds the nearest songs."""

    def search(self, vectors: NDArray[np.float32], k: int) -> Hits:
        """The `k` songs nearest to each of `vectors` (n, D) by cosine."""
        ...


def cosine_from_angular(distance: ArrayLike) -> NDArray[np.float32]:
    """Cosine of two vectors from Annoy's angular distance, sqrt(2 (1 - cosine)).

    >>> [float(c) for c in cosine_from_angular([0.0, 2.0])]
    [1.0, -1.0]
    """
    squared = np.square(np.asarray(distance, dtype=np.float64))
    return np.clip(1.0 - squared / 2.0, -1.0, 1.0).astype(np.float32)


def unit_rows(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Every row (n, D) at length 1; a row of zeros stays one."""
    lengths = np.linalg.norm(vectors.astype(np.float64), axis=1, keepdims=True)  # (n, 1)
    return (vectors / np.where(lengths > 0, lengths, 1.0)).astype(np.float32)


def check_queries(vectors: ArrayLike, *, dimension: int, k: int) -> NDArray[np.float32]:
    """The queries as unit rows (n, dimension).

    Raises `SearchError`: not two axes, another dimension, not finite, or k below 1.
    """
    queries = np.asarray(vectors)
    if queries.ndim != 2 or queries.shape[1] != dimension:
        raise SearchError(f"queries of shape {queries.shape}, expected (n, {dimension})")
    if queries.dtype.kind not in "fiu":
        raise SearchError(f"queries of type {queries.dtype}, expected float32")
    if not np.isfinite(queries).all():
        raise SearchError("queries hold values that are not finite")
    if k < 1:
        raise SearchError(f"k is {k}, expected 1 or more")
    return unit_rows(queries.astype(np.float32))


def best_of(parts: Sequence[Hits], *, queries: int, k: int) -> Hits:
    """The `k` best of several hits on the same queries."""
    songs = np.concatenate([np.full((queries, k), NO_SONG), *(p.songs for p in parts)], axis=1)
    scores = np.concatenate(
        [np.full((queries, k), NO_SCORE, np.float32), *(p.scores for p in parts)], axis=1
    )
    # lexsort takes its last key first: songs before empty places, then score, then id.
    order = np.lexsort((songs, -scores, songs == NO_SONG), axis=1)[:, :k]
    return Hits(
        songs=np.take_along_axis(songs, order, axis=1).astype(np.int64),
        scores=np.take_along_axis(scores, order, axis=1),
    )


class ExactIndex:
    """Compares every query with every song. Slow for many songs, and never wrong.

    `vectors` (m, D) are unit rows, possibly a mapped file; song `ids[i]` has row `rows[i]` of it,
    row i when `rows` is None.

    >>> index = ExactIndex(np.eye(3, dtype=np.float32), ids=np.array([7, 8, 9]))
    >>> index.search(np.array([[0, 2, 0.1]], dtype=np.float32), k=2).songs.tolist()
    [[8, 9]]
    """

    def __init__(
        self,
        vectors: NDArray[np.float32],
        *,
        ids: NDArray[np.int64],
        rows: NDArray[np.int64] | None = None,
    ) -> None:
        self._vectors = vectors
        self._ids = ids
        self._rows = np.arange(len(ids)) if rows is None else rows

    def search(self, vectors: NDArray[np.float32], k: int) -> Hits:
        """The `k` songs nearest to each of `vectors`; raises `SearchError`."""
        queries = check_queries(vectors, dimension=self._vectors.shape[1], k=k)
        best = best_of([], queries=len(queries), k=k)
        for first in range(0, len(self._ids), CHUNK_ROWS):
            part = slice(first, first + CHUNK_ROWS)
            best = best_of([best, self._chunk(queries, part, k)], queries=len(queries), k=k)
        return best

    def _chunk(self, queries: NDArray[np.float32], part: slice, k: int) -> Hits:
        rows, ids = self._rows[part], self._ids[part]
        scores = np.clip(queries @ self._vectors[rows].T, -1.0, 1.0)  # (n, chunk)
        if k < len(ids):
            # A boundary tie is broken by id as in best_of: take all that reach the k-th score.
            kth = -np.partition(-scores, k - 1, axis=1)[:, k - 1]  # (n,)
            keep = np.flatnonzero((scores >= kth[:, None]).any(axis=0))
            scores, ids = scores[:, keep], ids[keep]
        return Hits(songs=np.broadcast_to(ids, scores.shape), scores=scores.astype(np.float32))

"""Searching segments: among stored prints exactly, and through the index with exact scores.

Hits here are in rows of the print file (`Hits.songs` holds rows); `catalog.segments.hits_of_rows`
says whose they are.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from .places import Places
from .prints import inverse_lengths
from .search import NO_SCORE, NO_SONG, Hits, best_of
from .segment_index import SegmentIndex, searched_rows

CHUNK_ROWS = 65_536
"""Stored prints among which the best are picked at once."""

CACHE_ROWS = 2048
"""Stored prints widened to float32 at once: 1 MB, which stays in a core's cache."""

FETCH = 10
"""Candidates taken from the index for each hit wanted. Their order there is that of fewer
dimensions; the right one is to be among them, and scored exactly."""

LEAST_FETCH = 200
"""At least so many: they cost a tenth of the search itself."""


def exact_rows(
    queries: NDArray[np.float32], prints: NDArray[np.int8], rows: NDArray[np.int64], k: int
) -> Hits:
    """The ``k`` of the stored prints ``prints[rows]`` nearest to each unit query ``(n, D)``."""
    scores = np.empty((len(queries), len(rows)), dtype=np.float32)
    heard = np.empty(len(rows), dtype=np.bool_)
    for first in range(0, len(rows), CACHE_ROWS):
        part = slice(first, first + CACHE_ROWS)
        block = prints[rows[part]].astype(np.float32)  # (m, D)
        inverse = inverse_lengths(block)
        # In this order BLAS takes half the time for a few queries.
        scores[:, part] = ((block @ queries.T) * inverse[:, None]).T
        heard[part] = inverse > 0
    if not heard.all():
        scores, rows = scores[:, heard], rows[heard]
    np.clip(scores, -1.0, 1.0, out=scores)
    columns = _best_columns(scores, k)  # (n, k or more)
    return Hits(songs=rows[columns], scores=np.take_along_axis(scores, columns, axis=1))


def _best_columns(scores: NDArray[np.float32], k: int) -> NDArray[np.int64]:
    """Columns of the ``k`` best of each line, and of all that tie with the last of them, since
    `best_of` chooses among those by row."""
    count = scores.shape[1]
    if k >= count:
        return np.broadcast_to(np.arange(count), scores.shape)
    kth = np.partition(scores, count - k, axis=1)[:, count - k]  # (n,)
    width = int(np.count_nonzero(scores >= kth[:, None], axis=1).max(initial=k))
    if width >= count:
        return np.broadcast_to(np.arange(count), scores.shape)
    return np.argpartition(scores, count - width, axis=1)[:, count - width :]


def search_places(
    queries: NDArray[np.float32], prints: NDArray[np.int8], places: Places, k: int, *, every: int
) -> Hits:
    """The ``k`` nearest among every ``every``-th segment of the songs in ``places``, exactly."""
    best = best_of([], queries=len(queries), k=k)
    for rows in _chunks(searched_rows(places, every=every)):
        best = best_of([best, exact_rows(queries, prints, rows, k)], queries=len(queries), k=k)
    return best


def search_index(
    queries: NDArray[np.float32],
    prints: NDArray[np.int8],
    index: SegmentIndex,
    alive: Places,
    k: int,
    *,
    search_k: int,
) -> Hits:
    """The ``k`` nearest segments found through ``index`` for each unit query ``(n, D)``, scored
    exactly; only those of the songs in ``alive``, which is in the order of `Places.by_segment`."""
    narrow = queries @ index.directions  # (n, d)
    parts = [
        _search_one(query, candidates, prints, index, alive, k, search_k=search_k)
        for query, candidates in zip(queries, narrow, strict=True)
    ]
    return Hits(
        songs=np.concatenate([part.songs for part in parts]),
        scores=np.concatenate([part.scores for part in parts]),
    )


def _search_one(
    query: NDArray[np.float32],
    narrow: NDArray[np.float32],
    prints: NDArray[np.int8],
    index: SegmentIndex,
    alive: Places,
    k: int,
    *,
    search_k: int,
) -> Hits:
    """As `search_index` for one query. Fetches more while most of what comes belongs to songs
    that were removed or changed."""
    fetch = max(FETCH * k, LEAST_FETCH)
    while True:
        items, _ = index.annoy.nearest(narrow, fetch, search_k=max(search_k, fetch))
        rows = index.rows[items].astype(np.int64)
        rows = rows[alive.owners(rows) >= 0]
        if len(rows) >= min(k, len(items)) or fetch >= index.annoy.items:
            break
        fetch *= 2
    return best_of([exact_rows(query[None, :], prints, rows, k)], queries=1, k=k)


def without_silence(hits: Hits, queries: NDArray[np.float32]) -> Hits:
    """``hits`` without those of queries that are all zeros: silence is like nothing."""
    silent = ~queries.any(axis=1, keepdims=True)  # (n, 1)
    return Hits(
        songs=np.where(silent, NO_SONG, hits.songs),
        scores=np.where(silent, np.float32(NO_SCORE), hits.scores),
    )


def _chunks(rows: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    for first in range(0, len(rows), CHUNK_ROWS):
        yield rows[first : first + CHUNK_ROWS]

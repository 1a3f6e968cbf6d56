"""The songs nearest to a query: as many as were asked for, however many must be passed over."""

from __future__ import annotations

from catalog.reader import CatalogReader
from catalog.similar import Query
from catalog.songs import Song

from .ranking import rank

MOST_HITS = 4096
"""So many are looked at in vain, where a few artists have most of the songs."""


def nearest(
    catalog: CatalogReader, query: Query, *, k: int, per_artist: int
) -> list[tuple[Song, float]]:
    """At most `k` songs with their cosines, best first, as `rank` chooses them.

    Looks at more and more hits until `k` songs are left of them, or there are no more.
    """
    fetch = 2 * k + len(query.same)
    most = min(catalog.count, max(MOST_HITS, fetch))
    while True:
        hits = catalog.search(query.style[None, :], fetch)
        found = catalog.get(hits.songs[0].tolist())
        ranked = rank(
            hits.songs[0],
            hits.scores[0],
            found,
            k=k,
            per_artist=per_artist,
            exclude=query.same,
        )
        if len(ranked) >= k or fetch >= most:
            return [(found[song], score) for song, score in ranked]
        fetch = min(4 * fetch, most)

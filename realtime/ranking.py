"""Ranks the songs that a search found: pure, and steady from one ranking to the next.

Order is by cosine similarity, best first. At most one song of a near-duplicate group is kept, and
at most so many of one artist. Scores are never changed: steadiness decides only who stands where.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from catalog.spreading import SongLike, spread


def rank(
    hits_songs: Sequence[int] | NDArray[np.int64],
    hits_scores: Sequence[float] | NDArray[np.float32],
    songs: Mapping[int, SongLike],
    *,
    k: int,
    per_artist: int,
    exclude: Collection[int] = frozenset(),
    previous: Sequence[int] = (),
    steadiness: float = 0.0,
) -> list[tuple[int, float]]:
    """At most `k` songs `(id, score)`, best first, from the hits of one query.

    `hits_songs` and `hits_scores` run in parallel; -1, ids in `exclude` and ids that `songs` does
    not hold are passed over. `per_artist` caps the songs of one artist (letter case aside); 0 sets
    no limit, and songs of unknown artist are not capped. `previous` is the ranking before this one:
    a song passes another of those, and a newcomer pushes out the last of those, only by a score
    that is higher by more than `steadiness`. With 0 the order is that of the scores.

    Fetch more hits than `k`: duplicates and capped songs fall away.

    >>> from types import SimpleNamespace as S
    >>> songs = {1: S(artist="A", group=1), 2: S(artist=None, group=2), 3: S(artist="A", group=3)}
    >>> rank([1, 3, 2, -1], [0.9, 0.8, 0.7, 0.0], songs, k=2, per_artist=1)
    [(1, 0.9), (2, 0.7)]
    >>> rank([3, 1], [0.81, 0.80], songs, k=2, per_artist=0, previous=[1, 3], steadiness=0.05)
    [(1, 0.8), (3, 0.81)]
    """
    scores = _candidates(hits_songs, hits_scores, known=songs, exclude=exclude)
    ordered = _steady_order(scores, previous=previous, steadiness=steadiness)
    return [(song, scores[song]) for song in spread(ordered, songs, k=k, per_artist=per_artist)]


def _candidates(
    hits_songs: Sequence[int] | NDArray[np.int64],
    hits_scores: Sequence[float] | NDArray[np.float32],
    *,
    known: Collection[int],
    exclude: Collection[int],
) -> dict[int, float]:
    """Best score of every song that may be ranked."""
    scores: dict[int, float] = {}
    for song, score in zip(map(int, hits_songs), map(float, hits_scores), strict=True):
        if song in known and song not in exclude and math.isfinite(score):
            scores[song] = max(score, scores.get(song, score))
    return scores


def _steady_order(
    scores: Mapping[int, float], *, previous: Sequence[int], steadiness: float
) -> list[int]:
    """The candidates, best first, with the order before changed only where a score is clear.

    Each song in turn (those of the ranking before in their order, then newcomers, best first) takes
    the place of the highest one that it beats by more than `steadiness`. All below that one score
    lower too, else they would have taken its place themselves: so a song never passes a better one,
    and nowhere does a song stand above one that beats it clearly.
    """
    kept = [song for song in dict.fromkeys(previous) if song in scores]
    newcomers = sorted(scores.keys() - set(kept), key=lambda song: (-scores[song], song))
    ordered: list[int] = []
    for song in kept + newcomers:
        beaten = (i for i, other in enumerate(ordered) if scores[song] > scores[other] + steadiness)
        ordered.insert(next(beaten, len(ordered)), song)
    return ordered

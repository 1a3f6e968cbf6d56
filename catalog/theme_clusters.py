"""Groups of rows that lie together: k-means, and how many groups there are. Pure.

No measure knows how many themes music has. Four that look at different sides are asked: silhouette
(Rousseeuw, J. Comput. Appl. Math. 20, 1987), Davies-Bouldin (IEEE PAMI 1, 1979), Calinski-Harabasz
(Comm. in Statistics 3, 1974), and stability: whether two halves of the rows, drawn at random and
clustered apart, divide all of them alike (Ben-Hur, Elisseeff, Guyon, Pac. Symp. Biocomput. 2002,
with the adjusted Rand index of Hubert and Arabie, J. of Classification 2, 1985).
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .map_progress import Report

Rows = NDArray[np.float32]
Labels = NDArray[np.int64]

MINI_BATCH_ROWS = 50_000
"""Beyond so many rows the centres are found from parts of them at a time."""

JUDGED_ROWS = 10_000  # so many, drawn at random, tell how many groups there are
COMPARED_ROWS = 4_000  # the silhouette compares every two of these
STARTS = 20
"""k-means begins anew so often, and the tightest result counts. With 4 starts two seeds divided
13,129 tracks into 7 by an adjusted Rand index of 0.63 only, with 20 by 0.99 or more."""

STARTS_OF_HALVES = 10
BATCH_STARTS = 4
PAIRS = 5  # of halves, for the stability
BATCH_ROWS = 4_096
ROWS_AT_ONCE = 16_384
SAME_SHARE = 0.5
"""A cluster is one of before when so much of what either holds both hold."""


@dataclass(frozen=True)
class Judged:
    """How well so many groups fit the rows.

    - `silhouette`: -1 to 1, more is better.
    - `davies_bouldin`: 0 and above, less is better.
    - `calinski_harabasz`: 0 and above, more is better.
    - `stability`: mean adjusted Rand index, 1 alike, 0 as by chance; `spread`: its deviation.
    - `rank`: mean place among the numbers tried by these four, 1 is best.
    """

    count: int
    silhouette: float
    davies_bouldin: float
    calinski_harabasz: float
    stability: float
    spread: float
    rank: float = 0.0


def centres_of(rows: Rows, count: int, *, seed: int) -> Rows:
    """Centres `(count, d)` of so many groups of `rows` `(n, d)`; `count` is 1 to n.

    The same rows and seed give the same centres.
    """
    with _quietly():
        return _centres(rows, count, seed=seed, starts=STARTS)


def _centres(rows: Rows, count: int, *, seed: int, starts: int) -> Rows:
    from sklearn.cluster import KMeans, MiniBatchKMeans

    if len(rows) > MINI_BATCH_ROWS:
        model = MiniBatchKMeans(
            count, batch_size=BATCH_ROWS, n_init=BATCH_STARTS, random_state=seed
        )
    else:
        model = KMeans(count, n_init=starts, random_state=seed)
    return np.asarray(model.fit(rows).cluster_centers_, np.float32)


def nearest_centres(rows: Rows, centres: Rows) -> Labels:
    """The number of the nearest of `centres` `(k, d)` to each of `rows` `(n, d)`."""
    found = np.empty(len(rows), np.int64)
    squares = np.square(centres, dtype=np.float64).sum(axis=1)
    for first in range(0, len(rows), ROWS_AT_ONCE):
        part = slice(first, first + ROWS_AT_ONCE)
        # |row - centre|^2 without the square of the row, which all centres share
        found[part] = (squares - 2 * (rows[part] @ centres.T)).argmin(axis=1)
    return found


def judged(
    rows: Rows, counts: Sequence[int], *, seed: int, on_progress: Report | None = None
) -> list[Judged]:
    """How well each of `counts` fits `rows` `(n, d)`, in their order.

    A count that the rows cannot fill, since too many are alike, is left out.
    """
    rng = np.random.default_rng(seed)
    if len(rows) > JUDGED_ROWS:
        rows = rows[np.sort(rng.choice(len(rows), JUDGED_ROWS, replace=False))]
    found = []
    for number, count in enumerate(counts):
        if on_progress is not None:
            on_progress(number / len(counts))
        with _quietly():
            one = _judge(rows, count, seed=seed)
        found += [] if one is None else [one]
    return _ranked(found)


def best(found: Sequence[Judged], *, former: int | None = None) -> int:
    """The number of groups with the best mean rank, the smaller one of two; `former`, if that is
    as stable and its rank is not worse by a whole place: themes should not change for nothing."""
    first = min(found, key=lambda one: (one.rank, one.count))
    for one in found:
        if one.count == former and one.rank < first.rank + 1 and one.stability >= first.stability:
            return one.count
    return first.count


def matched(before: Labels, after: Labels, *, counts: tuple[int, int]) -> dict[int, int]:
    """Which group of `after` `(n,)` is which one of `before` `(n,)`; -1 in either is none.

    Two are the same when the songs of both are half or more of the songs of either; of all ways
    to pair them, the one with the largest overlap in all counts. `counts` are how many groups
    there are before and after.

    >>> matched(np.array([0, 0, 1, 1]), np.array([1, 1, 0, 2]), counts=(2, 3))
    {0: 1, 1: 0}
    """
    from scipy.optimize import linear_sum_assignment

    known = (before >= 0) & (after >= 0)
    both = np.zeros((counts[1], counts[0]))
    np.add.at(both, (after[known], before[known]), 1)
    either = both.sum(axis=1, keepdims=True) + both.sum(axis=0) - both
    share = both / np.maximum(either, 1)  # (after, before), Jaccard
    pairs = zip(*linear_sum_assignment(-share), strict=True)
    return {int(a): int(b) for a, b in pairs if share[a, b] >= SAME_SHARE}


def _judge(rows: Rows, count: int, *, seed: int) -> Judged | None:
    from sklearn.metrics import calinski_harabasz_score, davies_bouldin_score, silhouette_score

    labels = nearest_centres(rows, _centres(rows, count, seed=seed, starts=STARTS))
    some = np.random.default_rng(seed).permutation(len(rows))[:COMPARED_ROWS]
    if len(np.unique(labels)) < count or not 1 < len(np.unique(labels[some])) < len(some):
        return None
    agreed = [_agreement(rows, count, seed=seed + pair) for pair in range(PAIRS)]
    return Judged(
        count,
        silhouette=float(silhouette_score(rows[some], labels[some])),
        davies_bouldin=float(davies_bouldin_score(rows, labels)),
        calinski_harabasz=float(calinski_harabasz_score(rows, labels)),
        stability=float(np.mean(agreed)),
        spread=float(np.std(agreed)),
    )


def _agreement(rows: Rows, count: int, *, seed: int) -> float:
    """How alike two halves that share no row divide all of them."""
    from sklearn.metrics import adjusted_rand_score

    order = np.random.default_rng([seed, count]).permutation(len(rows))
    halves = np.array_split(order, 2)
    one, other = (
        nearest_centres(
            rows, _centres(rows[np.sort(half)], count, seed=seed, starts=STARTS_OF_HALVES)
        )
        for half in halves
    )
    return float(adjusted_rand_score(one, other))


def _ranked(found: Sequence[Judged]) -> list[Judged]:
    if not found:
        return []
    from scipy.stats import rankdata

    measures = np.array(
        [
            (-one.silhouette, one.davies_bouldin, -one.calinski_harabasz, -one.stability)
            for one in found
        ]
    )
    ranks = np.mean([rankdata(column) for column in measures.T], axis=0)
    return [
        Judged(**{**one.__dict__, "rank": float(rank)})
        for one, rank in zip(found, ranks, strict=True)
    ]


@contextmanager
def _quietly() -> Iterator[None]:
    """On one thread, since several add up in another order each time; and without the warning that
    rows are alike, which `judged` sees by itself."""
    from sklearn.exceptions import ConvergenceWarning
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        yield

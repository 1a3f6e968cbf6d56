"""How well a ranking finds what was held out: from the ranks of the relevant items alone. Pure.

Rank 1 is the first; n items were ranked, m of them relevant, m above 0. Average precision and AUC
are over the whole ranking, as van den Oord et al., "Deep content-based music recommendation" (2013)
have them, section 5.2, without their cut-off at 500.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ranks = NDArray[np.int64]


def ranks_of(
    scores: NDArray[np.floating], relevant: NDArray[np.integer], *, rng: np.random.Generator
) -> Ranks:
    """The ranks (m,), ascending, of the places `relevant` among `scores` (n,), highest first.

    Equal scores come in random order, so that scores which say nothing rank by chance.

    >>> scores = np.array([0.1, 0.9, 0.5])
    >>> ranks_of(scores, np.array([0, 1]), rng=np.random.default_rng(0)).tolist()
    [1, 3]
    """
    ordered = np.sort(scores)
    found, counts = np.unique(scores[relevant], return_counts=True)
    last = np.searchsorted(ordered, found, side="left")
    above = len(scores) - np.searchsorted(ordered, found, side="right")
    ranks = []
    for first, end, count in zip(above, len(scores) - last, counts, strict=True):
        ranks.append(first + 1 + rng.choice(end - first, count, replace=False))
    return np.sort(np.concatenate(ranks)).astype(np.int64)


def average_precision(ranks: Ranks) -> float:
    """Mean over the relevant items of the share of relevant ones up to each.

    >>> average_precision(np.array([1, 3]))  # (1/1 + 2/3) / 2
    0.8333333333333333
    """
    return float(np.mean(np.arange(1, len(ranks) + 1) / ranks))


def recall_at(ranks: Ranks, k: int) -> float:
    """The share of the relevant items among the first `k`.

    >>> recall_at(np.array([1, 3, 40]), 10)
    0.6666666666666666
    """
    return float(np.mean(ranks <= k))


def ndcg_at(ranks: Ranks, k: int) -> float:
    """Discounted gain of the first `k`, each relevant item 1 / log2(1 + rank), over the most there
    could be. Järvelin and Kekäläinen, ACM TOIS 20 (2002).

    >>> ndcg_at(np.array([1, 2]), 5), round(ndcg_at(np.array([2]), 5), 4)
    (1.0, 0.6309)
    """
    gain = np.sum(1 / np.log2(1 + ranks[ranks <= k]))
    most = np.sum(1 / np.log2(2 + np.arange(min(k, len(ranks)))))
    return float(gain / most)


def auc(ranks: Ranks, n: int) -> float:
    """How often a relevant item stands above another one, of all pairs; NaN when all are relevant.

    >>> auc(np.array([1, 3]), 4)  # of 2 x 2 pairs, 3 are right
    0.75
    """
    m = len(ranks)
    if m == n:
        return float("nan")
    others_above = np.sum(ranks) - m * (m + 1) / 2
    return float(1 - others_above / (m * (n - m)))


@dataclass(frozen=True)
class RankingFigures:
    """Means over `users`; `recall` and `ndcg` at `k`."""

    users: int
    k: int
    map: float
    recall: float
    ndcg: float
    auc: float

    @classmethod
    def of(cls, rankings: list[tuple[Ranks, int]], *, k: int) -> RankingFigures:
        """From the ranks of each user's relevant items, and how many items were ranked.

        Users for whom everything is relevant do not count for `auc`.
        """
        nothing = float("nan")
        if not rankings:
            return cls(0, k, nothing, nothing, nothing, nothing)
        aucs = np.array([auc(ranks, n) for ranks, n in rankings])
        return cls(
            users=len(rankings),
            k=k,
            map=float(np.mean([average_precision(ranks) for ranks, _ in rankings])),
            recall=float(np.mean([recall_at(ranks, k) for ranks, _ in rankings])),
            ndcg=float(np.mean([ndcg_at(ranks, k) for ranks, _ in rankings])),
            auc=nothing if np.isnan(aucs).all() else float(np.nanmean(aucs)),
        )

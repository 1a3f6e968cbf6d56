"""What taste vectors are compared with, and how all are scored: users in, a score an item out."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from encoder.files import unit

from .als import Vectors, implicit_library
from .metrics import RankingFigures, Ranks, ranks_of
from .splits import Plays

Scorer = Callable[[NDArray[np.int64]], NDArray[np.float32]]
"""Users (b,) to scores (b, n) of all items."""

USERS_AT_ONCE = 128


def popularity(plays: Plays) -> Scorer:
    """By how many users have played an item, for everybody alike."""
    listeners = np.bincount(plays.indices, minlength=plays.shape[1]).astype(np.float32)
    return lambda users: np.tile(listeners, (len(users), 1))


def random_scores(items: int, *, seed: int) -> Scorer:
    """By chance."""
    rng = np.random.default_rng(seed)
    return lambda users: rng.random((len(users), items), dtype=np.float32)


def item_neighbours(plays: Plays, *, k: int) -> Scorer:
    """By the cosines of an item's plays with those of the user's items, for each item those of its
    `k` nearest; plays count by the logarithm of 1 + plays. Raises `MissingExtraError`."""
    weights = plays.copy()
    weights.data = np.log1p(plays.data)
    with implicit_library(), warnings.catch_warnings():
        from implicit.nearest_neighbours import CosineRecommender
        from implicit.utils import ParameterWarning

        warnings.simplefilter("ignore", ParameterWarning)  # about a matrix that it makes itself
        nearest = CosineRecommender(K=k, num_threads=1)
        nearest.fit(weights, show_progress=False)
    alike = nearest.similarity

    def score(users: NDArray[np.int64]) -> NDArray[np.float32]:
        scores: NDArray[np.float32] = (weights[users] @ alike).toarray().astype(np.float32)
        return scores

    return score


def by_product(users: Vectors, items: Vectors) -> Scorer:
    """By the product of vectors of users (u, f) and items (n, f), as they were fitted."""
    return lambda chosen: users[chosen] @ items.T


def by_direction(users: Vectors, items: Vectors) -> Scorer:
    """By the cosine of the same vectors: no item gains by its length, hence by its plays."""
    return by_product(users, unit(items))


def by_likes(plays: Plays, items: Vectors) -> Scorer:
    """By the mean cosine of vectors (n, f) of items with those of the user's items: how songs are
    recommended to who likes some."""
    vectors = unit(items)

    def score(users: NDArray[np.int64]) -> NDArray[np.float32]:
        played = plays[users]
        played.data = np.ones_like(played.data)
        scores: NDArray[np.float32] = (played @ vectors) @ vectors.T
        return scores

    return score


def judged(
    score: Scorer,
    *,
    held: Plays,
    known: Plays | None,
    k: int,
    seed: int,
    most_users: int | None = None,
) -> RankingFigures:
    """How well the items in `held` (u, n) are found among all that are not in `known` (u, n).

    Over the users who have any in `held`, at most `most_users` of them, drawn at random.
    """
    rng = np.random.default_rng(seed)
    users = np.flatnonzero(np.diff(held.indptr))
    if most_users is not None and len(users) > most_users:
        users = np.sort(rng.choice(users, most_users, replace=False))
    rankings: list[tuple[Ranks, int]] = []
    for first in range(0, len(users), USERS_AT_ONCE):
        part = users[first : first + USERS_AT_ONCE]
        for user, scores in zip(part.tolist(), score(part), strict=True):
            rankings.append(_ranking(scores, held, known, user, rng))
    return RankingFigures.of(rankings, k=k)


def _ranking(
    scores: NDArray[np.float32],
    held: Plays,
    known: Plays | None,
    user: int,
    rng: np.random.Generator,
) -> tuple[Ranks, int]:
    relevant = held.indices[held.indptr[user] : held.indptr[user + 1]]
    among = np.ones(len(scores), np.bool_)
    if known is not None:
        among[known.indices[known.indptr[user] : known.indptr[user + 1]]] = False
    places = np.cumsum(among) - 1
    return ranks_of(scores[among], places[relevant], rng=rng), int(among.sum())

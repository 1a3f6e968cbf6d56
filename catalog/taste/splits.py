"""Who played what as a matrix, and parts of it held out from each user. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..errors import TasteError

if TYPE_CHECKING:
    from ..datasets import Listening

Plays = Any
"""`scipy.sparse.csr_matrix` (users, items) of plays, float32, none of them 0."""

TEST_SHARE = 0.2
VALIDATION_SHARE = 0.1
LEAST_ITEMS = 5
"""From users with fewer items nothing is held out."""


@dataclass(frozen=True, eq=False)
class Split:
    """Plays in three parts of one shape that have no pair of user and item in common."""

    training: Plays
    validation: Plays
    test: Plays


def plays_of(listening: Listening) -> Plays:
    """The matrix of a dataset's listening.

    Raises `TasteError`: there is none, or plays that are no numbers above 0.
    """
    from scipy.sparse import csr_matrix

    if not len(listening.plays):
        raise TasteError("there is no listening data; `nowhear import` or the history gives some")
    if not (np.isfinite(listening.plays).all() and (listening.plays > 0).all()):
        raise TasteError("the listening data holds plays that are no numbers above 0")
    shape = (len(listening.users), len(listening.items))
    plays = csr_matrix((listening.plays, (listening.user, listening.item)), shape, np.float32)
    plays.sort_indices()
    return plays


def split_plays(
    plays: Plays,
    *,
    seed: int,
    test: float = TEST_SHARE,
    validation: float = VALIDATION_SHARE,
) -> Split:
    """Holds out of each user's items the shares `test` and `validation`, drawn at random and
    rounded, at least one of each, from users with `LEAST_ITEMS` or more."""
    counts = np.diff(plays.indptr)  # items of each user
    users = np.repeat(np.arange(plays.shape[0]), counts)
    keys = np.random.default_rng(seed).random(plays.nnz)
    order = np.lexsort((keys, users))
    place = np.empty(plays.nnz, np.int64)  # in a random order of the user's items
    place[order] = np.arange(plays.nnz) - np.repeat(plays.indptr[:-1], counts)
    enough = counts >= LEAST_ITEMS
    ends = np.cumsum([_count(counts, share) * enough for share in (test, validation)], axis=0)
    first, second = (np.repeat(end, counts) for end in ends)
    held, kept = place < first, place >= second
    return Split(
        training=_part(plays, users, kept),
        validation=_part(plays, users, ~held & ~kept),
        test=_part(plays, users, held),
    )


def _count(counts: NDArray[np.integer], share: float) -> NDArray[np.int64]:
    held: NDArray[np.int64] = np.maximum(1, np.rint(share * counts)).astype(np.int64)
    return held


def _part(plays: Plays, users: NDArray[np.int64], chosen: NDArray[np.bool_]) -> Plays:
    from scipy.sparse import csr_matrix

    where = (users[chosen], plays.indices[chosen])
    return csr_matrix((plays.data[chosen], where), plays.shape, np.float32)

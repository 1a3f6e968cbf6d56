"""Places on the map near the songs that sound alike: for new songs, and for what is heard. Pure."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .search import ExactIndex

NEIGHBOURS = 10
"""So many of the nearest songs settle a place."""

SHARPNESS = 0.02
"""A neighbour whose cosine is lower by so much weighs 1 / e of the nearest."""

REACH = 0.15
"""Neighbours about so far from each other on the map (of radius 1) speak for the same place."""

QUERIES_AT_ONCE = 64
"""More would hold more cosines at once, and are no quicker."""


def place_near(cosines: NDArray[np.float32], xyz: NDArray[np.float32]) -> NDArray[np.float32]:
    """The place `(3,)` of what has these `cosines` `(k,)` with songs that lie at `xyz` `(k, 3)`.

    The mean of the songs' places, weighted by how alike they sound, about where most of that weight
    lies: on a picture that tore true neighbours apart, the mean over all would be a place in the
    void between them. One step of a mean shift (Comaniciu and Meer, "Mean shift", IEEE PAMI 24,
    2002, section 2) from the neighbour with the densest surroundings.

    >>> place_near(np.array([0.9, 0.9, 0.9]), np.array([[1, 0, 0], [1, 0, 0], [-1, 0, 0]])).tolist()
    [1.0, 0.0, 0.0]
    """
    places = np.asarray(xyz, np.float64)
    scores = np.asarray(cosines, np.float64)
    weights = np.exp((scores - scores.max()) / SHARPNESS)  # (k,)
    squares = np.square(places[:, None] - places[None]).sum(axis=2)  # (k, k)
    nearby = weights * np.exp(-squares / (2 * REACH**2))  # (k, k): of each, seen from each
    centre = int(np.argmax(weights * nearby.sum(axis=1)))
    share = nearby[centre] / nearby[centre].sum()
    return np.asarray(share @ places, np.float32)


def nearest_rows(
    queries: NDArray[np.float32], rows: NDArray[np.float32], k: int
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """For each of `queries` `(m, D)` the `k` nearest of `rows` `(n, D)` (all unit), best first:
    their numbers and cosines, `(m, min(k, n))`; n and k are 1 or more. Exact; memory is bounded."""
    k = min(k, len(rows))
    found = np.empty((len(queries), k), np.int64)
    cosines = np.empty((len(queries), k), np.float32)
    index = ExactIndex(rows, ids=np.arange(len(rows)))
    for first in range(0, len(queries), QUERIES_AT_ONCE):
        part = slice(first, first + QUERIES_AT_ONCE)
        hits = index.search(queries[part], k)
        found[part], cosines[part] = hits.songs, hits.scores
    return found, cosines


def places_of(
    styles: NDArray[np.float32], known: NDArray[np.float32], xyz: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Places `(m, 3)` of songs with unit `styles` `(m, D)`, near the nearest of the songs with
    styles `known` `(n, D)` that lie at `xyz` `(n, 3)`; n is 1 or more."""
    found, cosines = nearest_rows(styles, known, NEIGHBOURS)
    places = [place_near(row, xyz[near]) for row, near in zip(cosines, found, strict=True)]
    return np.array(places, np.float32).reshape(-1, xyz.shape[1])

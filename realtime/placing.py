"""Where on the map what is heard lies: near the songs that it sounds like, gliding. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from catalog.map_file import Xyz
from catalog.map_placing import NEIGHBOURS, place_near
from catalog.search import NO_SONG

__all__ = ["Glide", "PlacesOf", "Xyz", "place_of_hits"]

PlacesOf = Callable[[Iterable[int]], Mapping[int, Xyz]]
"""Song ids to the places of those that are on the map; `realtime.live_map.LiveMap.places`."""


def place_of_hits(
    songs: NDArray[np.int64], scores: NDArray[np.float32], places_of: PlacesOf
) -> Xyz | None:
    """The place of a sound whose nearest songs are `songs` `(k,)` with cosines `scores` `(k,)`,
    best first as `Hits` has them; None when none of them is on the map."""
    near = [int(song) for song in songs[: 2 * NEIGHBOURS] if song != NO_SONG]
    places = places_of(near)
    known = [
        (score, places[song]) for song, score in zip(near, scores, strict=False) if song in places
    ][:NEIGHBOURS]
    if not known:
        return None
    cosines, xyz = zip(*known, strict=True)
    x, y, z = place_near(np.array(cosines, np.float32), np.array(xyz, np.float32)).tolist()
    return x, y, z


class Glide:
    """A place that follows its target, and is `1 - 1/e` of the way there after `span_samples`.

    It depends on the samples at which targets come, and on nothing else.

    >>> glide = Glide(span_samples=100)
    >>> glide.towards((0.0, 0.0, 0.0), at=50)
    (0.0, 0.0, 0.0)
    >>> [round(x, 3) for x in glide.towards((1.0, 0.0, -2.0), at=150)]
    [0.632, 0.0, -1.264]
    """

    def __init__(self, *, span_samples: int) -> None:
        self._span = span_samples
        self._place: Xyz | None = None
        self._at = 0

    def towards(self, target: Xyz, *, at: int) -> Xyz:
        """The place at sample `at`, when `target` is where it should be; the first is `target`."""
        if self._place is None:
            self._place = target
        else:
            share = -math.expm1(-max(0, at - self._at) / self._span)
            x, y, z = (
                old + share * (new - old) for old, new in zip(self._place, target, strict=True)
            )
            self._place = (x, y, z)
        self._at = at
        return self._place

    def clear(self) -> None:
        """Forgets the place: what comes next is another piece."""
        self._place = None

"""Near-duplicates: the same recording twice, such as an MP3 and a FLAC of one master.

Two songs are taken for one recording when their styles are nearly parallel and they last equally
long. SAME_COSINE was measured: MEASUREMENT-PENDING
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

SAME_COSINE = 0.998
"""Least cosine of two song styles that are one recording."""

SAME_SECONDS = 1.0
"""Encoders pad: MP3 adds up to 0.1 s, and some files carry half a second of silence more."""

SAME_SHARE = 0.005
"""For long recordings the tolerance grows by this share of their length."""


def lasts_alike(one_s: float, other_s: float) -> bool:
    """Whether two durations in seconds may be those of one recording.

    >>> lasts_alike(180.0, 180.5), lasts_alike(180.0, 190.0)
    (True, False)
    """
    return abs(one_s - other_s) <= max(SAME_SECONDS, SAME_SHARE * max(one_s, other_s))


def group_of_each(
    styles: NDArray[np.float32], durations_s: Sequence[float], ids: Sequence[int]
) -> list[int]:
    """For every song (unit styles (n, D)) its group: the smallest id that it is linked to.

    >>> group_of_each(np.array([[1, 0], [0, 1], [1, 0]], np.float32), [9, 9, 9], [4, 5, 6])
    [4, 5, 4]
    """
    groups = list(range(len(ids)))  # by place; each points at an earlier place or at itself

    def root(place: int) -> int:
        while groups[place] != place:
            place = groups[place]
        return place

    cosines = styles @ styles.T  # (n, n)
    for one, other in np.argwhere(np.triu(cosines >= SAME_COSINE, 1)):
        if lasts_alike(durations_s[one], durations_s[other]):
            first, last = sorted((root(one), root(other)))
            groups[last] = first
    smallest: dict[int, int] = {}
    for place, song in enumerate(ids):
        top = root(place)
        smallest[top] = min(song, smallest.get(top, song))
    return [smallest[root(place)] for place in range(len(ids))]

"""Near-duplicates: the same recording twice, such as an MP3 and a FLAC of one master.

Two songs are taken for one recording when they last equally long and either their prints agree all
along or their styles are nearly parallel.

SAME_PRINTS was measured with an early small network on 24 pieces of free music from Debian packages
(20 to 200 s), re-encoded with FFmpeg. Median cosine of the prints of a piece and its copy:

    MP3 64 kbit/s, 22 kHz    24 pieces, least 0.99
    Opus 32 kbit/s           24 pieces, least 0.96

Of 868 pairs of different pieces that last alike (among 695), the nearest came to 0.47 (two versions
of one tune), 20 others to 0.22 or more.

SAME_COSINE was measured with MusiCNN's style on 129 pieces (20 to 330 s), embedded every 1.5 s.
Cosine of a piece and its copy:

    MP3 160 kbit/s    16 pieces, least 0.997
    Opus 96 kbit/s    16 pieces, least 0.992
    MP3 64 kbit/s     20 pieces (8 kHz sources among them), least 0.956, 13 at 0.985 or above
    Opus 32 kbit/s    20 pieces (the same),                 least 0.950, 12 at 0.985 or above

The nearest two different pieces came to 0.968 and are not of one length; the others at most
0.967. Versions of one piece at another speed came to 0.954 to 0.988: their lengths tell them apart.
Copies differed by at most 2 ms in length. So 0.985 finds every copy of usual quality by style alone
(songs too short for their prints to tell), and the 20 nearest styles, whose prints are compared,
hold the copies of poor quality as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

SAME_COSINE = 0.985
"""Least cosine of two song styles that are one recording."""

SAME_PRINTS = 0.75
"""Least median cosine of the prints of two songs that are one recording."""

LEAST_SEGMENTS = 4
"""Fewer say too little: a jingle of two seconds may have one that is like another's."""

OFFSETS = (-1, 0, 1)
"""Segments by which one may begin later: what `SAME_SECONDS` allows."""

SAME_SECONDS = 0.5
"""Encoders pad: MP3 without gapless marks adds up to 0.1 s, and rips of one disc differ by a few
tenths of a second of silence at either end."""

SAME_SHARE = 0.002
"""For long recordings the tolerance is this share of their length: clocks of players differ."""


def lasts_alike(one_s: float, other_s: float) -> bool:
    """Whether two durations in seconds may be those of one recording.

    >>> lasts_alike(180.0, 180.4), lasts_alike(180.0, 181.0)
    (True, False)
    """
    return abs(one_s - other_s) <= max(SAME_SECONDS, SAME_SHARE * max(one_s, other_s))


def prints_agree(one: NDArray[np.float32], other: NDArray[np.float32]) -> bool:
    """Whether prints ``(m, D)`` and ``(n, D)``, zeros where silent, are those of one recording.

    >>> song = np.eye(6, dtype=np.float32)
    >>> prints_agree(song, song[1:]), prints_agree(song, song[::-1])
    (True, False)
    """
    return any(_median_cosine(one, other, offset) >= SAME_PRINTS for offset in OFFSETS)


def _median_cosine(one: NDArray[np.float32], other: NDArray[np.float32], offset: int) -> float:
    one, other = one[max(0, offset) :], other[max(0, -offset) :]
    both = min(len(one), len(other))
    one, other = one[:both], other[:both]
    heard = one.any(axis=1) & other.any(axis=1)
    if np.count_nonzero(heard) < LEAST_SEGMENTS:
        return -1.0
    return float(np.median(np.einsum("md,md->m", one[heard], other[heard])))


def group_of_each(
    styles: NDArray[np.float32],
    durations_s: Sequence[float],
    ids: Sequence[int],
    prints: Sequence[NDArray[np.float32]],
) -> list[int]:
    """For every song (unit styles (n, S), prints (m, D) each) its group: the smallest id that it
    is linked to.

    >>> silent = [np.zeros((9, 4), np.float32)] * 3
    >>> group_of_each(np.array([[1, 0], [0, 1], [1, 0]], np.float32), [9, 9, 9], [4, 5, 6], silent)
    [4, 5, 4]
    """
    groups = list(range(len(ids)))  # by place; each points at an earlier place or at itself

    def root(place: int) -> int:
        while groups[place] != place:
            place = groups[place]
        return place

    cosines = styles @ styles.T  # (n, n)
    for one, other in combinations(range(len(ids)), 2):
        first, last = sorted((root(one), root(other)))
        if (
            first != last
            and lasts_alike(durations_s[one], durations_s[other])
            and (cosines[one, other] >= SAME_COSINE or prints_agree(prints[one], prints[other]))
        ):
            groups[last] = first
    smallest: dict[int, int] = {}
    for place, song in enumerate(ids):
        top = root(place)
        smallest[top] = min(song, smallest.get(top, song))
    return [smallest[root(place)] for place in range(len(ids))]

"""Near-duplicates: the same recording twice, such as an MP3 and a FLAC of one master.

Two songs are taken for one recording when their styles are nearly parallel and they last equally
long. SAME_COSINE was measured with MusiCNN's style on 129 pieces of free music from Debian packages
(20 to 330 s), embedded every 1.5 s; some re-encoded with FFmpeg. Cosine of a piece and its copy:

    MP3 160 kbit/s    16 pieces, least 0.997
    Opus 96 kbit/s    16 pieces, least 0.992
    MP3 64 kbit/s     20 pieces (8 kHz sources among them), least 0.956, 13 at 0.985 or above
    Opus 32 kbit/s    20 pieces (the same),                 least 0.950, 12 at 0.985 or above

The nearest two different pieces came to 0.968 and are not of one length; the others at most
0.967. Versions of one piece at another speed came to 0.954 to 0.988: their lengths tell them apart.
Copies differed by at most 2 ms in length. So 0.985 finds every copy of usual quality, and is far
enough from other music to hold where many songs last exactly as long, as in collections of clips.
Copies of poor quality are missed: they are shown twice, where a wrong match would hide a song.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

SAME_COSINE = 0.985
"""Least cosine of two song styles that are one recording."""

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

"""Lines through songs that pairs of peaks propose, where prints propose none. Pure.

Each pair that is heard is looked up; each song's moment that has it says where the song would be at
the first frame that is heard, and those that agree are counted (the offset histogram of Wang, "An
Industrial-Strength Audio Search Algorithm", ISMIR 2003, section 2.3), for each playing rate
by itself. The counts only say which few lines are worth a look: peaks and prints then judge them as
they do all others.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from catalog.landmark_index import LandmarkHits
from encoder.landmarks import Landmarks, heard_landmarks
from encoder.peaks import (
    BANDS_PER_OCTAVE,
    FIRST_PEAK_SAMPLE,
    FRAME_HOP,
    SAMPLE_RATE_HZ,
    peaks_heard,
)

from .alignment import Line
from .heard import Frames

__all__ = ["LandmarkLines", "SearchLandmarks", "propose_by_landmarks"]

Integers = NDArray[np.int64]
SearchLandmarks = Callable[[Integers], LandmarkHits]

_SHIFTS = range(-4, 5)  # bands: 0.93 to 1.08 of the record's speed, a fiftieth apart
_BIN = 4  # frames: about how far 5 s drift in half the way from one rate to the next
_SPAN = round(6 * SAMPLE_RATE_HZ / FRAME_HOP)  # frames, the newest, that are paired
_LOOKED_AT = 100  # bins of a rate, the fullest, whose songs are asked for


class _Vote(NamedTuple):
    """So many pairs say that `song` has its frame `there` at the first frame heard."""

    pairs: int
    song: int
    there: int
    rate: float


class LandmarkLines:
    """The lines that landmarks propose, looked for anew after every `every_s` of sound."""

    def __init__(self, search: SearchLandmarks, *, most: int, every_s: float) -> None:
        self._search, self._most = search, most
        self._every = every_s * SAMPLE_RATE_HZ / FRAME_HOP
        self.clear()

    def clear(self) -> None:
        """Forgets what was found: what comes next is another piece."""
        self._end: int | None = None
        self.lines: list[Line] = []

    def hear(self, frames: Frames) -> None:
        """Looks for `lines` in `frames`, the newest there are, unless it did so just before."""
        if self._most and (self._end is None or frames.end - self._end >= self._every):
            self._end = frames.end
            newest = frames.since((frames.end - _SPAN) * FRAME_HOP)
            self.lines = propose_by_landmarks(newest, self._search, most=self._most)


def propose_by_landmarks(frames: Frames, search: SearchLandmarks, *, most: int) -> list[Line]:
    """The lines through songs that gather most landmarks of `frames`, one a song, best first."""
    heard = heard_landmarks(peaks_heard(frames.bands))
    votes = [vote for shift in _SHIFTS for vote in _votes(heard, shift, search)]
    best: dict[int, _Vote] = {}
    for vote in sorted(votes, reverse=True):
        best.setdefault(vote.song, vote)
    middle = frames.bands.shape[1] / 2  # where an error of the rate moves the line least
    return [
        Line(
            song=vote.song,
            at=(frames.first + middle) * FRAME_HOP,
            there=FIRST_PEAK_SAMPLE + (vote.there + middle * vote.rate) * FRAME_HOP,
            rate=vote.rate,
        )
        for vote in list(best.values())[:most]
    ]


def _votes(heard: Landmarks, shift: int, search: SearchLandmarks) -> list[_Vote]:
    """The fullest bins at the rate that shifts pitches by `shift` bands."""
    rate = 2 ** (shift / BANDS_PER_OCTAVE)
    keys, pair = heard.looked_up(rate=rate, shift=shift)
    found = search(keys)
    if not len(found.keys):
        return []
    there = np.rint(found.frames - heard.frame[pair[found.keys]] * rate).astype(np.int64)
    places = there // _BIN
    lowest, width = int(places.min()), int(np.ptp(places)) + 2  # the last one stays empty
    bins, counts = np.unique(found.songs * width + places - lowest, return_counts=True)
    beside = np.append(bins[1:] == bins[:-1] + 1, False)
    counts[:-1] += np.where(beside[:-1], counts[1:], 0)  # what lies across two bins counts whole
    fullest = _largest(counts, _LOOKED_AT)
    songs, place = np.divmod(bins[fullest], width)
    ends = (place + lowest) * _BIN + np.where(beside[fullest], _BIN, _BIN // 2)
    return [
        _Vote(pairs, song, end, rate)
        for pairs, song, end in zip(
            counts[fullest].tolist(), songs.tolist(), ends.tolist(), strict=True
        )
    ]


def _largest(counts: Integers, most: int) -> Integers:
    """Where the `most` largest stand, largest first; the earlier of equal ones before the later."""
    as_large = np.cumsum(np.bincount(counts)[::-1])[::-1]  # how many count so much, or more
    least = int(np.flatnonzero(as_large >= min(most, len(counts)))[-1])
    among = np.flatnonzero(counts >= least)
    return among[np.argsort(-counts[among], kind="stable")][:most]

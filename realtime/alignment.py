"""Lays a stretch of prints along the time lines of songs: votes first, exact scores after. Pure.

Every hit says that at some moment of the source a moment of a song was heard. Hits that belong
together lie on one line through (source, song) time, whose slope is the playing rate. They vote
for such lines (a Hough transform, with the rate as one of its axes), and the few best lines are
scored exactly, by the cosines of all segments along the line with the prints at their moments.

Times of the source and of songs are samples; a print and a segment stand for the middle of their
window, since it is the middles that training made agree.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "PRIOR_COSINE",
    "Floats",
    "Hit",
    "Line",
    "Region",
    "Scored",
    "best_lines",
    "held_to_bounds",
    "propose",
    "strength",
]

Floats = NDArray[np.floating[Any]]

RATES = np.round(np.arange(0.90, 1.1001, 0.01), 4)
"""Playing rates that are tried: what turntables and DJ software offer is 8 % up and down."""

PRIOR_COSINE = 0.35
"""About the mean cosine along lines through songs that do not play."""

_PRIOR_SEGMENTS = 2.0

_VOTE_RATES = RATES[::2]  # half a bin of 0.5 s, 12 s away from the middle, for one step of rate
_PLACE_DOUBT = 1e-3  # in cosine, for each hop between a line and that which the votes gave
_RATE_DOUBT = 0.02  # in cosine, for a rate of 2 instead of 1
_KEYS_PER_LINE = 40  # neighbours of a line in place and rate that may stand before the next line
_NEAR_HOPS = 1.0  # lines of a song that are closer than this, in hops, are one


@dataclass(frozen=True, eq=False)
class Hit:
    """Hits of prints, all `(h,)`: the moment `at` of the source is like `there` in `song`."""

    at: Floats  # samples of the source
    song: NDArray[np.int64]
    there: Floats  # samples of the song
    weight: Floats


@dataclass(frozen=True)
class Line:
    """The source's sample `at` is the song's sample `there`, and `rate` song samples follow each.

    >>> Line(song=1, at=100.0, there=50.0, rate=1.1).position(200.0)
    160.0
    """

    song: int
    at: float
    there: float
    rate: float

    def position(self, at: float) -> float:
        """The song's sample at the source's sample `at`; below 0 before it began."""
        return self.there + self.rate * (at - self.at)

    @property
    def begin(self) -> int:
        """The first whole sample of the source at which the song has begun."""
        return math.ceil(self.at - self.there / self.rate)

    def meets(self, other: Line, *, at: float, within: float) -> bool:
        """Whether at the source's sample `at` both are at one place of one song, to `within`
        samples of it."""
        return self.song == other.song and abs(self.position(at) - other.position(at)) <= within


@dataclass(frozen=True, eq=False)
class Scored:
    """A line with the cosine of every segment along it, `(m,)`, and when in the source that is."""

    line: Line
    cosines: NDArray[np.float32]
    at: Floats  # (m,) samples of the source, ascending

    @property
    def mean(self) -> float:
        """Mean cosine; -1 where no segment lies along the line."""
        return float(self.cosines.mean()) if len(self.cosines) else -1.0


def propose(hits: Hit, *, hop: int, most: int, per_song: int) -> list[Line]:
    """The lines that gather most votes, best first: at most `most`, and `per_song` of one song.

    `hop` is the distance of a song's segments in samples, and the width of a bin.
    """
    if not len(hits.song):
        return []
    middle = float((hits.at.min() + hits.at.max()) / 2)
    songs, song_number = np.unique(hits.song, return_inverse=True)
    # (h, R): where the song would be at the middle of the source's stretch
    there = hits.there[:, None] - (hits.at - middle)[:, None] * _VOTE_RATES
    place = there / hop
    floor = np.floor(place)
    lowest = floor.min()
    bins = int(floor.max() - lowest) + 2
    key = (song_number[:, None] * len(_VOTE_RATES) + np.arange(len(_VOTE_RATES))) * bins
    key = key + (floor - lowest).astype(np.int64)
    part = place - floor
    weight = np.broadcast_to(hits.weight[:, None], place.shape)
    keys, number = np.unique(np.concatenate([key.ravel(), key.ravel() + 1]), return_inverse=True)
    votes = np.bincount(
        number, np.concatenate([(weight * (1 - part)).ravel(), (weight * part).ravel()])
    )
    order = np.argsort(-votes, kind="stable")[: _KEYS_PER_LINE * most]
    return _spread(keys[order], songs, bins, lowest, middle, hop, most, per_song)


def _spread(
    keys: NDArray[np.int64],
    songs: NDArray[np.int64],
    bins: int,
    lowest: float,
    middle: float,
    hop: int,
    most: int,
    per_song: int,
) -> list[Line]:
    """The first lines of the ordered `keys` that are not neighbours of one another."""
    lines: list[Line] = []
    taken: dict[int, list[float]] = {}
    for key in keys.tolist():
        rest, number = divmod(key, bins)
        song_number, rate = divmod(rest, len(_VOTE_RATES))
        place = number + lowest
        near = taken.setdefault(song_number, [])
        if len(near) >= per_song or any(abs(place - other) <= _NEAR_HOPS for other in near):
            continue
        near.append(place)
        song = int(songs[song_number])
        lines.append(Line(song, middle, place * hop, float(_VOTE_RATES[rate])))
        if len(lines) == most:
            break
    return lines


class Region:
    """The part of a song around a line: scores that line and those near it.

    `prints` `(q, D)` stand at `at` `(q,)`, ascending samples of the source; `segments` `(m, D)`
    are the song's, the i-th at `first + i * hop` samples of the song. Rows of zeros (silence) say
    nothing.
    """

    def __init__(
        self,
        line: Line,
        prints: NDArray[np.float32],
        at: Floats,
        segments: NDArray[np.float32],
        *,
        hop: int,
        first: float,
    ) -> None:
        length = RATES.max() * max(at[-1] - line.at, line.at - at[0]) + 2 * hop
        low = max(0, int(np.ceil((line.there - length - first) / hop)))
        high = max(low, min(len(segments), int((line.there + length - first) // hop) + 1))
        used = np.flatnonzero(np.any(segments[low:high] != 0, axis=1)) + low
        self._table = prints @ segments[used].T  # (q, m)
        self._moments = first + used * float(hop)
        self._at, self._hop = at, hop
        self._line = line

    def roughly(self) -> Scored:
        """The best line within 0.75 hops to each side, at any of the rates."""
        steps = np.arange(-3, 4) * (self._hop / 4)
        return self._best(self._line.there + steps, _VOTE_RATES)

    def finely(self, rough: Line) -> Scored:
        """The best line near one that `roughly` gave: to 1/32 of a hop, and 0.25 % of rate."""
        rates = np.arange(-6, 7) * 0.005
        steps = np.arange(-2, 3) * (self._hop / 8)
        near = self._best(rough.there + steps, held_to_bounds(rough.rate + rates))
        steps, rates = np.arange(-2, 3) * (self._hop / 32), np.arange(-1, 2) * 0.0025
        return self._best(near.line.there + steps, held_to_bounds(near.line.rate + rates))

    def _best(self, there: Floats, rate: Floats) -> Scored:
        """The strongest line among all pairs of a place and a rate."""
        if not len(self._moments):
            return Scored(self._line, np.zeros(0, np.float32), np.zeros(0))
        places, rates = np.meshgrid(there, rate, indexing="ij")
        when, cosines, counts = self._cosines(places.ravel(), rates.ravel())
        total = np.where(counts, cosines, 0).sum(axis=1) + _PRIOR_SEGMENTS * PRIOR_COSINE
        # Few prints fit many lines equally well: then the likeliest is what the votes said, at the
        # speed of the record.
        doubt = _PLACE_DOUBT * np.abs(places - self._line.there) / self._hop
        doubt += _RATE_DOUBT * np.abs(rates - 1)
        fit = total / (counts.sum(axis=1) + _PRIOR_SEGMENTS) - doubt.ravel()
        best = int(fit.argmax())
        line = Line(
            self._line.song, self._line.at, float(places.flat[best]), float(rates.flat[best])
        )
        used = counts[best]
        return Scored(line, np.asarray(cosines[best][used], np.float32), when[best][used])

    def _cosines(self, there: Floats, rate: Floats) -> tuple[Floats, Floats, NDArray[np.bool_]]:
        """Moments and cosines `(n, m)` along lines `there`, `rate` `(n,)`, and which count."""
        at, last = self._at, len(self._at) - 1
        when = self._line.at + (self._moments - there[:, None]) / rate[:, None]
        counts = (when >= at[0] - self._hop / 2) & (when <= at[-1] + self._hop / 2)
        column = np.arange(len(self._moments))
        if last == 0:
            return when, np.broadcast_to(self._table[0], when.shape), counts
        after = np.clip(np.searchsorted(at, when), 1, last)
        part = np.clip((when - at[after - 1]) / (at[after] - at[after - 1]), 0, 1)
        left, right = self._table[after - 1, column], self._table[after, column]
        return when, left + (right - left) * part, counts


def held_to_bounds(rates: Floats) -> Floats:
    """The `rates` `(n,)`, ascending, that lie within the bounds of `RATES`, and the bound that
    others lie beyond: what fits best out there is no song that plays."""
    held: Floats = np.array(sorted(set(np.clip(rates, RATES[0], RATES[-1]).tolist())))
    return held


def best_lines(regions: Iterable[Region], *, fine: int) -> list[Scored]:
    """The best line of each region, strongest first; in the first `fine` of them found finely. None
    where no segment lies along it."""
    rough = sorted(
        ((region, region.roughly()) for region in regions),
        key=lambda one: -strength(one[1].cosines),
    )
    finest = [region.finely(scored.line) for region, scored in rough[:fine]]
    scored = [*finest, *(scored for _, scored in rough[fine:])]
    return sorted(
        (one for one in scored if len(one.cosines)), key=lambda one: -strength(one.cosines)
    )


def strength(cosines: NDArray[np.float32]) -> float:
    """Mean of a line's cosines `(m,)`, drawn towards that of a wrong line when they are few.

    >>> round(strength(np.array([0.95], np.float32)), 2), round(strength(np.full(98, 0.95)), 2)
    (0.55, 0.94)
    """
    total = float(np.sum(cosines, dtype=np.float64)) + _PRIOR_SEGMENTS * PRIOR_COSINE
    return total / (len(cosines) + _PRIOR_SEGMENTS)

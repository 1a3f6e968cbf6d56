"""Lays a stretch of prints along the time lines of songs: votes first, exact scores after. Pure.

Every hit says that at some moment of the source a moment of a song was heard. Hits that belong
together lie on one line through (source, song) time, whose slope is the playing rate. They vote
for such lines (a Hough transform, with the rate as one of its axes), and the few best lines are
scored exactly, by the cosines of all segments along the line with the prints at their moments.

Times of the source and of songs are samples; a print and a segment stand for the middle of their
window, since it is the middles that training made agree.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["PRIOR_COSINE", "Floats", "Hit", "Line", "Scored", "propose", "score", "strength"]

Floats = NDArray[np.floating[Any]]

RATES = np.round(np.arange(0.90, 1.1001, 0.01), 4)
"""Playing rates that are tried: what turntables and DJ software offer is 8 % up and down."""

PRIOR_COSINE = 0.35
"""About the mean cosine along lines through songs that do not play."""

_PRIOR_SEGMENTS = 2.0

_VOTE_RATES = RATES[::2]  # half a bin of 0.5 s, 12 s away from the middle, for one step of rate
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
        """The song's sample at the source's sample `at`."""
        return self.there + self.rate * (at - self.at)


@dataclass(frozen=True, eq=False)
class Scored:
    """A line with the cosine of every segment along it, `(m,)`, in order of time."""

    line: Line
    cosines: NDArray[np.float32]

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
    order = np.argsort(-votes, kind="stable")
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


def score(
    line: Line,
    prints: NDArray[np.float32],
    at: Floats,
    segments: NDArray[np.float32],
    *,
    hop: int,
    first: float,
) -> Scored:
    """The best line near `line`, with its cosines.

    `prints` `(q, D)` stand at `at` `(q,)`, ascending samples of the source; `segments` `(m, D)`
    are the song's, the i-th at `first + i * hop` samples of the song. Rows of zeros (silence) say
    nothing. Places are searched 0.75 hops to each side, and all `RATES`; then finer.
    """
    slack = hop
    lengths = RATES.max() * max(at[-1] - line.at, line.at - at[0]) + 2 * slack
    low = max(0, int(np.ceil((line.there - lengths - first) / hop)))
    high = min(len(segments), int((line.there + lengths - first) // hop) + 1)
    used = np.arange(low, max(low, high))
    used = used[np.any(segments[low:high] != 0, axis=1)] if len(used) else used
    if not len(used):
        return Scored(line, np.zeros(0, np.float32))
    table = prints @ segments[used].T  # (q, m)
    moments = first + used * float(hop)
    grid = _Grid(table, at, moments, line, slack=hop / 2)
    steps = np.arange(-6, 7) * (hop / 8)
    there, rate = grid.best(line.there + steps, RATES)
    fine = np.arange(-3, 4) * (hop / 32)
    there, rate = grid.best(there + fine, rate + np.arange(-4, 5) * 0.0025)
    return Scored(Line(line.song, line.at, there, rate), grid.along(there, rate))


def strength(cosines: NDArray[np.float32]) -> float:
    """Mean of a line's cosines `(m,)`, drawn towards that of a wrong line when they are few.

    >>> round(strength(np.array([0.95], np.float32)), 2), round(strength(np.full(98, 0.95)), 2)
    (0.55, 0.94)
    """
    total = float(np.sum(cosines, dtype=np.float64)) + _PRIOR_SEGMENTS * PRIOR_COSINE
    return total / (len(cosines) + _PRIOR_SEGMENTS)


class _Grid:
    """Strengths of many lines through one table of cosines."""

    def __init__(
        self,
        table: NDArray[np.float32],
        at: Floats,
        moments: Floats,
        line: Line,
        *,
        slack: float,
    ) -> None:
        self._table, self._at, self._moments, self._line = table, at, moments, line
        self._slack = slack

    def _cosines(
        self, there: Floats, rate: Floats
    ) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Cosines `(..., m)` of lines `there`, `rate` `(...)`, and which of them count."""
        at = self._at
        when = self._line.at + (self._moments - there[..., None]) / rate[..., None]
        counts = (when >= at[0] - self._slack) & (when <= at[-1] + self._slack)
        last = len(at) - 1
        if last == 0:
            rows = np.zeros(when.shape, np.int64)
            return self._table[rows, np.arange(len(self._moments))], counts
        after = np.clip(np.searchsorted(at, when), 1, last)
        part = np.clip((when - at[after - 1]) / (at[after] - at[after - 1]), 0, 1)
        column = np.arange(len(self._moments))
        left, right = self._table[after - 1, column], self._table[after, column]
        return (left + (right - left) * part).astype(np.float32), counts

    def best(self, there: Floats, rate: Floats) -> tuple[float, float]:
        """The place and rate of the strongest line among all pairs."""
        places, rates = np.meshgrid(there, rate, indexing="ij")
        cosines, counts = self._cosines(places, rates)
        total = np.where(counts, cosines, 0).sum(axis=-1) + _PRIOR_SEGMENTS * PRIOR_COSINE
        strengths = total / (counts.sum(axis=-1) + _PRIOR_SEGMENTS)
        i, j = np.unravel_index(int(strengths.argmax()), strengths.shape)
        return float(there[i]), float(rate[j])

    def along(self, there: float, rate: float) -> NDArray[np.float32]:
        """The cosines that count along one line."""
        cosines, counts = self._cosines(np.array(there), np.array(rate))
        return np.asarray(cosines[counts], np.float32)

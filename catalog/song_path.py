"""A path of songs from one to another by small steps in style space. Pure.

Of all paths with the asked number of songs the one whose largest step is smallest is looked for,
a step being the angle between two styles; among those whose largest step is that, the one with the
least sum of squared steps, which makes them even: the same energy that makes a curve a geodesic run
through at one speed. That playlists between two given songs should go on evenly is from Flexer,
Schnitzer, Gasser and Widmer, "Playlist Generation using Start and End Songs", ISMIR 2008; they take
for each place the song whose distances to both ends are in the right proportion, which leaves the
steps between neighbours to chance.

Without regard to repeats and artists, both are found exactly from the end backwards (Bellman's
principle; with the maximum in place of the sum it is the minimax path of Pollack, "The Maximum
Capacity through a Network", Operations Research 8, 1960). These costs to go are lower bounds with
repeats and artists in view, and lead a beam search from the start. While the beam holds all partial
paths (few songs, or a short path) its answer is exact; when a path attains the lower bound it is
exact as well.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BEAM = 64
"""Partial paths kept at each step."""

SAME_LAST = 2
"""Of these, so many that end with the same song."""

ALLOWED = (1.02, 1.05, 1.1, 1.2, 1.4)
"""Where no path keeps to the lower bound: so many times that is tried as the largest step. Long
paths through few songs are found so that a search for the largest step alone misses, which has
nothing to choose by among the many partial paths whose largest step is the same."""

PER_ARTIST = 2
"""Songs of one artist in a path, its ends among them."""

Matrix = NDArray[np.float32]


def song_path(
    styles: NDArray[np.float32],
    *,
    start: int,
    end: int,
    length: int,
    artists: Sequence[Hashable | None],
    per_artist: int = PER_ARTIST,
) -> list[int]:
    """Rows of unit `styles` (m, D) from row `start` to row `end`, `length` of them (2 or more).

    No row comes twice, and no artist more than `per_artist` times (None: unknown, not counted),
    unless both ends are of one artist that may come only once. When there are too few songs for
    that, the path has as many as there can be.

    >>> angles = np.radians([0, 90, 30, 60, 200])
    >>> styles = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    >>> song_path(styles, start=0, end=1, length=4, artists=[None] * 5)
    [0, 2, 3, 1]
    """
    if start == end or length < 2:
        raise ValueError(f"a path of {length} from {start} to {end}, expected 2 or more, two ends")
    labels = _labels(artists)
    steps = step_angles(styles)
    length = min(length, 2 + _room(labels, start, end, per_artist))
    search = _Search(start, end, length, labels, per_artist)
    least = float(_to_go(_inner(steps, start, end), steps[:, end], length, np.maximum)[-1][start])
    found = search.even(steps, least)
    if found is not None:
        return found
    surely = search.run(steps, np.maximum)
    assert surely is not None  # every song is one step from every other
    largest = largest_step(steps, surely)
    for allowed in [least * share for share in ALLOWED if least * share < largest]:
        if found := search.even(steps, allowed):
            return found
    return search.even(steps, largest) or surely


def step_angles(styles: NDArray[np.float32]) -> Matrix:
    """Angles in radians between unit `styles` (m, D): (m, m)."""
    return np.asarray(np.arccos(np.clip(styles @ styles.T, -1.0, 1.0)), np.float32)


def largest_step(steps: Matrix, path: Sequence[int]) -> float:
    """The largest of the steps along a path."""
    return float(steps[list(path[:-1]), list(path[1:])].max())


def _labels(artists: Sequence[Hashable | None]) -> NDArray[np.int64]:
    """A number for each artist; every song of an unknown one has its own."""
    numbers: dict[Hashable, int] = {}
    keys = [("unknown", row) if artist is None else (artist,) for row, artist in enumerate(artists)]
    return np.array([numbers.setdefault(key, len(numbers)) for key in keys], np.int64)


def _room(labels: NDArray[np.int64], start: int, end: int, per_artist: int) -> int:
    """How many songs fit between the ends."""
    ends = np.bincount(labels[[start, end]], minlength=len(labels))
    inner = np.bincount(labels, minlength=len(labels)) - ends
    return int(np.minimum(inner, np.maximum(per_artist - ends, 0)).sum())


def _inner(cost: Matrix, start: int, end: int) -> Matrix:
    """Costs of the steps that do not end the path: never to either end, nor to the same song."""
    inner = cost.copy()
    np.fill_diagonal(inner, np.inf)
    inner[:, [start, end]] = np.inf
    return inner


def _to_go(inner: Matrix, last: Matrix, length: int, combine: np.ufunc) -> list[Matrix]:
    """From every song the least cost to the end, with 1, 2, ... `length - 1` steps; repeats
    allowed."""
    costs = [np.array(last)]
    for _ in range(length - 2):
        costs.append(combine(inner, costs[-1][np.newaxis]).min(axis=1))  # (m,)
    return costs


@dataclass(frozen=True, eq=False)
class _Search:
    """The beam search between two songs."""

    start: int
    end: int
    length: int
    labels: NDArray[np.int64]  # (m,)
    per_artist: int

    def even(self, steps: Matrix, largest: float) -> list[int] | None:
        """The path with the least sum of squares of all that is found with no step above
        `largest`."""
        squares = np.where(steps <= largest, np.square(steps), np.inf).astype(np.float32)
        return self.run(squares, np.add)

    def run(self, cost: Matrix, combine: np.ufunc) -> list[int] | None:
        """The path of least cost, the steps' costs put together by `combine`; None if none is
        found."""
        inner = _inner(cost, self.start, self.end)
        to_go = _to_go(inner, cost[:, self.end], self.length, combine)
        if not np.isfinite(to_go[-1][self.start]):
            return None
        rows = np.array([[self.start]])  # (w, songs so far)
        costs = np.zeros(1, np.float32)  # (w,)
        for left in range(self.length - 2, 0, -1):
            ahead = combine(costs[:, np.newaxis], inner[rows[:, -1]])  # (w, m)
            bound = np.where(self._barred(rows), np.inf, combine(ahead, to_go[left - 1]))
            part, song = _least(bound, BEAM)
            if not len(part):
                return None
            rows = np.column_stack([rows[part], song])
            costs = ahead[part, song]
        whole = combine(costs, cost[rows[:, -1], self.end])
        best = int(whole.argmin())
        return [*rows[best].tolist(), self.end] if np.isfinite(whole[best]) else None

    def _barred(self, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Songs (w, m) that may not come next: in the path, or of an artist that has been."""
        lines = np.arange(len(rows))[:, np.newaxis]
        counts = np.zeros((len(rows), len(self.labels)), np.int64)  # (w, artists)
        counts[:, self.labels[self.end]] = 1
        np.add.at(counts, (lines, self.labels[rows]), 1)
        barred = (counts >= self.per_artist)[:, self.labels]
        barred[lines, rows] = True
        return barred


def _least(bound: Matrix, count: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Lines and columns of at most `count` of the least finite numbers, least first. When there are
    more, only `SAME_LAST` of a column: the others differ from them in their order alone."""
    flat = bound.ravel()
    looked_at = count * SAME_LAST
    places = np.arange(len(flat))
    if len(flat) > looked_at:
        places = np.argpartition(flat, looked_at)[:looked_at]
    places = places[np.isfinite(flat[places])]
    places = places[np.lexsort((places, flat[places]))]
    lines, columns = places // bound.shape[1], places % bound.shape[1]
    if len(places) > count:
        seen: Counter[int] = Counter()
        keep = [at for at, column in enumerate(columns.tolist()) if _takes(seen, column)][:count]
        lines, columns = lines[keep], columns[keep]
    return lines, columns


def _takes(seen: Counter[int], column: int) -> bool:
    seen[column] += 1
    return seen[column] <= SAME_LAST

"""How well two listeners' music goes together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from encoder.files import unit

from ..errors import TasteError
from .recommend import MOST_LIKES, Recommended, evenly, recommend

if TYPE_CHECKING:
    from ..reader import CatalogReader
    from .model import TasteModel

RANDOM_PAIRS = 200
"""Pairs of lists that a score is compared with: the percentile is right to a few hundredths."""

SHOWN = 10
"""Songs named for each of the two."""

MOST_SONGS = 300
"""Songs of a list that are compared; of more, so many spread evenly over it."""


@dataclass(frozen=True)
class Compatibility:
    """What two lists of songs have to do with each other.

    - `score`: 0 to 1; 1 for equal lists, 0.5 for what random lists of the same lengths have on
      average. `percentile`: the share, 0 to 1, of pairs of such lists that score less, ties
      counting half.
    - `shared`: songs in both, other copies of a recording included, in the order of `a`.
    - `for_a`: songs of `b`'s that `a` would like best, and the other way round.
    - `not_found_a`, `not_found_b`: ids that the catalog does not have.
    """

    score: float
    percentile: float
    shared: tuple[int, ...]
    for_a: tuple[Recommended, ...]
    for_b: tuple[Recommended, ...]
    not_found_a: tuple[int, ...] = ()
    not_found_b: tuple[int, ...] = ()


def compatibility(
    catalog: CatalogReader,
    a: Sequence[int],
    b: Sequence[int],
    *,
    model: TasteModel | None = None,
    seed: int = 0,
    count: int = SHOWN,
) -> Compatibility:
    """Compares the songs `a` and `b` by how they sound, and with a model by both sound and taste.

    A song is as close to a list as to its nearest song in it, by the cosine of vectors about the
    catalog's mean: without that all music would seem alike. Lists are as close as their songs are
    on average, each list counting half. Long lists are by chance closer than short ones, so the
    score is linear from 0 to 0.5 up to the mean of `RANDOM_PAIRS` pairs drawn by `seed`, and from
    there to 1.

    Raises `TasteError`: the catalog has no song of one of the lists. `StoreError`.
    """
    found = catalog.get([*a, *b])
    ids = catalog.survey().ids
    here = set(ids.tolist())
    lists = [[s for s in dict.fromkeys(one) if s in found and s in here] for one in (a, b)]
    for name, one, asked in zip("ab", lists, (a, b), strict=True):
        if not one:
            raise TasteError(
                f"the catalog has none of the {len(asked)} songs of list {name}; expected one or "
                "more that it has"
            )
    space = _Space(catalog, model, ids)
    mine, theirs = lists
    compared = [space.vectors(evenly(one, MOST_SONGS)) for one in lists]
    close = compared[0].closeness(compared[1])
    chance = space.by_chance(len(mine), len(theirs), seed=seed)
    groups = [{found[song].group for song in one} for one in lists]
    shared = tuple(song for song in mine if found[song].group in groups[1])
    return Compatibility(
        score=_score(close, float(chance.mean())),
        percentile=float(np.mean((chance < close) + (chance == close) / 2)),
        shared=shared,
        for_a=_liked(catalog, mine, theirs, model, count),
        for_b=_liked(catalog, theirs, mine, model, count),
        not_found_a=_missing(a, lists[0]),
        not_found_b=_missing(b, lists[1]),
    )


def _score(close: float, chance: float) -> float:
    """How close two lists are, about what chance makes of it.

    >>> _score(1.0, 0.4), _score(0.4, 0.4), _score(0.2, 0.4), _score(-1.0, 0.4)
    (1.0, 0.5, 0.25, 0.0)
    """
    tiny = 1e-6  # lists of everything there is are equal by chance as well
    middle = min(max(chance, tiny), 1 - tiny)
    return float(np.interp(close, [0.0, middle, 1.0], [0.0, 0.5, 1.0]))


def _missing(asked: Sequence[int], found: Sequence[int]) -> tuple[int, ...]:
    return tuple(song for song in dict.fromkeys(asked) if song not in set(found))


def _liked(
    catalog: CatalogReader,
    likes: Sequence[int],
    others: Sequence[int],
    model: TasteModel | None,
    count: int,
) -> tuple[Recommended, ...]:
    return tuple(recommend(catalog, likes, count=count, model=model, among=others, per_artist=0))


class _Vectors(NamedTuple):
    """Of songs (n,): unit styles about the catalog's mean, and taste, zeros where unknown."""

    ids: NDArray[np.int64]
    sound: NDArray[np.float32]
    taste: NDArray[np.float32]

    def of(self, lines: NDArray[np.intp]) -> _Vectors:
        return _Vectors(self.ids[lines], self.sound[lines], self.taste[lines])

    def closeness(self, other: _Vectors) -> float:
        """How close the songs of two lists are: 1 for equal ones."""
        by_sound = self.sound @ other.sound.T  # (n, m)
        by_taste = self.taste @ other.taste.T
        known = np.any(self.taste != 0, axis=1)[:, None] & np.any(other.taste != 0, axis=1)
        cosines = np.where(known, (by_sound + by_taste) / 2, by_sound)
        # Also where a vector is that of the mean, and has no direction.
        cosines = np.where(self.ids[:, None] == other.ids, 1.0, cosines)
        return float((cosines.max(axis=1).mean() + cosines.max(axis=0).mean()) / 2)


class _Space:
    """Vectors of songs, in which lists are compared."""

    def __init__(
        self, catalog: CatalogReader, model: TasteModel | None, ids: NDArray[np.int64]
    ) -> None:
        self._catalog = catalog
        self._model = model
        self._ids = ids
        # The mean of as many as settle it, whatever the size of the catalog.
        sample = evenly(ids.tolist(), 10 * MOST_LIKES)
        self._mean = catalog.styles(sample)[1].mean(axis=0)

    def vectors(self, songs: Sequence[int]) -> _Vectors:
        """The vectors of songs that the catalog has."""
        taste = np.zeros((len(songs), 0 if self._model is None else self._model.dimension))
        if self._model is not None:
            known, vectors = self._model.item_vectors(self._catalog, songs)
            taste[known] = vectors
        sound = unit(self._catalog.styles(songs)[1] - self._mean)
        return _Vectors(np.array(songs, np.int64), sound, taste.astype(np.float32))

    def by_chance(self, first: int, second: int, *, seed: int) -> NDArray[np.float64]:
        """How close random pairs of lists of these lengths are."""
        rng = np.random.default_rng(seed)
        sizes = [min(size, MOST_SONGS, len(self._ids)) for size in (first, second)]
        drawn = [
            [rng.choice(len(self._ids), size, replace=False) for size in sizes]
            for _ in range(RANDOM_PAIRS)
        ]
        used = np.unique(np.concatenate([one for pair in drawn for one in pair]))
        vectors = self.vectors(self._ids[used].tolist())
        pairs = ([vectors.of(np.searchsorted(used, one)) for one in pair] for pair in drawn)
        return np.array([one.closeness(other) for one, other in pairs])

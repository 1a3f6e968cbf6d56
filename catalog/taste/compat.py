"""How well two listeners' music goes together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

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

    - `score`: 0 to 1; 1 for equal lists. `percentile`: the share, 0 to 1, of pairs of random lists
      of the same lengths that score less, ties counting half.
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
    catalog's mean: without that all music would seem alike. The score is the mean over the songs of
    both lists, each list counting half. The same `seed` gives the same percentile.

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
    score = space.score(evenly(mine, MOST_SONGS), evenly(theirs, MOST_SONGS))
    groups = [{found[song].group for song in one} for one in lists]
    shared = tuple(song for song in mine if found[song].group in groups[1])
    return Compatibility(
        score=score,
        percentile=space.percentile(score, *map(len, lists), seed=seed),
        shared=shared,
        for_a=_liked(catalog, mine, theirs, model, count),
        for_b=_liked(catalog, theirs, mine, model, count),
        not_found_a=_missing(a, lists[0]),
        not_found_b=_missing(b, lists[1]),
    )


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

    def percentile(self, score: float, first: int, second: int, *, seed: int) -> float:
        """The share of random pairs of lists of these lengths that score less."""
        rng = np.random.default_rng(seed)
        sizes = [min(size, MOST_SONGS, len(self._ids)) for size in (first, second)]
        scores = np.array(
            [
                self.score(*(rng.choice(self._ids, n, replace=False).tolist() for n in sizes))
                for _ in range(RANDOM_PAIRS)
            ]
        )
        return float(np.mean((scores < score) + (scores == score) / 2))

    def score(self, a: Sequence[int], b: Sequence[int]) -> float:
        """How close the songs of two lists are, 0 to 1."""
        cosines = self._cosines(a, b)
        same = np.array(a)[:, None] == np.array(b)
        cosines = np.where(same, 1.0, cosines)  # also where a vector is that of the mean
        both = (cosines.max(axis=1).mean() + cosines.max(axis=0).mean()) / 2
        return float(np.clip(both, 0, 1))

    def _cosines(self, a: Sequence[int], b: Sequence[int]) -> NDArray[np.float32]:
        sounds = [unit(self._catalog.styles(one)[1] - self._mean) for one in (a, b)]
        by_sound: NDArray[np.float32] = sounds[0] @ sounds[1].T  # (a, b)
        if self._model is None:
            return by_sound
        (known_a, tastes_a), (known_b, tastes_b) = (
            self._model.item_vectors(self._catalog, one) for one in (a, b)
        )
        by_taste = by_sound.copy()  # where taste is unknown, sound stands in
        by_taste[np.ix_(known_a, known_b)] = tastes_a @ tastes_b.T
        both: NDArray[np.float32] = (by_sound + by_taste) * np.float32(0.5)
        return both

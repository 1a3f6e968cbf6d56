"""Songs for somebody who likes these: by how they sound, by what else their listeners play, or by
both.

Of taste vectors only the direction counts, so that no song gains by having been played often; songs
that nobody has played yet are judged by what a head tells from their sound.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from encoder.files import unit

from ..errors import TasteError
from ..spreading import spread
from .closeness import ALL_LIKES, ROWS_AT_ONCE, beaten_share, closeness

if TYPE_CHECKING:
    from ..reader import CatalogReader
    from ..songs import Song
    from .model import TasteModel

MOST_LIKES = 200
"""Likes that songs are compared with; of more, so many spread evenly over them."""

PER_ARTIST = 2
BLEND = 0.5
COUNT = 20

_UNKNOWN = 0.5
"""The share that a song of which nothing tells beats on average."""

_LOOKED_AT = 4
"""So many times `count` songs are looked up at first; duplicates and artists' others fall away."""


@dataclass(frozen=True)
class Recommended:
    """A song that is recommended.

    `score`: the share of the other candidates that it beats, 0 to 1. `content`: mean
    cosine in sound with the likes that are nearest to it; `taste`: mean cosine in taste with all of
    them; None where nothing tells.
    """

    song: Song
    score: float
    content: float | None
    taste: float | None


class _Scores(NamedTuple):
    """Of all candidates (n,); NaN where nothing tells."""

    content: NDArray[np.float32]
    taste: NDArray[np.float32]


def recommend(
    catalog: CatalogReader,
    likes: Sequence[int],
    *,
    blend: float = BLEND,
    count: int = COUNT,
    model: TasteModel | None = None,
    exclude: Collection[int] = frozenset(),
    by_popularity: bool = False,
    among: Collection[int] | None = None,
    taste_likes: NDArray[np.float32] | None = None,
    per_artist: int = PER_ARTIST,
) -> list[Recommended]:
    """At most `count` songs for who likes the songs `likes`, best first.

    `blend` 0 goes by sound alone, 1 by taste alone; without a model, or where it knows none of the
    likes, sound alone decides. A song without a taste vector counts there as a middling one, and
    is ranked by its sound among such. Never recommended
    are the likes, other copies of them, and `exclude`; with `among` no others than these. At most
    one copy of a recording is, and `per_artist` songs of an artist (0: no limit).
    `taste_likes` (m, f) are likes that are no songs here, by their vectors in `model`.
    `by_popularity` ranks by how many have played a song and by nothing else.

    Raises `TasteError`: nothing is known of any like, or of popularity. `StoreError`.
    """
    if not 0 <= blend <= 1:
        raise TasteError(f"blend is {blend:g}, expected 0 (by sound) to 1 (by taste)")
    known = catalog.get(likes)
    groups = {song.group for song in known.values()}
    survey = catalog.survey()
    barred = np.isin(survey.ids, sorted({*likes, *exclude}))
    if among is not None:
        barred |= ~np.isin(survey.ids, sorted(among))
    ids, rows = survey.ids[~barred], survey.rows[~barred]
    if not len(ids):
        return []
    some = evenly([song for song in dict.fromkeys(likes) if song in known], MOST_LIKES)
    scores = _Scores(
        _by_sound(catalog, some, survey.styles, rows),
        _by_taste(catalog, some, ids, model, taste_likes),
    )
    if by_popularity:
        order = _popular(model, ids)
    elif np.isnan(scores.content).all() and np.isnan(scores.taste).all():
        raise TasteError(
            f"nothing is known of any of the {len(likes)} songs that are liked; expected songs of "
            "this catalog (`nowhear songs` lists them)"
        )
    else:
        order = _blended(scores, blend)
    return _best(catalog, ids, order, scores, groups=groups, count=count, per_artist=per_artist)


def evenly(songs: Sequence[int], most: int) -> list[int]:
    """At most `most` of the songs, spread evenly over them.

    >>> evenly([1, 2, 3, 4, 5], 3)
    [1, 3, 5]
    """
    if len(songs) <= most:
        return list(songs)
    return [songs[place] for place in np.linspace(0, len(songs) - 1, most).astype(int).tolist()]


def _by_sound(
    catalog: CatalogReader,
    likes: Sequence[int],
    styles: NDArray[np.float32],
    rows: NDArray[np.int64],
) -> NDArray[np.float32]:
    _, liked = catalog.styles(likes)
    if not len(liked):
        return np.full(len(rows), np.nan, np.float32)
    starts = range(0, len(rows), ROWS_AT_ONCE)
    parts = [closeness(styles[rows[first : first + ROWS_AT_ONCE]], liked) for first in starts]
    return np.concatenate(parts)


def _by_taste(
    catalog: CatalogReader,
    likes: Sequence[int],
    ids: NDArray[np.int64],
    model: TasteModel | None,
    more: NDArray[np.float32] | None,
) -> NDArray[np.float32]:
    scores = np.full(len(ids), np.nan, np.float32)
    if model is None:
        return scores
    _, liked = model.item_vectors(catalog, likes)
    if more is not None:
        liked = np.concatenate([liked, unit(more)])
    if len(liked):
        known, vectors = model.item_vectors(catalog, ids.tolist())
        scores[known] = closeness(vectors, liked, nearest=ALL_LIKES)
    return scores


def _popular(model: TasteModel | None, ids: NDArray[np.int64]) -> NDArray[np.float64]:
    if model is None:
        raise TasteError("no listening data tells what is popular; `nowhear taste fit` reads some")
    return beaten_share(model.popularity(ids.tolist()))


def _blended(scores: _Scores, blend: float) -> NDArray[np.float64]:
    """Shares of both kinds, mixed; NaN where neither is known."""
    sound, taste = (_shares(values) for values in scores)
    if np.isnan(taste).all():
        return sound
    if np.isnan(sound).all():
        return taste
    nothing = np.isnan(sound) & np.isnan(taste)
    mixed = sum(
        weight * np.where(np.isnan(shares), _UNKNOWN, shares)
        for weight, shares in ((1 - blend, sound), (blend, taste))
    )
    return np.where(nothing, np.nan, mixed)


def _shares(scores: NDArray[np.float32]) -> NDArray[np.float64]:
    shares = np.full(len(scores), np.nan)
    known = ~np.isnan(scores)
    shares[known] = beaten_share(scores[known])
    return shares


def _best(
    catalog: CatalogReader,
    ids: NDArray[np.int64],
    order: NDArray[np.float64],
    scores: _Scores,
    *,
    groups: Collection[int],
    count: int,
    per_artist: int,
) -> list[Recommended]:
    best = np.lexsort((ids, -np.nan_to_num(scores.content), -order))[
        : np.count_nonzero(~np.isnan(order))
    ]  # NaN comes last
    looked_at = _LOOKED_AT * count
    while True:
        lines = {int(ids[line]): int(line) for line in best[:looked_at]}
        songs = catalog.get(lines)
        fresh = (song for song in lines if song in songs and songs[song].group not in groups)
        kept = spread(fresh, songs, k=count, per_artist=per_artist)
        if len(kept) == count or looked_at >= len(best):
            break
        looked_at *= _LOOKED_AT
    return [
        Recommended(
            songs[song],
            float(order[lines[song]]),
            _number(scores.content[lines[song]]),
            _number(scores.taste[lines[song]]),
        )
        for song in kept
    ]


def _number(score: np.float32) -> float | None:
    return None if np.isnan(score) else float(score)

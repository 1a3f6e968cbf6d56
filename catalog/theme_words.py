"""What the songs of a theme have in common, and its name in plain words. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count

import numpy as np
from numpy.typing import NDArray

LEAST_SCORE = 0.5
"""Nothing is said of a theme that is less than half a deviation from the mean of all songs."""

LEAST_TAG = 0.02  # nor by a tag of which the songs have next to nothing
LEAST_GENRE = 0.2  # nor by a genre that few have
KNOWN = 0.5  # nor by genres at all, unless that of so many songs is known
MOST_TAGS = 6
NAME_WORDS = 2
MIXED = "mixed"

WORDS: dict[str, tuple[str | None, str]] = {
    "acousticness": ("amplified", "acoustic"),
    "danceability": ("flowing", "danceable"),
    "energy": ("quiet", "loud"),
    "instrumentalness": ("sung", "instrumental"),
    "liveness": ("studio", "live"),
    "speechiness": (None, "spoken"),
    "tempo": ("slow", "fast"),
    "valence": ("sad", "happy"),
}
"""What songs with little and with much of an attribute are called."""


@dataclass(frozen=True)
class Trait:
    """The mean `value` of a theme's songs beside the `mean` of all, in the trait's own unit;
    `score` is their distance in deviations of all songs: 1 is a lot."""

    name: str
    value: float
    mean: float
    score: float


def traits(
    names: Sequence[str], values: NDArray[np.float32], lines: NDArray[np.bool_]
) -> list[Trait]:
    """A trait for each column of `values` `(n, k)`, of the rows that `lines` `(n,)` names; none
    where nothing is known (NaN) of these rows. `names` are those of the k columns."""
    found = []
    for name, column in zip(names, np.asarray(values, np.float64).T, strict=True):
        known = ~np.isnan(column)
        if not (known & lines).any():
            continue
        mean, spread = column[known].mean(), column[known].std()
        value = column[known & lines].mean()
        score = (value - mean) / spread if spread > 0 else 0.0
        found.append(Trait(name, float(value), float(mean), float(score)))
    return found


def telling(found: Sequence[Trait], *, least: float) -> list[Trait]:
    """Of tags or genres (values are probabilities or shares) those that tell the theme from the
    others, the most telling first; `least` is the smallest value that counts.

    By score alone a rare tag would win that hardly a song has, by value alone one that all have.
    """
    kept = [one for one in found if one.score >= LEAST_SCORE and one.value >= least]
    order = sorted(kept, key=lambda one: (-one.score * one.value**0.5, one.name))
    return order[:MOST_TAGS]


def words_of(profile: Sequence[Trait], kinds: Sequence[Trait]) -> tuple[list[str], list[str]]:
    """Words for a theme, the most telling first: of its attributes, and of its genres and tags (as
    `telling` gives them), of which no two say the same."""
    found = sorted(profile, key=lambda one: -abs(one.score))
    said = [
        word
        for one in found
        if abs(one.score) >= LEAST_SCORE and (word := WORDS[one.name][one.score > 0]) is not None
    ]
    called: list[str] = []
    for one in kinds:
        word = one.name.lower()
        if not any(_alike(word, other) for other in [*called, *said]):
            called.append(word)
    return said, called


def named(
    words: Sequence[tuple[Sequence[str], Sequence[str]]], taken: Sequence[str]
) -> list[tuple[str, tuple[str, ...]]]:
    """A name for every theme, of what `words_of` gave for it, and the words in it; all names
    differ, and none is in `taken`.

    >>> found = named([(["loud", "fast", "happy"], ["rock"]), ([], ["folk", "jazz"]), ([], [])], [])
    >>> [name for name, _ in found]
    ['loud and fast, rock', 'folk and jazz', 'mixed']
    """
    used, names = set(taken), []
    for said, called in words:
        name, parts = next(way for way in _ways(said, called) if way[0] not in used)
        used.add(name)
        names.append((name, parts))
    return names


def _ways(said: Sequence[str], called: Sequence[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Names for one theme with their words, the best first, and numbers where all are taken."""
    first = ""
    for more in range(NAME_WORDS, max(NAME_WORDS, len(said), len(called)) + 1):
        of_sound = said[:more]
        of_kind = called[: more - 1] if said else called[:more]
        parts = [_listed(of_sound), _listed(of_kind)]
        name = ", ".join(part for part in parts if part) or MIXED
        first = first or name
        yield name, (*of_sound, *of_kind)
    for number in count(2):
        yield f"{first} {number}", (*said[:NAME_WORDS], *called[: NAME_WORDS - 1])


def _listed(words: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


_STEM = 6  # letters: electronic, electronica and electro are one, and so are chill and chillout


def _alike(one: str, other: str) -> bool:
    """Whether two words say the same: they begin alike, or one holds the other's words."""
    short = min(len(one), len(other), _STEM)
    return one[:short] == other[:short] or bool(set(one.split()) & set(other.split()))

"""Which tracks are learnt from, tuned on and tested on; no artist stands on two sides. Pure.

A test that hears an artist who was learnt from measures how well artists are known, not genres:
artist filters cost 10 to 20 points (Flexer, "A closer look on artist filters for musical genre
classification", ISMIR 2007).
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..songs import search_key

SPLITS = ("training", "validation", "test")
OUTSIDE = -1
"""The split of a track that is left out: its artist stands in an earlier split."""

_PERCENT = (80, 10, 10)  # as the Free Music Archive's own splits
_HELD = _PERCENT[1] / (_PERCENT[0] + _PERCENT[1])


@dataclass(frozen=True, eq=False)
class Divided:
    """`split` (n,) int8: the place of each track's split in `SPLITS`, or `OUTSIDE`.

    - `official`: tracks whose split the dataset itself gives.
    - `filtered`: tracks left out by the artist filter.
    - `nameless`: tracks without an artist, each taken for an artist of its own.
    """

    split: NDArray[np.int8]
    official: int
    filtered: int
    nameless: int

    def rows(self, split: str) -> NDArray[np.int64]:
        """Numbers of the tracks in a split."""
        return np.flatnonzero(self.split == SPLITS.index(split))


def divide(
    artists: Sequence[str | None], official: Sequence[str | None], *, seed: int = 0
) -> Divided:
    """Divides tracks by their artists.

    A split that the dataset gives is kept; where it gives no validation (as Last.fm's tags), a
    ninth of its artists to learn from becomes that. Artists without any are shared out,
    80 : 10 : 10. Both follow from their names and `seed` alone, so that it stays so when tracks
    are added. A track is left out of validation or test when its artist is learnt from, and of
    the test when its artist is validated on.

    >>> divided = divide(["a", "a", "b", None], ["training", "test", "test", None], seed=1)
    >>> divided.split.tolist(), divided.filtered, divided.nameless
    ([0, -1, 2, 1], 1, 1)
    """
    names = [_name(artist, row) for row, artist in enumerate(artists)]
    given = {name: split for name, split in zip(names, official, strict=True) if split in SPLITS}
    if "training" in official and "validation" not in official:
        held = {n for n in given if given[n] == "training" and _place(f"held {n}", seed) < _HELD}
        official = [
            "validation" if own == "training" and name in held else own
            for name, own in zip(names, official, strict=True)
        ]
        given |= dict.fromkeys(held, "validation")
    split = np.array(
        [
            SPLITS.index(own if own in SPLITS else given.get(name) or _drawn(name, seed))
            for name, own in zip(names, official, strict=True)
        ],
        np.int8,
    )
    first = _firsts(names, split)
    kept = np.array([place == first[name] for name, place in zip(names, split, strict=True)], bool)
    return Divided(
        split=np.where(kept, split, OUTSIDE).astype(np.int8),
        official=sum(own in SPLITS for own in official),
        filtered=int((~kept).sum()),
        nameless=sum(not (artist or "").strip() for artist in artists),
    )


def _firsts(names: Sequence[str], split: NDArray[np.int8]) -> dict[str, int]:
    """The earliest split that each artist stands in."""
    first: dict[str, int] = {}
    for name, place in zip(names, split.tolist(), strict=True):
        first[name] = min(first.get(name, place), place)
    return first


def _name(artist: str | None, row: int) -> str:
    return " ".join(search_key(artist).split()) or f"\0{row}"


def _place(name: str, seed: int) -> float:
    """Anywhere from 0 to 1, but always there."""
    return zlib.crc32(f"{seed}\0{name}".encode()) / 2**32


def _drawn(name: str, seed: int) -> str:
    place = _place(name, seed) * sum(_PERCENT)
    bounds = np.cumsum(_PERCENT)
    return SPLITS[min(int(np.searchsorted(bounds, place, side="right")), len(SPLITS) - 1)]

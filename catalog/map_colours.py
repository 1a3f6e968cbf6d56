"""What the songs of a map are coloured by: their genre and their strongest tag. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .map_file import NO_GENRE, NO_TAG

ROWS_AT_ONCE = 16_384


def genres_of(
    genres: Sequence[str | None],
) -> tuple[tuple[str, ...], NDArray[np.uint16]]:
    """The genres, most frequent first, and the place of each song's among them.

    Spellings that differ in letter case or spacing are one genre, called by the commonest.

    >>> names, places = genres_of(["Folk", "folk", "Jazz", "Folk", None])
    >>> names, places.tolist()
    (('Folk', 'Jazz'), [0, 0, 1, 0, 65535])
    """
    spellings = [None if genre is None else " ".join(genre.split()) for genre in genres]
    keys = [None if not spelling else spelling.casefold() for spelling in spellings]
    counts = Counter(key for key in keys if key is not None)
    order = sorted(counts, key=lambda key: (-counts[key], key))[:NO_GENRE]
    written = Counter(spelling for spelling in spellings if spelling)
    names: dict[str, str] = {}
    for spelling in sorted(written, key=lambda spelling: (-written[spelling], spelling)):
        names.setdefault(spelling.casefold(), spelling)
    places = {key: place for place, key in enumerate(order)}
    lines = [NO_GENRE if key is None else places.get(key, NO_GENRE) for key in keys]
    return tuple(names[key] for key in order), np.array(lines, np.uint16)


def strongest_tags(tags: NDArray[np.float32], rows: NDArray[np.int64]) -> NDArray[np.uint8]:
    """The place of the likeliest tag of each of the songs whose probabilities stand in `rows`
    `(n,)` of `tags` `(m, T)`; `NO_TAG` where it is beyond the 255th."""
    strongest = np.full(len(rows), NO_TAG, np.uint8)
    if tags.shape[1]:
        for first in range(0, len(rows), ROWS_AT_ONCE):
            part = slice(first, first + ROWS_AT_ONCE)
            strongest[part] = np.minimum(tags[rows[part]].argmax(axis=1), NO_TAG)
    return strongest

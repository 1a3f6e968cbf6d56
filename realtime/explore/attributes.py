"""What is known or was learnt of a song beside its own names, as the API says it."""

from __future__ import annotations

from typing import Any

import numpy as np

from catalog.kept_attributes import ATTRIBUTES, Attributes

DIGITS = 4


def described(kept: Attributes, song: int) -> dict[str, Any]:
    """`attributes`, null where none are known, `told`: they were told from how the song sounds; and
    `probable_genre` of a song that has none of its own."""
    ids = np.array([song], np.int64)
    [known], [values] = kept.known(ids), kept.of_songs(ids)
    guess = kept.song_genres([song]).get(song)
    numbers = [None if np.isnan(value) else round(float(value), DIGITS) for value in values]
    nothing = bool(np.isnan(values).all())
    return {
        "attributes": None if nothing else dict(zip(ATTRIBUTES, numbers, strict=True)),
        "told": not nothing and bool(np.isnan(known).any()),
        "probable_genre": None
        if guess is None
        else {"genre": guess.genre, "probability": round(guess.probability, DIGITS)},
    }

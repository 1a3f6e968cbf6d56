"""What is known or was learnt of songs beside their own names, as the API and `--json` say it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from catalog.kept_attributes import ATTRIBUTES, Attributes, Guess

DIGITS = 4


def learnt_of(kept: Attributes, songs: Sequence[int]) -> list[dict[str, Any]]:
    """For each of `songs`, whose ids ascend: `attributes`, null where none are known; `told`: they
    were told from how the song sounds; `probable_genre` of one that has none of its own."""
    ids = np.array(songs, np.int64)
    genres = kept.song_genres(songs)
    rows = zip(songs, kept.known(ids), kept.of_songs(ids), strict=True)
    return [
        {
            "attributes": None if np.isnan(values).all() else _named(values.tolist()),
            "told": bool(np.isnan(known).any() and not np.isnan(values).all()),
            "probable_genre": guess_json(genres.get(song)),
        }
        for song, known, values in rows
    ]


def guess_json(guess: Guess | None) -> dict[str, Any] | None:
    """A probable genre in JSON's types."""
    if guess is None:
        return None
    return {"genre": guess.genre, "probability": round(guess.probability, DIGITS)}


def _named(values: Sequence[float]) -> dict[str, float | None]:
    numbers = [None if np.isnan(value) else round(value, DIGITS) for value in values]
    return dict(zip(ATTRIBUTES, numbers, strict=True))

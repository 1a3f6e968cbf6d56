"""Fills in what is missing: attributes of songs that no dataset has, genres where none is known.

All of it stands beside what songs and datasets say themselves, with its probability, and takes the
place of what was filled in before.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .attribute_genres import INPUT, widened
from .attribute_heads import GENRE_HEAD, STYLE_HEAD, heads_folder, told_attributes
from .datasets import Datasets
from .kept_attributes import Attributes, Guess, SongGuess, dataset_attributes
from .learning.material import genre_of
from .reader import CatalogReader

if TYPE_CHECKING:
    from encoder.heads import Head

Tell = Callable[[int, int, str], None]
ROWS_AT_ONCE = 16_384


@dataclass(frozen=True)
class Filled:
    """What was filled in.

    - `known`: songs whose attributes a dataset has; `told`: those told from their style.
    - `song_genres`: songs without a genre that probably have one now; `track_genres`: tracks
      likewise, by dataset.
    - `missing`: why not more was.
    """

    songs: int
    known: int
    told: int
    song_genres: int
    track_genres: dict[str, int] = field(default_factory=dict)
    missing: tuple[str, ...] = ()


def fill(catalog: CatalogReader, *, tell: Tell | None = None) -> Filled:
    """Fill in with the heads that the catalog has; without one, what it tells stays unknown.

    Raises `WeightsError`: a head is damaged, or was learnt with another encoder. `StoreError`.
    """
    folder = heads_folder(catalog.settings)
    of_style = _head(folder / STYLE_HEAD, input=catalog.fingerprint)
    of_genre = _head(folder / GENRE_HEAD, input=INPUT)
    survey = catalog.survey()
    with Attributes(catalog.settings) as kept:
        known = kept.known(survey.ids)
        told = np.full_like(known, np.nan)
        if of_style is not None and len(known):
            told = _in_parts(of_style, survey.styles, survey.rows)
            told[~np.isnan(known).any(axis=1)] = np.nan
        values = np.where(np.isnan(known), told, known)
        unnamed = np.array([not (genre or "").strip() for genre in survey.genres], np.bool_)
        genres = _genres(of_genre, values, unnamed)
        guesses = [
            SongGuess(int(song), int(row), catalog.stamp.epoch, told[line], genres[line])
            for line, (song, row) in enumerate(zip(survey.ids, survey.rows, strict=True))
            if genres[line] is not None or not np.isnan(told[line]).all()
        ]
        kept.keep_songs(guesses)
        tracks = _fill_tracks(catalog, kept, of_genre, tell)
    return Filled(
        songs=len(survey.ids),
        known=int((~np.isnan(known).any(axis=1)).sum()),
        told=int((~np.isnan(told).all(axis=1)).sum()),
        song_genres=sum(genre is not None for genre in genres),
        track_genres=tracks,
        missing=_missing(of_style, of_genre),
    )


def _fill_tracks(
    catalog: CatalogReader, kept: Attributes, head: Head | None, tell: Tell | None
) -> dict[str, int]:
    with Datasets(catalog.settings) as datasets:
        names = [info.name for info in datasets.names() if info.attributes]
    found = {}
    for number, name in enumerate(names):
        if tell is not None:
            tell(number, len(names), name)
        tracks, values = dataset_attributes(catalog.settings, name)
        unnamed = np.array([genre_of(t) is None and not t.genres for t in tracks], np.bool_)
        genres = _genres(head, values, unnamed)
        guesses = {t.key: one for t, one in zip(tracks, genres, strict=True) if one is not None}
        kept.keep_tracks(name, guesses)
        found[name] = len(guesses)
    return found


def _genres(
    head: Head | None, values: NDArray[np.float32], wanted: NDArray[np.bool_]
) -> list[Guess | None]:
    """The likeliest genre of each row of `values` `(n, 8)` that is known whole and `wanted`."""
    found: list[Guess | None] = [None] * len(values)
    lines = np.flatnonzero(~np.isnan(values).any(axis=1) & wanted)
    if head is None or not len(lines):
        return found
    told = head.predict(widened(values[lines]))
    for line, row in zip(lines.tolist(), told, strict=True):
        best = int(row.argmax())
        found[line] = Guess(head.names[best], float(row[best]))
    return found


def _in_parts(
    head: Head, styles: NDArray[np.float32], rows: NDArray[np.int64]
) -> NDArray[np.float32]:
    parts = [rows[first : first + ROWS_AT_ONCE] for first in range(0, len(rows), ROWS_AT_ONCE)]
    return np.concatenate([told_attributes(head, np.array(styles[part])) for part in parts])


def _head(path: Path, *, input: str) -> Head | None:
    if not path.exists():
        return None
    from encoder.heads import load_head

    return load_head(path, input=input)


def _missing(of_style: Head | None, of_genre: Head | None) -> tuple[str, ...]:
    found = []
    if of_style is None:
        found.append(
            "no head tells attributes from style: `nowhear attributes train` learns one where "
            "songs of the catalog are joined with tracks that have attributes"
        )
    if of_genre is None:
        found.append(
            "no head tells genres from attributes: `nowhear attributes train --data DATASET` "
            "learns one"
        )
    return tuple(found)

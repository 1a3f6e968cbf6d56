"""What themes are made of: rows to be divided, and what is known of each for its profile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .errors import LearningError
from .kept_attributes import ATTRIBUTES, Attributes, dataset_attributes
from .map_colours import genres_of
from .reader import CatalogReader
from .survey import Survey
from .theme_clusters import Rows
from .theme_file import By, Themes, TrackName

NO_SONG = -1
ENOUGH = 0.5
"""Attributes divide the songs when so many have them; else the styles do, which all have."""

ATTRIBUTES_FINGERPRINT = "echonest-8"


@dataclass(frozen=True, eq=False)
class Material:
    """n rows; those of a dataset whose `songs` are -1 are in no catalog.

    `rows` `(n, d)` are what is divided, as they are; `tags` `(n, T)` and `attributes` `(n, 8)` are
    NaN where unknown, `genres` None.
    """

    by: By
    data: str | None
    fingerprint: str
    rows: Rows
    songs: NDArray[np.int64]
    tracks: Sequence[TrackName | None]
    attributes: NDArray[np.float32]
    tags: NDArray[np.float32]
    tag_names: tuple[str, ...]
    genres: Sequence[str | None]

    def scaling(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Mean and spread to scale rows by: attributes have units, a style has none."""
        if self.by == "style" or not len(self.rows):
            width = self.rows.shape[1]
            return np.zeros(width, np.float32), np.ones(width, np.float32)
        spread = self.rows.std(axis=0, dtype=np.float64)
        spread[spread == 0] = 1.0
        return self.rows.mean(axis=0, dtype=np.float64).astype(np.float32), spread.astype("f4")

    def shares(self) -> tuple[tuple[str, ...], NDArray[np.float32]]:
        """The genres, and which row has which `(n, g)`: 1, 0, or NaN where none is known."""
        names, places = genres_of(self.genres)
        known = places < len(names)
        shares = np.full((len(places), len(names)), np.nan, np.float32)
        shares[known] = np.eye(len(names), dtype=np.float32)[places[known]]
        return names, shares


def material_of(catalog: CatalogReader, *, by: By | None, data: str | None) -> Material:
    """What to divide: the tracks of the dataset `data` by their attributes, or the catalog's songs
    `by` style or attributes; None: by attributes when half of the songs have them.

    Raises `LearningError`: attributes were asked for and there are none. `StoreError`.
    """
    survey = catalog.survey()
    with Attributes(catalog.settings) as kept:
        known = kept.of_songs(survey.ids)
    if data is not None:
        if by == "style":
            raise LearningError(
                f"tracks of {data!r} have no style, only attributes; leave `--by style` or "
                "`--data` out"
            )
        return _of_tracks(catalog, survey, data)
    whole = whole_lines(known)
    if by is None:
        by = "attributes" if len(whole) and whole.mean() >= ENOUGH else "style"
    if by == "style":
        lines = np.ones(len(survey.ids), np.bool_)
        rows = np.array(survey.styles[survey.rows], np.float32)
        return _of_songs(survey, lines, known, by, rows, catalog.fingerprint)
    if len(whole) and not whole.any():
        raise LearningError(
            "no song of this catalog has attributes; `nowhear import echonest FILE` and `nowhear "
            "datasets join` give some to songs that are in a dataset, `nowhear attributes fill` to "
            "all; `--by style` needs none"
        )
    return _of_songs(survey, whole, known, by, known[whole], ATTRIBUTES_FINGERPRINT)


def whole_lines(values: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Which of `values` `(n, k)` are known whole."""
    return np.asarray(~np.isnan(values).any(axis=1), np.bool_)


def fits(themes: Themes, material: Material) -> bool:
    """Whether the themes can divide the rows of `material`."""
    facts = themes.facts
    return (facts.by, facts.fingerprint) == (material.by, material.fingerprint)


def _of_songs(
    survey: Survey,
    lines: NDArray[np.bool_],
    attributes: NDArray[np.float32],
    by: By,
    rows: Rows,
    fingerprint: str,
) -> Material:
    return Material(
        by=by,
        data=None,
        fingerprint=fingerprint,
        rows=rows,
        songs=survey.ids[lines].astype(np.int64),
        tracks=[None] * int(lines.sum()),
        attributes=attributes[lines],
        tags=np.array(survey.tags[survey.rows[lines]], np.float32),
        tag_names=survey.tag_names,
        genres=[genre for genre, line in zip(survey.genres, lines, strict=True) if line],
    )


def _of_tracks(catalog: CatalogReader, survey: Survey, data: str) -> Material:
    every, values = dataset_attributes(catalog.settings, data)
    whole = whole_lines(values)
    if not whole.any():
        raise LearningError(
            f"no track of a dataset {data!r} has attributes; `nowhear datasets` lists what is "
            "imported, `nowhear import echonest FILE` imports some"
        )
    tracks = [every[place] for place in np.flatnonzero(whole).tolist()]
    line = {song: place for place, song in enumerate(survey.ids.tolist())}
    tags = np.full((len(tracks), len(survey.tag_names)), np.nan, np.float32)
    for place, track in enumerate(tracks):
        if track.song in line:
            tags[place] = survey.tags[survey.rows[line[track.song]]]
    return Material(
        by="attributes",
        data=data,
        fingerprint=ATTRIBUTES_FINGERPRINT,
        rows=values[whole],
        songs=np.array([t.song if t.song in line else NO_SONG for t in tracks], np.int64),
        tracks=[TrackName(data, t.key, t.title, t.artist) for t in tracks],
        attributes=values[whole],
        tags=tags,
        tag_names=survey.tag_names,
        genres=[t.genre or next(iter(t.genres), None) for t in tracks],
    )


__all__ = ["ATTRIBUTES", "Material", "fits", "material_of"]

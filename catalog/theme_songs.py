"""Which song of the catalog has which theme: also one that came after the themes were made."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .errors import CatalogError
from .kept_attributes import Attributes
from .map_file import NO_THEME
from .reader import CatalogReader
from .survey import Survey
from .theme_clusters import Rows
from .theme_file import NO_THEME_NUMBER, Themes, open_themes, themes_folder

log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class ThemeColours:
    """For the map: the names of the themes, and the place of each song's `(n,)`, `NO_THEME` for one
    that has none."""

    names: tuple[str, ...]
    places: NDArray[np.uint8]


def theme_names(catalog: CatalogReader) -> tuple[str, ...]:
    """Names of the catalog's themes, none when there are none or they cannot be read."""
    themes = _readable(catalog)
    return () if themes is None else themes.names


def theme_colours(catalog: CatalogReader, survey: Survey) -> ThemeColours:
    """The themes of the songs of `survey`. What cannot be read colours nothing."""
    nothing = np.full(len(survey.ids), NO_THEME, np.uint8)
    themes = _readable(catalog)
    if themes is None:
        return ThemeColours((), nothing)
    numbers = numbers_of(themes, catalog, survey)
    return ThemeColours(themes.names, np.where(numbers < 0, NO_THEME, numbers).astype(np.uint8))


def numbers_of(themes: Themes, catalog: CatalogReader, survey: Survey) -> NDArray[np.int64]:
    """The theme of each song of `survey`, -1 for one that has none: its attributes are not known,
    or its style is another encoder's."""
    return themes.numbers(_rows(themes, catalog, survey))


def counts_of(themes: Themes, catalog: CatalogReader) -> list[int]:
    """How many songs each theme has now. Raises `StoreError`."""
    numbers = numbers_of(themes, catalog, catalog.survey())
    counts: list[int] = np.bincount(numbers[numbers >= 0], minlength=len(themes.themes)).tolist()
    return counts


def songs_of_theme(themes: Themes, catalog: CatalogReader, number: int) -> list[int]:
    """Ids of the songs of a theme, nearest to its middle first. Raises `StoreError`."""
    survey = catalog.survey()
    rows = _rows(themes, catalog, survey)
    lines = np.flatnonzero(themes.numbers(rows) == number)
    away = np.linalg.norm(themes.scaled(rows[lines]) - themes.centres[number], axis=1)
    songs: list[int] = survey.ids[lines[np.argsort(away, kind="stable")]].tolist()
    return songs


def _rows(themes: Themes, catalog: CatalogReader, survey: Survey) -> Rows:
    """What the themes divide `(n, d)`, NaN for a song of which it is not known."""
    if themes.facts.by == "attributes":
        with Attributes(catalog.settings) as kept:
            return kept.of_songs(survey.ids)
    if themes.facts.fingerprint != catalog.fingerprint:
        return np.full((len(survey.ids), themes.centres.shape[1]), np.nan, np.float32)
    return survey.styles[survey.rows]


def _readable(catalog: CatalogReader) -> Themes | None:
    try:
        return open_themes(themes_folder(catalog.settings))
    except CatalogError as error:
        log.debug("%s", error)  # a daemon asks every second; `nowhear themes list` tells
        return None


__all__ = [
    "NO_THEME_NUMBER",
    "ThemeColours",
    "counts_of",
    "numbers_of",
    "songs_of_theme",
    "theme_colours",
    "theme_names",
]

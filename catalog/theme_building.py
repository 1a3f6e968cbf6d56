"""Makes the themes of a catalog. A theme that holds mostly the songs of one before is that one: it
keeps its number, and its name as long as that is true of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from .errors import LearningError, StoreError
from .lock import locked_folder
from .map_progress import Report
from .reader import CatalogReader
from .settings import ThemeSettings
from .theme_clusters import (
    Judged,
    Labels,
    Rows,
    best,
    centres_of,
    judged,
    matched,
    nearest_centres,
)
from .theme_describing import away_from, described
from .theme_file import (
    By,
    Theme,
    ThemeFacts,
    Themes,
    open_themes,
    publish_themes,
    themes_folder,
)
from .theme_material import Material, fits, material_of
from .theme_songs import numbers_of

MOST_THEMES = 250  # the map has a byte for the theme of a song


def build_themes(
    catalog: CatalogReader,
    settings: ThemeSettings,
    *,
    count: int | None = None,
    data: str | None = None,
    on_progress: Report | None = None,
) -> Themes:
    """Divide the catalog's songs, or the tracks of the dataset `data`, into themes and keep them.

    `count` is how many; None: the number that fits best, see `theme_clusters.best`. The same songs
    and seed give the same themes; those that stay keep number and name.

    Raises `BusyError`: another process is making them. `LearningError`: there is nothing to divide,
    or less than `count`. `StoreError`. Whatever happens before the end, the themes before stand.
    """
    with locked_folder(themes_folder(catalog.settings)) as folder:
        catalog.refresh()
        material = material_of(catalog, by=_by(settings), data=data)
        before = _readable(folder)
        mean, spread = material.scaling()
        rows = np.asarray((material.rows - mean) / spread, np.float32)
        figures = _figures(rows, settings, count=count, report=on_progress)
        former = len(before.themes) if before is not None and fits(before, material) else None
        number = count or (best(figures, former=former) if figures else 1)
        centres = centres_of(rows, number, seed=settings.seed)
        centres, stayed = _kept(catalog, material, before, rows, centres)
        facts = ThemeFacts(
            by=material.by,
            data=material.data,
            fingerprint=material.fingerprint,
            seed=settings.seed,
            rows=len(rows),
            kept=sum(theme is not None for theme in stayed),
            figures=tuple(figures),
        )
        labels = nearest_centres(rows, centres)
        away = away_from(rows, centres, labels)
        themes = described(catalog, material, labels, away, stayed)
        made = Themes(facts, themes, centres, mean, spread)
        publish_themes(folder, made)
        return made


def _by(settings: ThemeSettings) -> By | None:
    return None if settings.by == "auto" else settings.by


def _figures(
    rows: Rows, settings: ThemeSettings, *, count: int | None, report: Report | None
) -> list[Judged]:
    if not len(rows):
        raise LearningError("there are no songs to divide; `nowhear add PATH...` adds some")
    if count is not None:
        if not 1 <= count <= min(len(rows), MOST_THEMES):
            raise LearningError(
                f"{count} themes of {len(rows)} songs; expected 1 to {min(len(rows), MOST_THEMES)}"
            )
        return judged(rows, [count], seed=settings.seed) if _may_judge(rows, count) else []
    counts = [n for n in range(settings.fewest, settings.most + 1) if _may_judge(rows, n)]
    return judged(rows, counts, seed=settings.seed, on_progress=report)


def _may_judge(rows: Rows, count: int) -> bool:
    """The stability divides half of the rows, and one theme is as stable as can be."""
    return 1 < count <= len(rows) // 2


def _kept(
    catalog: CatalogReader,
    material: Material,
    before: Themes | None,
    rows: Rows,
    centres: Rows,
) -> tuple[Rows, list[Theme | None]]:
    """The centres in order of their numbers, and the themes of before that they are. A number that
    is free goes to the largest theme without one."""
    after = nearest_centres(rows, centres)
    pairs: dict[int, int] = {}
    if before is not None:
        then = _numbers_before(catalog, material, before)
        pairs = matched(then, after, counts=(len(before.themes), len(centres)))
    sizes = np.bincount(after, minlength=len(centres))
    slots: list[int | None] = [None] * len(centres)
    for now, old in pairs.items():
        if old < len(slots):
            slots[old] = now
    rest = [now for now in range(len(centres)) if now not in slots]
    rest.sort(key=lambda now: (-sizes[now], now))
    order = [rest.pop(0) if now is None else now for now in slots]
    themes = () if before is None else before.themes
    return centres[order], [themes[pairs[now]] if now in pairs else None for now in order]


def _numbers_before(catalog: CatalogReader, material: Material, before: Themes) -> Labels:
    """The former theme of each row, -1 where it has none."""
    if fits(before, material):
        return before.numbers(material.rows)
    survey = catalog.survey()
    songs = dict(
        zip(survey.ids.tolist(), numbers_of(before, catalog, survey).tolist(), strict=True)
    )
    return np.array([songs.get(song, -1) for song in material.songs.tolist()], np.int64)


def _readable(folder: Path) -> Themes | None:
    try:
        return open_themes(folder)
    except StoreError:
        return None  # damaged: the next ones take their place

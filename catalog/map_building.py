"""Draws the map of a catalog, and keeps it abreast of the songs.

Drawn is all of it at once; a song that comes later is placed near its nearest neighbours at once
and moves no other. A map that is drawn anew begins at the one before and is turned to lie on it, so
that those who know their way about it still do.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .errors import StoreError
from .lock import locked_folder
from .map_drawing import Canvas
from .map_file import Method, StoredMap, map_folder, open_map, withdraw_map
from .map_layout import HANDFUL, has_umap
from .map_progress import Report
from .reader import CatalogReader
from .settings import MapSettings
from .theme_songs import theme_colours, theme_names


@dataclass(frozen=True, eq=False)
class Outcome:
    """What became of the map; None: there are no songs.

    `drawn`: all of it was. Else `placed` songs were added to it, and `changed` says whether it is
    another one. `advice` tells a person what would make it better.
    """

    map: StoredMap | None
    drawn: bool = False
    placed: int = 0
    changed: bool = False
    advice: str | None = None


def chosen(asked: str, *, songs: int, settings: MapSettings) -> Method:
    """The method that draws so many songs when `asked` for one or for "auto"."""
    named: dict[str, Method] = {"tsne": "tsne", "umap": "umap", "pca": "pca"}
    if asked in named:
        return named[asked]
    if songs <= HANDFUL:
        return "pca"
    if songs <= settings.tsne_songs:
        return "tsne"
    return "umap" if has_umap() else "pca"


def build_map(
    catalog: CatalogReader,
    settings: MapSettings,
    *,
    on_progress: Report | None = None,
    anew: bool = False,
) -> Outcome:
    """Draw the map of all songs by `settings.method`. `anew` does not begin at the map before.

    Raises `BusyError`: another process is drawing it. `MissingExtraError`: UMAP was asked for and
    is not installed. `StoreError`. Whatever happens before the end, the map before stands.
    """
    with locked_folder(map_folder(catalog.settings)) as folder:
        catalog.refresh()
        survey = catalog.survey()
        if not len(survey.ids):
            withdraw_map(folder)
            return Outcome(None, changed=True)
        asked = settings.method
        method = chosen(asked, songs=len(survey.ids), settings=settings)
        before = None if anew else _readable(folder)
        canvas = Canvas(folder, survey, before, theme_colours(catalog, survey))
        stored = canvas.draw(method, asked=asked, seed=settings.seed, on_progress=on_progress)
        return Outcome(stored, drawn=True, changed=True, advice=_advice(stored, settings))


def bring_up_to_date(
    catalog: CatalogReader, settings: MapSettings, *, on_progress: Report | None = None
) -> Outcome:
    """Make the map abreast of the songs: those that are gone leave it, new ones are placed on it.

    Without a map, or when more than `settings.new_share` of it is new, it is drawn, unless that
    would take long: then `advice` says so, and a quick one stands in for one that is not there.
    Raises `BusyError`: another process is drawing it. `StoreError`.
    """
    with locked_folder(map_folder(catalog.settings)) as folder:
        catalog.refresh()
        before = _readable(folder)
        if before is not None and is_abreast(before, catalog):
            return Outcome(before, advice=_advice(before, settings))
        survey = catalog.survey()
        if not len(survey.ids):
            withdraw_map(folder)
            return Outcome(None, changed=before is not None)
        canvas = Canvas(folder, survey, before, theme_colours(catalog, survey))
        return _abreast(canvas, settings, on_progress)


def is_abreast(stored: StoredMap | None, catalog: CatalogReader) -> bool:
    """Whether `bring_up_to_date` would find nothing to do."""
    if stored is None:
        return catalog.count == 0
    return stored.facts.stamp == catalog.stamp and stored.facts.themes == theme_names(catalog)


def recolour(catalog: CatalogReader) -> StoredMap | None:
    """Colour the map that there is by the themes of now, and move nobody; None: there is none.

    Raises `BusyError`: another process is drawing it. `StoreError`.
    """
    with locked_folder(map_folder(catalog.settings)) as folder:
        catalog.refresh()
        before, survey = _readable(folder), catalog.survey()
        if before is None or not len(survey.ids):
            return None
        canvas = Canvas(folder, survey, before, theme_colours(catalog, survey))
        return canvas.place() if canvas.known.holds.any() else None


def _abreast(canvas: Canvas, settings: MapSettings, report: Report | None) -> Outcome:
    before, known = canvas.before, canvas.known
    asked = settings.method if before is None else before.facts.asked
    quick = _quick(asked, songs=len(canvas.survey.ids), settings=settings)
    stands = before is not None and bool(known.holds.any())
    # A good map that has grown old is still better than a quick one.
    better = quick != "pca" or before is None or before.facts.method == "pca"
    if not stands or (known.new_share > settings.new_share and better):
        stored = canvas.draw(quick, asked=asked, seed=settings.seed, on_progress=report)
        return Outcome(stored, drawn=True, changed=True, advice=_advice(stored, settings))
    stored = canvas.place()
    return Outcome(
        stored,
        placed=int((~known.holds).sum()),
        changed=before is None or stored.facts.version != before.facts.version,
        advice=_advice(stored, settings),
    )


def _quick(asked: str, *, songs: int, settings: MapSettings) -> Method:
    """The best method that may be taken without being asked to."""
    best = chosen(asked, songs=songs, settings=settings)
    return best if best == "tsne" and songs <= settings.own_accord_songs else "pca"


def _readable(folder: Path) -> StoredMap | None:
    try:
        return open_map(folder)
    except StoreError:
        return None  # damaged: the next one takes its place


def _advice(stored: StoredMap, settings: MapSettings) -> str | None:
    facts = stored.facts
    if facts.placed > settings.new_share * facts.songs:
        return (
            f"{facts.placed} of {facts.songs} songs came since the map was drawn, and lie near "
            "their neighbours only; `nowhear map build` draws it anew"
        )
    if facts.method != "pca" or facts.asked == settings.method == "pca":
        return None
    best = chosen(settings.method, songs=facts.songs, settings=settings)
    if best != "pca":
        return f"this map is a quick one; `nowhear map build` draws a better one, by {best}"
    if facts.songs > settings.tsne_songs:
        return (
            f"this map of {facts.songs} songs is a quick one, by principal axes; for a better one "
            "`pip install 'nowhear[map]'` and run `nowhear map build`"
        )
    return None

"""The themes of a catalog as they are kept: groups of songs that lie together, each with a name.

    <catalog>/themes/
      gen-000001/   themes.json (what they are), themes.npz (centres and scaling)
      CURRENT       the name of the published one
      writer.lock   held by the one process that makes themes

Published as generations of the index are: a kill at any moment leaves the last themes whole. Only
centres are kept, not which song is whose: a song that comes later has a theme at once.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from . import generations
from .errors import StoreError
from .settings import CatalogSettings
from .theme_clusters import Judged, Labels, Rows, nearest_centres
from .theme_words import Trait

By = Literal["style", "attributes"]

FORMAT_VERSION = 1
NO_THEME_NUMBER = -1
MANIFEST_NAME = "themes.json"
ARRAYS_NAME = "themes.npz"


def themes_folder(settings: CatalogSettings) -> Path:
    """Where the themes of a catalog are kept."""
    return settings.directory / "themes"


@dataclass(frozen=True)
class TrackName:
    """A track of a dataset that is no song of the catalog."""

    dataset: str
    key: str
    title: str | None
    artist: str | None


@dataclass(frozen=True)
class Theme:
    """A theme; its number is its place among them.

    - `words`: those in its name.
    - `songs`: rows that it held when it was made: songs, or tracks of a dataset.
    - `profile`, `tags`, `genres`: what they have in common; see `catalog.theme_words`. Attributes
      stand in their own order, tags and genres most telling first.
    - `typical`: songs of the catalog nearest to the middle, nearest first; `tracks`: tracks that
      are none.
    """

    name: str
    words: tuple[str, ...]
    songs: int
    profile: tuple[Trait, ...] = ()
    tags: tuple[Trait, ...] = ()
    genres: tuple[Trait, ...] = ()
    typical: tuple[int, ...] = ()
    tracks: tuple[TrackName, ...] = ()


@dataclass(frozen=True)
class ThemeFacts:
    """How themes were made. `fingerprint` is that of the vectors, `data` the dataset whose tracks
    were divided (None: the catalog's songs), `figures` what each number of themes was found to be
    worth, `kept` how many themes are those of before."""

    by: By
    data: str | None
    fingerprint: str
    seed: int
    rows: int
    kept: int
    figures: tuple[Judged, ...] = ()


@dataclass(frozen=True, eq=False)
class Themes:
    """Themes, and where they lie: centres `(k, d)` of rows from which `mean` `(d,)` was taken and
    which were divided by `spread` `(d,)`."""

    facts: ThemeFacts
    themes: tuple[Theme, ...]
    centres: Rows
    mean: NDArray[np.float32]
    spread: NDArray[np.float32]

    @property
    def names(self) -> tuple[str, ...]:
        """Of the themes, by number."""
        return tuple(theme.name for theme in self.themes)

    def scaled(self, rows: Rows) -> Rows:
        """`rows` `(n, d)` as the centres are."""
        return np.asarray((rows - self.mean) / self.spread, np.float32)

    def numbers(self, rows: Rows) -> Labels:
        """The theme of each of `rows` `(n, d)`; -1 where one of its values is unknown (NaN)."""
        found = np.full(len(rows), NO_THEME_NUMBER, np.int64)
        whole = ~np.isnan(rows).any(axis=1)
        if whole.any():
            found[whole] = nearest_centres(self.scaled(rows[whole]), self.centres)
        return found


def publish_themes(folder: Path, themes: Themes) -> int:
    """Make `themes` those in `folder`, whose lock must be held; returns their generation.

    Raises `StoreError`; then those before still stand.
    """

    def build(place: Path) -> None:
        data = {
            "format_version": FORMAT_VERSION,
            "facts": asdict(themes.facts),
            "themes": [asdict(theme) for theme in themes.themes],
        }
        text = json.dumps(data, indent=1, ensure_ascii=False) + "\n"
        (place / MANIFEST_NAME).write_text(text, encoding="utf-8")
        np.savez(
            place / ARRAYS_NAME,
            centres=themes.centres,
            mean=themes.mean,
            spread=themes.spread,
        )

    try:
        number = generations.publish_folder(folder, build)
    except OSError as error:
        raise StoreError(f"{folder}: the themes cannot be written: {error}") from error
    generations.prune(folder)
    return number


def open_themes(folder: Path) -> Themes | None:
    """The themes in `folder`, None when there are none.

    Raises `StoreError`: they are damaged, or of another format.
    """
    missing = _damaged(folder, "CURRENT names themes that are not there")
    return generations.read_current(folder, _read, missing=missing)


def _read(place: Path, _number: int) -> Themes:
    try:
        return _open(place, (place / MANIFEST_NAME).stat().st_mtime_ns)
    except FileNotFoundError:
        raise
    except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise _damaged(place, str(error)) from error


@lru_cache(maxsize=4)  # a daemon asks every second; what is published never changes
def _open(place: Path, _written_ns: int) -> Themes:
    data = json.loads((place / MANIFEST_NAME).read_text(encoding="utf-8"))
    if data["format_version"] != FORMAT_VERSION:
        raise _damaged(place, f"format {data['format_version']}, expected {FORMAT_VERSION}")
    with np.load(place / ARRAYS_NAME, allow_pickle=False) as arrays:
        centres, mean, spread = arrays["centres"], arrays["mean"], arrays["spread"]
    facts = ThemeFacts(**data["facts"])
    facts = replace(facts, figures=tuple(Judged(**one) for one in data["facts"]["figures"]))
    themes = tuple(_theme(one) for one in data["themes"])
    if centres.ndim != 2 or len(centres) != len(themes):
        raise _damaged(place, f"{len(themes)} themes, centres {centres.shape}")
    if mean.shape != spread.shape or mean.shape != centres.shape[1:]:
        raise _damaged(place, f"centres {centres.shape}, means {mean.shape}")
    return Themes(facts, themes, centres, mean, spread)


def _theme(data: dict[str, Any]) -> Theme:
    traits = {kind: tuple(Trait(**one) for one in data[kind]) for kind in ("profile", "tags")}
    return Theme(
        name=data["name"],
        words=tuple(data["words"]),
        songs=data["songs"],
        genres=tuple(Trait(**one) for one in data["genres"]),
        typical=tuple(data["typical"]),
        tracks=tuple(TrackName(**one) for one in data["tracks"]),
        **traits,
    )


def _damaged(place: Path, what: str) -> StoreError:
    return StoreError(
        f"{place}: the themes are damaged ({what}); `nowhear themes build` makes them anew"
    )

"""The heads that tell attributes from style and genre from attributes, as a catalog keeps them.

    <catalog>/heads/
      attributes-from-style.safetensors
      genre-from-attributes.safetensors

No attributes come with nowhear: a head is learnt where songs of the catalog have both, a style and
a dataset's attributes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .kept_attributes import Attributes
from .learning.splits import divide
from .reader import CatalogReader
from .schema import ATTRIBUTES
from .settings import CatalogSettings

if TYPE_CHECKING:
    from encoder.heads import Head

STYLE_HEAD = "attributes-from-style.safetensors"
GENRE_HEAD = "genre-from-attributes.safetensors"

LEAST_SONGS = 50
"""From fewer songs that have both nothing is learnt that holds for others."""

WEIGHT_DECAYS = (0.1, 1.0)
HIDDEN = (0, 64)
DROPOUT = 0.3


def heads_folder(settings: CatalogSettings) -> Path:
    """Where the heads of a catalog are kept."""
    return settings.directory / "heads"


@dataclass(frozen=True)
class AttributeFigures:
    """How well an attribute is told of songs that were not learnt from: `r2` is the share of its
    variance that is told (1 all, 0 as the mean does), `error` the mean distance, in its own unit,
    `error_of_mean` that of the mean of the songs that were learnt from."""

    name: str
    r2: float
    error: float
    error_of_mean: float


@dataclass(frozen=True, eq=False)
class StyleLesson:
    """What was learnt of the `songs` that have both, and of how many it was tested; without a head
    there were too few."""

    songs: int
    tested: int = 0
    head: Head | None = None
    figures: tuple[AttributeFigures, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """All of it in JSON's types."""
        return {
            "songs": self.songs,
            "needed": LEAST_SONGS,
            "tested": self.tested,
            "attributes": [
                {name: _rounded(value) for name, value in one.__dict__.items()}
                for one in self.figures
            ],
        }


def learn_from_style(catalog: CatalogReader, *, seed: int = 0) -> StyleLesson:
    """Learn the attributes from the styles of the songs that have both, divided by their artists.

    Raises `StoreError`, `TrainingError`.
    """
    survey = catalog.survey()
    with Attributes(catalog.settings) as kept:
        values = kept.known(survey.ids)
    whole = np.flatnonzero(~np.isnan(values).any(axis=1))
    songs = catalog.get(survey.ids[whole].tolist())
    whole = np.array([line for line in whole.tolist() if int(survey.ids[line]) in songs], np.int64)
    artists = [songs[int(survey.ids[line])].artist for line in whole]
    divided = divide(artists, [None] * len(whole), seed=seed)
    parts = [whole[divided.rows(split)] for split in ("training", "validation", "test")]
    if len(whole) < LEAST_SONGS or not all(len(part) for part in parts):
        return StyleLesson(len(whole))
    rows = [(np.array(survey.styles[survey.rows[part]]), values[part]) for part in parts]
    head = fitted(rows[0], rows[1], fingerprint=catalog.fingerprint, seed=seed)
    figures = figures_of(head, rows[0][1], *rows[2])
    measured = {f"r2_{one.name}": one.r2 for one in figures}
    head = replace(head, figures={**head.figures, **measured})
    return StyleLesson(len(whole), len(parts[2]), head, figures)


Rows = tuple[NDArray[np.float32], NDArray[np.float32]]


def fitted(learnt: Rows, held: Rows, *, fingerprint: str, seed: int) -> Head:
    """The head from styles `(n, D)` to attributes `(n, 8)` that does best on the rows `held`, of a
    few widths and weight decays. Raises `TrainingError`."""
    from encoder.heads import HeadSettings, fit_head

    heads = [
        fit_head(
            *learnt,
            kind="values",
            settings=HeadSettings(
                hidden=hidden,
                weight_decay=decay,
                dropout=DROPOUT if hidden else 0.0,
                seed=seed,
                device="cpu",
            ),
            validation=held,
            names=ATTRIBUTES,
            input=fingerprint,
        )
        for hidden in HIDDEN
        for decay in WEIGHT_DECAYS
    ]
    return min(heads, key=lambda one: one.figures["validation_loss"])


def figures_of(
    head: Head,
    learnt: NDArray[np.float32],
    styles: NDArray[np.float32],
    truth: NDArray[np.float32],
) -> tuple[AttributeFigures, ...]:
    """How well `head` tells the `truth` `(m, 8)` from `styles` `(m, D)`; `learnt` `(n, 8)` are the
    attributes that it was fitted to."""
    told, mean = told_attributes(head, styles), learnt.mean(axis=0)
    found = []
    for place, name in enumerate(ATTRIBUTES):
        true, guess = truth[:, place].astype(np.float64), told[:, place]
        spread = float(np.square(true - true.mean()).sum())
        r2 = 1 - float(np.square(true - guess).sum()) / spread if spread > 0 else float("nan")
        errors = [float(np.abs(true - other).mean()) for other in (guess, mean[place])]
        found.append(AttributeFigures(name, r2, *errors))
    return tuple(found)


def told_attributes(head: Head, styles: NDArray[np.float32]) -> NDArray[np.float32]:
    """Attributes `(n, 8)` that `head` tells from `styles` `(n, D)`, within their ranges."""
    told = head.predict(styles)
    tempo = ATTRIBUTES.index("tempo")
    bounded = np.clip(told, 0.0, 1.0)
    bounded[:, tempo] = np.maximum(told[:, tempo], 0.0)
    return bounded


def _rounded(value: Any) -> Any:
    if not isinstance(value, float):
        return value
    return None if np.isnan(value) else round(value, 4)

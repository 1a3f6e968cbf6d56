"""From a dataset to what was learnt of it: its rows, their vectors, the ways to tell compared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..datasets import Datasets, Track
from ..errors import DatasetError
from .comparing import Outcome, best, compare
from .feature_table import read_features, same_key
from .material import Material
from .styles import styles_of

if TYPE_CHECKING:
    from encoder.embedding import Encoder

    from ..reader import CatalogReader

Tell = Callable[[int, int, str], None]
NO_STYLE = "neither a song of the catalog nor audio that can be heard"
NO_FEATURES = "no row in the table of features"


@dataclass(frozen=True, eq=False)
class Vectors:
    """`values` (n, d) of the tracks of `material`; `input` is their fingerprint.

    `scaled`: their numbers are of different units. `skipped` are (what, why) of those that could
    not be read or heard.
    """

    material: Material
    values: NDArray[np.float32]
    input: str
    scaled: bool
    skipped: list[tuple[str, str]]


def imported(datasets: Datasets, name: str) -> list[Track]:
    """All tracks of a dataset; raises `DatasetError`: none of that name was imported."""
    names = [info.name for info in datasets.names()]
    if name not in names:
        known = f"imported are {', '.join(names)}" if names else "none is imported yet"
        raise DatasetError(f"no dataset {name!r} here, {known}; `nowhear import {name} PATH`")
    return list(datasets.tracks(name))


def by_style(
    material: Material,
    catalog: CatalogReader,
    encoder: Encoder,
    *,
    hop_s: float,
    tell: Tell | None = None,
) -> Vectors:
    """The styles of the material's tracks; the others are left out."""
    found = styles_of(material.tracks, catalog, encoder, hop_s=hop_s, tell=tell)
    kept = material.where(found.known, reason=NO_STYLE)
    return Vectors(kept, found.styles, encoder.spec.fingerprint, False, found.skipped)


def by_features(material: Material, path: Path) -> Vectors:
    """The rows of the table at `path` of the material's tracks; the others are left out."""
    table = read_features(path, wanted=[track.key for track in material.tracks])
    lines = {same_key(key): line for line, key in enumerate(table.keys)}
    rows = [lines.get(same_key(track.key), -1) for track in material.tracks]
    have = np.array(rows, np.int64) >= 0
    values = table.values[[row for row in rows if row >= 0]]
    skipped = [(f"line {line}", why) for line, why in table.skipped]
    return Vectors(
        material.where(have, reason=NO_FEATURES), values, table.fingerprint, True, skipped
    )


def learn(vectors: Vectors, *, seed: int, device: Any, tell: Tell | None = None) -> list[Outcome]:
    """The ways to tell the material from its vectors; see `comparing.compare`."""
    return compare(
        vectors.material,
        vectors.values,
        input=vectors.input,
        seed=seed,
        device=device,
        scaled=vectors.scaled,
        tell=tell,
    )


def files_of(material: Material, catalog: CatalogReader) -> dict[str, Path]:
    """The audio files of the tracks by key: the dataset's own, or those of the songs."""
    songs = catalog.get(track.song for track in material.tracks if track.song is not None)
    files = {track.key: track.path for track in material.tracks if track.path is not None}
    for track in material.tracks:
        if track.key not in files and track.song in songs:
            files[track.key] = songs[track.song].path
    return files


def as_json(material: Material, outcomes: list[Outcome]) -> dict[str, Any]:
    """What was learnt, in JSON's types."""
    divided = material.divided
    return {
        "data": material.dataset,
        "names": list(material.names),
        "tracks": {split: len(divided.rows(split)) for split in ("training", "validation", "test")},
        "official_splits": divided.official,
        "left_out": material.left_out
        | ({"artist stands in an earlier split": divided.filtered} if divided.filtered else {}),
        "without_artist": divided.nameless,
        "methods": [outcome.as_json() for outcome in outcomes],
        "best": best(outcomes).method,
    }

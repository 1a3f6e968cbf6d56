"""A catalog with a dataset of sounds: low tones are one genre, high ones another."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from catalog.catalog import Catalog
from catalog.dataset_rows import Batch
from catalog.datasets import Datasets
from catalog.settings import CatalogSettings
from tests.catalog.making import SPEC, settings_at, write_wav

GENRES = ("Deep", "High")
SPLITS = ("training", "training", "training", "validation", "test")


def write_tones(folder: Path, count: int, *, rate_hz: int, seconds: float = 2.5) -> list[Path]:
    """Tones in noise; the odd ones are high. FMA's tree of audio."""
    paths = []
    for number in range(count):
        rng = np.random.default_rng(number)
        time_s = np.arange(round(seconds * rate_hz)) / rate_hz
        pitch = (180, 2200)[number % 2] * rng.uniform(0.9, 1.1)
        sound = 0.3 * np.sin(2 * np.pi * pitch * time_s) + rng.normal(0, 0.03, len(time_s))
        place = folder / "000" / f"{number:06}.wav"
        place.parent.mkdir(parents=True, exist_ok=True)
        paths.append(write_wav(place, sound.astype(np.float32), rate_hz=rate_hz))
    return paths


def rows(paths: list[Path]) -> list[dict[str, object]]:
    """Tracks of a dataset, an artist each."""
    return [
        {
            "key": f"{number:06}",
            "title": f"tune {number}",
            "artist": f"artist {number}",
            "genre": GENRES[number % 2],
            "split": SPLITS[number // 2 % len(SPLITS)],
            "path": path,
        }
        for number, path in enumerate(paths)
    ]


def dataset_at(
    folder: Path, paths: list[Path], *, spec: object = SPEC, **more: object
) -> CatalogSettings:
    """Settings of an empty catalog with the dataset `fma` of these files, and tags for `msd`."""
    settings = settings_at(folder, **more)
    with Catalog.open(settings, spec, create=True):  # type: ignore[arg-type]
        pass
    tracks = rows(paths)
    tags = [
        ("tags", str(row["key"]), [(str(row["genre"]).lower(), 100.0), ("tone", 1.0)])
        for row in tracks
    ]
    with Datasets(settings) as datasets:
        for name in ("fma", "msd"):
            datasets.begin(name, "made")
            datasets.write(Batch(name, tracks=tracks, lists=tags if name == "msd" else ()))
            datasets.finish(name, "made")
    return settings

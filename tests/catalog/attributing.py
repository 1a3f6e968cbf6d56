"""Songs whose attributes are a known function of their style, and a dataset that knows of some."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from catalog.dataset_rows import Batch
from catalog.datasets import Datasets
from catalog.kept_attributes import ATTRIBUTES
from catalog.settings import CatalogSettings
from catalog.songs import NewSong
from tests.catalog.making import DIMENSION, made_catalog, new_song

SONGS = 130
KNOWN = 100
"""So many songs, the first, are joined with a track that has attributes."""

TEMPO = ATTRIBUTES.index("tempo")
NOISE = 0.02
GENRES = ("Ballad", "March", "Noise")


def truth() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Unit styles (SONGS, D), and attributes (SONGS, 8) that are a linear function of them, within
    their ranges, and a little noise."""
    rng = np.random.default_rng(7)
    styles = rng.normal(size=(SONGS, DIMENSION))
    styles /= np.linalg.norm(styles, axis=1, keepdims=True)
    plain = 0.5 + 0.2 * styles @ rng.normal(size=(DIMENSION, len(ATTRIBUTES)))
    values = np.clip(plain + NOISE * rng.normal(size=plain.shape), 0.01, 0.99)
    values[:, TEMPO] = 60 + 120 * values[:, TEMPO]
    return styles.astype(np.float32), values.astype(np.float32)


def genre_of_values(values: NDArray[np.float32]) -> str:
    """The genre that these attributes (8,) make."""
    energy = values[ATTRIBUTES.index("energy")]
    if energy > 0.6:
        return "Noise"
    return "March" if values[TEMPO] > 120 else "Ballad"


def attributed_catalog(folder: Path) -> CatalogSettings:
    """A catalog of the songs; those known are joined with tracks of the dataset `made`, which names
    the genre of every track but each tenth. The first song has a genre of its own."""
    styles, values = truth()
    settings = made_catalog(folder, [_song(n, style) for n, style in enumerate(styles)])
    keys = [f"{number:03}" for number in range(KNOWN)]
    with Datasets(settings) as datasets:
        datasets.begin("made", "nowhere")
        tracks = [
            {"key": key, "title": f"track {key}", "artist": f"artist {number % 40}"}
            | ({} if number % 10 == 0 else {"genre": genre_of_values(values[number])})
            for number, key in enumerate(keys)
        ]
        rows = [
            {"key": key, **dict(zip(ATTRIBUTES, map(float, row), strict=True))}
            for key, row in zip(keys, values, strict=False)
        ]
        with_genre = [track for track in tracks if "genre" in track]
        datasets.write(Batch("made", tracks=with_genre, attributes=rows))
        datasets.write(Batch("made", tracks=[track for track in tracks if "genre" not in track]))
        datasets.join({("made", key): number + 1 for number, key in enumerate(keys)})
        datasets.finish("made", "nowhere")
    return settings


def _song(number: int, style: NDArray[np.float32]) -> NewSong:
    song = new_song(f"{number}.mp3", style, duration_s=60 + 10 * number)
    genre = "My own" if number == 0 else None
    details = replace(song.details, artist=f"artist {number % 40}", genre=genre)
    return replace(song, details=details)

"""A search for landmarks among songs of which only the peaks are known."""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from catalog.landmark_index import LandmarkHits, LandmarkIndex, build_landmark_index
from catalog.places import Place, Places


def landmarks_of(
    songs: Mapping[int, np.ndarray], folder: Path, *, most: int = 1_000_000
) -> Callable[[np.ndarray], LandmarkHits]:
    """The search of an index of the peaks `(m, P)` of `songs`, which is written to `folder`."""
    ends = np.cumsum([len(rows) for rows in songs.values()]).tolist()
    places = Places.of(
        (song, Place(row, end - len(rows), len(rows)))
        for row, (end, (song, rows)) in enumerate(zip(ends, songs.items(), strict=True))
    )
    build_landmark_index(np.concatenate(list(songs.values())), places, folder)
    index = LandmarkIndex.open(folder)
    assert index is not None
    return lambda keys: index.find(keys, places.by_segment(), most=most)

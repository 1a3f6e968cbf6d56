"""Which songs of the catalog are which items of a dataset."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ..imports.names import artist_of

if TYPE_CHECKING:
    from ..reader import CatalogReader

_NOBODY = frozenset(
    artist_of(name) for name in ("", "Unknown", "Unknown artist", "Various artists", "Various")
)
"""Names of no artist: their songs have nothing in common."""

OWN = "own"
"""The listening of the catalog's own users: its items are songs."""


def item_of_songs(catalog: CatalogReader, dataset: str, items: Sequence[str]) -> Mapping[int, int]:
    """Of the catalog's songs that the dataset knows, the line of their item in `items`.

    An item without a title is an artist, and all of the artist's songs are it. Raises `StoreError`.
    """
    lines = {key: line for line, key in enumerate(items)}
    if dataset == OWN:
        return {int(key): line for key, line in lines.items()}
    from ..datasets import Datasets

    with Datasets(catalog.settings) as datasets:
        joined = {song: lines[k] for k, song in datasets.songs_of(dataset).items() if k in lines}
        artists = {
            artist_of(track.artist): lines[track.key]
            for track in datasets.tracks(dataset)
            if not track.title and track.artist and track.key in lines
        }
    for name in _NOBODY:
        artists.pop(name, None)
    by_artist = {}
    if artists:
        named = ((s.id, artist_of(s.artist)) for s in catalog.songs() if s.artist)
        by_artist = {song: artists[artist] for song, artist in named if artist in artists}
    return by_artist | joined

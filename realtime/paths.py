"""A path of songs through a catalog, from one of its songs to another."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from catalog.reader import CatalogReader
from catalog.search import unit_rows
from catalog.song_path import song_path
from catalog.songs import Song
from catalog.spreading import artist_key

from .errors import NoPathError

LEAST_LENGTH, MOST_LENGTH = 3, 50
"""Songs in a path, both ends among them."""

POINTS = 24
"""Points on the way, ends included, whose nearest songs may be in the path."""

HITS = (48, 400)
"""So many of each point, and where these are of too few artists, so many."""

MOST_POOL = 1200
"""Songs that a path is chosen from. All their distances are held: 6 MB."""


def path_between(catalog: CatalogReader, start: int, end: int, *, length: int) -> list[Song]:
    """`length` songs from `start` to `end` by small, even steps; see `catalog.song_path`.

    No artist comes more than twice, and no recording twice. Where the catalog has too few songs
    for that, the path is shorter. In a small catalog it is chosen from all songs, in a larger one
    from those near the arc between the two styles.

    Raises `UnknownSongError`, `StoreError`; `NoPathError`: both are one recording.
    """
    ends = [catalog.song(start), catalog.song(end)]
    if ends[0].group == ends[1].group:
        raise NoPathError(f"songs {start} and {end} are one recording: there is no way to go")
    path: list[Song] = []
    for hits in HITS:
        songs, styles = _pool(catalog, ends, hits)
        keys = [artist_key(song.artist) or None for song in songs]
        rows = song_path(styles, start=0, end=1, length=length, artists=keys)
        path = [songs[row] for row in rows]
        if len(path) == length or len(songs) >= min(catalog.count, MOST_POOL):
            break
    return path


def _pool(
    catalog: CatalogReader, ends: list[Song], hits: int
) -> tuple[list[Song], NDArray[np.float32]]:
    """The songs to choose from with their unit styles, the ends first, one of each recording."""
    styles = np.stack([catalog.style(song.id) for song in ends])
    points, k = arc(*styles, points=POINTS), hits
    if catalog.count <= MOST_POOL:
        points, k = points[:1], catalog.count
    found = catalog.search(points, k)
    near = found.songs.T.ravel()  # the nearest of each point first
    ids = list(dict.fromkeys(int(song) for song in near if song >= 0))[: 2 * MOST_POOL]
    others = _one_of_each(catalog.get(ids), ids, taken=[song.group for song in ends])
    songs = [*ends, *others][:MOST_POOL]
    known, rows = catalog.styles([song.id for song in songs])
    return [song for song, there in zip(songs, known, strict=True) if there], rows


def _one_of_each(songs: dict[int, Song], ids: Iterable[int], *, taken: Iterable[int]) -> list[Song]:
    """The songs in order of `ids`, the first of each near-duplicate group, none of those taken."""
    groups, kept = set(taken), []
    for song in ids:
        if song in songs and songs[song].group not in groups:
            groups.add(songs[song].group)
            kept.append(songs[song])
    return kept


def arc(
    start: NDArray[np.float32], end: NDArray[np.float32], *, points: int
) -> NDArray[np.float32]:
    """Unit vectors (points, D) at even distances along the shorter great circle between two.

    Spherical linear interpolation: Shoemake, "Animating Rotation with Quaternion Curves",
    SIGGRAPH 1985, section 3.3.

    >>> arc(np.array([1, 0], np.float32), np.array([0, 1], np.float32), points=3)[1].round(3)
    array([0.707, 0.707], dtype=float32)
    """
    angle = float(np.arccos(np.clip(np.dot(start, end), -1.0, 1.0)))
    shares = np.linspace(0.0, 1.0, points)[:, np.newaxis]
    # Where they are one, or opposite, any way is as short: the straight line will do.
    even = np.sin(angle) > 1e-6
    first = np.sin((1 - shares) * angle) if even else 1 - shares
    last = np.sin(shares * angle) if even else shares
    return unit_rows((first * start + last * end).astype(np.float32))

"""What is read of datasets: tracks, genres, attributes, listening, counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Track:
    """What a dataset says of a track (or of an artist, where listening is kept by artist).

    - `key`: the dataset's id of it; unique within the dataset.
    - `genres`: all that are named; `genre` is the main one where the dataset has one.
    - `path`: its audio file, if that was found; `split`: "training", "validation" or "test".
    - `song`: the song of the catalog that it is joined with.
    - `alias`: its key in another dataset: the Echo Nest's song of a Million Song track.
    - `facts`: what else is said, by the dataset's own names.
    """

    dataset: str
    key: str
    title: str | None = None
    artist: str | None = None
    album: str | None = None
    genres: tuple[str, ...] = ()
    year: int | None = None
    duration_s: float | None = None
    path: Path | None = None
    split: str | None = None
    song: int | None = None
    genre: str | None = None
    alias: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Genre:
    """A genre of a dataset's tree; `parent` and `top` are keys, `parent` None for a root."""

    key: str
    title: str
    parent: str | None
    top: str | None


@dataclass(frozen=True, eq=False)
class AttributeTable:
    """`values` (n, 8) in the order of `ATTRIBUTES`, NaN where unknown; `keys` are n pairs of
    dataset and key. All values are from 0 to 1 but the tempo, in beats a minute."""

    keys: list[tuple[str, str]]
    values: NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Listening:
    """Who played what how often: t triplets `user` and `item` (places in `users` and `items`, the
    dataset's own ids) and `plays`, ordered by user, then item; none is there twice."""

    users: list[str]
    items: list[str]
    user: NDArray[np.int32]
    item: NDArray[np.int32]
    plays: NDArray[np.float32]


@dataclass(frozen=True)
class DatasetInfo:
    """Counts of a dataset. `finished_at` is None when its last import was broken off."""

    name: str
    source: str
    started_at: datetime
    finished_at: datetime | None
    tracks: int
    titled: int  # tracks whose title or artist is known
    audio: int  # tracks whose file was found
    joined: int  # tracks joined with a song of the catalog
    genres: int  # of the tree
    attributes: int  # tracks that have some
    tags: int  # tracks that have some
    listeners: int
    plays: int  # pairs of a listener and an item

"""Queries for similar songs: the style to look for, and the songs that are the same recording."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from encoder.embedding import Encoder
from encoder.files import song_style

from .errors import UnknownSongError
from .files import RefusedError, embed, is_as_stored, read_state
from .reader import CatalogReader
from .songs import path_text


@dataclass(frozen=True, eq=False)
class Query:
    """What to look for: a unit style (D,), and songs that are never an answer to it."""

    style: NDArray[np.float32]
    same: frozenset[int]


def query_of_song(catalog: CatalogReader, song: int) -> Query:
    """The query of a song in the catalog; raises `UnknownSongError`."""
    group = catalog.song(song).group
    return Query(catalog.style(song), frozenset({song, *catalog.members(group)}))


def query_of_file(catalog: CatalogReader, path: Path) -> Query | None:
    """The query of a file that the catalog has, by place or by content; None when it has not.

    Raises `UnknownSongError`: the file cannot be read.
    """
    absolute = Path(os.path.abspath(path))  # noqa: PTH100 - as `add` stores it, links kept
    stored = catalog.by_path(absolute)
    if stored is not None and stored.embedded and is_as_stored(stored.file):
        return query_of_song(catalog, stored.song)
    try:
        content_hash = read_state(absolute).content_hash
    except RefusedError as error:
        raise _unusable(path, error) from error
    for twin in catalog.by_hash(content_hash):
        if twin.embedded:
            return query_of_song(catalog, twin.song)
    return None


def heard_in_file(catalog: CatalogReader, path: Path, encoder: Encoder, *, hop_s: float) -> Query:
    """The query of any audio file; raises `UnknownSongError` when it cannot be embedded."""
    try:
        heard = embed(path, encoder, hop_s=hop_s)
    except RefusedError as error:
        raise _unusable(path, error) from error
    style = song_style(heard.style)
    return Query(style, frozenset(catalog.same_recordings(style, heard.duration_s, heard.prints)))


def _unusable(path: Path, error: RefusedError) -> UnknownSongError:
    return UnknownSongError(
        f"{path_text(path)}: {error}; expected a song's id or a file that can be decoded"
    )

"""Keeps the near-duplicate groups right while songs come, change and go."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from . import records
from .groups import SAME_COSINE, group_of_each, lasts_alike
from .search import NO_SONG
from .snapshot import Snapshot

NEIGHBOURS = 20
"""Nearest songs looked at for a new one. One that is the same recording as more songs than this is
still linked to all of them through their group."""


def same_recordings(
    db: Connection, snapshot: Snapshot, style: NDArray[np.float32], duration_s: float
) -> set[int]:
    """Songs that are taken for the recording with this unit style (D,) and duration."""
    hits = snapshot.search(style[None, :], NEIGHBOURS)
    near = (hits.songs[0] != NO_SONG) & (hits.scores[0] >= SAME_COSINE)
    stored = records.rows_and_durations(db, hits.songs[0][near].tolist())
    return {song for song, (_, other_s, _) in stored.items() if lasts_alike(duration_s, other_s)}


def join(db: Connection, song: int, matches: set[int], *, revision: int) -> None:
    """Put `song` and all groups of `matches` into one group."""
    if not matches:
        return
    everyone = {song, *records.members(db, records.groups_of(db, matches))}
    records.set_group(db, everyone, min(everyone), revision=revision)


def regroup(
    db: Connection, ids: Sequence[int], vectors: NDArray[np.float32], *, revision: int
) -> None:
    """Group `ids` anew among themselves: the rest of a group that has lost a song."""
    stored = records.rows_and_durations(db, ids)
    kept = sorted(stored)
    rows = np.array([stored[song][0] for song in kept], dtype=np.int64)
    durations = [stored[song][1] for song in kept]
    groups = group_of_each(np.asarray(vectors[rows]), durations, kept)
    for song, group in zip(kept, groups, strict=True):
        if stored[song][2] != group:
            records.set_group(db, [song], group, revision=revision)

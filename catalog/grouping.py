"""Keeps the near-duplicate groups right while songs come, change and go."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from . import records
from .groups import SAME_COSINE, group_of_each, lasts_alike, prints_agree
from .snapshot import Snapshot

NEIGHBOURS = 20
"""Nearest songs looked at for a new one. One that is the same recording as more songs than this is
still linked to all of them through their group."""


def same_recordings(
    db: Connection,
    snapshot: Snapshot,
    style: NDArray[np.float32],
    duration_s: float,
    prints: NDArray[np.float32],
) -> set[int]:
    """Songs that are taken for the recording with this unit style (S,), duration and prints
    (m, D)."""
    hits = snapshot.search(style[None, :], NEIGHBOURS)
    scores = dict(zip(hits.songs[0].tolist(), hits.scores[0].tolist(), strict=True))
    stored = records.rows_and_durations(db, scores)
    return {
        song
        for song, (_, other_s, _) in stored.items()
        if lasts_alike(duration_s, other_s)
        and (scores[song] >= SAME_COSINE or prints_agree(prints, _prints(snapshot, song)))
    }


def _prints(snapshot: Snapshot, song: int) -> NDArray[np.float32]:
    found = snapshot.prints(song)
    return np.zeros((0, snapshot.stored.prints.shape[1]), np.float32) if found is None else found


def join(db: Connection, song: int, matches: set[int], *, revision: int) -> None:
    """Put `song` and all groups of `matches` into one group."""
    if not matches:
        return
    everyone = {song, *records.members(db, records.groups_of(db, matches).values())}
    records.set_group(db, everyone, min(everyone), revision=revision)


def regroup(db: Connection, ids: Sequence[int], snapshot: Snapshot, *, revision: int) -> None:
    """Group `ids` anew among themselves: the rest of a group that has lost a song."""
    stored = records.rows_and_durations(db, ids)
    kept = sorted(stored)
    rows = np.array([stored[song][0] for song in kept], dtype=np.int64)
    durations = [stored[song][1] for song in kept]
    styles = np.asarray(snapshot.stored.styles[rows])
    prints = [_prints(snapshot, song) for song in kept]
    groups = group_of_each(styles, durations, kept, prints)
    for song, group in zip(kept, groups, strict=True):
        if stored[song][2] != group:
            records.set_group(db, [song], group, revision=revision)

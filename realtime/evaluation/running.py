"""Puts every query to every system: songs one after another, each decoded once."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from catalog.songs import path_text

from .conditions import Condition
from .judging import Judge
from .places import around, draw_place
from .spoiling import Spoiled, Workshop
from .trials import Identify, Progress, QueriedSong, System, Trial

__all__ = ["Plan", "Query", "queries", "run", "shares"]

Samples = NDArray[np.float32]


@dataclass(frozen=True)
class Plan:
    """What is measured: conditions, lengths in seconds, queries per condition, and the seed."""

    conditions: Sequence[Condition]
    lengths_s: Sequence[float]
    queries: int
    seed: int

    def lengths(self, sample_rate_hz: int) -> list[int]:
        """The lengths in samples."""
        return [round(length_s * sample_rate_hz) for length_s in self.lengths_s]


@dataclass(frozen=True, eq=False)
class Query:
    """A place in a song under a condition, at all lengths."""

    condition: Condition
    start: int
    spoiled: Spoiled


def shares(songs: Sequence[QueriedSong], count: int, *, seed: int) -> list[tuple[QueriedSong, int]]:
    """`count` places shared out among songs as evenly as can be; who gets one more is drawn."""
    order = np.random.default_rng([seed, 0]).permutation(len(songs))
    each, more = divmod(count, max(1, len(songs)))
    given = {int(number): each + (place < more) for place, number in enumerate(order)}
    return [(song, given[number]) for number, song in enumerate(songs) if given[number]]


def queries(
    song: Samples, name: str, count: int, plan: Plan, workshop: Workshop
) -> Iterator[Query]:
    """The queries of `count` places in `song`; `name` and the plan's seed draw them.

    Fewer when the song is too short or too silent.
    """
    rate_hz = workshop.sample_rate_hz
    lengths = plan.lengths(rate_hz)
    for number in range(count):
        seed = (plan.seed, zlib.crc32(name.encode()), number)
        start = draw_place(
            song, np.random.default_rng([*seed, 0]), lengths=lengths, sample_rate_hz=rate_hz
        )
        if start is None:
            return
        stretch = around(song, start, longest=max(lengths), sample_rate_hz=rate_hz)
        for condition in plan.conditions:
            spoiled = workshop.spoil(stretch, condition, lengths=lengths, seed=seed)
            yield Query(condition, start, spoiled)


def run(
    songs: Sequence[tuple[QueriedSong, int]],
    plan: Plan,
    workshop: Workshop,
    systems: Sequence[System],
    judge: Judge,
    *,
    read: Callable[[Path], Samples],
    progress: Progress,
) -> list[Trial]:
    """The trials of all songs, each with its number of places (`shares`).

    `read` decodes a file to all its samples. A song with `struck` songs is asked for twice: as it
    is, and as an outsider without them.
    """
    trials: list[Trial] = []
    done, total = 0, sum(count for _, count in songs)
    for song, count in songs:
        clean = read(song.path)
        asked = [
            (system, role, system.without(role.struck))
            for system in systems
            for role in _roles(song)
        ]
        for query in queries(clean, song.path.name, count, plan, workshop):
            trials += _ask(query, clean, plan, workshop.sample_rate_hz, asked, judge)
        done += count
        progress("places in songs", done, total)
    return trials


def _roles(song: QueriedSong) -> list[QueriedSong]:
    return [QueriedSong(song.path, song.song), song] if song.struck else [song]


def _ask(
    query: Query,
    clean: Samples,
    plan: Plan,
    sample_rate_hz: int,
    asked: Sequence[tuple[System, QueriedSong, Identify]],
    judge: Judge,
) -> Iterator[Trial]:
    for length_s, length in zip(plan.lengths_s, plan.lengths(sample_rate_hz), strict=True):
        heard = query.spoiled.query(length)
        for system, role, identify in asked:
            blank = Trial(
                system=system.name,
                condition=query.condition.name,
                length_s=length_s,
                song=path_text(role.path),
                start_s=query.start / sample_rate_hz,
                outsider=role.outsider,
            )
            yield judge.judge(
                blank,
                identify(heard),
                of=role,
                clean=clean,
                start=query.start,
                rate=query.condition.rate,
            )

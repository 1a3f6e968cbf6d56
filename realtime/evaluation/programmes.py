"""Programmes for a listener: songs from the middle, one after another, and hours of no song."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from .live import FalseNames, Listen, Passage, Timing, blocks, false_names, timings
from .recordings import Bank
from .spoiling import mixed
from .trials import Progress, QueriedSong

__all__ = ["LiveFigures", "Stage", "measure", "programme"]

Samples = NDArray[np.float32]

PASSAGE_S = (15.0, 30.0)
"""A song of a programme plays for so long: drawn between these."""
SNR_DB = 5.0
"""Programmes play so much louder than the noise beside them."""

_MIDDLE = (0.2, 0.8)  # a passage begins in this part of what is left when it must fit
_SONGS_TOGETHER = 10  # of a programme; each is heard by a listener of its own


@dataclass(frozen=True, eq=False)
class Stage:
    """What is needed to play to listeners.

    `listen(struck)` gives a fresh listener without these songs of the catalog; `read` decodes a
    file; `group_of` gives the near-duplicate group of a song.
    """

    listen: Callable[[frozenset[int]], Listen]
    read: Callable[[Path], Samples]
    group_of: Callable[[int], int]
    sample_rate_hz: int


@dataclass(frozen=True)
class LiveFigures:
    """What was measured; false names by the kind of sound that was played."""

    timings: tuple[Timing, ...]
    false_names: dict[str, FalseNames]


def measure(
    stage: Stage,
    songs: Sequence[QueriedSong],
    outsiders: Sequence[QueriedSong],
    *,
    banks: Mapping[Literal["noise", "speech"], Bank],
    passages: int,
    hours: float,
    seed: int,
    progress: Progress,
) -> LiveFigures:
    """Programmes of `passages` songs over the bank `noise`, then up to `hours` of outsiders, and
    of each bank alone."""
    rng = np.random.default_rng([seed, 3])
    order = [songs[int(number)] for number in rng.permutation(len(songs))][:passages]
    found: list[Timing] = []
    for first in range(0, len(order), _SONGS_TOGETHER):
        progress("songs live", first, len(order))
        part = order[first : first + _SONGS_TOGETHER]
        sound, played = programme(stage, part, banks["noise"], rng)
        heard = list(stage.listen(frozenset())(blocks(sound)))
        found += timings(played, heard, group_of=stage.group_of)
    names = {"music outside the catalog": _outside(stage, outsiders, hours, rng, progress)}
    for kind, bank in banks.items():
        names[f"{kind} alone"] = _alone(stage, kind, bank, hours, rng, progress)
    return LiveFigures(tuple(found), names)


def programme(
    stage: Stage, songs: Sequence[QueriedSong], noise: Bank, rng: np.random.Generator
) -> tuple[Samples, list[Passage]]:
    """Passages of `songs` on end, over noise, and where each plays; no group twice in a row."""
    parts: list[Samples] = []
    played: list[Passage] = []
    at = 0
    for song in songs:
        assert song.song is not None
        group = stage.group_of(song.song)
        if played and played[-1].group == group:
            continue
        clean = stage.read(song.path)
        length = min(round(rng.uniform(*PASSAGE_S) * stage.sample_rate_hz), len(clean))
        start = round(rng.uniform(*_MIDDLE) * (len(clean) - length))
        music = clean[start : start + length]
        if not music.any():
            continue
        parts.append(mixed(music, noise.draw(rng, [length]), snr_db=SNR_DB))
        played.append(Passage(at, at + length, group))
        at += length
    return np.concatenate(parts), played


def _outside(
    stage: Stage,
    outsiders: Sequence[QueriedSong],
    hours: float,
    rng: np.random.Generator,
    progress: Progress,
) -> FalseNames:
    """Outsiders from beginning to end, each for a fresh listener, until the time is up."""
    total = FalseNames(0, 0.0)
    for number in rng.permutation(len(outsiders)):
        if total.seconds >= 3600 * hours:
            break
        song = outsiders[int(number)]
        sound = stage.read(song.path)
        count = false_names(stage.listen(song.struck)(blocks(sound)))
        seconds = total.seconds + len(sound) / stage.sample_rate_hz
        total = replace(total, count=total.count + count, seconds=seconds)
        progress("seconds of outsiders live", int(total.seconds), int(3600 * hours))
    return total


def _alone(
    stage: Stage,
    kind: str,
    bank: Bank,
    hours: float,
    rng: np.random.Generator,
    progress: Progress,
) -> FalseNames:
    """The recordings of a bank, over and over in orders drawn, for one listener."""
    progress(f"seconds of {kind} live", 0, int(3600 * hours))
    samples = round(3600 * hours * stage.sample_rate_hz)
    sound = _endless(bank, rng, samples, sample_rate_hz=stage.sample_rate_hz)
    count = false_names(stage.listen(frozenset())(blocks(sound)))
    return FalseNames(count, samples / stage.sample_rate_hz)


def _endless(bank: Bank, rng: np.random.Generator, samples: int, *, sample_rate_hz: int) -> Samples:
    def parts() -> Iterator[Samples]:
        left = samples
        while left > 0:
            for number in rng.permutation(len(bank.recordings)):
                recording = bank.recordings[int(number)][: min(left, 60 * sample_rate_hz)]
                left -= len(recording)
                yield recording

    return np.concatenate(list(parts())) if samples else np.zeros(0, np.float32)

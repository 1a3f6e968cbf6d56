"""audiolocate (PyPI) as a system under test: a landmark fingerprint after Wang, ISMIR 2003.

It compares one recording with another. To search a catalog, all hashes stand here in one sorted
table; the songs with the tallest offset bins are then put to audiolocate's own `match`, and its
own verdict is taken.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from encoder.coding import resampled

from .trials import Answer, Progress, System

__all__ = ["NAME", "installed", "rival"]

Samples = NDArray[np.float32]

NAME = "audiolocate"

_ASKED = 5  # songs with the tallest bins that are compared in full
_MOST_PER_HASH = 20_000  # occurrences of one hash that are looked at; such a hash tells nothing


def installed() -> bool:
    """True when audiolocate can be imported."""
    from importlib.util import find_spec

    return find_spec(NAME) is not None


@dataclass(frozen=True, eq=False)
class _Table:
    """All hashes of the catalog, ascending: hash, song and frame, each `(h,)`."""

    hashes: NDArray[np.int64]
    songs: NDArray[np.int32]
    frames: NDArray[np.int32]


def rival(
    songs: Mapping[int, Path],
    *,
    read: Callable[[Path, int], Samples],
    sample_rate_hz: int,
    progress: Progress,
) -> System:
    """audiolocate over the files of `songs`, by id; queries come at `sample_rate_hz`.

    `read` decodes a file at a rate: audiolocate's own reader fails on tags in old encodings.
    """
    import audiolocate

    engine = audiolocate.AudioFingerprint()
    parts: list[tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int32]]] = []
    for number, (song, path) in enumerate(songs.items()):
        progress(f"songs for {NAME}", number, len(songs))
        hashes, frames = _landmarks(engine, read(path, engine.sr))
        parts.append((hashes, np.full(len(hashes), song, np.int32), frames))
    joined = [np.concatenate(columns) for columns in zip(*parts, strict=True)]
    order = np.argsort(joined[0], kind="stable")
    table = _Table(*(column[order] for column in joined))

    searched = _Searched(engine, table, sample_rate_hz)
    return System(NAME, lambda struck: partial(searched.identify, struck=struck))


class _Searched:
    """The catalog's table and the engine that asks it."""

    def __init__(self, engine: Any, table: _Table, sample_rate_hz: int) -> None:
        self._engine, self._table, self._rate_hz = engine, table, sample_rate_hz
        self._newest: tuple[Samples, dict[int, list[int]]] | None = None

    def identify(self, samples: Samples, *, struck: frozenset[int]) -> Answer | None:
        """The song that the engine is surest of, whether it says so or not."""
        query = self._hashes(samples)
        best: Answer | None = None
        for song in _tallest(self._table, query, struck):
            answer = self._compared(song, query)
            if best is None or (answer.named, answer.score) > (best.named, best.score):
                best = answer
        return best

    def _hashes(self, samples: Samples) -> dict[int, list[int]]:
        """The query's hashes; a query that is asked twice is hashed once."""
        if self._newest is None or not np.array_equal(self._newest[0], samples):
            heard = resampled(samples, rate_in_hz=self._rate_hz, rate_out_hz=self._engine.sr)
            self._newest = samples, self._engine.fingerprint_audio(heard)[0]
        return self._newest[1]

    def _compared(self, song: int, query: dict[int, list[int]]) -> Answer:
        verdict = self._engine.match(_hashes_of(self._table, song, query), query)
        return Answer(
            song=song,
            position_s=verdict.offset_frames * self._engine.hop_length / self._engine.sr,
            rate=1.0,
            score=float(verdict.match_count),
            confidence=verdict.match_count / verdict.threshold,
            named=bool(verdict.is_match),
        )


def _landmarks(engine: Any, samples: Samples) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    found, _ = engine.fingerprint_audio(samples)
    counts = [len(frames) for frames in found.values()]
    hashes = np.repeat(np.fromiter(found.keys(), np.int64, len(found)), counts)
    frames = [frame for frames in found.values() for frame in frames]
    return hashes, np.array(frames, np.int32)


def _tallest(table: _Table, query: Mapping[int, list[int]], struck: frozenset[int]) -> list[int]:
    """The songs in which most hashes agree on an offset, best first."""
    keys = np.fromiter(query.keys(), np.int64, len(query))
    low, high = (np.searchsorted(table.hashes, keys, side) for side in ("left", "right"))
    songs, offsets = [], []
    for first, last, frames in zip(low.tolist(), high.tolist(), query.values(), strict=True):
        last = min(last, first + _MOST_PER_HASH)
        for frame in frames:
            songs.append(table.songs[first:last])
            offsets.append(table.frames[first:last] - frame)
    if not songs:
        return []
    song, offset = np.concatenate(songs), np.concatenate(offsets)
    keep = ~np.isin(song, list(struck))
    bins, counts = np.unique(_pairs(song[keep], offset[keep]), return_counts=True)
    order = np.argsort(-counts, kind="stable")
    ranked = dict.fromkeys((bins[order] >> 32).tolist())
    return list(ranked)[:_ASKED]


def _pairs(song: NDArray[np.int32], offset: NDArray[np.int32]) -> NDArray[np.int64]:
    """Song and offset in one number; the song stands in the upper half."""
    return (song.astype(np.int64) << 32) + (offset.astype(np.int64) + (1 << 31))


def _hashes_of(table: _Table, song: int, query: Mapping[int, list[int]]) -> dict[int, list[int]]:
    """Where the query's hashes stand in a song: all that `match` looks up."""
    found = {}
    for key in query:
        low, high = (int(np.searchsorted(table.hashes, key, side)) for side in ("left", "right"))
        here = table.frames[low:high][table.songs[low:high] == song]
        if len(here):
            found[key] = here.tolist()
    return found

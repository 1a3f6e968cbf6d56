"""Where in a song a query begins, and the clean sound around it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from encoder.audio import rms_dbfs

from .conditions import FASTEST

__all__ = ["AFTER_S", "Stretch", "around", "draw_place", "last_start"]

Samples = NDArray[np.float32]

QUIET_DBFS = -45.0
"""A query is taken where the song is at least this loud over the whole of it."""

SILENT_DBFS = -60.0
"""Below this level a frame of the song is silent; at most half of a query may be."""

BEFORE_S = 1.6
"""Sound before a query that its echoes, and the memories of codecs, come from."""
AFTER_S = 0.5
"""Sound after a query, for filters that look ahead."""

_FRAME_S = 0.1
_DRAWS = 50


@dataclass(frozen=True, eq=False)
class Stretch:
    """A piece of a song around a query: the query begins at sample `at` of `samples`."""

    samples: Samples
    at: int


def last_start(song: int, longest: int, *, sample_rate_hz: int) -> int:
    """The last sample of a song of `song` samples at which a query of `longest` may begin.

    It still lies in the song when it plays at the rate `FASTEST`. Negative: none may.
    """
    return song - int(np.ceil(longest * FASTEST)) - round(AFTER_S * sample_rate_hz)


def draw_place(
    song: Samples,
    rng: np.random.Generator,
    *,
    lengths: Sequence[int],
    sample_rate_hz: int,
) -> int | None:
    """A sample of `song` at which queries of all `lengths` (samples) may begin.

    None when the song is too short, or so many draws found it silent everywhere.
    """
    last = last_start(len(song), max(lengths), sample_rate_hz=sample_rate_hz)
    if last < 0:
        return None
    for _ in range(_DRAWS):
        start = int(rng.integers(last + 1))
        spans = (song[start : start + length] for length in lengths)
        if all(_is_music(span, frame=round(_FRAME_S * sample_rate_hz)) for span in spans):
            return start
    return None


def around(song: Samples, start: int, *, longest: int, sample_rate_hz: int) -> Stretch:
    """The sound that queries of up to `longest` samples from `start` on are made of.

    Where the song has not begun yet there is silence.
    """
    before = round(BEFORE_S * sample_rate_hz)
    end = start + int(np.ceil(longest * FASTEST)) + round(AFTER_S * sample_rate_hz)
    missing = max(0, before - start)
    return Stretch(np.pad(song[max(0, start - before) : end], (missing, 0)), before)


def _is_music(span: Samples, *, frame: int) -> bool:
    frames = span[: len(span) // frame * frame].reshape(-1, frame)
    loud = sum(rms_dbfs(row) >= SILENT_DBFS for row in frames)
    return rms_dbfs(span) >= QUIET_DBFS and 2 * loud >= len(frames)

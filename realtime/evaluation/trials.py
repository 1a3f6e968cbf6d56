"""A trial: one query put to one system, and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

__all__ = ["Answer", "Identify", "Progress", "QueriedSong", "System", "Trial"]

Samples = NDArray[np.float32]


@dataclass(frozen=True)
class Answer:
    """What a system makes of a recording.

    - `song`: the catalog's song that it takes for likeliest.
    - `position_s`: where in the song the recording begins, in seconds.
    - `rate`: seconds of the song in a second of the recording.
    - `score`, `confidence`: how well it fits and how sure that is, on the system's own scales.
    - `named`: True when the system says so to its user, at the threshold that it ships.
    """

    song: int
    position_s: float
    rate: float
    score: float
    confidence: float
    named: bool


Progress = Callable[[str, int, int], None]
"""Called with what is being done, how many of it are done, and how many there are."""

Identify = Callable[[Samples], Answer | None]
"""Names a recording `(n,)`; None when nothing in the catalog comes near."""


@dataclass(frozen=True, eq=False)
class System:
    """A system under test. `without(songs)` gives it with these songs struck from its catalog."""

    name: str
    without: Callable[[frozenset[int]], Identify]


@dataclass(frozen=True)
class QueriedSong:
    """A song that queries are taken from.

    `song` is its id in the catalog, None when it is not there. `struck`: what is struck from the
    catalog so that the song is an outsider; empty when it is one anyway, or is to be found.
    """

    path: Path
    song: int | None
    struck: frozenset[int] = frozenset()

    @property
    def outsider(self) -> bool:
        """True when naming anything is wrong."""
        return self.song is None or bool(self.struck)


@dataclass(frozen=True)
class Trial:
    """A query, the answer, and the judgement on it.

    Times in seconds. `answer` and what follows it are None when there was no answer; `right` and
    `position_error_s` also where the song is an outsider. `position_right` takes exact repeats of
    the passage for right, `repeat` says that this was one.
    """

    system: str
    condition: str
    length_s: float
    song: str
    start_s: float
    outsider: bool
    named: bool = False
    answer: str | None = None
    right: bool | None = None
    position_error_s: float | None = None
    position_right: bool | None = None
    repeat: bool | None = None
    rate: float | None = None
    score: float | None = None
    confidence: float | None = None

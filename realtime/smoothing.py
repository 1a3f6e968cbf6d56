"""The newest windows' styles and tags, averaged: one window is a moment, music is longer."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from statistics import fmean

import numpy as np
from numpy.typing import NDArray

from encoder.files import song_style


@dataclass(frozen=True, eq=False)
class Impression:
    """What one window (or the mean of several) sounds like; `end` is the newest one's end."""

    style: NDArray[np.float32]  # (D,) as the encoder gives it
    tags: NDArray[np.float32]  # (T,) probabilities
    end: int
    music: float | None = None  # probability that it is music, if the encoder says


class Smoother:
    """Keeps the windows that end within the newest `span_samples` samples.

    >>> smoother = Smoother(span_samples=10)
    >>> for end, x in [(5, 1.0), (12, 0.0), (20, 0.0)]:
    ...     smoother.push(Impression(np.array([x, 1.0], "f4"), np.array([x], "f4"), end))
    >>> smoother.mean().style.tolist(), smoother.mean().end
    ([0.0, 1.0], 20)
    """

    def __init__(self, *, span_samples: int) -> None:
        self._span = span_samples
        self._kept: deque[Impression] = deque()

    def __len__(self) -> int:
        return len(self._kept)

    def push(self, impression: Impression) -> None:
        """Takes a window; those that are too old by its end are let go."""
        self._kept.append(impression)
        while self._kept[0].end <= impression.end - self._span:
            self._kept.popleft()

    def mean(self) -> Impression:
        """The mean over the windows kept (at least one): style of unit length, mean tags.

        As a song's style is made from its windows, so that the two compare.
        """
        return Impression(
            style=song_style(np.stack([kept.style for kept in self._kept])),
            tags=np.mean([kept.tags for kept in self._kept], axis=0, dtype=np.float64),
            end=self._kept[-1].end,
            music=self.music(),
        )

    def music(self) -> float | None:
        """The mean probability, over the windows kept, that it is music; None if none says."""
        said = [kept.music for kept in self._kept if kept.music is not None]
        return fmean(said) if said else None

    def clear(self) -> None:
        """Forgets all windows: what comes next is another piece."""
        self._kept.clear()

"""Sliding windows over blocks of samples, the same for the same signal however it is cut.

Windows stand on a grid: the first begins with the first sample after the start (or after a gap),
each further one `hop_samples` later. A stretch of `n` samples gives
`max(0, 1 + (n - window_samples) // hop_samples)` windows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .audio import check_samples
from .errors import AudioFormatError


@dataclass(frozen=True, eq=False)
class Windows:
    """Windows with their places: `samples` `(n, window_samples)`, `starts` `(n,)` in samples."""

    samples: NDArray[np.float32]
    starts: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.starts)


class Windower:
    """Cuts a signal that comes in blocks into windows.

    >>> windower = Windower(window_samples=4, hop_samples=2)
    >>> windows = windower.push(np.arange(7, dtype=np.float32) / 8, 0)
    >>> windows.starts.tolist()
    [0, 2]
    >>> windower.push(np.ones(1, np.float32), 7).starts.tolist()
    [4]
    """

    def __init__(self, *, window_samples: int, hop_samples: int) -> None:
        if window_samples < 1 or hop_samples < 1:
            raise ValueError(f"window {window_samples} and hop {hop_samples} must be at least 1")
        self._window = window_samples
        self._hop = hop_samples
        self._begin(0)

    def _begin(self, start: int) -> None:
        self._kept: list[NDArray[np.float32]] = []
        self._next_window = start  # first sample of the window to come
        self._end = start  # sample after the newest one
        self._any = False  # a window was cut since the start or the last gap

    @property
    def end(self) -> int:
        """Number of the sample after the newest one."""
        return self._end

    def push(self, samples: NDArray[np.float32], start: int) -> Windows:
        """The windows that `samples` complete; `start` is the number of their first sample.

        A `start` beyond the end of the block before is a gap: the unfinished window is given up
        and the grid begins anew, so no window spans it.

        Raises `AudioFormatError` for samples that are not finite mono float32, or a `start`
        before that end.
        """
        check_samples(samples)
        if start < self._end:
            raise AudioFormatError(f"block begins at sample {start}, expected {self._end} or later")
        if start > self._end:
            self._begin(start)
        self._end = start + len(samples)
        self._kept.append(samples.copy())  # a caller may use its buffer again
        if self._end < self._next_window + self._window:
            return self._none()
        return self._cut()

    def flush(self) -> Windows:
        """What is left as one window, padded with zeros, if no window was cut at all.

        So a signal shorter than a window gives one window, and a longer one has no tail that is
        half silence. The windower then begins anew where the signal ended.
        """
        rest = self._join() if not self._any else np.zeros(0, np.float32)
        windows = self._none()
        if len(rest):
            padded = np.pad(rest, (0, self._window - len(rest)))[np.newaxis]
            windows = Windows(padded, np.array([self._end - len(rest)], np.int64))
        self._begin(self._end)
        return windows

    def _cut(self) -> Windows:
        joined = self._join()
        view = np.lib.stride_tricks.sliding_window_view(joined, self._window)[:: self._hop]
        starts = self._next_window + self._hop * np.arange(len(view), dtype=np.int64)
        self._next_window += self._hop * len(view)
        self._any = True
        # A hop longer than a window skips samples that may not have come yet.
        rest = max(0, self._end - self._next_window)
        self._kept = [joined[len(joined) - rest :].copy()]
        return Windows(np.ascontiguousarray(view), starts)

    def _join(self) -> NDArray[np.float32]:
        """The samples from the next window's first one on."""
        if not self._kept:
            return np.zeros(0, np.float32)
        joined = np.concatenate(self._kept)
        return joined[max(0, self._next_window - (self._end - len(joined))) :]

    def _none(self) -> Windows:
        return Windows(np.zeros((0, self._window), np.float32), np.zeros(0, np.int64))

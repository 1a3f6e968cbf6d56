"""Prints of a signal that comes in blocks: a row a segment, the same however it is cut.

Segment ``i`` is the window that begins at sample ``i * PRINT_HOP_SAMPLES``. A signal of ``n``
samples has ``max(1, 1 + (n - window_samples) // PRINT_HOP_SAMPLES)`` of them. They are made in
stretches of many segments, which costs a quarter of making them one by one; the stretches stand
on a grid of their own, so that neither the blocks nor what follows changes a row.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .audio import rms_dbfs
from .embedding import PRINT_HOP_SAMPLES, Encoder

SILENT_DBFS = -60.0
"""A window below this level says nothing about how a song sounds and is left out."""

_STRETCH_SEGMENTS = 30  # 16 s: 10 % is done twice, and its spectra still fit a core's cache
_BATCH_STRETCHES = 4  # that wait for one pass of the encoder; bounds memory to about a minute


class PrintRows:
    """Gathers blocks of samples and makes the prints of their segments.

    Raises `AudioFormatError` as the encoder's `prints` does.
    """

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        spec = encoder.spec.prints
        self._window = spec.window_samples
        self._every = PRINT_HOP_SAMPLES // spec.stride_samples
        self._step = _STRETCH_SEGMENTS * PRINT_HOP_SAMPLES
        self._stretch = self._step - PRINT_HOP_SAMPLES + self._window
        self._kept: list[NDArray[np.float32]] = []  # from the next stretch's first sample on
        self._held = 0  # samples in `_kept`
        self._rows: list[NDArray[np.float32]] = [np.zeros((0, spec.dimension), np.float32)]

    def push(self, samples: NDArray[np.float32]) -> None:
        """Take the next block `(n,)` of the signal."""
        self._kept.append(samples.copy())  # a caller may use its buffer again
        self._held += len(samples)
        enough = self._stretch + (_BATCH_STRETCHES - 1) * self._step
        if self._held < enough:
            return
        joined = np.concatenate(self._kept)
        while len(joined) >= enough:
            starts = np.arange(_BATCH_STRETCHES) * self._step
            self._embed(np.stack([joined[start : start + self._stretch] for start in starts]))
            joined = joined[_BATCH_STRETCHES * self._step :]
        self._kept = [joined.copy()]  # without what lies before it
        self._held = len(joined)

    def finish(self) -> NDArray[np.float32]:
        """All rows `(m, dimension)`: unit vectors, and zeros where the window is silent.

        A signal shorter than a window is padded with zeros to one.
        """
        rest = np.concatenate([np.zeros(0, np.float32), *self._kept])
        if not any(map(len, self._rows)):
            rest = np.pad(rest, (0, max(0, self._window - len(rest))))
        while len(rest) >= self._window:
            segments = min(_STRETCH_SEGMENTS, 1 + (len(rest) - self._window) // PRINT_HOP_SAMPLES)
            length = (segments - 1) * PRINT_HOP_SAMPLES + self._window
            self._embed(rest[np.newaxis, :length])
            rest = rest[segments * PRINT_HOP_SAMPLES :]
        return np.concatenate(self._rows)

    def _embed(self, stretches: NDArray[np.float32]) -> None:
        prints = self._encoder.prints(stretches)[:, :: self._every]  # (stretches, segments, D)
        windows = np.lib.stride_tricks.sliding_window_view(stretches, self._window, axis=1)
        for rows, heard in zip(prints, windows[:, ::PRINT_HOP_SAMPLES], strict=True):
            silent = [rms_dbfs(window) < SILENT_DBFS for window in heard]
            self._rows.append(np.where(np.array(silent)[:, np.newaxis], np.float32(0), rows))

"""Spectral peaks: where in time and pitch a song stands out, and how a sound stands out there.

A print says which moment is *like* which; a peak says that at this instant this pitch is louder
than all around it. A song's strongest peaks, a few bytes a segment, are laid over what is heard
(`realtime.overlay`): where the song plays, nearly all of them fall on places that stand out, at
one place, rate and pitch; where something like it plays, they do not. Peaks as what survives noise
and rooms are from Wang, "An Industrial-Strength Audio Search Algorithm" (ISMIR 2003), section 2.1;
here none are paired or hashed, since it is known already where to look.

    samples ─► bands: log power, (bands, frames) ─► contrast: how far above its surroundings
                                                └─► peaks of a song: local maxima, the strongest

Frames stand at every multiple of `FRAME_HOP` samples, bands are `BANDS_PER_OCTAVE` to the octave,
so that playing faster shifts a peak by the same number of bands whatever its pitch.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from .embedding import PRINT_HOP_SAMPLES

__all__ = [
    "BANDS",
    "BANDS_PER_OCTAVE",
    "FIRST_PEAK_SAMPLE",
    "FRAMES_PER_SEGMENT",
    "FRAME_HOP",
    "FRAME_SAMPLES",
    "PEAKS_PER_SEGMENT",
    "PEAK_FORMAT",
    "PEAK_TYPE",
    "SAMPLE_RATE_HZ",
    "SILENCE",
    "PeakRows",
    "bands_of",
    "contrast",
    "frames_and_bands",
    "peaks_heard",
    "unpacked",
]

Samples = NDArray[np.float32]
Bands = NDArray[np.float32]

PEAK_FORMAT = 1
"""Version of all that stored peaks rest on; another one does not compare."""

SAMPLE_RATE_HZ = 16_000
FRAME_SAMPLES = 1024
"""Samples that a frame sees (64 ms), centred on its own."""
FRAME_HOP = 250
"""Distance between frames: 64 in a second, 32 in a segment."""
BANDS_PER_OCTAVE = 36
LOWEST_HZ = 250.0
"""Below this a band is narrower than what a frame tells apart."""
BANDS = 161
"""From `LOWEST_HZ` to 5,443 Hz."""

PEAKS_PER_SEGMENT = 16
"""12 or 24 name as many songs: the strongest dozen carries the proof."""
PEAK_TYPE = np.dtype("<u2")
FIRST_PEAK_SAMPLE = 12_000
"""The peaks of segment `i` stand from `i * PRINT_HOP_SAMPLES` plus this on, for one hop: about
the middle of the window that its print sees."""

FRAMES_PER_SEGMENT = _FRAMES = PRINT_HOP_SAMPLES // FRAME_HOP
"""32."""
_NUMBERS = 256  # a stored peak is (frame of the segment) * _NUMBERS + band + 1, and 0 is none

_FLOOR = 1e-7  # of power: about what rounding to 16 bits leaves in silence
_AROUND = (18, 16)  # bands (half an octave) and frames (0.25 s) to each side are the surroundings
SILENCE = float(np.log(_FLOOR))
"""Log power of silence."""

_LEAST_VARIANCE = 0.05  # of log power; what varies less is held for even
_CLEAR_OF = (2, 3)  # bands and frames to each side in which a peak is the highest
_LEAST_CONTRAST = 0.5
_LEAST_LOG_POWER = -9.0
_LOWEST, _HIGHEST = -2.0, 2.5  # bounds of contrast: no single place says more

_CHUNK_SEGMENTS = 32
_MARGIN_FRAMES = _AROUND[1] + _CLEAR_OF[1]  # that peaks need beside their own


def bands_of(samples: Samples) -> Bands:
    """Log power `(BANDS, F)` of `samples` `(n,)` at 16 kHz.

    Frame `f` is centred on sample `FRAME_SAMPLES / 2 + f * FRAME_HOP`; there are as many as lie
    wholly in the samples, `F = 1 + (n - FRAME_SAMPLES) // FRAME_HOP`, none when `n` is smaller.
    """
    if len(samples) < FRAME_SAMPLES:
        return np.zeros((BANDS, 0), np.float32)
    window, filters = _filters()
    frames = sliding_window_view(samples, FRAME_SAMPLES)[::FRAME_HOP] * window
    spectrum = np.fft.rfft(frames, axis=1)  # float32 in, complex64 out
    power = np.square(spectrum.real) + np.square(spectrum.imag)
    bands: Bands = np.log(filters @ power.T + np.float32(_FLOOR))
    return bands


def contrast(bands: Bands) -> Bands:
    """How far each place of `bands` `(BANDS, F)` stands above its surroundings, in their standard
    deviations, `(BANDS, F)`, bounded to -2 and 2.5. It depends on no gain and no slow filter."""
    return np.clip(_contrast(bands), _LOWEST, _HIGHEST)


def peaks_heard(bands: Bands) -> NDArray[np.uint16]:
    """The peaks of `bands` `(BANDS, F)`, `(m, PEAKS_PER_SEGMENT)`, packed as a song's are: row `i`
    holds those of `FRAMES_PER_SEGMENT` frames from frame `i` times as many on."""
    if not bands.shape[1]:
        return np.zeros((0, PEAKS_PER_SEGMENT), PEAK_TYPE)
    strength = _strength(bands, _contrast(bands))
    return _packed(np.pad(strength, ((0, 0), (0, -bands.shape[1] % _FRAMES))))


def frames_and_bands(rows: NDArray[np.uint16]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The peaks in `rows` `(m, P)` of segments: their frames, counted from the first of the first
    row, and their bands, each `(p,)`. What no band can be, in a file that was damaged, is left
    out."""
    segment, place = np.nonzero((rows - 1) % _NUMBERS < BANDS)  # 0, no peak, becomes the largest
    frame, band = np.divmod(rows[segment, place].astype(np.int64) - 1, _NUMBERS)
    return segment * _FRAMES + frame, band


def unpacked(rows: NDArray[np.uint16]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The peaks in `rows` of segments: their samples in the song, counted from the first row's
    segment, and their bands; see `frames_and_bands`."""
    frames, bands = frames_and_bands(rows)
    return FIRST_PEAK_SAMPLE + frames * FRAME_HOP, bands


class PeakRows:
    """Gathers blocks of samples at 16 kHz and finds the peaks of their segments, the same however
    the signal is cut. Before and after it is silence."""

    def __init__(self) -> None:
        margin = _MARGIN_FRAMES * FRAME_HOP + FRAME_SAMPLES // 2
        self._length = 2 * margin + (_CHUNK_SEGMENTS * _FRAMES - 1) * FRAME_HOP
        self._kept: list[Samples] = []
        self._held = 0
        self._skip = FIRST_PEAK_SAMPLE - margin  # samples before the first chunk
        self._rows: list[NDArray[np.uint16]] = []

    def push(self, samples: Samples) -> None:
        """Take the next block `(n,)` of the signal."""
        skipped = min(self._skip, len(samples))
        self._skip -= skipped
        self._kept.append(samples[skipped:].copy())  # a caller may use its buffer again
        self._held += len(samples) - skipped
        if self._held < self._length:
            return
        joined = np.concatenate(self._kept)
        while len(joined) >= self._length:
            self._find(joined[: self._length])
            joined = joined[_CHUNK_SEGMENTS * PRINT_HOP_SAMPLES :]
        self._kept, self._held = [joined.copy()], len(joined)

    def finish(self, segments: int) -> NDArray[np.uint16]:
        """The peaks `(segments, PEAKS_PER_SEGMENT)`, of each segment the strongest first."""
        rest = np.concatenate([np.zeros(0, np.float32), *self._kept])
        while len(self._rows) * _CHUNK_SEGMENTS < segments:
            part = rest[: self._length]
            self._find(np.pad(part, (0, self._length - len(part))))
            rest = rest[_CHUNK_SEGMENTS * PRINT_HOP_SAMPLES :]
        rows = np.zeros((0, PEAKS_PER_SEGMENT), PEAK_TYPE)
        return np.concatenate([rows, *self._rows])[:segments]

    def _find(self, samples: Samples) -> None:
        self._rows.append(_strongest(bands_of(samples)))


def _strongest(bands: Bands) -> NDArray[np.uint16]:
    """The peaks of a chunk, `(_CHUNK_SEGMENTS, PEAKS_PER_SEGMENT)`, between its margins."""
    inner = slice(_MARGIN_FRAMES, _MARGIN_FRAMES + _CHUNK_SEGMENTS * _FRAMES)
    return _packed(_strength(bands, _contrast(bands))[:, inner])


def _strength(bands: Bands, above: Bands) -> Bands:
    """How far each peak stands `above` its surroundings, 0 where there is none."""
    peaks = (bands == _highest(bands)) & (above > _LEAST_CONTRAST) & (bands > _LEAST_LOG_POWER)
    return np.where(peaks, above, np.float32(0))


def _packed(strength: Bands) -> NDArray[np.uint16]:
    """Of each segment the strongest peaks, as they are stored; `strength` is `(BANDS, F)`, whole
    segments."""
    by_segment = strength.reshape(BANDS, -1, _FRAMES).transpose(1, 2, 0)
    flat = by_segment.reshape(len(by_segment), -1)  # (segments, frames * bands)
    best = np.argsort(-flat, axis=1, kind="stable")[:, :PEAKS_PER_SEGMENT]
    frame, band = np.divmod(best, BANDS)
    found = np.take_along_axis(flat, best, axis=1) > 0
    return np.where(found, frame * _NUMBERS + band + 1, 0).astype(PEAK_TYPE)


def _highest(bands: Bands) -> Bands:
    """The highest value near each place."""
    highest = bands
    for axis, reach in enumerate(_CLEAR_OF):
        wide = np.pad(
            highest, [(reach, reach) if axis == one else (0, 0) for one in (0, 1)], "edge"
        )
        highest = sliding_window_view(wide, 2 * reach + 1, axis=axis).max(axis=-1)
    return highest


def _contrast(bands: Bands) -> Bands:
    """Not yet bounded. At the edges the surroundings are what there is of them."""
    mean, square = _around(bands), _around(np.square(bands))
    spread = np.sqrt(np.maximum(square - np.square(mean), _LEAST_VARIANCE))
    return ((bands - mean) / spread).astype(np.float32)


def _around(values: Bands) -> NDArray[np.float64]:
    """Means over the surroundings of each place, from running sums."""
    means = values.astype(np.float64)
    for axis, reach in enumerate(_AROUND):
        length = values.shape[axis]
        total = np.cumsum(means, axis=axis)
        total = np.insert(total, 0, 0, axis=axis)
        first = np.maximum(np.arange(length) - reach, 0)
        last = np.minimum(np.arange(length) + reach + 1, length)
        counts = np.expand_dims(last - first, 1 - axis)
        means = (total.take(last, axis) - total.take(first, axis)) / counts
    return means


@cache
def _filters() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The window, and triangles `(BANDS, bins)` over the bins of a frame, each of sum 1 and at
    least a bin wide to each side."""
    bin_hz = SAMPLE_RATE_HZ / FRAME_SAMPLES
    centres = LOWEST_HZ * 2 ** (np.arange(BANDS + 1) / BANDS_PER_OCTAVE)
    width = np.maximum(np.diff(centres), bin_hz)[:, None]
    off = np.abs(np.arange(FRAME_SAMPLES // 2 + 1) * bin_hz - centres[:-1, None])
    weights = np.maximum(0, 1 - off / width)
    weights /= weights.sum(axis=1, keepdims=True)
    return np.hanning(FRAME_SAMPLES).astype(np.float32), weights.astype(np.float32)

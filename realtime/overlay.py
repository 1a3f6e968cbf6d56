"""Lays a song's peaks over what is heard: whether they fall where it stands out. Pure.

Prints say where a song may be; they are alike where music is alike. Peaks (`encoder.peaks`) are
proof: along the right line, at the right pitch, nearly all of them meet a place that is louder
than its surroundings, and moved by a moment or a third of an octave they no longer do. What is
merely like the song (another in the same key, a drone, a clock that ticks as its drums do) keeps
much of what it has when it is moved, so it is the lead over what is moved that counts.

Laying also finds place, rate and pitch anew, since a frame is 16 ms and a print 1.9 s long. Pitch
follows the rate where a record is played faster, and does not where its tempo alone was changed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from encoder.peaks import (
    BANDS,
    BANDS_PER_OCTAVE,
    FIRST_PEAK_SAMPLE,
    FRAME_HOP,
    SAMPLE_RATE_HZ,
    unpacked,
)

from .alignment import RATES, Floats, Line

__all__ = ["NOTHING_LAID", "Ground", "Overlaid"]

Contrast = NDArray[np.float32]
Rows = NDArray[np.uint16]

_REACH = 32  # frames (0.5 s) to each side of a line in which the song's place is sought
_COARSE_PEAKS = 6  # of a segment, the strongest, are enough for the first search
_HOPELESS = 0.5  # mean contrast in that search below which there was never proof, but for 1 in 200
_THIN = 2  # which looks at every so-many-th frame

_FINE_RATES = np.arange(-4, 5) * 0.0025
_FINE_REACH = 4  # frames
_FINE_SHIFTS = (-1, 0, 1)  # bands

_APART = 9  # frames from which on a place is another one
_MOVED = 64  # frames (1 s) to each side over which peaks are moved for comparison
_MOVED_BANDS = (-12, -10, -8, -6, -4, 4, 6, 8, 10, 12)
_FEWEST = 8  # peaks that must meet what was heard for anything to be said
_PLACE_DOUBT = 2.0  # in standard deviations, for each second between a place and the line's own
_RATE_DOUBT = 6.0  # the same for a rate of 2 instead of 1: most records play as they are
_LITTLE = 0.1  # contrast by which the line must lead for its place and rate to be believed

_BAND_PAD = math.ceil(math.log2(RATES[-1]) * BANDS_PER_OCTAVE) + max(_MOVED_BANDS) + 3
_PAD = 2 * _MOVED + _REACH  # frames of nothing around what was heard


@dataclass(frozen=True)
class Overlaid:
    """What a line's peaks met.

    - `line`: the line with its place and rate found anew; None where the peaks do not tell them.
    - `peaks`: how many of the song's peaks lie in what was heard.
    - `contrast`: their mean contrast there, -2 to 2.5.
    - `in_time`, `in_time_best`: the mean and the highest of the same, moved by up to a second.
    - `in_pitch`: the mean of the same, moved by up to a third of an octave.
    """

    line: Line | None
    peaks: int
    contrast: float
    in_time: float
    in_time_best: float
    in_pitch: float

    @property
    def support(self) -> float:
        """What speaks for the line, to compare lines: what its peaks met, less some of what they
        meet elsewhere. 0 where nothing is said, 20 where a song is heard for 5 s as it is."""
        elsewhere = max(self.in_time, 0.0) / 2 + max(self.in_pitch, 0.0) / 4
        return (self.contrast - elsewhere) * math.sqrt(self.peaks)


NOTHING_LAID = Overlaid(None, 0, 0.0, 0.0, 0.0, 0.0)
"""Where a song has no peaks, or too few, or they meet no more than chance does."""


@dataclass(frozen=True)
class _Laid:
    """How peaks lie: the song's sample `there` at the line's own moment, rate, and bands up."""

    there: float
    rate: float
    shift: int
    contrast: float
    peaks: int


class Ground:
    """What is heard, for peaks to be laid over.

    `contrast` `(BANDS, F)` is that of frames `FRAME_HOP` apart, the first of which is centred on
    sample `first` of the source; frames of zeros (gaps, silence) say nothing.
    """

    def __init__(self, contrast: Contrast, *, first: float) -> None:
        self._first, self._frames = first, contrast.shape[1]
        padded = np.pad(contrast, ((_BAND_PAD, _BAND_PAD), (_PAD, _PAD)))
        thin = (padded[:, :-2] + padded[:, 1:-1] + padded[:, 2:])[:, ::_THIN] / 3
        self._thin: Contrast = np.ascontiguousarray(
            thin, np.float32
        )  # frame 0 of it is frame 1 of `padded`
        self._padded: Contrast = padded

    def lay(self, line: Line, rows: Rows) -> Overlaid:
        """Lays the peaks of a song, its stored `rows` `(m, PEAKS_PER_SEGMENT)`, along `line`, or
        near it where they fit better."""
        rows, first = self._near(line, rows)
        coarse = self._coarsely(line, *_peaks(rows[:, :_COARSE_PEAKS], first))
        if coarse is None or coarse.contrast < _HOPELESS:
            return NOTHING_LAID
        at, bands = _peaks(rows, first)
        fine = self._finely(line, coarse, at, bands)
        if fine is None:
            return NOTHING_LAID
        moved = self._moved_in_time(line, fine, at, bands)
        best = float(moved.max())
        told = fine.contrast - max(best, 0.0) >= _LITTLE
        return Overlaid(
            line=replace(line, there=fine.there, rate=fine.rate) if told else None,
            peaks=fine.peaks,
            contrast=fine.contrast,
            in_time=float(moved.mean()),
            in_time_best=best,
            in_pitch=self._moved_in_pitch(line, fine, at, bands),
        )

    def _near(self, line: Line, rows: Rows) -> tuple[Rows, int]:
        """Rows of the segments that may meet what was heard, and the first one's number."""
        ends = np.array([self._first, self._first + self._frames * FRAME_HOP])
        reach = (_REACH + _MOVED) * FRAME_HOP
        low, high = line.there + RATES[-1] * (ends - line.at) + (-reach, reach)
        hop = FRAME_HOP * 32
        first = max(0, int((low - FIRST_PEAK_SAMPLE) // hop))
        return rows[first : max(first, int((high - FIRST_PEAK_SAMPLE) // hop) + 1)], first

    def _coarsely(self, line: Line, at: Floats, bands: NDArray[np.int64]) -> _Laid | None:
        """Best place within `_REACH`, rate and pitch, on thinned frames."""
        rates = RATES  # all: the prints of few seconds tell it badly
        with_rate = np.rint(np.log2(rates) * BANDS_PER_OCTAVE).astype(np.int64)
        shifts = np.stack([0 * with_rate, with_rate], axis=1)
        frames = self._frames_of(line, line.there, rates[:, None], at)  # (R, p)
        windows = sliding_window_view(self._thin, 2 * _REACH // _THIN + 1, axis=1)
        place = _clipped((frames - _REACH + _PAD - 1) / _THIN, windows.shape[1])
        steps = np.arange(windows.shape[2]) * float(_THIN) - _REACH
        counts = self._heard(frames[..., None] + steps).sum(axis=1)
        found = _best(windows, place, bands + shifts[..., None], counts, _doubt(steps, rates))
        if found is None:
            return None
        rate, shift, step, mean, peaks = found
        there = line.there - (step * _THIN - _REACH) * FRAME_HOP * rates[rate]
        return _Laid(float(there), float(rates[rate]), int(shifts[rate, shift]), mean, peaks)

    def _finely(
        self, line: Line, coarse: _Laid, at: Floats, bands: NDArray[np.int64]
    ) -> _Laid | None:
        """Best place to a frame, and rate to 0.25 %, near a coarse one."""
        rates = np.unique(np.clip(coarse.rate + _FINE_RATES, RATES[0], RATES[-1]))
        shifts = coarse.shift + np.broadcast_to(_FINE_SHIFTS, (len(rates), len(_FINE_SHIFTS)))
        frames = self._frames_of(line, coarse.there, rates[:, None], at)
        windows = sliding_window_view(self._padded, 2 * _FINE_REACH + 1, axis=1)
        place = _clipped(frames - _FINE_REACH + _PAD, windows.shape[1])
        steps = np.arange(-_FINE_REACH, _FINE_REACH + 1.0)
        counts = self._heard(frames[..., None] + steps).sum(axis=1)
        moved = (line.there - coarse.there) / (coarse.rate * FRAME_HOP)  # frames
        doubt = _doubt(moved + steps, rates)
        found = _best(windows, place, bands + shifts[..., None], counts, doubt)
        if found is None:
            return None
        rate, shift, step, mean, peaks = found
        there = coarse.there - (step - _FINE_REACH) * FRAME_HOP * rates[rate]
        return _Laid(float(there), float(rates[rate]), int(shifts[rate, shift]), mean, peaks)

    def _moved_in_time(
        self, line: Line, laid: _Laid, at: Floats, bands: NDArray[np.int64]
    ) -> Floats:
        """Means when all peaks are moved by `_APART` to `_MOVED` frames, to both sides, wherever
        half as many are still heard."""
        windows = sliding_window_view(self._padded, 2 * _MOVED + 1, axis=1)
        frames = self._frames_of(line, laid.there, laid.rate, at)
        place = _clipped(frames - _MOVED + _PAD, windows.shape[1])
        steps = np.arange(-_MOVED, _MOVED + 1)
        counts = self._heard(frames[:, None] + steps).sum(axis=0)
        enough = (np.abs(steps) >= _APART) & (counts >= max(_FEWEST, laid.peaks // 2))
        sums = windows[bands + laid.shift + _BAND_PAD, place].sum(axis=0)
        means: Floats = sums[enough] / counts[enough]
        return means if len(means) else np.zeros(1)

    def _moved_in_pitch(
        self, line: Line, laid: _Laid, at: Floats, bands: NDArray[np.int64]
    ) -> float:
        """The mean when all peaks are moved by `_MOVED_BANDS`, those that leave the bands left
        out."""
        frames = self._frames_of(line, laid.there, laid.rate, at)
        heard = self._heard(frames)
        moved = bands[heard] + laid.shift + np.array(_MOVED_BANDS)[:, None]  # (10, p)
        counts = ((moved >= 0) & (moved < BANDS)).sum(axis=1)
        place = frames[heard].round().astype(np.int64) + _PAD
        sums = self._padded[moved + _BAND_PAD, place].sum(axis=1)
        return float((sums[counts > 0] / counts[counts > 0]).mean()) if counts.any() else 0.0

    def _heard(self, frames: Floats) -> NDArray[np.bool_]:
        """Which of `frames` lie in what is heard."""
        heard: NDArray[np.bool_] = (frames >= 0) & (frames < self._frames)
        return heard

    def _frames_of(self, line: Line, there: float, rate: float | Floats, at: Floats) -> Floats:
        """In which frame each of the song's samples `at` would be heard."""
        frames: Floats = np.rint(((at - there) / rate + line.at - self._first) / FRAME_HOP)
        return frames


def _peaks(rows: Rows, first: int) -> tuple[Floats, NDArray[np.int64]]:
    """Samples of the song and bands of the peaks in rows that begin with segment `first`."""
    at, bands = unpacked(rows)
    return at + float(first * 32 * FRAME_HOP), bands


def _doubt(frames: Floats, rates: Floats) -> Floats:
    """How far a line is doubted, in standard deviations of a mean, `(R, steps)`, that is moved by
    `frames` `(steps,)` and has one of `rates` `(R,)`.

    A few seconds of a beat fit nearly as well a beat later, or a little faster: then what the
    prints said, and the record's own speed, are likelier.
    """
    place = np.abs(frames) * (FRAME_HOP / SAMPLE_RATE_HZ * _PLACE_DOUBT)
    doubt: Floats = place + np.abs(rates - 1)[:, None] * _RATE_DOUBT
    return doubt


def _best(
    windows: Contrast,
    place: NDArray[np.int64],
    bands: NDArray[np.int64],
    counts: NDArray[np.int64],
    doubt: Floats,
) -> tuple[int, int, int, float, int] | None:
    """Which of the rates, shifts and steps of `windows` `(bands, places, steps)` the peaks fit best
    at `place` `(R, p)`, `bands` `(R, S, p)`, where `counts` `(R, steps)` of them are heard, less
    `doubt` `(R, steps)`; the mean there, and the count. None where they are too few everywhere."""
    if counts.max(initial=0) < _FEWEST:
        return None
    sums = windows[bands + _BAND_PAD, place[:, None]].sum(axis=2)  # (R, S, steps)
    safe = np.maximum(counts, _FEWEST)
    likely = sums / safe[:, None] - (doubt / np.sqrt(safe))[:, None]
    likely = np.where((counts >= _FEWEST)[:, None], likely, -math.inf)
    rate, shift, step = (int(one) for one in np.unravel_index(likely.argmax(), likely.shape))
    count = int(counts[rate, step])
    return rate, shift, step, float(sums[rate, shift, step]) / count, count


def _clipped(frames: Floats, places: int) -> NDArray[np.int64]:
    """Whole places among `places`: what lies outside comes to stand in the padding."""
    return np.clip(np.rint(frames), 0, places - 1).astype(np.int64)

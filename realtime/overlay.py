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

from encoder.embedding import PRINT_HOP_SAMPLES
from encoder.peaks import (
    BANDS,
    BANDS_PER_OCTAVE,
    FIRST_PEAK_SAMPLE,
    FRAME_HOP,
    SAMPLE_RATE_HZ,
    unpacked,
)

from .alignment import RATES, Floats, Line, held_to_bounds
from .registers import Met, leads, members

__all__ = ["NOTHING_LAID", "Ground", "Overlaid"]

Contrast = NDArray[np.float32]
Integers = NDArray[np.int64]
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
_MOVED_BANDS = np.array([-12, -10, -8, -6, -4, 4, 6, 8, 10, 12])
_FEWEST = 8  # peaks that must be heard for anything to be said
_PLACE_DOUBT = 2.0  # in standard deviations, for each second between a place and the line's own
_RATE_DOUBT = 6.0  # the same for a rate of 2 instead of 1: most records play as they are
_LITTLE = 0.1  # contrast by which the line must lead for its place and rate to be believed

_APART_COLUMNS = 1 << 32  # frames, more than any recording has: what is sorted as one stays apart

_BAND_PAD = math.ceil(math.log2(RATES[-1]) * BANDS_PER_OCTAVE) + int(_MOVED_BANDS.max()) + 3
_PAD = 2 * _MOVED + _REACH  # frames of nothing around what was heard


@dataclass(frozen=True)
class Overlaid:
    """What a line's peaks met.

    - `line`: the line with its place and rate found anew; None where the peaks do not tell them.
    - `peaks`: how many of the song's peaks lie in what was heard.
    - `contrast`: their mean contrast there, -2 to 2.5.
    - `in_time`, `in_time_best`: the mean and the highest of the same, moved by up to a second.
    - `in_pitch`: the mean of the same, moved by up to a third of an octave.
    - `leads`: how far they are ahead of what is moved, register by register (`registers.leads`).
    """

    line: Line | None
    peaks: int
    contrast: float
    in_time: float
    in_time_best: float
    in_pitch: float
    leads: tuple[float, float] = (0.0, 0.0)

    @property
    def support(self) -> float:
        """What speaks for the line, to compare lines: what its peaks met, less some of what they
        meet elsewhere. 0 where nothing is said, 20 where a song is heard for 5 s as it is."""
        elsewhere = max(self.in_time, 0.0) / 2 + max(self.in_pitch, 0.0) / 2
        return (self.contrast - elsewhere) * math.sqrt(self.peaks)


NOTHING_LAID = Overlaid(None, 0, 0.0, 0.0, 0.0, 0.0)
"""Where a song has no peaks, or too few. Where they meet no more than chance does, only how many
they are is told."""


@dataclass(frozen=True)
class _Laid:
    """How peaks lie: the song's sample `there` at the line's own moment, rate, and bands up; the
    mean contrast that they meet, and how many are heard."""

    there: float
    rate: float
    shift: int
    contrast: float
    count: int


@dataclass(frozen=True, eq=False)
class _Peaks:
    """Peaks of a song: `at` `(p,)` its samples, `bands` `(p,)`."""

    at: Floats
    bands: Integers

    @classmethod
    def of(cls, rows: Rows, first: int) -> _Peaks:
        """Those in rows that begin with segment `first`."""
        at, bands = unpacked(rows)
        return cls(at + float(first * PRINT_HOP_SAMPLES), bands)


class Ground:
    """What is heard, for peaks to be laid over.

    `contrast` `(BANDS, F)` is that of frames `FRAME_HOP` apart, the first of which is centred on
    sample `first` of the source; frames of zeros (gaps, silence) say nothing.
    """

    def __init__(self, contrast: Contrast, *, first: float) -> None:
        self._first, self._frames = first, contrast.shape[1]
        padded = np.pad(contrast, ((_BAND_PAD, _BAND_PAD), (_PAD, _PAD)))
        thin = (padded[:, :-2] + padded[:, 1:-1] + padded[:, 2:])[:, ::_THIN] / 3
        # Frame 0 of it is frame 1 of `padded`, the middle of three.
        self._thin: Contrast = np.ascontiguousarray(thin, np.float32)
        self._padded: Contrast = padded

    def lay(self, line: Line, rows: Rows) -> Overlaid:
        """Lays the peaks of a song, its stored `rows` `(m, PEAKS_PER_SEGMENT)`, along `line`, or
        near it where they fit better."""
        rows, first = self._near(line, rows)
        coarse = self._coarsely(line, _Peaks.of(rows[:, :_COARSE_PEAKS], first))
        if coarse is None:
            return NOTHING_LAID
        peaks = _Peaks.of(rows, first)
        fine = None if coarse.contrast < _HOPELESS else self._finely(line, coarse, peaks)
        if fine is None:
            return replace(NOTHING_LAID, peaks=coarse.count)
        frames = self._frames_of(line, fine.there, fine.rate, peaks.at)
        bands = peaks.bands + fine.shift
        own, in_time = self._moved_in_time(frames, bands, fewest=max(_FEWEST, fine.count // 2))
        in_pitch = self._moved_in_pitch(frames, bands)
        later = in_time.whole
        best = float(later.max())
        told = fine.contrast - max(best, 0.0) >= _LITTLE
        return Overlaid(
            line=replace(line, there=fine.there, rate=fine.rate) if told else None,
            peaks=fine.count,
            contrast=fine.contrast,
            in_time=float(later.mean()),
            in_time_best=best,
            in_pitch=float(in_pitch.whole.mean()),
            leads=leads(own, in_time, in_pitch),
        )

    def _near(self, line: Line, rows: Rows) -> tuple[Rows, int]:
        """Rows of the segments that may meet what was heard, and the first one's number."""
        ends = np.array([self._first, self._first + self._frames * FRAME_HOP])
        reach = (_REACH + _MOVED) * FRAME_HOP
        low, high = line.there + RATES[-1] * (ends - line.at) + (-reach, reach)
        first, last = (int((end - FIRST_PEAK_SAMPLE) // PRINT_HOP_SAMPLES) for end in (low, high))
        return rows[max(0, first) : max(0, first, last + 1)], max(0, first)

    def _coarsely(self, line: Line, peaks: _Peaks) -> _Laid | None:
        """Best place within `_REACH`, rate and pitch, on thinned frames."""
        with_rate = np.rint(np.log2(RATES) * BANDS_PER_OCTAVE).astype(np.int64)
        shifts = np.stack([np.zeros_like(with_rate), with_rate], axis=1)
        steps = np.arange(-_REACH, _REACH + 1, _THIN)
        return self._best(line, line.there, RATES, shifts, peaks, steps, self._thin)

    def _finely(self, line: Line, coarse: _Laid, peaks: _Peaks) -> _Laid | None:
        """Best place to a frame, and rate to 0.25 %, near a coarse one."""
        rates = held_to_bounds(coarse.rate + _FINE_RATES)
        shifts = coarse.shift + np.broadcast_to(_FINE_SHIFTS, (len(rates), len(_FINE_SHIFTS)))
        steps = np.arange(-_FINE_REACH, _FINE_REACH + 1)
        return self._best(line, coarse.there, rates, shifts, peaks, steps, self._padded)

    def _best(
        self,
        line: Line,
        there: float,
        rates: Floats,
        shifts: Integers,
        peaks: _Peaks,
        steps: Integers,
        ground: Contrast,
    ) -> _Laid | None:
        """Where the peaks fit best that begin `there`: at one of `rates` `(R,)`, `shifts` `(R, S)`
        and `steps` `(n,)`, frames later that stand as far apart as those of `ground`. None where
        too few of them are heard anywhere."""
        # Peaks come first: sums run along whole rows then, in half the time.
        frames = self._frames_of(line, there, rates, peaks.at[:, None])  # (p, R)
        counts = self._counts(frames, steps)
        if counts.max(initial=0) < _FEWEST:
            return None
        windows = sliding_window_view(ground, len(steps), axis=1)
        thin = int(steps[1] - steps[0])
        place = _clipped((frames + steps[0] + _PAD - (thin - 1)) / thin, windows.shape[1])
        bands = peaks.bands[:, None, None] + shifts + _BAND_PAD  # (p, R, S)
        sums = windows[bands, place[..., None]].sum(axis=0)  # (R, S, n)
        safe = np.maximum(counts, _FEWEST)
        moved = (line.there - there) / FRAME_HOP + steps
        likely = sums / safe[:, None] - (_doubt(moved, rates) / np.sqrt(safe))[:, None]
        likely = np.where((counts >= _FEWEST)[:, None], likely, -math.inf)
        rate, shift, step = np.unravel_index(likely.argmax(), likely.shape)
        count = int(counts[rate, step])
        return _Laid(
            there=float(there - steps[step] * FRAME_HOP * rates[rate]),
            rate=float(rates[rate]),
            shift=int(shifts[rate, shift]),
            contrast=float(sums[rate, shift, step]) / count,
            count=count,
        )

    def _moved_in_time(self, frames: Floats, bands: Integers, *, fewest: int) -> tuple[Met, Met]:
        """What peaks in `frames` and `bands` `(p,)` meet where they lie, and moved by `_APART` to
        `_MOVED` frames, to both sides, wherever at least `fewest` are still heard."""
        windows = sliding_window_view(self._padded, 2 * _MOVED + 1, axis=1)
        place = _clipped(frames - _MOVED + _PAD, windows.shape[1])
        steps = np.arange(-_MOVED, _MOVED + 1)
        heard = self._heard(frames[:, None] + steps)
        met = Met.of(members(bands), windows[bands + _BAND_PAD, place], heard)
        enough = met.counts.sum(axis=0) >= fewest
        return met.among(steps == 0), met.among(enough & (np.abs(steps) >= _APART))

    def _moved_in_pitch(self, frames: Floats, bands: Integers) -> Met:
        """The same moved by `_MOVED_BANDS`, those that leave the bands left out."""
        heard = self._heard(frames)
        bands = bands[heard]
        moved = bands[:, None] + _MOVED_BANDS  # (p, 10)
        place = frames[heard].astype(np.int64) + _PAD
        contrast = self._padded[moved + _BAND_PAD, place[:, None]]
        return Met.of(members(bands), contrast, (moved >= 0) & (moved < BANDS))

    def _counts(self, frames: Floats, steps: Integers) -> Integers:
        """How many of the `frames` `(p, R)` of each column lie in what is heard when they are moved
        by each of `steps` `(n,)`, `(R, n)`."""
        columns = np.arange(frames.shape[1])[:, None] * _APART_COLUMNS
        ordered = np.sort((frames + columns[:, 0]).ravel())
        first = np.searchsorted(ordered, columns - steps)
        counts: Integers = np.searchsorted(ordered, columns + self._frames - steps) - first
        return counts

    def _heard(self, frames: Floats) -> NDArray[np.bool_]:
        """Which of `frames` lie in what is heard."""
        heard: NDArray[np.bool_] = (frames >= 0) & (frames < self._frames)
        return heard

    def _frames_of(self, line: Line, there: float, rate: float | Floats, at: Floats) -> Floats:
        """In which frame each of the song's samples `at` would be heard."""
        frames: Floats = np.rint(((at - there) / rate + line.at - self._first) / FRAME_HOP)
        return frames


def _doubt(frames: Floats, rates: Floats) -> Floats:
    """How far a line is doubted, in standard deviations of a mean, `(R, steps)`, that is moved by
    `frames` `(steps,)` and has one of `rates` `(R,)`.

    A few seconds of a beat fit nearly as well a beat later, or a little faster: then what the
    prints said, and the record's own speed, are likelier.
    """
    place = np.abs(frames) * (FRAME_HOP / SAMPLE_RATE_HZ * _PLACE_DOUBT)
    doubt: Floats = place + np.abs(rates - 1)[:, None] * _RATE_DOUBT
    return doubt


def _clipped(frames: Floats, places: int) -> NDArray[np.int64]:
    """Whole places among `places`: what lies outside comes to stand in the padding."""
    return np.clip(np.rint(frames), 0, places - 1).astype(np.int64)

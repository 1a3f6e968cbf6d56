"""Where a recording lies in a song: its prints in steps, and what the steps agree on. Pure.

A recording is matched in steps as long as the matcher's own history. Each step that is like a song
says where in the song it lies; steps that lie on one time line speak for the same answer, and the
line with most of them wins. So a recording of hours is named by the song that it holds most of.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from encoder.audio import check_samples
from encoder.embedding import Encoder
from encoder.files import SILENT_DBFS

from .match import Match
from .recognizer import Matching
from .searching import PrintStep

__all__ = ["Found", "PrintSteps", "find"]

Samples = NDArray[np.float32]

STEP_S = 10.0
"""Prints matched at once: what the matcher's history holds."""

_RATE_WAVERS = 0.01  # a step's rate is off by so much at times, which adds up until the next one


@dataclass(frozen=True)
class Found:
    """Where a recording lies in a song.

    - `song`: its id.
    - `position`: the song's sample at the recording's first one; below 0 when the recording begins
      before the song does.
    - `rate`: samples of the song in a sample of the recording.
    - `score`: mean cosine along the best step's time line.
    - `confidence`: calibrated probability that the song is right, the best step's.
    - `agreeing`: steps that say so; only those that are sure enough, if any is.
    - `steps`: steps of the recording in all.
    """

    song: int
    position: float
    rate: float
    score: float
    confidence: float
    agreeing: int = 1
    steps: int = 1


class PrintSteps:
    """Makes the prints of a recording that comes in blocks, in steps of at most `STEP_S`.

    However it is cut, the prints are the same. Silent windows have none. A recording shorter than a
    window is set in the middle of one, since prints stand for the middle of theirs.
    """

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        spec = encoder.spec.prints
        self._spec = spec
        self._prints = max(1, round(STEP_S * spec.sample_rate_hz) // spec.stride_samples)
        self._stretch = (self._prints - 1) * spec.stride_samples + spec.window_samples
        self._kept: list[Samples] = []  # from sample `_start` on
        self._held = 0  # samples in `_kept`
        self._start = 0  # where the next step's first window begins

    def push(self, samples: Samples) -> list[PrintStep]:
        """The steps that the next block `(n,)` completes; raises `AudioFormatError`."""
        check_samples(samples)
        self._kept.append(samples.copy())  # a caller may use its buffer again
        self._held += len(samples)
        if self._held < self._stretch:
            return []
        joined = np.concatenate(self._kept)
        steps = []
        while len(joined) >= self._stretch:
            steps += self._step(joined[: self._stretch])
            joined = joined[self._prints * self._spec.stride_samples :]
            self._start += self._prints * self._spec.stride_samples
        self._kept, self._held = [joined.copy()], len(joined)  # without what lies before it
        return steps

    def finish(self) -> list[PrintStep]:
        """The last step, if there is anything left to make prints of."""
        rest = np.concatenate([np.zeros(0, np.float32), *self._kept])
        missing = self._spec.window_samples - len(rest)
        if missing > 0 and (self._start > 0 or not len(rest)):
            return []
        if missing > 0:
            before = missing // 2
            rest = np.pad(rest, (before, missing - before))
            self._start -= before
        return self._step(rest)

    def _step(self, stretch: Samples) -> list[PrintStep]:
        """The step of one stretch `(T,)` that begins at `_start`; none when it is silent."""
        stride, window = self._spec.stride_samples, self._spec.window_samples
        starts = np.arange(0, len(stretch) - window + 1, stride)
        energy = np.concatenate([[0.0], np.cumsum(np.square(stretch, dtype=np.float64))])
        loud = energy[starts + window] - energy[starts] >= window * 10 ** (SILENT_DBFS / 10)
        if not loud.any():
            return []
        prints = self._encoder.prints(stretch[np.newaxis])[0]  # (P, D)
        return [
            PrintStep.of(
                prints[loud],
                (self._start + starts[loud]).astype(np.int64),
                stretch,
                start=self._start,
            )
        ]


def find(
    steps: Sequence[PrintStep], matcher: Matching, *, threshold: float, line: float, apart: float
) -> Found | None:
    """The song that the recording with these steps is likest; None when it is like none.

    Where a step is sure enough of its song (confidence `threshold`), all that are not are passed
    over; else the answer is one that is not sure enough. Two steps lie on one time line when one of
    them is at most `line` samples from where the other says, and some more when they are minutes
    apart; the rate is found anew from steps that are `apart` samples from one another or more. What
    the matcher kept of another recording it forgets.
    """
    matcher.clear()
    matches = [match for match in matcher.match(steps) if match is not None]
    matcher.clear()
    sure = [match for match in matches if match.confidence >= threshold]
    if not matches:
        return None
    found = _agreed(sure or matches, line=line, apart=apart)
    return replace(found, steps=len(steps))


def _agreed(matches: Sequence[Match], *, line: float, apart: float) -> Found:
    """The answer that most evidence speaks for."""
    best = max(_lines(matches, line), key=lambda agreed: sum(one.confidence for one in agreed))
    one = max(best, key=lambda match: match.confidence)
    position, rate = _line_through(one, best, apart=apart)
    return Found(one.song, position, rate, one.score, one.confidence, agreeing=len(best))


def _lines(matches: Sequence[Match], line: float) -> list[list[Match]]:
    """The matches on each time line: every match goes on where one before it leads."""
    lines: dict[int, list[list[Match]]] = {}  # of every song
    for match in matches:
        of_song = lines.setdefault(match.song, [])
        for agreed in of_song:
            if _together(agreed[-1], match, line):
                agreed.append(match)
                break
        else:
            of_song.append([match])
    return [agreed for of_song in lines.values() for agreed in of_song]


def _together(one: Match, other: Match, line: float) -> bool:
    """Whether two matches of a song say the same of the recording."""
    apart = other.at - one.at
    forward = one.position + one.rate * apart - other.position
    backward = other.position - other.rate * apart - one.position
    return min(abs(forward), abs(backward)) <= line + _RATE_WAVERS * abs(apart)


def _line_through(one: Match, agreed: Sequence[Match], *, apart: float) -> tuple[float, float]:
    """Position at sample 0, and rate, by least squares over matches that agree."""
    at = np.array([match.at for match in agreed], np.float64)
    if np.ptp(at) < apart:
        return one.position - one.rate * one.at, one.rate
    rate, position = np.polyfit(at, [match.position for match in agreed], 1)
    return float(position), float(rate)

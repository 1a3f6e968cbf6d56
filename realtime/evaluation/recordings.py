"""Recordings that queries are spoiled with: noise, speech, and how rooms answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from encoder.audio import rms_dbfs
from encoder.decode import decode
from encoder.errors import DecodeError
from realtime.errors import EvaluationError

__all__ = ["Bank", "read_folder", "read_rooms", "spoken", "trimmed"]

Samples = NDArray[np.float32]

AUDIBLE_DBFS = -60.0
"""A stretch of noise or speech below this level is none, and another is drawn."""

_FRAME_S = 0.1  # silence at the ends of recordings is looked for in frames of this length
_PAUSE_S = 0.3  # between announcements that are joined to running speech
_ROOM_S = 1.6  # of a room's response; by then those of halls have died away
_DRAWS = 200


@dataclass(frozen=True, eq=False)
class Bank:
    """Recordings to draw stretches from, each of them audible somewhere."""

    recordings: Sequence[Samples]

    def draw(self, rng: np.random.Generator, lengths: Sequence[int]) -> Samples:
        """A stretch as long as the longest of `lengths` (samples); recordings repeat if they must.

        Its first samples are audible in each of the `lengths`.
        """
        for _ in range(_DRAWS):
            recording = self.recordings[int(rng.integers(len(self.recordings)))]
            start = int(rng.integers(len(recording)))
            stretch = np.resize(np.roll(recording, -start), max(lengths))
            if all(rms_dbfs(stretch[:length]) >= AUDIBLE_DBFS for length in lengths):
                return stretch
        raise EvaluationError(
            f"no audible stretch of {min(lengths)} samples found in {len(self.recordings)} "
            f"recordings; use recordings above {AUDIBLE_DBFS:g} dBFS"
        )


def read_folder(folder: Path, *, sample_rate_hz: int) -> list[Samples]:
    """All recordings in and beneath a folder, silence at their ends cut off.

    Whatever FFmpeg finds sound in is taken, under any name. Raises `EvaluationError`: none there.
    """
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            try:
                samples = np.concatenate(list(decode(path, sample_rate_hz=sample_rate_hz)))
            except DecodeError:
                continue  # notes and licences lie beside recordings
            samples = trimmed(samples, sample_rate_hz=sample_rate_hz)
            if len(samples):
                found.append(samples)
    if not found:
        raise EvaluationError(f"{folder}: no audible recording found; name a folder that has some")
    return found


def read_rooms(folder: Path, *, sample_rate_hz: int) -> list[Samples]:
    """The room responses in a folder: direct sound at sample 0, energy 1.

    Raises `EvaluationError`: none there.
    """
    responses = []
    for samples in read_folder(folder, sample_rate_hz=sample_rate_hz):
        response = samples[int(np.abs(samples).argmax()) :][: round(_ROOM_S * sample_rate_hz)]
        responses.append(energy_one(response))
    return responses


def spoken(
    announcements: Sequence[Samples], rng: np.random.Generator, *, sample_rate_hz: int
) -> Bank:
    """Announcements, in an order drawn, joined to one recording of running speech."""
    pause = np.zeros(round(_PAUSE_S * sample_rate_hz), np.float32)
    order = rng.permutation(len(announcements))
    parts = [part for number in order for part in (announcements[number], pause)]
    return Bank([np.concatenate(parts)])


def energy_one(response: Samples) -> Samples:
    """An impulse response scaled so that it leaves white noise as loud as it was."""
    scaled: Samples = (response / np.linalg.norm(response)).astype(np.float32)
    return scaled


def trimmed(samples: Samples, *, sample_rate_hz: int) -> Samples:
    """Without the inaudible frames at both ends; nothing when no frame is audible."""
    frame = round(_FRAME_S * sample_rate_hz)
    starts = range(0, len(samples), frame)
    loud = [s for s in starts if rms_dbfs(samples[s : s + frame]) >= AUDIBLE_DBFS]
    return samples[loud[0] : loud[-1] + frame] if loud else samples[:0]

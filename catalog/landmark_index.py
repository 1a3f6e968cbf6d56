"""The index of landmarks in a generation: which moments of which songs have a pair of peaks.

landmark_places_1.npy   (n,) where the landmarks stand, in order of their keys
landmark_starts_1.npy   (keys + 1,) where in that file each key's begin

A place is a frame, counted over the rows of the peak file. The number is `LANDMARK_FORMAT`: files
of another one are not opened, and the next `nowhear add` builds these.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from encoder.landmarks import LANDMARK_FORMAT, LANDMARK_KEYS, song_landmarks
from encoder.peaks import FRAMES_PER_SEGMENT

from .places import Places

PLACES_NAME = f"landmark_places_{LANDMARK_FORMAT}.npy"
STARTS_NAME = f"landmark_starts_{LANDMARK_FORMAT}.npy"

Integers = NDArray[np.int64]
Mapped = NDArray[np.uint32] | NDArray[np.int64]

_PLACE_BITS = 44  # of a landmark while it is sorted; the key has the 20 above


@dataclass(frozen=True, eq=False)
class LandmarkHits:
    """Moments of songs that have a key that was looked up, all `(n,)`: which of the `keys` asked
    for, the song's id, and the frame, counted from its first segment's first one."""

    keys: Integers
    songs: Integers
    frames: Integers


NO_LANDMARKS = LandmarkHits(*(np.zeros(0, np.int64),) * 3)


@dataclass(frozen=True, eq=False)
class LandmarkIndex:
    """An open index of landmarks; its files stay readable after they are deleted."""

    starts: Mapped
    places: Mapped

    @classmethod
    def open(cls, folder: Path) -> LandmarkIndex | None:
        """The index in `folder`, whose checksums were right; None when it has none of this format.

        Raises `FileNotFoundError` when the folder itself is gone, `OSError`.
        """
        if not (folder / STARTS_NAME).exists() and folder.exists():
            return None
        starts, places = (
            np.load(folder / name, mmap_mode="r", allow_pickle=False)
            for name in (STARTS_NAME, PLACES_NAME)
        )
        return cls(starts, places)

    def find(self, keys: Integers, alive: Places, *, most: int) -> LandmarkHits:
        """What has one of `keys` `(m,)`, each in reach of the index, of the songs in `alive`, which
        is in the order of `Places.by_segment`; `most` of it at most, of the rarest keys, since
        what many songs have tells none of them."""
        first = self.starts[keys].astype(np.int64)
        counts = self.starts[keys + 1].astype(np.int64) - first
        numbers = np.arange(len(keys))
        if counts.sum() > most:
            rarest = np.argsort(counts, kind="stable")
            numbers = rarest[: np.searchsorted(counts[rarest].cumsum(), most, side="right")]
            first, counts = first[numbers], counts[numbers]
        begins = np.cumsum(counts) - counts
        at = np.repeat(first - begins, counts) + np.arange(counts.sum())
        places = self.places[at].astype(np.int64)
        line = alive.owners(places // FRAMES_PER_SEGMENT)
        known = line >= 0
        line, places = line[known], places[known]
        return LandmarkHits(
            keys=np.repeat(numbers, counts)[known],
            songs=alive.ids[line],
            frames=places - alive.first_segments[line] * FRAMES_PER_SEGMENT,
        )


def build_landmark_index(peaks: NDArray[np.uint16], places: Places, folder: Path) -> None:
    """Write the index of the songs in `places`, whose stored peaks are `peaks` `(rows, P)`, into
    `folder`. In memory it takes 8 bytes a landmark, 11 of which a segment has. Raises `OSError`."""
    parts = [np.zeros(0, np.uint64)]
    for first, segments in zip(places.first_segments, places.segments, strict=True):
        found = song_landmarks(peaks[first : first + segments])
        place = found.frame + first * FRAMES_PER_SEGMENT
        parts.append(found.keys().astype(np.uint64) << np.uint64(_PLACE_BITS) | place.astype("u8"))
    landmarks = np.concatenate(parts)
    parts.clear()
    landmarks.sort()
    keys = np.arange(LANDMARK_KEYS + 1, dtype=np.uint64) << np.uint64(_PLACE_BITS)
    starts = np.searchsorted(landmarks, keys)
    landmarks &= np.uint64((1 << _PLACE_BITS) - 1)
    np.save(folder / STARTS_NAME, _narrow(starts))
    np.save(folder / PLACES_NAME, _narrow(landmarks))


def _narrow(values: NDArray[np.uint64] | NDArray[np.int64]) -> Mapped:
    """The same in 4 bytes each if they fit."""
    fits = int(values.max(initial=0)) <= np.iinfo(np.uint32).max
    return values.astype(np.uint32) if fits else values.astype(np.int64)

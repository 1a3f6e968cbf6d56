"""Real music: the clips of the demo as samples, and the peaks of sounds."""

import numpy as np

from catalog.demo import demo_clips
from encoder.decode import decode
from encoder.peaks import PeakRows

RATE_HZ = 16_000


def clip(number: int) -> np.ndarray:
    """All samples of a clip, mono at `RATE_HZ`."""
    return np.concatenate(list(decode(demo_clips()[number], sample_rate_hz=RATE_HZ)))


def peaks_of(samples: np.ndarray, segments: int, cuts: list[int] | None = None) -> np.ndarray:
    """The peaks of the first segments of a sound that comes in blocks, cut at `cuts`."""
    found = PeakRows()
    for block in np.split(samples, sorted(cuts or [])):
        found.push(block)
    return found.finish(segments)

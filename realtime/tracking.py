"""The state of what is heard, and every change of it.

    silence ──► sound     with the first level hop at or above `silence_dbfs`
    sound ──► silence     when all hops of `hold_samples` samples stayed below it

So a rest between two notes or two songs that run into each other does not count as silence.
"""

from __future__ import annotations

from .events import SoundState


class SoundTracker:
    """Follows levels from hop to hop.

    >>> tracker = SoundTracker(silence_dbfs=-60, hold_samples=200)
    >>> [tracker.step(level, at=at) for at, level in [(100, -90), (200, -20), (300, -90)]]
    ['silence', 'sound', 'sound']
    >>> tracker.step(-90, at=400)
    'silence'
    """

    def __init__(self, *, silence_dbfs: float, hold_samples: int) -> None:
        self._silence_dbfs = silence_dbfs
        self._hold = hold_samples
        self._loud_until = 0
        self.state: SoundState = "silence"

    def step(self, rms_dbfs: float, *, at: int) -> SoundState:
        """The state after a hop of this level that ends at sample `at`."""
        if rms_dbfs >= self._silence_dbfs:
            self._loud_until = at
            self.state = "sound"
        elif at - self._loud_until >= self._hold:
            self.state = "silence"
        return self.state

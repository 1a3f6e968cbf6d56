"""Shares of trials, and how sure they are."""

from __future__ import annotations

import math
from dataclasses import dataclass

__all__ = ["Share", "wilson"]

_Z_95 = 1.959963984540054  # a normal variable lies within ± this with probability 0.95


@dataclass(frozen=True)
class Share:
    """`hits` of `trials`."""

    hits: int
    trials: int

    @property
    def percent(self) -> float:
        """0 to 100; NaN for no trials."""
        return 100 * self.hits / self.trials if self.trials else math.nan

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval in percent."""
        low, high = wilson(self.hits, self.trials)
        return 100 * low, 100 * high

    def __str__(self) -> str:
        if not self.trials:
            return "-"
        low, high = self.interval
        return f"{self.percent:.1f} ({low:.1f}-{high:.1f})"


def wilson(hits: int, trials: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share, each end 0 to 1; (0, 1) for no trials.

    Wilson, "Probable inference, the law of succession, and statistical inference", JASA 1927. It
    stays sensible at 0 and at all hits, where most figures here are.

    >>> [round(end, 4) for end in wilson(10, 10)]
    [0.7225, 1.0]
    """
    if not trials:
        return 0.0, 1.0
    share, z2 = hits / trials, _Z_95**2
    middle = (share + z2 / (2 * trials)) / (1 + z2 / trials)
    half = (
        _Z_95 / (1 + z2 / trials) * math.sqrt(share * (1 - share) / trials + z2 / (4 * trials**2))
    )
    return max(0.0, middle - half), min(1.0, middle + half)

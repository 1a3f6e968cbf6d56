"""How sure a match is: what a line through a song scored, as a probability.

Cosines alone say little: a loop of drums is like many others, and what comes through a room is
less like its own song than that. So what was seen of the best line, and of the best lines of other
recordings, is weighed by a generalised additive model (Hastie and Tibshirani, 1986): the log odds
are a sum of curves, one over each feature, none of which falls. They were fitted on queries whose
answer is known, half of them with their own song struck from the catalog
(`realtime.evaluation.calibrate`), and belong to one set of weights.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from encoder.embedding import PrintSpec

from .alignment import PRIOR_COSINE, Floats, strength
from .errors import RealtimeError
from .overlay import NOTHING_LAID, Overlaid

__all__ = [
    "FEATURES",
    "LENGTH",
    "NO_OTHERS",
    "OF_PRINTS",
    "SHIPPED",
    "Calibration",
    "Curve",
    "Odds",
    "Others",
    "calibration_of",
    "features",
    "shipped",
]

SHIPPED = Path(__file__).parent / "calibration.json"

_HINGE = 0.6  # cosine above which likeness counts once more, for each segment that has it

FEATURES = (
    "ahead_of_next",
    "weakest_third",
    "sum_above_0.6",
    "peaks_ahead_in_time",
    "peaks_ahead_in_both",
    "peaks_ahead_of_next",
    "registers_ahead_of_mean",
    "registers_ahead_of_best",
    "no_peaks",
    "own_speed",
    "log_segments",
)
"""Names of the numbers in `features`, in their order."""

LENGTH = "log_segments"
"""The one that says only how much was heard, and may speak for a match or against it."""

OF_PRINTS = ("ahead_of_next", "weakest_third", "sum_above_0.6", "own_speed", LENGTH)
"""Those that are known of a song without peaks too."""

_NO_PEAKS = FEATURES.index("no_peaks")


@dataclass(frozen=True)
class Others:
    """The highest strength of a line of another recording, and the highest support that the peaks
    of one gave it."""

    strength: float = PRIOR_COSINE
    support: float = 0.0


NO_OTHERS = Others()


def features(
    cosines: NDArray[np.float32],
    others: Others = NO_OTHERS,
    overlaid: Overlaid = NOTHING_LAID,
    *,
    rate: float = 1.0,
) -> Floats:
    """What is weighed, `(len(FEATURES),)`.

    `cosines` `(m,)`, at least one, are those along the best line, `overlaid` what its peaks met,
    and `rate` how fast it plays; `others` is what it is compared with.
    """
    # Of a sound that is unlike all others, the others say nothing: no lead is over less than what
    # lines have that do not play.
    lead = strength(cosines) - max(others.strength, PRIOR_COSINE)
    weakest = np.sort(cosines)[: max(1, len(cosines) // 3)]
    return np.array(
        [
            lead,
            float(weakest.mean()),
            float(np.clip(cosines - _HINGE, 0, None).sum()),
            *_of_peaks(overlaid, others.support),
            float(not overlaid.peaks),  # a bass alone has none
            -abs(rate - 1),  # a wrong line has any rate; most records play at their own
            math.log(len(cosines)),
        ]
    )


def _of_peaks(overlaid: Overlaid, others: float) -> Iterator[float]:
    """By how much what the peaks met is ahead of what they meet when moved, as far as that is more
    than nothing. Sums over places that are unlike one another grow with the root of their number.
    """

    def ahead_of(moved: float) -> float:
        return (overlaid.contrast - max(moved, 0.0)) * math.sqrt(overlaid.peaks)

    yield ahead_of(overlaid.in_time_best)
    # A drone is itself a moment later, a tick a tone higher: ahead of both must be what proves.
    ahead_of_both = ahead_of(max(overlaid.in_pitch, overlaid.in_time))
    yield ahead_of_both
    # Whatever is heard, some line's peaks fit it best by chance: how well, the others tell.
    yield min(overlaid.support - max(others, 0.0), ahead_of_both) if overlaid.peaks else 0.0
    yield from overlaid.leads


@dataclass(frozen=True)
class Curve:
    """Log odds over one feature: `odds` at the values `at`, ascending, straight between them, and
    level beyond.

    >>> Curve((0.0, 2.0), (-1.0, 1.0)).odds_at(1.5)
    0.5
    """

    at: tuple[float, ...]
    odds: tuple[float, ...]

    def odds_at(self, value: float) -> float:
        """The log odds that `value` adds."""
        return float(np.interp(value, self.at, self.odds))


@dataclass(frozen=True)
class Odds:
    """Log odds that a match is right: the sum of a curve over each feature, and `bias`. A feature
    without a curve says nothing."""

    curves: Mapping[str, Curve]
    bias: float

    def of(self, values: Floats) -> float:
        """The log odds of `features`."""
        named = zip(FEATURES, values.tolist(), strict=True)
        parts = (self.curves[name].odds_at(value) for name, value in named if name in self.curves)
        return self.bias + sum(parts)


@dataclass(frozen=True)
class Calibration:
    """How sure a match is, for prints of the network `fingerprint`: `odds`, and `by_prints` where
    the song has no peaks to be laid, so that prints alone decide.

    >>> flat = Calibration("0", Odds({}, 0.0), by_prints=Odds({}, -9.0))
    >>> flat.probability(np.zeros(len(FEATURES)))
    0.5
    """

    fingerprint: str
    odds: Odds
    by_prints: Odds

    def probability(self, values: Floats) -> float:
        """Probability that the song is right, 0 to 1, of `features`."""
        odds = self.by_prints if values[_NO_PEAKS] else self.odds
        score = odds.of(values)
        return 1 / (1 + math.exp(-score)) if score > -700 else 0.0

    def write(self, path: Path) -> None:
        """Write it to `path` as JSON."""
        record = {**asdict(self), "features": FEATURES}
        path.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> Calibration:
        """The calibration in the file at `path`.

        Raises `RealtimeError`: it cannot be read, or weighs other features.
        """
        try:
            record = json.loads(path.read_text(encoding="utf-8"))
            if tuple(record["features"]) != FEATURES:
                raise ValueError(f"weighs {record['features']}, expected {list(FEATURES)}")
            odds, by_prints = (_odds(record[name]) for name in ("odds", "by_prints"))
            return cls(str(record["fingerprint"]), odds, by_prints)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise RealtimeError(
                f"{path}: no calibration: {error}; `nowhear eval calibrate` makes one"
            ) from error


def _odds(record: Mapping[str, Any]) -> Odds:
    curves = {name: _curve(curve) for name, curve in record["curves"].items()}
    return Odds(curves, float(record["bias"]))


def _curve(record: Mapping[str, list[float]]) -> Curve:
    at, odds = (tuple(map(float, record[axis])) for axis in ("at", "odds"))
    if not at or len(at) != len(odds) or list(at) != sorted(at):
        raise ValueError(f"a curve of {len(odds)} odds at {len(at)} values, which must ascend")
    return Curve(at, odds)


def calibration_of(path: Path | None, spec: PrintSpec) -> Calibration:
    """The calibration in the file at `path`, None for that which ships, for prints of `spec`.

    Raises `RealtimeError`: it cannot be read, or was made for another network.
    """
    calibration = shipped() if path is None else Calibration.read(path)
    if calibration.fingerprint != spec.fingerprint:
        raise RealtimeError(
            f"{path or 'the calibration that ships'} was made for the network "
            f"{calibration.fingerprint[:16]}, but {spec.fingerprint[:16]} is in force; "
            "`nowhear eval calibrate` makes one for it (setting match.calibration)"
        )
    return calibration


@cache
def shipped() -> Calibration:
    """The calibration of the weights that ship."""
    return Calibration.read(SHIPPED)

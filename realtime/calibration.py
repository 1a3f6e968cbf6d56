"""How sure a match is: what a line through a song scored, as a probability.

Cosines alone say little: a loop of drums is like many others, and what comes through a room is
less like its own song than that. So a logistic regression weighs what was seen of the best line
and of the best line of any other recording. It was fitted on queries whose answer is known, half
of them with their own song struck from the catalog (`realtime.evaluation.calibrate`), and belongs
to one set of weights.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from encoder.embedding import PrintSpec

from .alignment import PRIOR_COSINE, Floats, strength
from .errors import RealtimeError
from .overlay import NOTHING_LAID, Overlaid

__all__ = ["FEATURES", "SHIPPED", "Calibration", "calibration_of", "features", "shipped"]

SHIPPED = Path(__file__).parent / "calibration.json"

_HINGES = (0.45, 0.6, 0.75)
_CAPS = (0.1, 0.2)
_PEAK_CAPS = {"in_pitch": 8, "in_time": 3}

FEATURES = (
    "strength",
    "ahead_of_next",
    "ahead_of_others",
    *(f"ahead_of_{whom}_to_{cap}" for whom, cap in zip(("next", "others"), _CAPS, strict=True)),
    "weakest_third",
    "log_segments",
    *(f"sum_above_{hinge}" for hinge in _HINGES),
    *(f"peaks_ahead_{of}" for of in _PEAK_CAPS),
    *(f"peaks_ahead_{of}_to_{cap}" for of, cap in _PEAK_CAPS.items()),
)
"""Names of the numbers in `features`, in their order."""


def features(
    cosines: NDArray[np.float32], others: Floats, overlaid: Overlaid = NOTHING_LAID
) -> Floats:
    """What the regression weighs, `(len(FEATURES),)`.

    `cosines` `(m,)`, at least one, are those along the best line; `others` `(k,)` the strengths of
    the best lines of other recordings, best first, perhaps none; `overlaid` what its peaks met.
    """
    own = strength(cosines)
    rivals = others if len(others) else np.array([PRIOR_COSINE])
    leads = own - float(rivals[0]), own - float(rivals.mean())
    capped = (min(lead, cap) for lead, cap in zip(leads, _CAPS, strict=True))
    weakest = np.sort(cosines)[: max(1, len(cosines) // 3)]
    above = (float(np.clip(cosines - hinge, 0, None).sum()) for hinge in _HINGES)
    # A lead is proof only up to a point: what happens to be like one song alone leads by much.
    seen = [own, *leads, *capped, float(weakest.mean()), math.log(len(cosines)), *above]
    return np.array([*seen, *_of_peaks(overlaid)])


def _of_peaks(overlaid: Overlaid) -> Iterator[float]:
    """By how much what the peaks met is ahead of what they meet when moved, as far as that is more
    than nothing. Sums over places that are unlike one another grow with the root of their number.
    """
    moved = {"in_pitch": overlaid.in_pitch, "in_time": overlaid.in_time_best}
    leads = {
        of: (overlaid.contrast - max(moved[of], 0.0)) * math.sqrt(overlaid.peaks)
        for of in _PEAK_CAPS
    }
    yield from leads.values()
    yield from (min(leads[of], cap) for of, cap in _PEAK_CAPS.items())


@dataclass(frozen=True)
class Calibration:
    """A logistic regression over `FEATURES`, for prints of the network `fingerprint`.

    >>> flat = Calibration("0", weights=(0.0,) * len(FEATURES), bias=0.0)
    >>> flat.probability(np.zeros(len(FEATURES)))
    0.5
    """

    fingerprint: str
    weights: tuple[float, ...]
    bias: float

    def probability(self, values: Floats) -> float:
        """Probability that the song is right, 0 to 1, of `features`."""
        score = float(values @ np.asarray(self.weights)) + self.bias
        return 1 / (1 + math.exp(-score)) if score > -700 else 0.0

    def write(self, path: Path) -> None:
        """Write it to `path` as JSON."""
        record = {**asdict(self), "features": FEATURES}
        path.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> Calibration:
        """The calibration in the file at `path`.

        Raises `RealtimeError`: it cannot be read, or weighs other features.
        """
        try:
            record = json.loads(path.read_text(encoding="utf-8"))
            if tuple(record["features"]) != FEATURES:
                raise ValueError(f"weighs {record['features']}, expected {list(FEATURES)}")
            return cls(
                str(record["fingerprint"]),
                tuple(map(float, record["weights"])),
                float(record["bias"]),
            )
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise RealtimeError(
                f"{path}: no calibration: {error}; `nowhear eval calibrate` makes one"
            ) from error


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

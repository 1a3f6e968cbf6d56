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

__all__ = [
    "FEATURES",
    "LENGTHS",
    "NO_OTHERS",
    "SHIPPED",
    "Calibration",
    "Others",
    "calibration_of",
    "features",
    "shipped",
]

SHIPPED = Path(__file__).parent / "calibration.json"

_HINGES = (0.45, 0.6, 0.75)
_CAPS = (0.1, 0.2)
_PEAK_CAPS = {"in_pitch": (8,), "in_time": (3,), "in_both": (3, 6)}

_SEEN = (
    "strength",
    *(f"ahead_of_{whom}_to_{cap}" for whom, cap in zip(("next", "others"), _CAPS, strict=True)),
    "weakest_third",
    *(f"sum_above_{hinge}" for hinge in _HINGES),
    *(f"peaks_ahead_{of}" for of in _PEAK_CAPS),
    *(f"peaks_ahead_{of}_to_{cap}" for of, caps in _PEAK_CAPS.items() for cap in caps),
    "peaks_ahead_of_next",
)

LENGTHS = ("log_segments", "share_of_a_segment")
"""Those of `FEATURES` that say only how much was heard, and may speak for a match or against it."""

FEATURES = (*_SEEN, *(f"{name}_by_segments" for name in _SEEN), *LENGTHS)
"""Names of the numbers in `features`, in their order."""


@dataclass(frozen=True, eq=False)
class Others:
    """The best lines of other recordings: their `strengths` `(k,)`, best first, perhaps none, and
    the highest `support` that the peaks of one of them gave it."""

    strengths: Floats
    support: float = 0.0


NO_OTHERS = Others(np.zeros(0))


def features(
    cosines: NDArray[np.float32], others: Others = NO_OTHERS, overlaid: Overlaid = NOTHING_LAID
) -> Floats:
    """What the regression weighs, `(len(FEATURES),)`.

    `cosines` `(m,)`, at least one, are those along the best line, and `overlaid` what its peaks
    met; `others` is what it is compared with.
    """
    own = strength(cosines)
    # Of a sound that is unlike all others, the others say nothing: no lead is over less than what
    # lines have that do not play.
    rivals = np.maximum(others.strengths, PRIOR_COSINE)
    rivals = rivals if len(rivals) else np.array([PRIOR_COSINE])
    leads = own - float(rivals[0]), own - float(rivals.mean())
    # A lead is proof only up to a point: what happens to be like one song alone leads by much.
    capped = (min(lead, cap) for lead, cap in zip(leads, _CAPS, strict=True))
    weakest = np.sort(cosines)[: max(1, len(cosines) // 3)]
    above = (float(np.clip(cosines - hinge, 0, None).sum()) for hinge in _HINGES)
    prints = [own, *capped, float(weakest.mean()), *above]
    seen = np.array([*prints, *_of_peaks(overlaid, others.support)])
    # One print says little of a song, and what its peaks say weighs the more: so each weight is
    # one that falls with the number of prints and another one that does not.
    share = 1 / len(cosines)
    return np.array([*seen, *(seen * share), math.log(len(cosines)), share])


def _of_peaks(overlaid: Overlaid, others: float) -> Iterator[float]:
    """By how much what the peaks met is ahead of what they meet when moved, as far as that is more
    than nothing. Sums over places that are unlike one another grow with the root of their number.
    """
    in_pitch, in_time = overlaid.in_pitch, overlaid.in_time
    moved = {
        "in_pitch": in_pitch,
        "in_time": overlaid.in_time_best,
        "in_both": max(in_pitch, in_time),  # a drone is itself a moment later, a tick a tone higher
    }
    leads = {
        of: (overlaid.contrast - max(moved[of], 0.0)) * math.sqrt(overlaid.peaks)
        for of in _PEAK_CAPS
    }
    yield from leads.values()
    yield from (min(leads[of], cap) for of, caps in _PEAK_CAPS.items() for cap in caps)
    # Whatever is heard, some line's peaks fit it best by chance: how well, the others tell.
    yield min(overlaid.support - max(others, 0.0), leads["in_both"])


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

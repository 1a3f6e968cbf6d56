"""A logistic regression on style vectors, by Newton's method."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from encoder.errors import TrainingError
from encoder.music_head import MusicHead, sigmoid

__all__ = ["Row", "fit_head"]

Styles = NDArray[np.float64]

_STEPS = 50  # Newton needs about ten
_DONE = 1e-10


@dataclass(frozen=True, eq=False)
class Row:
    """Windows of one kind for fitting: ``style`` ``(n, D)``, of ``weight`` all together."""

    kind: str
    music: bool
    style: NDArray[np.float32]
    weight: float


def fit_head(rows: Sequence[Row], *, fingerprint: str, l2: float) -> MusicHead:
    """The head that tells the music of ``rows`` from what is none.

    Newton's method on the weighted mean log loss and ``l2 / 2`` times the squared length of the
    weights, those of styles scaled to unit variance.

    Raises:
        TrainingError: one of the two classes is missing, or the steps do not converge.
    """
    if {row.music for row in rows} != {True, False}:
        raise TrainingError("a music head is fitted to music and to what is none; one is missing")
    style: Styles = np.concatenate([row.style for row in rows]).astype(np.float64)
    truth = np.repeat([float(row.music) for row in rows], [len(row.style) for row in rows])
    weight = np.concatenate([np.full(len(r.style), r.weight / len(r.style)) for r in rows])
    weight /= weight.sum()
    mean = weight @ style
    spread = np.sqrt(weight @ (style - mean) ** 2) + np.finfo(np.float32).eps
    scaled = np.column_stack([(style - mean) / spread, np.ones(len(style))])
    answer = _newton(scaled, truth, weight, l2=l2)
    slope = answer[:-1] / spread
    return MusicHead(slope, bias=float(answer[-1] - slope @ mean), fingerprint=fingerprint)


def _newton(x: Styles, truth: Styles, weight: Styles, *, l2: float) -> Styles:
    ridge = np.full(x.shape[1], l2)
    ridge[-1] = 0.0  # the bias is free
    answer = np.zeros(x.shape[1])
    for _ in range(_STEPS):
        guess = sigmoid(x @ answer)
        slope = x.T @ (weight * (guess - truth)) + ridge * answer
        curve = (x * (weight * guess * (1 - guess))[:, None]).T @ x + np.diag(ridge)
        step = np.linalg.solve(curve, slope)
        answer = answer - step
        if float(slope @ step) < _DONE:
            return answer
    raise TrainingError(f"fitting has not converged after {_STEPS} steps; make l2 {l2:g} larger")

"""Logistic regression by Newton's method, and the head that it fits to style vectors."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from encoder.errors import TrainingError
from encoder.music_head import MusicHead, sigmoid

__all__ = ["Row", "fit_head", "regress"]

Floats = NDArray[np.float64]

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

    See :func:`regress` for the method and ``l2``.

    Raises:
        TrainingError: one of the two classes is missing, or the steps do not converge.
    """
    if {row.music for row in rows} != {True, False}:
        raise TrainingError("a music head is fitted to music and to what is none; one is missing")
    style: Floats = np.concatenate([row.style for row in rows]).astype(np.float64)
    truth = np.repeat([float(row.music) for row in rows], [len(row.style) for row in rows])
    weight = np.concatenate([np.full(len(r.style), r.weight / len(r.style)) for r in rows])
    weight /= weight.sum()
    slope, bias = regress(style, truth, weight, l2=l2)
    return MusicHead(slope, bias=bias, fingerprint=fingerprint)


def regress(values: Floats, truth: Floats, weight: Floats, *, l2: float) -> tuple[Floats, float]:
    """Slopes ``(D,)`` and bias of the log odds that a row of ``values`` ``(n, D)`` is true.

    ``truth`` ``(n,)`` is 0 or 1, ``weight`` ``(n,)`` sums to 1. Newton's method on the weighted
    mean log loss and ``l2 / 2`` times the squared length of the slopes, those of values scaled to
    unit variance; the bias is free.

    Raises:
        TrainingError: the steps do not converge.
    """
    mean = weight @ values
    spread = np.sqrt(weight @ (values - mean) ** 2) + np.finfo(np.float32).eps
    scaled = np.column_stack([(values - mean) / spread, np.ones(len(values))])
    answer = _newton(scaled, truth, weight, l2=l2)
    slope = answer[:-1] / spread
    return slope, float(answer[-1] - slope @ mean)


def _newton(x: Floats, truth: Floats, weight: Floats, *, l2: float) -> Floats:
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

"""Curves of log odds that never fall: an additive logistic model, fitted to known answers.

What more of a piece of evidence is worth falls off: the first second of agreement says much, the
tenth little, and a slope that fits the one is wrong for the other. So the log odds of each feature
are a curve of straight pieces. Left free, curves of features that go together would rise and fall
against one another, and a better match could then be less sure than a worse one of a kind that was
not seen; so none may fall.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from realtime.calibration import Curve

__all__ = ["fit_curves"]

Floats = NDArray[np.float64]
Truth = NDArray[np.bool_]

_QUANTILES = np.linspace(0.005, 0.995, 8)
"""Of wrong answers' values, and half as many of right ones': there curves bend. Of 6, 8 and 12 none
names more of what the fit has not seen."""
_RIDGE = 1e-5
"""On the squared rise of each piece; of 1e-4 to 1e-5 this one names most at 0.8, and no more."""
_STEPS = 5000  # some hundred are needed


def fit_curves(
    values: Floats, truth: Truth, weight: Floats, *, free: Collection[int] = ()
) -> tuple[list[Curve], float]:
    """A curve for each column of `values` `(n, f)`, and a bias: their sum is the log odds that a
    row is true.

    `truth` `(n,)`; `weight` `(n,)` sums to 1. The weighted log loss and a ridge on the rise of each
    piece are minimised by L-BFGS-B under the bound that nothing falls, but for the columns `free`.
    """
    knots = [_knots(column, truth) for column in values.T]
    pieces = [_pieces(column, at) for column, at in zip(values.T, knots, strict=True)]
    ends = np.cumsum([piece.shape[1] for piece in pieces])
    bounds = [
        (None if column in free else 0.0, None)
        for column, piece in enumerate(pieces)
        for _ in range(piece.shape[1])
    ]
    rises, bias = _fitted(np.concatenate(pieces, axis=1), truth, weight, bounds)
    curves = [
        Curve(tuple(at.tolist()), (0.0, *np.cumsum(own).tolist()))
        for at, own in zip(knots, np.split(rises, ends[:-1]), strict=True)
    ]
    return curves, bias


def _knots(column: Floats, truth: Truth) -> Floats:
    """Where the curve over `column` `(n,)` may bend, ascending; one where all are the same."""
    right = np.quantile(column[truth], _QUANTILES[: len(_QUANTILES) // 2])
    return np.unique(np.concatenate([right, np.quantile(column[~truth], _QUANTILES)]))


def _pieces(column: Floats, knots: Floats) -> Floats:
    """How far each value lies along each piece between `knots` `(k,)`, 0 to 1: `(n, k - 1)`."""
    along: Floats = np.clip((column[:, np.newaxis] - knots[:-1]) / np.diff(knots), 0, 1)
    return along


def _fitted(
    pieces: Floats, truth: Truth, weight: Floats, bounds: list[tuple[float | None, None]]
) -> tuple[Floats, float]:
    """The rise of each of `pieces` `(n, p)`, and the bias."""
    sign = np.where(truth, 1.0, -1.0)

    def loss(at: Floats) -> tuple[float, Floats]:
        rises, bias = at[:-1], at[-1]
        margin = sign * (pieces @ rises + bias)
        pull = -sign * weight * np.exp(-np.logaddexp(0, margin))
        value = weight @ np.logaddexp(0, -margin) + _RIDGE * rises @ rises
        return float(value), np.append(pieces.T @ pull + 2 * _RIDGE * rises, pull.sum())

    found = minimize(
        loss,
        np.zeros(pieces.shape[1] + 1),
        jac=True,
        method="L-BFGS-B",
        bounds=[*bounds, (None, None)],
        options={"maxiter": _STEPS, "maxfun": 2 * _STEPS},
    )
    return found.x[:-1], float(found.x[-1])

"""How well classes and labels are told: accuracy, confusion, recall; areas under curves. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True, eq=False)
class ClassFigures:
    """How well classes are told.

    - `accuracy`: share of the tracks that are told right.
    - `confusion` (k, k): how many tracks of the class in the row were told to be the column's.
    - `recall` (k,): share of each class's tracks that are told right; NaN where there are none.
    """

    names: tuple[str, ...]
    accuracy: float
    confusion: NDArray[np.int64]
    recall: NDArray[np.float64]

    @property
    def tracks(self) -> int:
        """How many tracks were asked for."""
        return int(self.confusion.sum())

    @property
    def balanced_accuracy(self) -> float:
        """The mean of the classes' recalls: what chance makes 1 / k, however unequal they are."""
        return float(np.nanmean(self.recall))

    def as_json(self) -> dict[str, Any]:
        """All of it in JSON's types."""
        recall = [None if np.isnan(value) else round(float(value), 4) for value in self.recall]
        return {
            "tracks": self.tracks,
            "accuracy": round(self.accuracy, 4),
            "balanced_accuracy": round(self.balanced_accuracy, 4),
            "recall": dict(zip(self.names, recall, strict=True)),
            "confusion": self.confusion.tolist(),
        }


def judge_classes(told: Floats, truth: NDArray[Any], names: Sequence[str]) -> ClassFigures:
    """Figures of what is `told` (n, k), the likeliest of which counts, against `truth` (n,).

    >>> figures = judge_classes(np.array([[0.9, 0.1], [0.4, 0.6], [0.7, 0.3]]), np.array([0, 1, 1]),
    ...                         ["folk", "jazz"])
    >>> figures.accuracy, figures.confusion.tolist(), figures.recall.tolist()
    (0.6666666666666666, [[1, 0], [1, 1]], [1.0, 0.5])
    """
    guess = told.argmax(axis=1)
    confusion = np.zeros((len(names), len(names)), np.int64)
    np.add.at(confusion, (truth, guess), 1)
    of_class = confusion.sum(axis=1)
    recall = np.where(of_class > 0, confusion.diagonal() / np.maximum(of_class, 1), np.nan)
    accuracy = float((guess == truth).mean()) if len(truth) else float("nan")
    return ClassFigures(tuple(names), accuracy, confusion, recall)


@dataclass(frozen=True, eq=False)
class LabelFigures:
    """How well labels are told, each on its own.

    - `roc_auc` (k,): how often a track that has the label is told higher than one that has not;
      0.5 by chance.
    - `pr_auc` (k,): average precision; by chance the share of tracks that have the label.
    - `positives` (k,), `tracks` (k,): tracks that have it, and all that are known of.

    NaN where no track, or every track, has it.
    """

    names: tuple[str, ...]
    roc_auc: NDArray[np.float64]
    pr_auc: NDArray[np.float64]
    positives: NDArray[np.int64]
    tracks: NDArray[np.int64]

    @property
    def mean_roc_auc(self) -> float:
        """The mean over the labels that can be judged; NaN when none can."""
        return _mean(self.roc_auc)

    @property
    def mean_pr_auc(self) -> float:
        """The mean over the labels that can be judged; NaN when none can."""
        return _mean(self.pr_auc)

    def as_json(self) -> dict[str, Any]:
        """All of it in JSON's types."""
        columns = (self.names, self.roc_auc, self.pr_auc, self.positives, self.tracks)
        return {
            "mean_roc_auc": _rounded(self.mean_roc_auc),
            "mean_pr_auc": _rounded(self.mean_pr_auc),
            "tags": [
                {
                    "tag": name,
                    "roc_auc": _rounded(roc),
                    "pr_auc": _rounded(pr),
                    "positives": int(positives),
                    "tracks": int(tracks),
                }
                for name, roc, pr, positives, tracks in zip(*columns, strict=True)
            ],
        }


def judge_labels(told: Floats, truth: Floats, names: Sequence[str]) -> LabelFigures:
    """Figures of what is `told` (n, k) against `truth` (n, k) of 0 and 1, NaN where unknown."""
    known = ~np.isnan(truth)
    has = np.where(known, truth, 0) > 0.5
    columns = range(len(names))
    parts = [(told[known[:, k], k], has[known[:, k], k]) for k in columns]
    return LabelFigures(
        names=tuple(names),
        roc_auc=np.array([roc_auc(*part) for part in parts]),
        pr_auc=np.array([pr_auc(*part) for part in parts]),
        positives=has.sum(axis=0),
        tracks=known.sum(axis=0),
    )


def roc_auc(told: Floats, has: NDArray[np.bool_]) -> float:
    """Area under the receiver's curve: how often one that has it is told higher than one that has
    not, a tie counting half (Mann and Whitney, 1947). NaN without both.

    >>> roc_auc(np.array([0.1, 0.4, 0.35, 0.8]), np.array([False, False, True, True]))
    0.75
    """
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(has, told)) if has.any() and not has.all() else float("nan")


def pr_auc(told: Floats, has: NDArray[np.bool_]) -> float:
    """Average precision: the mean, over those that have it, of the precision at their place. NaN
    without both.

    >>> round(pr_auc(np.array([0.1, 0.4, 0.35, 0.8]), np.array([False, False, True, True])), 4)
    0.8333
    """
    from sklearn.metrics import average_precision_score

    return float(average_precision_score(has, told)) if has.any() and not has.all() else np.nan


def nearest_votes(
    styles: NDArray[np.float32],
    truth: NDArray[Any],
    asked: NDArray[np.float32],
    *,
    neighbours: int,
) -> NDArray[np.float32]:
    """What the nearest of `styles` (n, D) say of `asked` (m, D), as shares of votes (m, k).

    `truth` is (n,) numbers of classes, or (n, k) labels, whose mean over the neighbours is given
    (over those that are known; 0 where none is). Nearness is the cosine; between equal shares the
    nearer neighbours decide.
    """
    labels = np.eye(int(truth.max()) + 1)[truth] if truth.ndim == 1 else truth.astype(float)
    known = ~np.isnan(labels)
    filled = np.where(known, labels, 0)
    unit, unit_asked = (_unit(rows) for rows in (styles, asked))
    count = min(neighbours, len(styles))
    told = np.zeros((len(asked), labels.shape[1]))
    for row, vector in enumerate(unit_asked):
        cosine = unit @ vector
        near = np.argsort(-cosine, kind="stable")[:count]
        weight = 1 + 1e-3 * cosine[near, None]  # too little to outweigh a vote
        told[row] = (weight * filled[near]).sum(0) / np.maximum((weight * known[near]).sum(0), 1e-9)
    return told.astype(np.float32)


def _unit(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    unit: NDArray[np.float32] = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    return unit


def _mean(values: NDArray[np.float64]) -> float:
    return float(np.nanmean(values)) if np.isfinite(values).any() else float("nan")


def _rounded(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 4)

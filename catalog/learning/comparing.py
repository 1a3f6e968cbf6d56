"""Genres and tags from vectors: nearest neighbours, a linear head, one with a hidden layer.

Each learns from the training split; what is chosen, weight decay and the epoch to stop at, is
chosen by the validation split; the test split is looked at once, at the end.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .figures import ClassFigures, LabelFigures, judge_classes, judge_labels, nearest_votes
from .material import Material

if TYPE_CHECKING:
    from encoder.heads import Head
    from encoder.tuned_net import TunedModel

NEIGHBOURS = 5
HIDDEN = 128
DROPOUT = 0.3
WEIGHT_DECAYS = (0.01, 0.1, 1.0)
"""AdamW's, of which the one that is best on the validation split is taken."""

Figures = ClassFigures | LabelFigures
Tell = Callable[[int, int, str], None]


@dataclass(frozen=True, eq=False)
class Outcome:
    """A way to tell, and how well it does; `model` is None for one that holds no weights."""

    method: str
    validation: Figures
    test: Figures
    model: Head | TunedModel | None = None

    @property
    def score(self) -> float:
        """By what the best way is chosen: accuracy, or mean ROC-AUC, on the validation split."""
        return score(self.validation)

    def as_json(self) -> dict[str, Any]:
        """All figures in JSON's types."""
        return {
            "method": self.method,
            "validation": self.validation.as_json(),
            "test": self.test.as_json(),
        }


def score(figures: Figures) -> float:
    """Accuracy of classes, mean ROC-AUC of labels; -1 where nothing could be judged."""
    value = figures.accuracy if isinstance(figures, ClassFigures) else figures.mean_roc_auc
    return -1.0 if np.isnan(value) else value


def compare(
    material: Material,
    vectors: NDArray[np.float32],
    *,
    input: str,
    seed: int,
    device: Any = "auto",
    scaled: bool = False,
    tell: Tell | None = None,
) -> list[Outcome]:
    """Neighbours, linear head and hidden layer on `vectors` (n, d) of the material's tracks.

    `input` is the vectors' fingerprint, which the heads keep. `scaled`: neighbours are compared
    by vectors of unit variance, for those whose numbers are of different units.

    Raises `LearningError`: there is nothing in a split. `TrainingError`, `DeviceError`.
    """
    material.require()
    learnt, held, asked = (material.divided.rows(split) for split in _ORDER)
    near = _scaled(vectors, learnt) if scaled else vectors
    votes = [
        nearest_votes(near[learnt], material.y[learnt], near[rows], neighbours=NEIGHBOURS)
        for rows in (held, asked)
    ]
    told = [_widened(vote, len(material.names)) for vote in votes]
    outcomes = [
        Outcome(
            f"k-NN (k={NEIGHBOURS})",
            judge(told[0], material, held),
            judge(told[1], material, asked),
        )
    ]
    for place, (name, hidden) in enumerate((("linear", 0), (f"hidden {HIDDEN}", HIDDEN))):
        if tell is not None:
            tell(place, 2, name)
        head = _best_head(material, vectors, hidden=hidden, input=input, seed=seed, device=device)
        outcomes.append(_judged(name, head, material, vectors))
    return outcomes


def judge(told: NDArray[np.float32], material: Material, rows: NDArray[np.int64]) -> Figures:
    """Figures of what is `told` (m, k) of the tracks numbered `rows` (m,)."""
    if material.of_tags:
        return judge_labels(told, material.y[rows], material.names)
    return judge_classes(told, material.y[rows], material.names)


def best(outcomes: list[Outcome]) -> Outcome:
    """The one that does best on the validation split, of those that hold weights."""
    return max((one for one in outcomes if one.model is not None), key=lambda one: one.score)


def save(outcome: Outcome, path: Path) -> None:
    """Write the outcome's model to `path`, with its figures on the test split."""
    from dataclasses import replace

    assert outcome.model is not None
    figures = {"test": score(outcome.test), "validation": score(outcome.validation)}
    replace(outcome.model, figures=dict(outcome.model.figures) | figures).save(path)


_ORDER = ("training", "validation", "test")


def _best_head(
    material: Material,
    vectors: NDArray[np.float32],
    *,
    hidden: int,
    input: str,
    seed: int,
    device: Any,
) -> Head:
    from encoder.heads import HeadSettings, fit_head

    learnt, held = (material.divided.rows(split) for split in _ORDER[:2])
    heads = [
        fit_head(
            vectors[learnt],
            material.y[learnt],
            kind="labels" if material.of_tags else "classes",
            settings=HeadSettings(
                hidden=hidden,
                dropout=DROPOUT if hidden else 0.0,
                weight_decay=decay,
                seed=seed,
                device=device,
            ),
            validation=(vectors[held], material.y[held]),
            names=material.names,
            input=input,
        )
        for decay in WEIGHT_DECAYS
    ]
    return min(heads, key=lambda head: head.figures["validation_loss"])


def _judged(name: str, head: Head, material: Material, vectors: NDArray[np.float32]) -> Outcome:
    held, asked = (material.divided.rows(split) for split in _ORDER[1:])
    figures = [judge(head.predict(vectors[rows]), material, rows) for rows in (held, asked)]
    return Outcome(name, figures[0], figures[1], head)


def _scaled(vectors: NDArray[np.float32], learnt: NDArray[np.int64]) -> NDArray[np.float32]:
    mean, spread = vectors[learnt].mean(axis=0), vectors[learnt].std(axis=0)
    scaled: NDArray[np.float32] = (vectors - mean) / np.where(spread > 0, spread, 1)
    return scaled


def _widened(votes: NDArray[np.float32], width: int) -> NDArray[np.float32]:
    """Votes with a column for the classes that nobody learnt."""
    return np.pad(votes, ((0, 0), (0, width - votes.shape[1])))

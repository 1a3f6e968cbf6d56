"""Genre from the Echo Nest's eight attributes: a small network beside the usual ways to tell.

Each way learns from the training split and is tuned on the validation split; the test split is
looked at once. Splits are the dataset's own where it has some, and no artist stands on two sides.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .datasets import Track
from .learning.figures import ClassFigures, judge_classes
from .learning.material import LEAST, Material, genre_material
from .schema import ATTRIBUTES

if TYPE_CHECKING:
    from encoder.heads import Head

Tell = Callable[[int, int, str], None]
Floats = NDArray[np.float32]

INPUT = "echonest-8-widened-1"
"""Fingerprint of what `widened` gives; raised when that changes."""

UNKNOWN = "attributes that are not all known"
NETWORK = "network"
MAJORITY = "largest genre"

TEMPO_BPM = 200.0  # about the largest: the tempo is divided by it
TEMPO_RANGE_BPM = (20.0, 300.0)
EDGE = 1e-4  # attributes nearer to 0 or 1 than this are taken for this

HIDDEN = (32, 128)
WEIGHT_DECAYS = (0.1, 1.0)
DROPOUT = 0.3
BINS = 10  # of the calibration error


def widened(values: Floats) -> Floats:
    """Attributes `(n, 8)` and their log odds, of the tempo its logarithm: `(n, 16)`.

    Acousticness, instrumentalness and speechiness crowd at the ends of their range, where log odds
    tell apart what the values do not.
    """
    tempo = ATTRIBUTES.index("tempo")
    plain = np.array(values, np.float64)
    edged = np.clip(plain, EDGE, 1 - EDGE)
    odds = np.log(edged / (1 - edged))
    odds[:, tempo] = np.log(np.clip(plain[:, tempo], *TEMPO_RANGE_BPM))
    plain[:, tempo] /= TEMPO_BPM
    return np.concatenate([plain, odds], axis=1).astype(np.float32)


@dataclass(frozen=True, eq=False)
class Way:
    """A way to tell genres, and how well it does on the test split.

    - `log_loss`: mean of -log of the probability that it gives the right genre; less is better.
    - `calibration`: how far its probabilities are from how often it is right, on average: the
      expected calibration error (Guo et al., "On calibration of modern neural networks", ICML
      2017, section 2).
    - `tuned`: what was chosen on the validation split.
    - `head`: of the network.
    """

    method: str
    test: ClassFigures
    log_loss: float
    calibration: float
    tuned: str
    head: Head | None = None

    def as_json(self) -> dict[str, Any]:
        """All of it in JSON's types."""
        return {
            "method": self.method,
            "tuned": self.tuned,
            "log_loss": round(self.log_loss, 4),
            "calibration": round(self.calibration, 4),
            "test": self.test.as_json(),
        }


@dataclass(frozen=True, eq=False)
class GenreLesson:
    """What there was to learn from, and the ways compared: the network first."""

    material: Material
    ways: tuple[Way, ...]

    @property
    def head(self) -> Head:
        """That of the network."""
        [head] = [way.head for way in self.ways if way.head is not None]
        return head


def attribute_material(
    tracks: Sequence[Track], values: Floats, *, least: int = LEAST, seed: int = 0
) -> tuple[Material, Floats]:
    """The tracks that have a genre and all attributes `values` `(n, 8)`, and these widened."""
    line = {track.key: number for number, track in enumerate(tracks)}
    every = genre_material(tracks, least=least, seed=seed)
    rows = values[[line[track.key] for track in every.tracks]].reshape(-1, len(ATTRIBUTES))
    whole = np.asarray(~np.isnan(rows).any(axis=1), np.bool_)
    return every.where(whole, reason=UNKNOWN), widened(rows[whole])


def learn_genres(
    tracks: Sequence[Track],
    values: Floats,
    *,
    least: int = LEAST,
    seed: int = 0,
    tell: Tell | None = None,
) -> GenreLesson:
    """Learn the genre of `tracks` from their attributes `values` `(n, 8)` and compare the ways.

    Raises `LearningError`: there is nothing to learn from, or to test on. `TrainingError`.
    """
    material, rows = attribute_material(tracks, values, least=least, seed=seed)
    material.require()
    parts = _Parts.of(material, rows)
    ways = []
    methods = (_network, _logistic, _neighbours, _boosting, _majority)
    for number, method in enumerate(methods):
        if tell is not None:
            tell(number, len(methods), method.__name__.strip("_"))
        ways.append(method(parts, seed))
    return GenreLesson(material, tuple(ways))


@dataclass(frozen=True, eq=False)
class _Parts:
    """Rows and genres to learn from, to tune on and to be tested on; inputs of unit variance."""

    names: tuple[str, ...]
    learnt: tuple[Floats, NDArray[np.int64]]
    held: tuple[Floats, NDArray[np.int64]]
    asked: tuple[Floats, NDArray[np.int64]]

    @classmethod
    def of(cls, material: Material, rows: Floats) -> _Parts:
        lines = [material.divided.rows(split) for split in ("training", "validation", "test")]
        return cls(material.names, *((rows[part], material.y[part]) for part in lines))

    def judged(self, method: str, told: Floats, tuned: str, head: Head | None = None) -> Way:
        """`told` `(m, k)` are probabilities of the rows that are asked for."""
        truth = self.asked[1]
        return Way(
            method,
            judge_classes(told, truth, self.names),
            log_loss=log_loss(told, truth),
            calibration=calibration_error(told, truth),
            tuned=tuned,
            head=head,
        )


def log_loss(told: Floats, truth: NDArray[np.int64]) -> float:
    """Mean of -log of the probability of what is true; none counts as less than `EDGE`."""
    return float(-np.log(np.clip(told[np.arange(len(truth)), truth], EDGE, 1)).mean())


def calibration_error(told: Floats, truth: NDArray[np.int64]) -> float:
    """Expected calibration error of the likeliest, over ten bins of probability.

    >>> told = np.array([[0.75, 0.25]] * 4)
    >>> calibration_error(told, np.array([0, 0, 0, 1])), calibration_error(told, np.zeros(4, int))
    (0.0, 0.25)
    """
    sure, right = told.max(axis=1), told.argmax(axis=1) == truth
    bins = np.minimum((sure * BINS).astype(int), BINS - 1)
    gaps = [
        abs(float(sure[bins == bin].sum() - right[bins == bin].sum()))
        for bin in range(BINS)
        if (bins == bin).any()
    ]
    return sum(gaps) / len(truth)


def _network(parts: _Parts, seed: int) -> Way:
    """Of a few widths and weight decays that whose validation loss is least."""
    from encoder.heads import HeadSettings, fit_head

    heads = [
        fit_head(
            *parts.learnt,
            kind="classes",
            settings=HeadSettings(
                hidden=hidden, weight_decay=decay, dropout=DROPOUT, seed=seed, device="cpu"
            ),
            validation=parts.held,
            names=parts.names,
            input=INPUT,
        )
        for hidden in HIDDEN
        for decay in WEIGHT_DECAYS
    ]
    head = min(heads, key=lambda one: one.figures["validation_loss"])
    tuned = f"{head.settings.hidden} hidden, weight decay {head.settings.weight_decay:g}"
    return parts.judged(NETWORK, head.predict(parts.asked[0]), tuned, head)


def _logistic(parts: _Parts, _seed: int) -> Way:
    from sklearn.linear_model import LogisticRegression

    tries = {f"C {c:g}": LogisticRegression(C=c, max_iter=3000) for c in (0.1, 1.0, 10.0)}
    return _of_sklearn(parts, "logistic regression", tries)


def _neighbours(parts: _Parts, _seed: int) -> Way:
    from sklearn.neighbors import KNeighborsClassifier

    tries = {
        f"k {k}": KNeighborsClassifier(k) for k in (5, 10, 20, 40) if k <= len(parts.learnt[0])
    }
    tries = tries or {"k 1": KNeighborsClassifier(1)}
    return _of_sklearn(parts, "k-NN", tries)


def _boosting(parts: _Parts, seed: int) -> Way:
    from sklearn.ensemble import HistGradientBoostingClassifier

    tries = {
        f"{steps} steps of {rate:g}": HistGradientBoostingClassifier(
            learning_rate=rate,
            max_iter=steps,
            max_leaf_nodes=8,
            l2_regularization=1.0,
            early_stopping=False,
            random_state=seed,
        )
        for steps, rate in ((50, 0.1), (100, 0.05), (150, 0.05))
    }
    return _of_sklearn(parts, "gradient boosting", tries)


def _majority(parts: _Parts, _seed: int) -> Way:
    counts = np.bincount(parts.learnt[1], minlength=len(parts.names))
    told = np.tile((counts / counts.sum()).astype(np.float32), (len(parts.asked[0]), 1))
    return parts.judged(MAJORITY, told, parts.names[int(counts.argmax())])


def _of_sklearn(parts: _Parts, method: str, tries: dict[str, Any]) -> Way:
    """The one of `tries` that is most accurate on the validation split, the first of several."""
    from threadpoolctl import threadpool_limits

    mean, spread = parts.learnt[0].mean(axis=0), parts.learnt[0].std(axis=0)
    spread[spread == 0] = 1.0
    with threadpool_limits(1):
        for one in tries.values():
            one.fit((parts.learnt[0] - mean) / spread, parts.learnt[1])

        def told(name: str, rows: Floats) -> Floats:
            found = np.zeros((len(rows), len(parts.names)), np.float32)
            found[:, tries[name].classes_] = tries[name].predict_proba((rows - mean) / spread)
            return found

        right = {
            name: (told(name, parts.held[0]).argmax(1) == parts.held[1]).mean() for name in tries
        }
        chosen = max(right, key=lambda name: right[name])
        return parts.judged(method, told(chosen, parts.asked[0]), chosen)

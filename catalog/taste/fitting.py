"""Fits a taste model to listening data: settings chosen on a validation part, figures on a test
part, the model itself on all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any

import numpy as np

from ..datasets import Datasets, Listening
from ..errors import TasteError
from ..settings import CatalogSettings
from . import rivals
from .als import AlsSettings, factorise
from .joining import OWN
from .metrics import RankingFigures
from .model import TasteModel
from .own import own_listening
from .rivals import Scorer
from .splits import Plays, Split, plays_of, split_plays

Tell = Callable[[float, float | None, str | None], None]
"""Is told how much of how much is done, and what is being done."""

K = 20
"""Recall and nDCG are at so many."""

TUNING_USERS, TEST_USERS = 1000, 10_000
"""At most so many users, drawn at random, settle a choice and a figure."""

TRIED: tuple[tuple[str, tuple[float, ...]], ...] = (
    ("regularization", (3.0, 10.0, 30.0, 100.0, 300.0)),
    ("alpha", (1.0, 2.0, 5.0, 20.0)),
    ("factors", (16, 32, 64)),
    ("eps", (1.0, 10.0, 100.0)),
    ("regularization", (3.0, 10.0, 30.0, 100.0, 300.0)),
)
"""Settings are chosen one after another, each with the best of the others so far."""

NEIGHBOURS = (20, 50, 200, 1000)

LEAST_USERS = 20
"""With fewer users from whom something is held out, nothing is chosen: it would be by chance."""

ALS, DIRECTION, LIKES = "als", "als-direction", "als-likes"
POPULARITY, NEIGHBOUR, RANDOM = "popularity", "item-knn", "random"


def first_try(dataset: str, *, seed: int = 0) -> AlsSettings:
    """Settings to begin with. A household's listening is little, and would vanish beside a penalty
    that thousands of users need."""
    if dataset == OWN:
        return AlsSettings(factors=16, regularization=1.0, seed=seed)
    return AlsSettings(seed=seed)


def listening_of(settings: CatalogSettings, dataset: str) -> Listening:
    """The listening of a dataset, or of the catalog's own users. Raises `TasteError`: none."""
    if dataset == OWN:
        found = own_listening(settings)
        missing = "no song is starred, in a playlist or in the history; play or star some"
    else:
        with Datasets(settings) as datasets:
            found = datasets.listening(dataset)
        missing = f"no listening of {dataset!r} here; `nowhear import {dataset} PATH` reads it"
    if not len(found.plays):
        raise TasteError(missing)
    return found


def fit_taste(
    listening: Listening,
    *,
    dataset: str,
    als: AlsSettings,
    tune: bool = True,
    seed: int = 0,
    tell: Tell | None = None,
) -> TasteModel:
    """The model of a dataset, with its figures.

    With `tune` settings are chosen by mean average precision on the validation part (`als` gives
    the first try), then judged on the test part by vectors that know the other two. Raises
    `TasteError`, `MissingExtraError`.
    """
    plays = plays_of(listening)
    split = split_plays(plays, seed=seed)
    users = int(np.count_nonzero(np.diff(split.test.indptr)))
    report = tell or (lambda _done, _total, _message: None)
    figures: dict[str, Any] = {"users": len(listening.users), "plays": int(plays.nnz)}
    neighbours = NEIGHBOURS[1]
    if tune and users >= LEAST_USERS:
        als, tried = _tuned(split, als, seed=seed, tell=report)
        neighbours = _tuned_neighbours(split, seed=seed)
        figures["tried"] = tried
    if users:
        report(0, None, "judging")
        judged = judge(split, als, neighbours=neighbours, seed=seed)
        figures["test"] = {name: asdict(found) for name, found in judged.items()}
        figures["neighbours"] = neighbours
    _, items = factorise(
        plays, als, on_step=lambda done: report(done, als.iterations, "fitting to all")
    )
    return TasteModel(
        dataset,
        tuple(listening.items),
        items,
        np.bincount(plays.indices, minlength=plays.shape[1]).astype(np.int32),
        settings=als.model_dump() | {"split_seed": seed},
        figures=figures,
    )


def judge(
    split: Split, als: AlsSettings, *, neighbours: int, seed: int
) -> dict[str, RankingFigures]:
    """Figures of every method on the test part; all of them know the other two parts."""
    known = split.training + split.validation
    known.sort_indices()
    return {
        name: rivals.judged(
            score, held=split.test, known=known, k=K, seed=seed, most_users=TEST_USERS
        )
        for name, score in scorers(known, als, neighbours=neighbours, seed=seed)
    }


def scorers(
    known: Plays, als: AlsSettings, *, neighbours: int, seed: int
) -> Iterator[tuple[str, Scorer]]:
    """Every method by name, fitted to the plays `known`."""
    users, items = factorise(known, als)
    yield ALS, rivals.by_product(users, items)
    yield DIRECTION, rivals.by_direction(users, items)
    yield LIKES, rivals.by_likes(known, items)
    yield NEIGHBOUR, rivals.item_neighbours(known, k=neighbours)
    yield POPULARITY, rivals.popularity(known)
    yield RANDOM, rivals.random_scores(known.shape[1], seed=seed)


def _tuned(
    split: Split, als: AlsSettings, *, seed: int, tell: Tell
) -> tuple[AlsSettings, list[dict[str, Any]]]:
    """The best settings, and the mean average precision of all that were tried."""
    total = sum(len(values) for _, values in TRIED)
    done = 0
    found: dict[AlsSettings, float] = {}

    def judge_once(chosen: AlsSettings) -> None:
        if chosen not in found:
            vectors = factorise(split.training, chosen)
            found[chosen] = _precision(split, rivals.by_product(*vectors), seed=seed)

    judge_once(als)
    for name, values in TRIED:
        for value in values:
            tell(done, total, f"trying {name} {value:g}")
            done += 1
            judge_once(als.model_copy(update={name: value}))
        als = max(found, key=lambda one: found[one])
    return als, [one.model_dump() | {"map": value} for one, value in found.items()]


def _tuned_neighbours(split: Split, *, seed: int) -> int:
    precision = {
        k: _precision(split, rivals.item_neighbours(split.training, k=k), seed=seed)
        for k in NEIGHBOURS
    }
    return max(precision, key=lambda k: precision[k])


def _precision(split: Split, score: Scorer, *, seed: int) -> float:
    found = rivals.judged(
        score,
        held=split.validation,
        known=split.training,
        k=K,
        seed=seed,
        most_users=TUNING_USERS,
    )
    return found.map

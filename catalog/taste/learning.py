"""Learns taste from sound: a head that tells the vector of a song that nobody has played yet.

As van den Oord, Dieleman and Schrauwen, "Deep content-based music recommendation" (NIPS 2013), have
it: factors of the songs that were played are what a network is fitted to; it is judged on songs of
artists that neither it nor the factorisation has met.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from encoder.files import unit

from ..datasets import Listening
from ..errors import TasteError
from ..imports.names import artist_of
from ..learning.splits import divide
from . import rivals
from .als import AlsSettings, Vectors, factorise, fold_in
from .inputs import InputKind, input_fingerprint, inputs_of
from .metrics import RankingFigures
from .model import LearnedTaste, TasteModel
from .rivals import Scorer
from .splits import Plays, plays_of

if TYPE_CHECKING:
    from encoder.fitted_head import Head, HeadSettings

    from ..reader import CatalogReader

Tell = Callable[[float, float | None, str | None], None]

K = 20
LEAST_SONGS = 30
"""Fewer songs that were played teach nothing that could be judged."""

LEAST_LISTENERS = 2
"""An item that fewer users have played has a direction by chance and is not learnt from."""

HIDDEN = (0, 256)
WEIGHT_DECAY = (0.1, 1.0)
"""Heads that are tried: linear and with one hidden layer, each with little and much decay."""

COSINE_WEIGHT = 1.0
TAG_RIDGE = (1.0, 10.0, 100.0)
NEAREST = (1, 5, 20)
"""Of a listener's songs, so many count in content k-NN: the best of these on validation."""


@dataclass(frozen=True, eq=False)
class Material:
    """Songs (n,) that a listening dataset knows, one item each.

    `plays` (u, n) are those of the songs' items; `inputs`, `styles` and `tags` (n, d) what is
    heard; `split` says by artist what is learnt from, validated and tested on.
    """

    songs: tuple[int, ...]
    plays: Plays
    inputs: NDArray[np.float32]
    styles: NDArray[np.float32]
    tags: NDArray[np.float32]
    training: NDArray[np.int64]
    validation: NDArray[np.int64]
    test: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class ColdStart:
    """How songs of unmet artists were told: figures by method on the `songs` of the test part."""

    methods: Mapping[str, RankingFigures]
    songs: int
    head: HeadSettings
    cosine: float  # mean, of vectors told with those that plays give


def learn_taste(
    catalog: CatalogReader,
    model: TasteModel,
    listening: Listening,
    *,
    kind: InputKind = "style",
    seed: int = 0,
    heads: Sequence[HeadSettings] | None = None,
    tell: Tell | None = None,
) -> TasteModel:
    """The model with a head for songs that it does not know, judged on artists held out.

    `heads` are tried, None: those of `HIDDEN` and `WEIGHT_DECAY`.

    Raises `TasteError`: too few songs of the catalog were played. `MissingExtraError`.
    """
    report = tell or (lambda _done, _total, _message: None)
    report(0, None, "reading what is heard")
    material = material_of(catalog, model, listening, kind=kind, seed=seed)
    als = AlsSettings(**{name: model.settings[name] for name in AlsSettings.model_fields})
    fingerprint = input_fingerprint(catalog, kind)
    tried = tried_heads(seed) if heads is None else heads
    judged = judge_cold_start(material, als, tried, input=fingerprint, seed=seed, tell=report)
    report(0, None, "learning from all")
    lines = np.array([model.songs[song] for song in material.songs])
    targets = unit(model.factors[lines])
    learnt = np.concatenate([material.training, material.test])
    head = _head(material, targets, learnt, judged.head, input=fingerprint)
    figures: dict[str, Any] = {
        "songs": len(material.songs),
        "test_songs": judged.songs,
        "cosine": judged.cosine,
        "head": judged.head.model_dump(mode="json"),
        "test": {name: asdict(found) for name, found in judged.methods.items()},
    }
    return replace(model, learned=LearnedTaste(head, kind, figures))


def material_of(
    catalog: CatalogReader,
    model: TasteModel,
    listening: Listening,
    *,
    kind: InputKind,
    seed: int,
) -> Material:
    """The songs to learn from, divided by artist. Raises `TasteError`: too few."""
    plays = plays_of(listening)
    listeners = np.bincount(plays.indices, minlength=plays.shape[1])
    wanted = sorted(s for s, line in model.songs.items() if listeners[line] >= LEAST_LISTENERS)
    known, inputs = inputs_of(catalog, wanted, kind=kind)
    songs = tuple(song for song, there in zip(wanted, known, strict=True) if there)
    if len(songs) < LEAST_SONGS:
        raise TasteError(
            f"{len(songs)} songs of the catalog were played in {model.dataset} by "
            f"{LEAST_LISTENERS} users or more, expected {LEAST_SONGS} or more; add their audio by "
            "`nowhear add`, then run `nowhear datasets join`"
        )
    split = divide(artists_of(catalog, songs), [None] * len(songs), seed=seed)
    parts = {name: split.rows(name) for name in ("training", "validation", "test")}
    if not all(len(part) for part in parts.values()):
        raise TasteError("the songs are of too few artists to hold some out")
    columns = plays.tocsc()[:, [model.songs[song] for song in songs]].tocsr()
    columns.sort_indices()
    _, styles = catalog.styles(songs)
    return Material(songs, columns, inputs, styles, _tags(catalog, songs), **parts)


def artists_of(catalog: CatalogReader, songs: tuple[int, ...]) -> list[str | None]:
    """Songs without an artist are taken for one artist where they lie in one folder."""
    found = catalog.get(songs)
    return [
        artist_of(found[song].artist or "") or f"folder {found[song].path.parent}" for song in songs
    ]


def _tags(catalog: CatalogReader, songs: tuple[int, ...]) -> NDArray[np.float32]:
    survey = catalog.survey()
    rows = survey.rows[np.searchsorted(survey.ids, songs)]
    return np.array(survey.tags[rows], np.float32)


def judge_cold_start(
    material: Material,
    als: AlsSettings,
    tried: Sequence[HeadSettings],
    *,
    input: str,
    seed: int = 0,
    tell: Tell | None = None,
) -> ColdStart:
    """How well the songs held out are ranked for each listener, by the head and by simpler ways.

    Factors know the training songs alone. Whatever is chosen is chosen on validation.
    """
    report = tell or (lambda _done, _total, _message: None)
    report(0, None, "factorising what was played of the training songs")
    known = material.plays[:, material.training]
    users, items = factorise(known, als)
    targets = np.zeros((len(material.songs), als.factors), np.float32)
    targets[material.training] = unit(items)
    for part in (material.validation, material.test):
        targets[part] = fold_in(users, material.plays[:, part].T.tocsr(), als)
    heads = []
    for done, settings in enumerate(tried):
        report(done, len(tried), f"head with {settings.hidden} hidden units")
        head = _head(material, targets, material.training, settings, input=input)
        told = unit(head.predict(material.inputs))
        heads.append((_map(material, rivals.by_product(users, told)), settings, told))
    _, chosen, told = max(heads, key=lambda one: one[0])
    scorers = {
        "head": rivals.by_product(users, told),
        "content-knn": _content(material, known),
        "tag-regression": _tag_regression(material, users, targets),
        "popularity": _popularity(material),
        "random": rivals.random_scores(len(material.songs), seed=seed),
        "true-factors-direction": rivals.by_product(users, unit(targets)),
        "true-factors": rivals.by_product(users, targets),
    }
    report(0, None, "judging on the songs held out")
    return ColdStart(
        {name: judged_on(material, score, material.test) for name, score in scorers.items()},
        songs=len(material.test),
        head=chosen,
        cosine=float(np.mean(np.sum(told * unit(targets), axis=1)[material.test])),
    )


def judged_on(material: Material, score: Scorer, part: NDArray[np.int64]) -> RankingFigures:
    """Figures of a scorer of all songs on some of them, for the users who have played any."""
    return rivals.judged(
        lambda users: score(users)[:, part],
        held=material.plays[:, part],
        known=None,
        k=K,
        seed=0,
        most_users=10_000,
    )


def _map(material: Material, score: Scorer) -> float:
    return judged_on(material, score, material.validation).map


def tried_heads(seed: int) -> list[HeadSettings]:
    """The heads that are tried when none are named."""
    from encoder.fitted_head import HeadSettings

    return [
        HeadSettings(hidden=hidden, weight_decay=decay, cosine_weight=COSINE_WEIGHT, seed=seed)
        for hidden in HIDDEN
        for decay in WEIGHT_DECAY
    ]


def _head(
    material: Material,
    targets: Vectors,
    learnt: NDArray[np.int64],
    settings: HeadSettings,
    *,
    input: str,
) -> Head:
    """A head to directions; stopped by the validation songs, whose lengths must not count."""
    from encoder.heads import fit_head

    kept = material.validation
    return fit_head(
        material.inputs[learnt],
        unit(targets[learnt]),
        kind="values",
        settings=settings,
        validation=(material.inputs[kept], unit(targets[kept])),
        input=input,
    )


def _popularity(material: Material) -> Scorer:
    """By how many have played a song, of which for songs held out nothing is known: chance."""
    listeners = np.bincount(material.plays.indices, minlength=len(material.songs))
    known = np.zeros(len(material.songs), np.float32)
    known[material.training] = listeners[material.training]
    return lambda users: np.tile(known, (len(users), 1))


def _content(material: Material, known: Plays) -> Scorer:
    """By how a song sounds beside those that the listener has played, the nearest of them."""
    cosines = material.styles @ material.styles[material.training].T  # (n, training)

    def by(nearest: int) -> Scorer:
        def score(users: NDArray[np.int64]) -> NDArray[np.float32]:
            scores = np.zeros((len(users), len(cosines)), np.float32)
            for row, user in enumerate(users):
                mine = known.indices[known.indptr[user] : known.indptr[user + 1]]
                if len(mine):
                    count = min(nearest, len(mine))
                    best = np.partition(cosines[:, mine], len(mine) - count, axis=1)
                    scores[row] = best[:, len(mine) - count :].mean(axis=1)
            return scores

        return score

    return max((by(nearest) for nearest in NEAREST), key=lambda one: _map(material, one))


def _tag_regression(material: Material, users: Vectors, targets: Vectors) -> Scorer:
    """By vectors that ridge regression tells from the probabilities of the songs' tags."""
    x, learnt = material.tags.astype(np.float64), material.training
    x = (x - x[learnt].mean(axis=0)) / (x[learnt].std(axis=0) + np.finfo(np.float32).eps)
    y = unit(targets[learnt])
    mean = y.mean(axis=0)

    def by(ridge: float) -> Scorer:
        normal = x[learnt].T @ x[learnt] + ridge * np.eye(x.shape[1])
        slopes = np.linalg.solve(normal, x[learnt].T @ (y - mean))
        return rivals.by_product(users, unit((x @ slopes + mean).astype(np.float32)))

    return max((by(ridge) for ridge in TAG_RIDGE), key=lambda one: _map(material, one))

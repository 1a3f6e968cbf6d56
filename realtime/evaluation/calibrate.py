"""Fits the calibration: queries of known answer, what matching saw of them, curves.

Every query is matched twice, as it is and with its own song (and all its kin) struck from what a
search finds, so that both a right and a wrong best line are seen under every condition. Noise and
speech without any music are matched too: a catalog holds passages that are like them. And songs
that are struck are heard as a listener hears them, four times a second and in every span: whatever
in hours of music is likest to some song is met there, and by few queries.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catalog.catalog import Catalog
from encoder.embedding import Encoder
from realtime.calibration import FEATURES, LENGTH, OF_PRINTS, Calibration, Odds
from realtime.errors import EvaluationError
from realtime.finding import PrintSteps
from realtime.match import Match
from realtime.matching import Matcher
from realtime.opening import matcher_over
from realtime.searching import PrintStep
from realtime.settings import Settings

from .curves import fit_curves
from .live import blocks
from .material import workshop_of
from .measuring import Request, Songs, kin, read_samples, songs_in, songs_of
from .recordings import Bank
from .running import Plan, queries, shares
from .systems import Remembered, Search, landmarks_without, listening, without
from .trials import Progress, QueriedSong

__all__ = ["Evidence", "collect", "fit", "threshold"]

_Row = tuple[tuple[float, ...], bool, bool, float, str]

SPAN_S = 10.0
"""Longest span that is seen as a whole; queries are at most this long."""

PRIOR = 0.05
"""Share of all that is matched that is taken to be in the catalog and heard well enough. Radio and
rooms are mostly full of what no catalog has, so a match must be the surer."""

LISTENED_S = 30.0
"""So much of each song that is struck is heard as a listener does."""

_LISTENED = 3  # of steps heard so, every third is weighed: spans overlap
_ASKED_MORE = 4  # times as many hits, since those of struck songs are passed over


@dataclass(frozen=True, eq=False)
class Evidence:
    """What matching saw of `n` queries.

    - `values`: `(n, len(FEATURES))`; - `right`: `(n,)` whether the best line was the song's own;
    - `present`: `(n,)` whether the song was there to be found;
    - `length_s`: `(n,)` of the query, 0 where it was a span heard live;
    - `condition`: `(n,)` names.
    """

    values: NDArray[np.float64]
    right: NDArray[np.bool_]
    present: NDArray[np.bool_]
    length_s: NDArray[np.float64]
    condition: NDArray[np.str_]


def collect(
    request: Request, encoder: Encoder, catalog: Catalog, settings: Settings, *, progress: Progress
) -> Evidence:
    """Matches the queries of `request` in `catalog`, open for writing, once it is filled.

    For as many hours as the request's `live` says, songs are heard as outsiders besides.

    Raises `EvaluationError`: a folder holds nothing that can be used.
    """
    plan, rate_hz = request.plan, encoder.spec.sample_rate_hz
    workshop = workshop_of(
        request.material, plan.conditions, seed=plan.seed, sample_rate_hz=rate_hz
    )
    songs = songs_of(request, encoder, catalog, settings, progress)
    rows: list[_Row] = []
    asked = shares(songs.inside, plan.queries, seed=plan.seed)
    in_whole = _in_whole(settings)
    for number, (song, count) in enumerate(asked):
        clean = read_samples(song.path, rate_hz)
        search = Remembered(catalog.search_prints)
        matchers = [
            (present, _matcher(encoder, catalog, in_whole, struck, search))
            for present, struck in ((True, frozenset[int]()), (False, song.struck))
        ]
        for query in queries(clean, song.path.name, count, plan, workshop):
            for length_s, length in zip(plan.lengths_s, plan.lengths(rate_hz), strict=True):
                step = _prints(encoder, query.spoiled.query(length))
                for present, matcher in matchers:
                    match = _alone(matcher, step)
                    if match is not None:
                        right = present and _same(songs, match.song, song)
                        rows.append(
                            (match.evidence, right, present, length_s, query.condition.name)
                        )
        progress("songs", number + 1, len(asked))
    if not rows:
        raise EvaluationError(
            f"{request.material.songs}: no song is long and loud enough to take queries from"
        )
    for kind, bank in workshop.banks.items():
        rows += _without_music(kind, bank, plan, encoder, catalog, settings)
        progress(f"{kind} alone", plan.queries, plan.queries)
    if request.live is not None:
        rows += _listened(request, songs, encoder, catalog, settings, progress)
    return Evidence(*map(np.array, zip(*rows, strict=True)))


def _without_music(
    kind: str, bank: Bank, plan: Plan, encoder: Encoder, catalog: Catalog, settings: Settings
) -> Iterator[_Row]:
    """The best lines of stretches of a bank, of which none is right."""
    rate_hz = encoder.spec.sample_rate_hz
    rng = np.random.default_rng([plan.seed, 4])
    in_whole = _in_whole(settings)
    matcher = _matcher(encoder, catalog, in_whole, frozenset(), catalog.search_prints)
    for _ in range(plan.queries):
        stretch = bank.draw(rng, plan.lengths(rate_hz))
        for length_s, length in zip(plan.lengths_s, plan.lengths(rate_hz), strict=True):
            match = _alone(matcher, _prints(encoder, stretch[:length]))
            if match is not None:
                yield match.evidence, False, False, length_s, f"{kind} alone"


class _Overhears:
    """A matcher that names nothing, and keeps what `matcher` saw of every span."""

    def __init__(self, matcher: Matcher) -> None:
        self._matcher = matcher
        self.seen: list[list[Match]] = []

    def match(self, steps: Sequence[PrintStep]) -> list[Match | None]:
        self.seen += self._matcher.match_spans(steps)
        return [None] * len(steps)

    def clear(self) -> None:
        self._matcher.clear()


def _listened(
    request: Request,
    songs: Songs,
    encoder: Encoder,
    catalog: Catalog,
    settings: Settings,
    progress: Progress,
) -> Iterator[_Row]:
    """The lines through passages of songs that are struck, as a listener sees them."""
    assert request.live is not None
    rate_hz, wanted_s = encoder.spec.sample_rate_hz, 3600 * request.live.hours
    rng = np.random.default_rng([request.plan.seed, 5])
    outsiders = [(song, request.material.songs) for song in songs.inside]
    for folder in request.material.distractors:
        found = songs_in(folder, catalog, songs.everything, leave_out=False)
        outsiders += [(song, folder) for song in found]
    heard_s = 0.0
    for number in rng.permutation(len(outsiders)):
        if heard_s >= wanted_s:
            break
        song, folder = outsiders[int(number)]
        assert song.song is not None
        struck = kin(song.song, songs.everything, folder)  # only of those heard: it looks at all
        sound = read_samples(song.path, rate_hz)
        begin = round(rng.uniform() * max(0.0, len(sound) - LISTENED_S * rate_hz))
        passage = sound[begin : begin + round(LISTENED_S * rate_hz)]
        whole = _matcher(encoder, catalog, settings, struck, catalog.search_prints)
        matcher = _Overhears(whole)
        deque(listening(encoder, catalog, settings, matcher)(blocks(passage)), maxlen=0)
        for spans in matcher.seen[::_LISTENED]:
            for match in spans:
                yield match.evidence, False, False, 0.0, "outsiders live"
        heard_s += len(passage) / rate_hz
        progress("seconds of outsiders live", int(heard_s), int(wanted_s))


def fit(evidence: Evidence, *, fingerprint: str) -> Calibration:
    """The curves of `evidence`; both answers weigh the same, and their bias is moved to `PRIOR`.

    Raises `EvaluationError`: all lines are right, or none is.
    """
    right = evidence.right
    if right.all() or not right.any():
        raise EvaluationError(
            f"{int(right.sum())} of {len(right)} best lines are right: there is nothing to tell "
            "apart; ask for more queries, or name more songs"
        )
    odds = _fit(evidence, [name for name in FEATURES if name != "no_peaks"])
    return Calibration(fingerprint, odds, by_prints=_fit(evidence, OF_PRINTS))


def _fit(evidence: Evidence, names: Sequence[str]) -> Odds:
    """The odds by the features `names`."""
    right = evidence.right
    weight = np.where(right, 0.5 / right.sum(), 0.5 / (~right).sum())
    values = evidence.values[:, [FEATURES.index(name) for name in names]]
    curves, bias = fit_curves(values, right, weight, free={names.index(LENGTH)})
    prior = float(np.log(PRIOR / (1 - PRIOR)))
    return Odds(dict(zip(names, curves, strict=True)), bias + prior)


def threshold(evidence: Evidence, calibration: Calibration) -> float:
    """The highest confidence that was given to a wrong song."""
    wrong = evidence.values[~evidence.right]
    return max((calibration.probability(row) for row in wrong), default=0.0)


def _in_whole(settings: Settings) -> Settings:
    """The settings, but queries are seen as a whole."""
    whole = settings.match.model_copy(update={"spans_s": (SPAN_S,)})
    return settings.model_copy(update={"match": whole})


def _matcher(
    encoder: Encoder,
    catalog: Catalog,
    settings: Settings,
    struck: frozenset[int],
    search: Search,
) -> Matcher:
    return matcher_over(
        catalog,
        encoder,
        settings=settings,
        search=lambda prints, k: without(search(prints, _ASKED_MORE * k), struck, k),
        search_landmarks=landmarks_without(catalog, struck),
        calibration=Calibration(encoder.spec.prints.fingerprint, Odds({}, 0.0), Odds({}, 0.0)),
    )


def _prints(encoder: Encoder, samples: NDArray[np.float32]) -> list[PrintStep]:
    steps = PrintSteps(encoder)
    return steps.push(samples) + steps.finish()


def _alone(matcher: Matcher, steps: Sequence[PrintStep]) -> Match | None:
    matcher.clear()
    matches = matcher.match(steps)
    return matches[-1] if matches else None


def _same(songs: Songs, answer: int, song: QueriedSong) -> bool:
    assert song.song is not None
    return songs.everything[answer].group == songs.everything[song.song].group

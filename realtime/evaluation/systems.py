"""nowhear as a system under test: the real identifier and recognizer over the real catalog.

Songs can be struck from what a search finds, so that any song can be made an outsider without
building another catalog.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from catalog.catalog import Catalog
from catalog.landmark_index import LandmarkHits
from catalog.search import NO_SCORE, NO_SONG, Hits
from catalog.segments import SegmentHits
from encoder.embedding import Embeddings, Encoder, EncoderSpec
from realtime.blocks import Block
from realtime.events import Identity
from realtime.identify import Identifier
from realtime.landmarks import SearchLandmarks
from realtime.matching import Matcher
from realtime.opening import matcher_over
from realtime.recognizer import Matching, Recognizer
from realtime.settings import Settings
from realtime.steps import has_one_pass

from .live import Heard, Listen
from .report import SYSTEM
from .trials import Answer, Identify, System

__all__ = [
    "Remembered",
    "Search",
    "landmarks_without",
    "listeners",
    "listening",
    "nowhear",
    "searching_without",
    "without",
]

Samples = NDArray[np.float32]
Answered = TypeVar("Answered")
Search = Callable[[NDArray[np.float32], int], SegmentHits]

_ASKED_MORE = 4  # so many times as many hits are asked for when struck songs fill the places
_MOST_ASKED = 4096


class _HasLandmarks(Protocol):
    def search_landmarks(self, keys: NDArray[np.int64]) -> LandmarkHits: ...


class _Cataloged(Protocol):
    def search_prints(self, prints: NDArray[np.float32], k: int) -> SegmentHits: ...


def nowhear(encoder: Encoder, catalog: Catalog, settings: Settings) -> System:
    """The identifier of `nowhear identify`, with its best answer even when it names nothing."""

    encoder = _Remembers(encoder)  # a song asked for twice is printed once

    def without(struck: frozenset[int]) -> Identify:
        identifier = Identifier(
            encoder, catalog, settings, matcher=_matcher(encoder, catalog, settings, struck)
        )
        return lambda samples: _identify(identifier, samples, settings)

    return System(SYSTEM, without)


def listeners(
    encoder: Encoder, catalog: Catalog, settings: Settings
) -> Callable[[frozenset[int]], Listen]:
    """Gives fresh recognizers of `nowhear listen`, without the songs struck, that do not rank.

    What they take for playing does not depend on the ranking, which costs most of the time.
    """

    return lambda struck: listening(
        encoder, catalog, settings, _matcher(encoder, catalog, settings, struck)
    )


def listening(encoder: Encoder, catalog: Catalog, settings: Settings, matcher: Matching) -> Listen:
    """A fresh recognizer of `nowhear listen` that asks `matcher`, and does not rank."""
    recognizer = Recognizer(
        _Names(encoder),
        matcher=matcher,
        search=_finds_nothing,
        songs=catalog.get,
        settings=settings.listen,
        match_settings=settings.match,
    )
    return lambda blocks: _heard(recognizer, blocks)


def searching_without(catalog: _Cataloged, struck: frozenset[int]) -> Search:
    """`catalog.search_prints` as if the songs `struck` were not there."""
    if not struck:
        return catalog.search_prints
    songs = np.array(sorted(struck))

    def search(prints: NDArray[np.float32], k: int) -> SegmentHits:
        asked = k
        while True:
            hits = catalog.search_prints(prints, asked)
            left = (~np.isin(hits.songs, songs) & (hits.songs != NO_SONG)).sum(axis=1)
            exhausted = (hits.songs == NO_SONG).any(axis=1)
            all_there = hits.songs.shape[1] < asked or (exhausted | (left >= k)).all()
            if all_there or asked >= _MOST_ASKED:
                return without(hits, struck, k)
            asked *= _ASKED_MORE

    return search


def landmarks_without(catalog: _HasLandmarks, struck: frozenset[int]) -> SearchLandmarks:
    """`catalog.search_landmarks` as if the songs `struck` were not there."""
    if not struck:
        return catalog.search_landmarks
    songs = np.array(sorted(struck))

    def search(keys: NDArray[np.int64]) -> LandmarkHits:
        hits = catalog.search_landmarks(keys)
        left = ~np.isin(hits.songs, songs)
        return LandmarkHits(hits.keys[left], hits.songs[left], hits.frames[left])

    return search


def without(hits: SegmentHits, struck: frozenset[int], k: int) -> SegmentHits:
    """The first `k` hits of each row that are not of songs in `struck`, in their order."""
    gone = np.isin(hits.songs, np.array(sorted(struck), dtype=np.int64))
    order = np.argsort(gone, axis=1, kind="stable")[:, :k]
    gone = np.take_along_axis(gone, order, axis=1)

    def kept(values: NDArray[np.generic], nothing: float) -> NDArray[np.generic]:
        return np.where(gone, nothing, np.take_along_axis(values, order, axis=1))

    return SegmentHits(
        songs=kept(hits.songs, NO_SONG).astype(np.int64),
        segments=kept(hits.segments, NO_SONG).astype(np.int64),
        scores=kept(hits.scores, NO_SCORE).astype(np.float32),
    )


def _matcher(
    encoder: Encoder, catalog: Catalog, settings: Settings, struck: frozenset[int]
) -> Matcher:
    return matcher_over(
        catalog,
        encoder,
        settings=settings,
        search=searching_without(catalog, struck),
        search_landmarks=landmarks_without(catalog, struck),
    )


def _identify(identifier: Identifier, samples: Samples, settings: Settings) -> Answer | None:
    found = identifier.find_in(samples)
    if found is None:
        return None
    return Answer(
        song=found.song,
        position_s=found.position / identifier.sample_rate_hz,
        rate=found.rate,
        score=found.score,
        confidence=found.confidence,
        named=found.confidence >= settings.match.confidence,
    )


def _heard(recognizer: Recognizer, blocks: Iterable[Block]) -> Iterator[Heard]:
    for block in blocks:
        for event in recognizer.feed(block):
            if isinstance(event, Identity):
                yield Heard(event.at, None if event.song is None else event.song.id)


class Remembered(Generic[Answered]):
    """A question about an array whose newest answer is ready when the same array comes again.

    What else is asked along with the array must stay the same.
    """

    def __init__(self, ask: Callable[..., Answered]) -> None:
        self._ask = ask
        self._newest: tuple[Samples, Answered] | None = None

    def __call__(self, array: Samples, *more: object) -> Answered:
        if self._newest is None or not np.array_equal(self._newest[0], array):
            self._newest = array.copy(), self._ask(array, *more)
        return self._newest[1]


class _Remembers:
    """An encoder that has the prints of the newest stretches ready when they come again."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._prints = Remembered(encoder.prints)

    @property
    def spec(self) -> EncoderSpec:
        return self._encoder.spec

    def prints(self, stretches: NDArray[np.float32]) -> NDArray[np.float32]:
        return self._prints(stretches)

    def embed(self, windows: NDArray[np.float32]) -> Embeddings:
        return self._encoder.embed(windows)


class _Names:
    """An encoder that makes prints and no style, unless one pass makes both."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder

    @property
    def spec(self) -> EncoderSpec:
        return self._encoder.spec

    def prints(self, stretches: NDArray[np.float32]) -> NDArray[np.float32]:
        return self._encoder.prints(stretches)

    def embed(self, windows: NDArray[np.float32]) -> Embeddings:
        if has_one_pass(self.spec):
            return self._encoder.embed(windows)
        rows = len(windows)
        return Embeddings(
            style=np.zeros((rows, self.spec.style_dim), np.float32),
            tags=np.zeros((rows, len(self.spec.tags)), np.float32),
        )


def _finds_nothing(styles: NDArray[np.float32], _k: int) -> Hits:
    nothing = np.zeros((len(styles), 0))
    return Hits(songs=nothing.astype(np.int64), scores=nothing.astype(np.float32))

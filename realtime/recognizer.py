"""From blocks of samples to events: which song plays, and what it sounds like. Pure.

    blocks ─► steps ─┬► prints ─► match ─► identity
                     └► styles ─► smooth ─► search ─► rank

No clock, thread, file or network: what embeds, matches and searches is passed in, and everything
that the blocks of one `feed` complete goes through each of them in one call. However a signal is
cut into blocks, the events are the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from catalog.search import Hits
from catalog.songs import Song
from encoder.embedding import Embeddings, Encoder

from .blocks import Block
from .events import Event, Gap, Level, Place, Play, Ranked, Similar, Tags, describe
from .identity import IdentityTracker
from .match import Match
from .placing import Glide, PlacesOf, place_of_hits
from .ranking import rank
from .searching import PrintStep
from .settings import ListenSettings, MatchSettings
from .smoothing import Impression, Smoother
from .steps import Cutter, Silence, Step, Stretch, Window, has_one_pass

__all__ = ["Matching", "Recognizer", "Search", "SongsOf", "describe"]

Search = Callable[[NDArray[np.float32], int], Hits]
SongsOf = Callable[[Sequence[int]], Mapping[int, Song]]

HITS_PER_PLACE = 20
"""Hits asked for per place of the ranking: near-duplicates and an artist's other songs fall away,
and what stood in the ranking before must still be among the hits to be kept steady."""


class Matching(Protocol):
    """Finds songs by their prints; `realtime.matching.Matcher` does."""

    def match(self, steps: Sequence[PrintStep]) -> list[Match | None]:
        """The song that each step, with those before it, belongs to."""
        ...

    def clear(self) -> None:
        """Forgets the steps so far: what comes next is another piece."""
        ...


@dataclass(frozen=True, eq=False)
class _Query:
    """A ranking that is due: the smoothed impression to search for."""

    heard: Impression


@dataclass(frozen=True, eq=False)
class _Printed:
    """Prints to match; the sound that they rest on ends at `end`."""

    step: PrintStep
    end: int


@dataclass(frozen=True)
class _Music:
    """With so much `probability` are the windows kept at sample `at` music."""

    probability: float
    at: int


_Due = Level | Gap | Silence | _Query | _Printed | _Music


class Recognizer:
    """Fed with blocks, says what is heard; see the module.

    `encoder` turns windows into styles and prints, `matcher` finds the song that prints belong to,
    `search` finds songs near styles, and `songs` gives the songs of ids (those it does not know are
    left out). With `places`, which says where on the map songs lie, every ranking is followed by
    the `Place` of what is heard.
    """

    def __init__(
        self,
        encoder: Encoder,
        *,
        matcher: Matching,
        search: Search,
        songs: SongsOf,
        settings: ListenSettings,
        match_settings: MatchSettings,
        places: PlacesOf | None = None,
    ) -> None:
        spec = encoder.spec

        def samples(seconds: float) -> int:
            return max(1, round(seconds * spec.sample_rate_hz))

        self._encoder, self._matcher = encoder, matcher
        self._search, self._songs, self._places = search, songs, places
        self._spec, self._settings = spec, settings
        self._one_pass = has_one_pass(spec)
        self._rank_every = samples(settings.rank_every_s)
        self._cutter = Cutter(spec, settings)
        self._smoother = Smoother(span_samples=samples(settings.smooth_s))
        self._identity = IdentityTracker(match_settings, sample_rate_hz=spec.sample_rate_hz)
        self._glide = Glide(span_samples=samples(settings.glide_s))
        self._ranked_at: int | None = None  # end of the newest window ranked
        self._ranking: list[int] = []

    def feed(self, *blocks: Block) -> list[Event]:
        """The events that these blocks complete, in order of position; often none.

        A `Play` has no position of its own: it tells of what lies before.

        Raises `AudioFormatError`, and then has taken none of the blocks: samples that are not
        finite mono float32, or a block that begins before the end of the one before it.
        """
        self._cutter.check(blocks)
        steps = [step for block in blocks for step in self._cutter.push(block)]
        return self._say(self._due(steps))

    def finish(self) -> list[Event]:
        """The last events, at the end of the source; it is silent then.

        A sound too short for one window is heard padded with silence; the last windows are ranked
        even when no ranking was due.
        """
        due = self._due(self._cutter.flush())
        if len(self._smoother) and self._smoother.mean().end != self._ranked_at:
            due.append(self._query())
        return [*self._say(due), *self._identity.finish(at=self._cutter.end)]

    def plays(self) -> list[Play]:
        """The plays that end when listening is given up here, found without embedding anything."""
        ended = self._identity.finish(at=self._cutter.end)
        return [event for event in ended if isinstance(event, Play)]

    def _due(self, steps: Sequence[Step]) -> list[_Due]:
        """Embeds what `steps` hold, all at once, and finds where a ranking is due."""
        windows = [step for step in steps if isinstance(step, Window)]
        stretches = [step for step in steps if isinstance(step, Stretch)]
        impressions = iter(self._embedded(windows))
        printed = iter(self._printed(stretches))
        due: list[_Due] = []
        for step in steps:
            if isinstance(step, Window):
                impression, prints = next(impressions)
                due += [] if prints is None else [prints]
                self._smoother.push(impression)
                due += self._music(at=step.end)
                if self._ranked_at is None or step.end - self._ranked_at >= self._rank_every:
                    due.append(self._query())
            elif isinstance(step, Stretch):
                due.append(next(printed))
            else:
                if isinstance(step, Silence):
                    self._smoother.clear()
                    self._ranked_at = None
                due.append(step)
        return due

    def _music(self, *, at: int) -> list[_Music]:
        probability = self._smoother.music()
        return [] if probability is None else [_Music(probability, at)]

    def _embedded(self, windows: Sequence[Window]) -> Iterable[tuple[Impression, _Printed | None]]:
        """Style and tags of every window, and its print when the same pass gives that."""
        if not windows:
            return []
        heard = self._encoder.embed(np.stack([window.samples for window in windows]))
        music = [None] * len(windows) if heard.music is None else heard.music.tolist()
        impressions = (
            Impression(style, tags, window.end, probability)
            for style, tags, window, probability in zip(
                heard.style, heard.tags, windows, music, strict=True
            )
        )
        return zip(impressions, self._prints_of(heard, windows), strict=True)

    def _prints_of(self, heard: Embeddings, windows: Sequence[Window]) -> Sequence[_Printed | None]:
        if not self._one_pass:
            return [None] * len(windows)
        assert heard.prints is not None  # one pass gives them: `Encoder.embed`
        return [
            _Printed(_step(row[np.newaxis], window, np.zeros(1, np.int64)), window.end)
            for row, window in zip(heard.prints, windows, strict=True)
        ]

    def _printed(self, stretches: Sequence[Stretch]) -> Sequence[_Printed]:
        if not stretches:
            return []
        prints = self._encoder.prints(np.stack([stretch.samples for stretch in stretches]))
        stride = self._spec.prints.stride_samples
        return [
            _Printed(_audible(rows, stretch, stride=stride), stretch.end)
            for rows, stretch in zip(prints, stretches, strict=True)
        ]

    def _query(self) -> _Query:
        heard = self._smoother.mean()
        self._ranked_at = heard.end
        return _Query(heard)

    def _say(self, due: Sequence[_Due]) -> list[Event]:
        """The events; all rankings are searched at once."""
        matches = self._matched(due)
        hits = self._hits([step.heard.style for step in due if isinstance(step, _Query)])
        wanted = {match.song for match in matches if match is not None}
        wanted.update(hits.songs[hits.songs >= 0].tolist())
        songs = self._songs(sorted(wanted)) if wanted else {}
        rows = iter(range(len(hits.songs)))
        found = iter(matches)
        events: list[Event] = []
        for step in due:
            match step:
                case _Printed():
                    match = next(found)
                    song = None if match is None else songs.get(match.song)
                    events += self._identity.step(match, song, at=step.end)
                case _Music():
                    events += self._identity.music(step.probability, at=step.at)
                case _Query():
                    row, end = next(rows), step.heard.end
                    events += [Similar(end, self._rank(hits, row, songs)), self._tags(step.heard)]
                    events += self._place(hits, row, at=end)
                case Level():
                    start = step.at - self._cutter.hop_samples
                    events.append(step)
                    events += self._identity.level(step.state, start=start, at=step.at)
                case Gap():
                    self._identity.gap(step.samples)
                    events.append(step)
                case Silence():
                    self._ranking = []
                    self._glide.clear()
                    events += [Similar(step.at, ()), Tags(step.at, ())]
                    events += [] if self._places is None else [Place(step.at, None)]
        return events

    def _matched(self, due: Sequence[_Due]) -> list[Match | None]:
        """What each `_Printed` matched: all in one call, but for a silence between them."""
        matches: list[Match | None] = []
        waiting: list[PrintStep] = []
        for step in due:
            if isinstance(step, _Printed):
                waiting.append(step.step)
            elif isinstance(step, Silence):
                matches += self._matcher.match(waiting) if waiting else []
                waiting = []
                self._matcher.clear()
        return [*matches, *(self._matcher.match(waiting) if waiting else [])]

    def _hits(self, styles: Sequence[NDArray[np.float32]]) -> Hits:
        if not styles:
            return Hits(np.zeros((0, 0), np.int64), np.zeros((0, 0), np.float32))
        return self._search(np.stack(styles), HITS_PER_PLACE * self._settings.similar)

    def _rank(self, hits: Hits, row: int, songs: Mapping[int, Song]) -> tuple[Ranked, ...]:
        playing = self._identity.song
        ranked = rank(
            hits.songs[row],
            hits.scores[row],
            songs,
            k=self._settings.similar,
            per_artist=self._settings.per_artist,
            exclude={id for id, song in songs.items() if playing and song.group == playing.group},
            previous=self._ranking,
            steadiness=self._settings.steadiness,
        )
        self._ranking = [song for song, _ in ranked]
        return tuple(Ranked(songs[song], score) for song, score in ranked)

    def _place(self, hits: Hits, row: int, *, at: int) -> list[Place]:
        if self._places is None:
            return []
        target = place_of_hits(hits.songs[row], hits.scores[row], self._places)
        return [Place(at, None if target is None else self._glide.towards(target, at=at))]

    def _tags(self, heard: Impression) -> Tags:
        likeliest = np.argsort(-heard.tags, kind="stable")[: self._settings.tags]
        probabilities = np.clip(heard.tags, 0, 1)
        return Tags(
            heard.end, tuple((self._spec.tags[i], float(probabilities[i])) for i in likeliest)
        )


def _audible(prints: NDArray[np.float32], stretch: Stretch, *, stride: int) -> PrintStep:
    """Those of a stretch's prints `(P, D)` whose windows hold sound: silence is like any other."""
    numbers = np.array(stretch.audible, np.int64)
    return _step(prints[numbers], stretch, stride * numbers)


def _step(prints: NDArray[np.float32], sound: Window | Stretch, at: NDArray[np.int64]) -> PrintStep:
    """The step of prints whose windows begin `at` samples of the sound that they rest on."""
    return PrintStep.of(prints, sound.start + at, sound.samples, start=sound.start)

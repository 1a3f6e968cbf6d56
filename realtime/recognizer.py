"""From blocks of samples to events: windows, levels, style, ranking. Pure.

    blocks ─► level hops ─► silence or sound ─► windows ─► embed ─► smooth ─► search ─► rank

No clock, thread, file or network: `embed` and `search` are passed in, and everything that the
blocks of one `feed` complete goes through each of them in one call. However a signal is cut into
blocks, the events are the same.

Windows are laid from the level hop in which sound begins, so the first one is complete, and the
first ranking said, one window's length after that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catalog.search import Hits
from catalog.songs import Song
from encoder.audio import check_samples, rms_dbfs
from encoder.embedding import Embeddings, EncoderSpec
from encoder.errors import AudioFormatError
from encoder.windows import Windower, Windows

from .blocks import Block
from .events import Event, Gap, Level, Ranked, Similar, Tags, describe
from .levels import LevelMeter
from .ranking import rank
from .settings import ListenSettings
from .smoothing import Impression, Smoother
from .tracking import SoundTracker

__all__ = ["Embed", "Recognizer", "Search", "SongsOf", "describe"]

Embed = Callable[[NDArray[np.float32]], Embeddings]
Search = Callable[[NDArray[np.float32], int], Hits]
SongsOf = Callable[[Sequence[int]], Mapping[int, Song]]

HITS_PER_PLACE = 20
"""Hits asked for per place of the ranking: near-duplicates and an artist's other songs fall away,
and what stood in the ranking before must still be among the hits to be kept steady."""


@dataclass(frozen=True, eq=False)
class _Window:
    samples: NDArray[np.float32]  # (window_samples,)
    end: int


@dataclass(frozen=True)
class _Silence:
    """What was heard is over."""

    at: int


@dataclass(frozen=True, eq=False)
class _Query:
    """A ranking that is due: the smoothed impression to search for."""

    heard: Impression


_Step = Level | Gap | _Window | _Silence
_Due = Level | Gap | _Query | _Silence


class Recognizer:
    """Fed with blocks, says what is heard; see the module.

    `embed` turns windows `(n, window_samples)` into vectors, `search` finds songs near vectors, and
    `songs` gives the songs of ids (those it does not know are left out).
    """

    def __init__(
        self,
        spec: EncoderSpec,
        *,
        embed: Embed,
        search: Search,
        songs: SongsOf,
        settings: ListenSettings,
    ) -> None:
        def samples(seconds: float) -> int:
            return max(1, round(seconds * spec.sample_rate_hz))

        self._embed, self._search, self._songs = embed, search, songs
        self._spec, self._settings = spec, settings
        self._hop = samples(settings.level_hop_s)
        self._rank_every = samples(settings.rank_every_s)
        self._meter = LevelMeter(sample_rate_hz=spec.sample_rate_hz, hop_samples=self._hop)
        self._hops = Windower(window_samples=self._hop, hop_samples=self._hop)
        self._windower = Windower(
            window_samples=spec.window_samples, hop_samples=samples(settings.hop_s)
        )
        self._tracker = SoundTracker(
            silence_dbfs=settings.silence_dbfs, hold_samples=samples(settings.silence_hold_s)
        )
        self._smoother = Smoother(span_samples=samples(settings.smooth_s))
        self._end = 0  # sample after the newest one
        self._hop_end = self._hop  # end of the level hop under way
        self._ranked_at: int | None = None  # end of the newest window ranked
        self._ranking: list[int] = []

    def feed(self, *blocks: Block) -> list[Event]:
        """The events that these blocks complete, in order of position; often none.

        Raises `AudioFormatError`, and then has taken none of the blocks: samples that are not
        finite mono float32, or a block that begins before the end of the one before it.
        """
        self._check(blocks)
        steps = [step for block in blocks for step in self._steps(block)]
        return self._say(self._due(steps))

    def finish(self) -> list[Event]:
        """The last events, at the end of the source.

        A sound too short for one window is heard padded with silence; the last windows are ranked
        even when no ranking was due.
        """
        steps: list[_Step] = []
        if self._tracker.state == "sound":
            steps.extend(self._windows(self._windower.flush()))
        due = self._due(steps)
        if len(self._smoother) and self._smoother.mean().end != self._ranked_at:
            due.append(self._query())
        return self._say(due)

    def _check(self, blocks: Iterable[Block]) -> None:
        end = self._end
        for block in blocks:
            check_samples(block.samples)
            if block.start < end:
                raise AudioFormatError(
                    f"block begins at sample {block.start}, expected {end} or later"
                )
            end = block.end

    def _steps(self, block: Block) -> Iterator[_Step]:
        """What a block completes, in order: gap, windows, levels, silence."""
        if block.start > self._end:
            yield Gap(at=block.start, samples=block.start - self._end)
            self._hop_end = block.start + self._hop
        self._end = block.end
        start = block.start
        while start < block.end:
            # The state changes at ends of hops only, so no piece may reach across one.
            stop = min(block.end, self._hop_end)
            yield from self._piece(block.samples[start - block.start : stop - block.start], start)
            start = stop

    def _piece(self, samples: NDArray[np.float32], start: int) -> Iterator[_Step]:
        before = self._tracker.state
        if before == "sound":
            yield from self._windows(self._windower.push(samples, start))
        hops = self._hops.push(samples, start)
        if not len(hops):
            return
        level = self._meter.measure(hops.samples[0])
        at = self._hop_end
        self._hop_end += self._hop
        state = self._tracker.step(level.rms_dbfs, at=at)
        yield Level(at, level.rms_dbfs, level.peak_dbfs, state, level.bands)
        if (before, state) == ("silence", "sound"):
            yield from self._windows(self._windower.push(hops.samples[0], int(hops.starts[0])))
        if (before, state) == ("sound", "silence"):
            yield _Silence(at)

    def _windows(self, windows: Windows) -> Iterator[_Window]:
        """The windows in which there is something to hear."""
        for samples, start in zip(windows.samples, windows.starts, strict=True):
            if rms_dbfs(samples) >= self._settings.silence_dbfs:
                yield _Window(samples, min(int(start) + len(samples), self._end))

    def _due(self, steps: Sequence[_Step]) -> list[_Due]:
        """Embeds the windows of `steps`, all at once, and finds where a ranking is due."""
        windows = [step.samples for step in steps if isinstance(step, _Window)]
        rows = iter(self._rows(windows))
        due: list[_Due] = []
        for step in steps:
            if isinstance(step, _Window):
                style, tags = next(rows)
                self._smoother.push(Impression(style, tags, step.end))
                if self._ranked_at is None or step.end - self._ranked_at >= self._rank_every:
                    due.append(self._query())
                continue
            if isinstance(step, _Silence):
                self._smoother.clear()
                self._ranked_at = None
            due.append(step)
        return due

    def _rows(
        self, windows: Sequence[NDArray[np.float32]]
    ) -> Iterable[tuple[NDArray[np.float32], NDArray[np.float32]]]:
        if not windows:
            return []
        embeddings = self._embed(np.stack(windows))
        return zip(embeddings.style, embeddings.tags, strict=True)

    def _query(self) -> _Query:
        heard = self._smoother.mean()
        self._ranked_at = heard.end
        return _Query(heard)

    def _say(self, due: Sequence[_Due]) -> list[Event]:
        """The events; all rankings are searched at once."""
        hits, songs = self._found([step.heard.style for step in due if isinstance(step, _Query)])
        rows = iter(range(len(hits.songs)))
        events: list[Event] = []
        for step in due:
            if isinstance(step, _Query):
                ranked = self._rank(hits, next(rows), songs)
                events += [Similar(step.heard.end, ranked), self._tags(step.heard)]
            elif isinstance(step, _Silence):
                self._ranking = []
                events += [Similar(step.at, ()), Tags(step.at, ())]
            else:
                events.append(step)
        return events

    def _found(self, styles: Sequence[NDArray[np.float32]]) -> tuple[Hits, Mapping[int, Song]]:
        if not styles:
            return Hits(np.zeros((0, 0), np.int64), np.zeros((0, 0), np.float32)), {}
        hits = self._search(np.stack(styles), HITS_PER_PLACE * self._settings.similar)
        ids = np.unique(hits.songs[hits.songs >= 0]).tolist()
        return hits, self._songs(ids) if ids else {}

    def _rank(self, hits: Hits, row: int, songs: Mapping[int, Song]) -> tuple[Ranked, ...]:
        ranked = rank(
            hits.songs[row],
            hits.scores[row],
            songs,
            k=self._settings.similar,
            per_artist=self._settings.per_artist,
            previous=self._ranking,
            steadiness=self._settings.steadiness,
        )
        self._ranking = [song for song, _ in ranked]
        return tuple(Ranked(songs[song], score) for song, score in ranked)

    def _tags(self, heard: Impression) -> Tags:
        likeliest = np.argsort(-heard.tags, kind="stable")[: self._settings.tags]
        probabilities = np.clip(heard.tags, 0, 1)
        return Tags(
            heard.end, tuple((self._spec.tags[i], float(probabilities[i])) for i in likeliest)
        )

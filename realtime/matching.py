"""From prints to a match: which song, where in it, how fast, how sure. Pure.

    prints ─► search ─► hits ─► lines (votes) ─┬─► exact scores ─► peaks laid over ─► probability
    peaks ─► pairs ─► search ─► lines (counts) ─┘

The newest seconds are looked at in spans of several lengths, since a long span is sure where a
short one guesses, and a short one sees at once that another song has begun. The shortest that is
sure answers. Where no song is likely, long ones are looked at once a second.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from encoder.embedding import PrintSpec
from encoder.peaks import FRAME_HOP

from .alignment import PRIOR_COSINE, Line, Region, Scored, best_lines, propose, strength
from .asked import Asked, PeakRows, Prints
from .calibration import Calibration, Others, features
from .heard import Heard
from .landmarks import LandmarkLines, SearchLandmarks
from .match import Match, steadied
from .overlay import NOTHING_LAID, Ground, Overlaid
from .searching import PrintSearch, PrintStep, SearchPrints
from .sections import MatchSettings

__all__ = ["Matcher"]

_AS_GOOD = 0.9  # of the best line's rank must another repeat have to be held on to
_LONG_S = 3.0  # spans that are longer change little from one step to the next
_LONG_EVERY_S = 1.0  # of sound is soon enough to ask them again, where nothing is likely
_LIKELY_S = 3.0  # of sound after something was likely it may be again
_FINE = 4  # lines, the strongest, whose place and rate are found finely
_NEWEST_S = 2.0  # what shows whether a song still plays
_REMEMBERED_S = 1.0  # of sound long is what was asked about songs remembered
_SETTLED_S = 5.0  # of a time line are enough to know which of a song's repeats plays
_STILL = 0.6  # of a line's mean cosine must its newest part have, for the song to play still
_PER_SONG = 3  # lines of one song that are scored: what repeats itself has several
_SUPPORT = 0.03  # of strength is each unit of the peaks' support worth, to compare lines


@dataclass(frozen=True, eq=False)
class _Candidate:
    """A line with its exact scores, and what its peaks met."""

    scored: Scored
    overlaid: Overlaid = NOTHING_LAID

    @property
    def strength(self) -> float:
        return strength(self.scored.cosines)

    @property
    def rank(self) -> float:
        """How much speaks for the line."""
        return self.strength + _SUPPORT * self.overlaid.support


@dataclass(frozen=True, eq=False)
class _Ranked:
    """A span's best line, and those of other recordings."""

    best: _Candidate
    others: Others


class Matcher:
    """Fed with prints in order of time, says which song they are of.

    `search` finds segments near prints and `search_landmarks` moments with landmarks, `prints_of`
    and `peaks_of` give a song's prints and peaks, a row a segment, and `groups_of` the groups of
    those songs that are there; `hop_samples` is the distance of a song's segments, and
    `calibration` that of the network that makes the prints.
    """

    def __init__(
        self,
        spec: PrintSpec,
        *,
        search: SearchPrints,
        search_landmarks: SearchLandmarks,
        prints_of: Callable[[int], Prints],
        peaks_of: Callable[[int], PeakRows],
        groups_of: Callable[[Sequence[int]], Mapping[int, int]],
        hop_samples: int,
        settings: MatchSettings,
        calibration: Calibration,
    ) -> None:
        self._spec, self._settings, self._hop = spec, settings, hop_samples
        self._prints_of, self._peaks_of, self._groups_of = prints_of, peaks_of, groups_of
        self._calibration = calibration
        self._middle = spec.window_samples / 2
        self._rate_hz = spec.sample_rate_hz
        self._newest = _NEWEST_S * spec.sample_rate_hz
        self._line = settings.line_s * spec.sample_rate_hz
        self._prints = PrintSearch(spec, search, hop_samples=hop_samples, settings=settings)
        self._landmarks = LandmarkLines(
            search_landmarks,
            most=settings.landmarks if settings.laid else 0,  # only peaks that are laid prove them
            every_s=settings.landmarks_every_s,
        )
        self._spans = [span * spec.sample_rate_hz for span in sorted(settings.spans_s)]
        self.clear()

    def clear(self) -> None:
        """Forgets what was heard: what comes next is another piece."""
        self._heard = Heard.nothing(self._spec.dimension)
        self._landmarks.clear()
        self._settled: Match | None = None
        self._songs: tuple[float, Asked] | None = None
        self._asked_long = -math.inf
        self._likely_at = -math.inf

    def match(self, steps: Sequence[PrintStep]) -> list[Match | None]:
        """For each step in order, what the newest prints up to its end are of; None: of nothing."""
        return [answer for answer, _ in self._answers(steps)]

    def match_spans(self, steps: Sequence[PrintStep]) -> list[list[Match]]:
        """For each step in order, what each span up to its end is of, shortest first, as far as
        they were asked: what `match` chooses from. Long ones are asked at each step."""
        return [matches for _, matches in self._answers(steps, long_every_s=0.0)]

    def _answers(
        self, steps: Sequence[PrintStep], *, long_every_s: float = _LONG_EVERY_S
    ) -> Iterator[tuple[Match | None, list[Match]]]:
        for heard in self._prints.heard(steps):
            if not len(heard.prints):
                yield None, []
                continue
            self._heard = self._heard.and_then(heard)
            newest = float(self._heard.middles[-1])
            self._heard = self._since(newest - self._spans[-1])
            self._landmarks.hear(self._heard.frames)
            songs, spans = self._asked(newest), self._spans_to_ask(newest, long_every_s)
            yield self._answer(spans, songs)

    def _spans_to_ask(self, newest: float, long_every_s: float) -> list[float]:
        """All spans, or only the short ones when the others were asked just before: of music that
        no song is like, they would take most of the time."""
        due = newest - self._asked_long >= long_every_s * self._rate_hz
        likely = newest - self._likely_at <= _LIKELY_S * self._rate_hz
        if not (due or likely):
            short = max(_LONG_S * self._rate_hz, self._spans[0])
            return [span for span in self._spans if span <= short]
        self._asked_long = newest
        return self._spans

    def _asked(self, newest: float) -> Asked:
        """What is remembered of songs; for a moment only, since catalogs change."""
        if self._songs is None or newest - self._songs[0] >= _REMEMBERED_S * self._rate_hz:
            self._songs = newest, Asked(self._prints_of, self._peaks_of, self._groups_of)
        return self._songs[1]

    def _answer(self, spans: Sequence[float], songs: Asked) -> tuple[Match | None, list[Match]]:
        """The match of the shortest of `spans` that may name a song, else of the surest; and all.

        Shortest, because a span that reaches back into the song before is still sure of that one.
        Of a song's repeats, though, a short span may take any: until `_SETTLED_S` of a time line
        were heard, longer ones are asked too.
        """
        newest, oldest = float(self._heard.middles[-1]), float(self._heard.middles[0])
        matches: list[Match] = []
        goes_on = False
        for span in spans:
            ranked = self._ranked(self._since(newest - span), songs)
            if ranked is not None and self._plays_still(ranked.best.scored, newest):
                matches.append(self._as_match(ranked))
                by_peaks = ranked.best.overlaid.line is not None
                goes_on = by_peaks and self._is_settled(matches[-1])
                if goes_on:
                    break  # longer spans can only say the same
            if newest - span <= oldest:
                break  # longer spans hold no more
        if any(match.confidence >= self._settings.keep for match in matches):
            self._likely_at = newest
        if not matches:
            self._settled = None
            return None, matches
        sure = (match for match in matches if match.confidence >= self._settings.confidence)
        named = next((match for match in sure if match.placed), None)
        answer = named or max(matches, key=lambda match: match.confidence)
        answer = steadied(answer, matches, within=self._line, certain=self._settings.certain)
        long = answer.at - answer.since >= _SETTLED_S * self._rate_hz
        self._settled = answer if goes_on or long else None
        return answer, matches

    def _is_settled(self, match: Match) -> bool:
        """Whether a sure match goes on as it was heard for long."""
        sure = match.confidence >= self._settings.certain
        before = self._settled
        return sure and before is not None and match.on_line_of(before, within=self._line)

    def _since(self, middle: float) -> Heard:
        return self._heard.since(middle, half_window=self._middle)

    def _ranked(self, heard: Heard, songs: Asked) -> _Ranked | None:
        """The best line through what was heard, beside those of other recordings."""
        lines = propose(heard.hits, hop=self._hop, most=self._settings.lines, per_song=_PER_SONG)
        by_prints = self._scored(lines, heard, songs, fine=_FINE)
        laid, rest = by_prints[: self._settings.laid], by_prints[self._settings.laid :]
        if self._settings.laid:
            laid = [*laid, *self._besides(laid, heard, songs)]
        candidates = [*self._laid(laid, heard, songs), *map(_Candidate, rest)]
        if not candidates:
            return None
        best = self._going_on(candidates, float(heard.middles[-1]))
        groups = songs.groups([one.scored.line.song for one in candidates])
        own = groups[best.scored.line.song]
        others = [one for one in candidates if groups[one.scored.line.song] != own]
        strongest = max((one.strength for one in others), default=PRIOR_COSINE)
        support = max((one.overlaid.support for one in others), default=0.0)
        return _Ranked(best, Others(strongest, support))

    def _going_on(self, candidates: Sequence[_Candidate], newest: float) -> _Candidate:
        """The best line; of a song's repeats that are nearly as good, the one that was played."""
        best = max(candidates, key=lambda one: one.rank)
        before = self._settled
        if before is None or before.song != best.scored.line.song:
            return best
        going_on = [
            one
            for one in candidates
            if one.scored.line.meets(before.line, at=newest, within=self._line)
            and one.rank >= _AS_GOOD * best.rank
        ]
        return max(going_on, key=lambda one: one.rank, default=best)

    def _besides(self, others: Sequence[Scored], heard: Heard, songs: Asked) -> list[Scored]:
        """The lines that landmarks propose and the one that was played, without those that are
        among `others`."""
        newest = float(heard.middles[-1])
        played = [] if self._settled is None else [self._settled.line]
        lines = [
            line
            for line in (*played, *self._landmarks.lines)
            if not any(one.line.meets(line, at=newest, within=self._hop) for one in others)
        ]
        return self._scored(lines, heard, songs, fine=0)

    def _laid(self, scored: Sequence[Scored], heard: Heard, songs: Asked) -> list[_Candidate]:
        """The lines with what their peaks met."""
        if not scored:
            return []
        frames = heard.frames  # their contrast is found along with that of all before them
        above = self._heard.frames.contrast[:, frames.first - self._heard.frames.first :]
        ground = Ground(above, first=float(frames.first * FRAME_HOP))
        return [_Candidate(one, ground.lay(one.line, songs.peaks(one.line.song))) for one in scored]

    def _scored(
        self, lines: Sequence[Line], heard: Heard, songs: Asked, *, fine: int
    ) -> list[Scored]:
        """The lines of songs that are there with their exact scores, strongest first; only the
        first `fine` finely."""
        there = songs.groups([line.song for line in lines])
        regions = (
            Region(
                line,
                heard.prints,
                heard.middles,
                songs.prints(line.song),
                hop=self._hop,
                first=self._middle,
            )
            for line in lines
            if line.song in there
        )
        return best_lines(regions, fine=fine)

    def _plays_still(self, best: Scored, newest: float) -> bool:
        """Whether the line holds up to the newest print, and not only before."""
        late = best.cosines[best.at > newest - self._newest]
        return len(late) > 0 and float(late.mean()) >= _STILL * best.mean

    def _as_match(self, ranked: _Ranked) -> Match:
        best, newest = ranked.best.scored, float(self._heard.middles[-1])
        overlaid = ranked.best.overlaid
        line = overlaid.line or best.line
        end = newest + self._middle
        evidence = features(best.cosines, ranked.others, overlaid, rate=line.rate)
        begins = best.at[int(np.argmax(best.cosines >= _STILL * best.mean))]
        return Match(
            song=best.line.song,
            at=round(end),
            since=round(max(begins, self._heard.middles[0]) - self._middle),
            position=line.position(end),
            rate=line.rate,
            score=best.mean,
            confidence=self._calibration.probability(evidence),
            placed=overlaid.line is not None or not overlaid.peaks,
            evidence=tuple(evidence.tolist()),
        )

"""A song that plays: where it is by now, since when, and the record that is left of it. Pure.

Positions are samples: of the source for `at`, `since`, `start` and `end`, of the song for
`position`. Both count at the encoder's rate.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from catalog.songs import Song

from .alignment import Line
from .events import Play
from .match import Match

_RATE_WAVERS = 0.02  # the rate of a row's matches differs by no more from that of its first


@dataclass(frozen=True)
class Candidate:
    """Matches in a row that agree in song and time line, and are not yet believed.

    - `first`, `line`: the lines of the first and of the newest of them.
    - `since`: begin of the oldest window that is like the song.
    - `confidence`, `before`: of the newest match and of the one before it, 0 where there is none.
    - `count`: how many they are.
    """

    song: Song
    first: Line
    line: Line
    since: int
    confidence: float
    before: float
    count: int

    @classmethod
    def of(cls, match: Match, song: Song) -> Candidate:
        """The first of a row."""
        return cls(song, match.line, match.line, match.since, match.confidence, 0.0, 1)

    @property
    def at(self) -> int:
        """Up to where the newest match heard it."""
        return round(self.line.at)

    @property
    def lasts(self) -> float:
        """From the first match to the newest, in samples of the source."""
        return self.line.at - self.first.at

    @property
    def start(self) -> int:
        """Where the song began to be heard on this line."""
        return max(self.since, self.line.begin)

    @property
    def surely(self) -> float:
        """The confidence that its newest two matches have both; 0 when it has but one."""
        return min(self.confidence, self.before)

    def agrees(self, match: Match, song: Song, *, within: float) -> bool:
        """Whether `match` lies on the same line of the same recording, to `within` samples.

        The line is that of the row's first match. What plays goes on along it, since sound comes
        that was not heard then; a match by chance, with a drum roll or a drone that is alike at all
        times, wanders from step to step in place and in rate.
        """
        off = abs(self.first.position(match.at) - match.position)
        as_fast = abs(match.rate - self.first.rate) <= _RATE_WAVERS
        return song.group == self.song.group and off <= within and as_fast

    def joined(self, match: Match) -> Candidate:
        """The row with one more match."""
        return replace(
            self,
            line=match.line,
            since=min(self.since, match.since),
            confidence=match.confidence,
            before=self.confidence,
            count=self.count + 1,
        )


@dataclass(frozen=True)
class Playing:
    """A song that is named.

    - `song`: the first of its near-duplicates that was named.
    - `start`: where it began to be heard, at `position_from` of the song.
    - `line`: where it is by now.
    - `supported`: `at` of the newest match that speaks for it.
    - `confidence`, `best`: of that match, and of the best one.
    - `rates`, `matches`: sum of rates over the matches on its line, and their number.
    - `jumps`: how often its line was left for another.
    """

    song: Song
    start: int
    position_from: float
    line: Line
    supported: int
    confidence: float
    best: float
    rates: float
    matches: int
    jumps: int = 0

    @classmethod
    def of(cls, candidate: Candidate, *, start: int) -> Playing:
        """A candidate that is believed, heard from `start` on."""
        return cls(
            song=candidate.song,
            start=start,
            position_from=max(0.0, candidate.line.position(start)),
            line=candidate.line,
            supported=candidate.at,
            confidence=candidate.confidence,
            best=candidate.confidence,
            rates=candidate.line.rate,
            matches=1,
        )

    def supported_by(self, match: Match) -> Playing:
        """The same with one more match for it, wherever in the song that lies."""
        return replace(
            self,
            supported=match.at,
            confidence=match.confidence,
            best=max(self.best, match.confidence),
        )

    def followed(self, match: Match) -> Playing:
        """The same with one more match on its line: the newest says where it is."""
        return replace(
            self.supported_by(match),
            line=match.line,
            rates=self.rates + match.rate,
            matches=self.matches + 1,
        )

    def moved(self, candidate: Candidate) -> Playing:
        """The same play, gone on elsewhere in the song."""
        return replace(
            self,
            line=candidate.line,
            supported=candidate.at,
            confidence=candidate.confidence,
            best=max(self.best, candidate.confidence),
            rates=self.rates + candidate.line.rate,
            matches=self.matches + 1,
            jumps=self.jumps + 1,
        )

    def position(self, at: int, *, length: float) -> float:
        """Where in the song, of `length` samples, it is at sample `at`."""
        return min(max(0.0, self.line.position(at)), length)

    def resumed_by(self, candidate: Candidate, *, within: float) -> bool:
        """Whether `candidate` is this song going on after a pause of the sound or of our hearing.

        It then stands between where it stopped and where it would be by now, to `within` samples.
        """
        at = max(candidate.start, self.supported)
        stopped = self.line.position(self.supported)
        position = candidate.line.position(at)
        by_now = self.line.position(at)
        same = candidate.song.group == self.song.group
        return same and stopped - within <= position <= by_now + within

    def restarted_by(self, candidate: Candidate, *, length: float, within: float) -> bool:
        """Whether this song, of `length` samples, came to its end and `candidate` is its begin.

        Both count to `within` samples.
        """
        at = candidate.start
        over = self.line.position(at) >= length - within
        return at > self.start and over and candidate.line.position(at) <= within

    def record(self, *, end: int, length: float) -> Play:
        """What is left of it when it ends at sample `end`."""
        position_to = self.position(end, length=length)
        if not self.jumps:  # matches waver, a song does not run back
            position_to = max(self.position_from, position_to)
        return Play(
            song=self.song,
            start=self.start,
            end=end,
            position_from=self.position_from,
            position_to=position_to,
            rate=self.rates / self.matches,
            confidence=self.best,
        )

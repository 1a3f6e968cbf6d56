"""A match: what is heard is taken for a moment of a song. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from .alignment import Line

__all__ = ["Match", "steadied"]

_AS_GOOD = 0.9  # of a short span's score must a longer one have to say the same


@dataclass(frozen=True)
class Match:
    """What the newest prints say of the song that plays.

    - `song`: its id.
    - `at`: end of the newest window, in samples of the source.
    - `since`: begin of the oldest window that is like the song, in samples of the source.
    - `position`: where in the song the source is at `at`, in samples of the song.
    - `rate`: samples of the song in a sample of the source: 1.08 is played 8 % faster.
    - `score`: mean cosine along the time line, -1 to 1.
    - `confidence`: calibrated probability that the song is right, 0 to 1.
    - `placed`: whether its peaks tell that place from those a moment away; True where a song has
      none. Where they do not, it may be a texture that is alike at all moments.
    - `evidence`: `realtime.calibration.features` of the span that answers.
    """

    song: int
    at: int
    since: int
    position: float
    rate: float
    score: float
    confidence: float
    placed: bool = True
    evidence: tuple[float, ...] = ()

    @property
    def line(self) -> Line:
        """The time line that it says."""
        return Line(self.song, float(self.at), self.position, self.rate)

    def on_line_of(self, other: Match, *, within: float) -> bool:
        """Whether both say the same, of one moment or of two, to `within` samples of the song."""
        return self.line.meets(other.line, at=self.at, within=within)


def steadied(answer: Match, matches: Sequence[Match], *, within: float, certain: float) -> Match:
    """`answer` with place and rate of the longest span that is as good, which knows them better,
    and the confidence of the surest of them. `matches` are in order of span.

    One that is as good says the same as `answer` to `within` samples; or it is sure (`certain`) of
    another place in the song: then a short span has met a repeat of what plays.
    """
    longer = (
        match
        for match in matches[matches.index(answer) + 1 :]
        if match.song == answer.song
        and match.score >= _AS_GOOD * answer.score
        and (match.on_line_of(answer, within=within) or match.confidence >= certain)
    )
    as_good = [answer, *longer]
    surest = max(match.confidence for match in as_good)
    return replace(as_good[-1], confidence=surest)

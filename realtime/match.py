"""A match: what is heard is taken for a moment of a song. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

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
    - `evidence`: `realtime.calibration.features` of the span that answers.
    """

    song: int
    at: int
    since: int
    position: float
    rate: float
    score: float
    confidence: float
    evidence: tuple[float, ...] = ()


def steadied(answer: Match, matches: Sequence[Match], *, within: float) -> Match:
    """`answer` with place and rate of the longest span on the same time line, which knows them
    better, and the confidence of the surest of them. `matches` are in order of span."""
    agreeing = [
        match
        for match in matches[matches.index(answer) :]
        if match.song == answer.song
        and abs(match.position - answer.position) <= within
        and match.score >= _AS_GOOD * answer.score
    ]
    surest = max(match.confidence for match in agreeing)
    return replace(agreeing[-1], confidence=surest)

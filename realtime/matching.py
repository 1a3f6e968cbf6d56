"""From prints to a match: which song, where in it, how fast, how sure. Pure; to be built."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Match:
    """What the newest prints say of the song that plays.

    - `song`: its id.
    - `at`: end of the newest window, in samples of the source.
    - `since`: begin of the oldest window that the evidence rests on, in samples of the source.
    - `position`: where in the song the source is at `at`, in samples of the song.
    - `rate`: samples of the song in a sample of the source: 1.08 is played 8 % faster.
    - `score`: mean cosine along the time line, -1 to 1.
    - `confidence`: calibrated probability that the song is right, 0 to 1.
    """

    song: int
    at: int
    since: int
    position: float
    rate: float
    score: float
    confidence: float

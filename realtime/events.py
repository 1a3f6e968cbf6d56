"""What the recognizer says: values that carry sample positions, and the messages made of them.

Positions count samples of the source since it was opened, at the encoder's rate. They become
seconds in `message_of`, and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from catalog.songs import Song

from . import messages

SoundState = Literal["silence", "sound"]

LOUDEST_DBFS = 10.0
"""Levels above it are reported as it; float samples beyond full scale can get this far."""


@dataclass(frozen=True)
class Level:
    """Loudness of one level hop that ends at sample `at`."""

    at: int
    rms_dbfs: float  # -120 and up
    peak_dbfs: float
    state: SoundState
    bands: tuple[int, ...]  # LEVEL_BANDS mel bands, 0 (-90 dBFS) to 255 (0 dBFS)


@dataclass(frozen=True)
class Ranked:
    """A song of the ranking with its cosine similarity, -1 to 1."""

    song: Song
    score: float


@dataclass(frozen=True)
class Similar:
    """The ranking after the window that ends at sample `at`, best first; empty in silence."""

    at: int
    songs: tuple[Ranked, ...]


@dataclass(frozen=True)
class Tags:
    """Tags with probabilities, likeliest first, at sample `at`; empty in silence."""

    at: int
    tags: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Gap:
    """So many samples were lost just before sample `at`."""

    at: int
    samples: int


Event = Level | Similar | Tags | Gap


def message_of(
    event: Event, *, sample_rate_hz: int, latency_ms: float | None = None
) -> messages.Level | messages.Similar | messages.Tags | None:
    """The message that tells clients of `event`; None for a gap, which `status` counts.

    `latency_ms` goes into a `similar` message and is not used otherwise.
    """
    at_s = event.at / sample_rate_hz
    match event:
        case Level():
            return messages.Level(
                at_s=at_s,
                rms_dbfs=min(event.rms_dbfs, LOUDEST_DBFS),
                peak_dbfs=min(event.peak_dbfs, LOUDEST_DBFS),
                state=event.state,
                bands=event.bands,
            )
        case Similar():
            rows = tuple(describe(ranked.song, ranked.score) for ranked in event.songs)
            return messages.Similar(at_s=at_s, songs=rows, latency_ms=latency_ms)
        case Tags():
            scores = (messages.TagScore(tag=tag, probability=p) for tag, p in event.tags)
            return messages.Tags(at_s=at_s, tags=tuple(scores))
        case Gap():
            return None


def describe(song: Song, score: float) -> messages.RankedSong:
    """A song as a row of a `similar` message; `score` is its cosine similarity."""
    return messages.RankedSong(
        song=song.id,
        title=song.title,
        artist=song.artist,
        album=song.album,
        genre=song.genre,
        duration_s=song.duration_s,
        score=min(1.0, max(-1.0, score)),  # rounding may carry a cosine just past its ends
        audio=f"/songs/{song.id}/audio",
    )

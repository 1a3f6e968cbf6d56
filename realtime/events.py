"""What the recognizer says: values that carry sample positions, and the messages made of them.

Positions count samples of the source since it was opened, at the encoder's rate. They become
seconds in `message_of`, and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from catalog.songs import Song

from . import messages
from .messages import MatchState

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
class Place:
    """Where on the map what is heard lies at sample `at`; None in silence, and without a map."""

    at: int
    xyz: tuple[float, float, float] | None


@dataclass(frozen=True)
class Gap:
    """So many samples were lost just before sample `at`."""

    at: int
    samples: int


@dataclass(frozen=True)
class Identity:
    """Which song plays at sample `at`; all that belongs to the song is None without one.

    `since` is the sample at which the state began: for a song, where it began to be heard.
    `position` is where in the song the source is at `at`, in samples of the song; `rate` samples of
    the song in one of the source; `confidence` the probability that it is right.
    """

    at: int
    state: MatchState
    since: int
    song: Song | None = None
    position: float | None = None
    rate: float | None = None
    confidence: float | None = None


@dataclass(frozen=True)
class Play:
    """A song that was heard from sample `start` to `end` of the source, and is over.

    `position_from` and `position_to` are samples of the song; between them it may have jumped.
    `rate` is the mean, `confidence` that of the best match.
    """

    song: Song
    start: int
    end: int
    position_from: float
    position_to: float
    rate: float
    confidence: float


Event = Level | Identity | Similar | Tags | Place | Gap | Play


def message_of(
    event: Event, *, sample_rate_hz: int, latency_ms: float | None = None
) -> messages.Level | messages.Match | messages.Similar | messages.Tags | messages.Place | None:
    """The message that tells clients of `event`; None for a gap, which `status` counts, and for a
    play, which goes into the history.

    `latency_ms` goes into a `similar` message and is not used otherwise.
    """
    if isinstance(event, Gap | Play):
        return None
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
        case Place():
            return messages.Place(at_s=at_s, xyz=event.xyz)
        case Identity():
            return _match(event, at_s=at_s, sample_rate_hz=sample_rate_hz)


def _match(event: Identity, *, at_s: float, sample_rate_hz: int) -> messages.Match:
    return messages.Match(
        at_s=at_s,
        state=event.state,
        since_s=event.since / sample_rate_hz,
        song=None if event.song is None else describe_matched(event.song),
        position_s=None if event.position is None else event.position / sample_rate_hz,
        rate=event.rate,
        confidence=event.confidence,
    )


def describe_matched(song: Song) -> messages.MatchedSong:
    """A song as a `match` message says it."""
    return messages.MatchedSong(
        song=song.id,
        title=song.title,
        artist=song.artist,
        album=song.album,
        genre=song.genre,
        duration_s=song.duration_s,
        audio=audio_address(song.id),
    )


def describe(song: Song, score: float) -> messages.RankedSong:
    """A song as a row of a `similar` message; `score` is its cosine similarity."""
    return messages.RankedSong(
        **dict(describe_matched(song)),
        score=min(1.0, max(-1.0, score)),  # rounding may carry a cosine just past its ends
    )


def audio_address(song: int) -> str:
    """Where this server has the audio of the song with that id."""
    return f"/songs/{song}/audio"

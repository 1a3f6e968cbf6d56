"""Messages to send in tests, numbered so that a test can tell the newest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from realtime import messages as m

SOURCE = m.Source(kind="microphone", name="Null sink", live=True)
CATALOG = m.CatalogState(songs=24, generation=3)
ENCODER = m.EncoderInfo(name="fake", fingerprint="ab" * 32, window_s=3.0, tags=("rock", "folk"))


def hello(version: str = "0.1.0") -> m.Hello:
    return m.Hello(version=version, encoder=ENCODER, catalog=CATALOG, source=SOURCE)


def status(number: int = 0, *, state: m.SourceState = "listening") -> m.Status:
    return m.Status(
        source=SOURCE,
        state=state,
        detail=None if state == "listening" else "looking for the device again",
        heard_s=number,
        dropped_s=0,
        dropped_blocks=0,
        overruns=0,
        latency=m.Latency(p50_ms=12.5, p99_ms=40, count=100),
        clients=1,
        catalog=CATALOG,
        uptime_s=number,
    )


def level(number: int = 0) -> m.Level:
    return m.Level(
        at_s=number,
        rms_dbfs=-20.5,
        peak_dbfs=-3,
        state="sound",
        bands=tuple(i * 5 for i in range(m.LEVEL_BANDS)),
    )


def row(song: int = 1, *, title: str = "Fjord", score: float = 0.9) -> m.RankedSong:
    return m.RankedSong(
        song=song,
        title=title,
        artist="The Fogs",
        album=None,
        genre="folk",
        duration_s=183.2,
        score=score,
        audio=f"/songs/{song}/audio",
    )


def similar(number: int = 0, *, title: str = "Fjord") -> m.Similar:
    return m.Similar(at_s=number, songs=(row(title=title),), latency_ms=31.0)


def tags(number: int = 0) -> m.Tags:
    return m.Tags(at_s=number, tags=(m.TagScore(tag="folk", probability=0.75),))


def place(number: int = 0) -> m.Place:
    return m.Place(at_s=number, xyz=(0.5, -0.25, number / 1000))


def matched(number: int = 0, *, title: str = "Fjord") -> m.Match:
    return m.Match(
        at_s=number,
        state="identified",
        since_s=0,
        song=m.MatchedSong(
            song=1,
            title=title,
            artist="The Fogs",
            album=None,
            genre="folk",
            duration_s=183.2,
            audio="/songs/1/audio",
        ),
        position_s=61.5,
        rate=1.042,
        confidence=0.997,
    )


def unmatched(number: int = 0, *, state: m.MatchState = "unknown") -> m.Match:
    return m.Match(
        at_s=number,
        state=state,
        since_s=0,
        song=None,
        position_s=None,
        rate=None,
        confidence=None,
    )


def jobs(number: int = 0) -> m.Jobs:
    job = m.Job(job=1, name="map build", state="running", progress=0.5, message=f"step {number}")
    return m.Jobs(jobs=(job,))


def one_of_each(number: int = 0, *, title: str = "Fjord") -> list[m.ServerMessage]:
    """The state of every topic that is published, at one moment."""
    return [
        status(number),
        level(number),
        matched(number, title=title),
        similar(number, title=title),
        tags(number),
        place(number),
        jobs(number),
    ]


def number_of(message: Mapping[str, Any]) -> float:
    """The number of a message of `one_of_each`, as it was received."""
    if message["type"] == "jobs":
        return float(message["jobs"][0]["message"].removeprefix("step "))
    number: float = message["uptime_s" if message["type"] == "status" else "at_s"]
    return number

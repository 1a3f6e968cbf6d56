"""The protocol: every message that travels over the websocket, and its JSON Schema.

A message carries the whole current state of its topic, never a change to it, so that a slow client
may lose old messages and still be right. Positions are seconds of the source since it was opened
(`at_s`: the end of the newest window the message rests on); nothing here is wall-clock time.
"""

from __future__ import annotations

import json
import sys
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

PROTOCOL_VERSION: Literal[1] = 1
"""Raised when a client written for the version before would misread a message."""

LEVEL_BANDS = 48
"""Length of `Level.bands`."""

Topic = Literal["hello", "status", "level", "match", "similar", "tags", "place", "jobs"]
MatchState = Literal["silence", "sound", "unknown", "identified"]
JobState = Literal["queued", "running", "done", "failed", "cancelled"]
SourceKind = Literal["microphone", "file", "stream", "stdin", "device"]
SourceState = Literal["starting", "listening", "lost", "ended"]


class Part(BaseModel):
    """A frozen piece of a message; fields that it does not know are refused.

    So are numbers that JSON cannot say (not a number, infinity).
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        allow_inf_nan=False,
        # What is written always holds `v` and `type`, though Python callers may leave them out.
        json_schema_serialization_defaults_required=True,
    )


class Source(Part):
    """Where the sound comes from."""

    kind: SourceKind
    name: str = Field(
        description="Device, file name, address without credentials, or 'standard input'."
    )
    live: bool = Field(description="False when a file is played as if it were live.")


class EncoderInfo(Part):
    """Which encoder the vectors come from."""

    name: str
    fingerprint: str = Field(description="SHA-256 over weights and front end, hexadecimal.")
    window_s: float = Field(gt=0, description="Length of one window in seconds.")
    tags: tuple[str, ...] = Field(description="The tag vocabulary, in the model's order.")


class CatalogState(Part):
    """What is being searched."""

    songs: int = Field(ge=0)
    generation: int | None = Field(description="Published index generation; null before the first.")


class Latency(Part):
    """Milliseconds from the end of a window to its message, over the newest measurements."""

    p50_ms: float = Field(ge=0)
    p99_ms: float = Field(ge=0)
    count: int = Field(ge=1)


class MatchedSong(Part):
    """The song that plays."""

    song: int = Field(description="The song's id in the catalog.")
    title: str
    artist: str | None
    album: str | None
    genre: str | None
    duration_s: float = Field(ge=0)
    audio: str = Field(description="Address of the song's audio on this server.")


class RankedSong(MatchedSong):
    """One row of the ranking."""

    score: float = Field(ge=-1, le=1, description="Cosine similarity of the style vectors.")


class TagScore(Part):
    """One tag with its probability."""

    tag: str
    probability: float = Field(ge=0, le=1)


class Message(Part):
    """What all messages share."""

    v: Literal[1] = PROTOCOL_VERSION


class Hello(Message):
    """First message on every connection: who answers, and what it searches."""

    type: Literal["hello"] = "hello"
    version: str = Field(description="nowhear's own version.")
    encoder: EncoderInfo
    catalog: CatalogState
    source: Source


class Status(Message):
    """How the daemon is."""

    type: Literal["status"] = "status"
    source: Source
    state: SourceState
    detail: str | None = Field(
        description="What is wrong and what is being done, when something is."
    )
    heard_s: float = Field(ge=0, description="Seconds of sound taken from the source.")
    dropped_s: float = Field(ge=0, description="Seconds lost because the machine was too slow.")
    dropped_blocks: int = Field(ge=0)
    overruns: int = Field(ge=0, description="Overruns that the device itself reported.")
    latency: Latency | None
    clients: int = Field(ge=0)
    catalog: CatalogState
    uptime_s: float = Field(ge=0)


class Level(Message):
    """Loudness of the newest hop; the page draws its spectrogram from `bands`."""

    type: Literal["level"] = "level"
    at_s: float = Field(ge=0)
    rms_dbfs: float = Field(le=10, description="-120 at digital silence.")
    peak_dbfs: float = Field(le=10)
    state: Literal["silence", "sound"]
    bands: tuple[Annotated[int, Field(ge=0, le=255)], ...] = Field(
        min_length=LEVEL_BANDS,
        max_length=LEVEL_BANDS,
        description="Mel bands from low to high, -90 dBFS at 0 to 0 dBFS at 255.",
    )


class Match(Message):
    """Which song plays. `song` and all that belongs to it are null unless `identified`.

    States: `silence`; `sound`, in which no music is heard or too little yet to say more;
    `unknown`, music that is not in the catalog; `identified`.
    """

    type: Literal["match"] = "match"
    at_s: float = Field(ge=0)
    state: MatchState
    since_s: float = Field(ge=0, description="Position at which this state (and song) began.")
    song: MatchedSong | None
    position_s: float | None = Field(
        ge=0, description="Where in the song the source is at `at_s`, in seconds of the song."
    )
    rate: float | None = Field(gt=0, description="Playing speed; 1.08 is 8 % faster.")
    confidence: float | None = Field(ge=0, le=1, description="Probability that the song is right.")


class Similar(Message):
    """The songs that sound most like what is heard, best first; empty in silence."""

    type: Literal["similar"] = "similar"
    at_s: float = Field(ge=0)
    songs: tuple[RankedSong, ...]
    latency_ms: float | None = Field(ge=0, description="From the end of the newest window to here.")


class Tags(Message):
    """The likeliest tags of what is heard, likeliest first; empty in silence."""

    type: Literal["tags"] = "tags"
    at_s: float = Field(ge=0)
    tags: tuple[TagScore, ...]


class Place(Message):
    """Where on the map what is heard now lies; with every `similar`."""

    type: Literal["place"] = "place"
    at_s: float = Field(ge=0)
    xyz: tuple[float, float, float] | None = Field(
        description="In the map's own space (`/api/map`), gliding from the place before; null in "
        "silence, and without a map."
    )


class Job(Part):
    """A long command that waits for its turn, runs or has ended."""

    job: int = Field(description="The job's number.")
    name: str = Field(description="The command without its options and paths, as `map build`.")
    state: JobState
    progress: float | None = Field(ge=0, le=1, description="How much is done; null: unknown.")
    message: str | None = Field(description="What is being done, or why it failed.")


class Jobs(Message):
    """Long commands, oldest first: those that wait or run, and the last that have ended. Not sent
    while there has never been one."""

    type: Literal["jobs"] = "jobs"
    jobs: tuple[Job, ...]


class Subscribe(Message):
    """From a client: only these topics from now on (`hello` always comes)."""

    # No default: a message that does not say what it is, is none.
    type: Literal["subscribe"]
    topics: frozenset[Topic]


ServerMessage = Annotated[
    Hello | Status | Level | Match | Similar | Tags | Place | Jobs, Field(discriminator="type")
]
"""Every message a server sends."""

TOPICS: tuple[Topic, ...] = get_args(Topic)
"""All topics, in the order in which a client that has just come gets them."""

_SERVER: TypeAdapter[Hello | Status | Level | Match | Similar | Tags | Place | Jobs] = TypeAdapter(
    ServerMessage
)


def encode(message: Message) -> str:
    """The message as JSON text."""
    return message.model_dump_json()


def decode(text: str | bytes, *, lenient: bool = False) -> ServerMessage:
    """A server's message from JSON text.

    `lenient` passes over fields that this version does not know, at any depth: a server of the same
    protocol version may say more than its client can read.

    Raises `pydantic.ValidationError`: it is no message of this protocol.
    """
    return _SERVER.validate_json(text, extra="ignore" if lenient else None)


def decode_subscribe(text: str | bytes) -> Subscribe:
    """A client's message from JSON text; raises `pydantic.ValidationError` when it is none."""
    return Subscribe.model_validate_json(text)


def json_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of every message in both directions.

    The root accepts a server's message; a client's stands at `#/$defs/Subscribe`, those of
    `/listen` at `Begin`, `Skip`, `End` (from a device) and `Credit` (to it).
    """
    from .device_messages import device_schemas  # builds on this module

    server = TypeAdapter(ServerMessage).json_schema(mode="serialization")
    client = Subscribe.model_json_schema(mode="validation")
    server["$defs"]["Subscribe"] = {k: v for k, v in client.items() if k != "$defs"}
    server["$defs"].update(device_schemas())
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"nowhear protocol {PROTOCOL_VERSION}",
        **server,
    }


def schema_text() -> str:
    """The JSON Schema as it stands in the repository: `python -m realtime.messages > FILE`."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(schema_text())

"""The sections of the settings that concern listening and serving: frozen, each default once.

`realtime.settings` puts them together with those of the encoder and the catalog.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from .addresses import fits_a_header


class Section(BaseModel):
    """Frozen, and refuses keys that it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ListenSettings(Section):
    """How sound becomes events."""

    hop_s: float = Field(
        default=0.5, gt=0.05, le=60, description="Distance between embedded windows, in seconds."
    )
    print_hop_s: float = Field(
        default=0.25,
        gt=0.05,
        le=60,
        description="Distance between the stretches that are compared with the catalog's prints to "
        "name the song, in seconds.",
    )
    level_hop_s: float = Field(
        default=0.1, gt=0.01, le=1, description="Distance between level messages, in seconds."
    )
    silence_dbfs: float = Field(
        default=-60.0,
        ge=-120,
        le=0,
        description="Below this level (RMS of a level hop, dB full scale) it is silence.",
    )
    silence_hold_s: float = Field(
        default=1.0,
        ge=0,
        le=60,
        description="So long must it stay below before `silence` is said, in seconds.",
    )
    smooth_s: float = Field(
        default=10.0,
        gt=0,
        le=600,
        description="Styles and tags are averaged over so many of the newest seconds.",
    )
    rank_every_s: float = Field(
        default=1.0, gt=0, le=60, description="Distance between rankings, in seconds."
    )
    similar: int = Field(default=5, ge=1, le=100, description="Songs in the ranking.")
    per_artist: int = Field(
        default=2, ge=0, le=100, description="Songs of one artist in the ranking; 0: no limit."
    )
    tags: int = Field(default=8, ge=1, le=100, description="Tags in a `tags` message.")
    steadiness: float = Field(
        default=0.01,
        ge=0,
        le=1,
        description="By so much cosine must a song beat its neighbour to change places with it.",
    )
    glide_s: float = Field(
        default=2.0,
        gt=0,
        le=60,
        description="The place on the map follows what is heard with this time constant, in "
        "seconds.",
    )
    queue_s: float = Field(
        default=5.0, gt=0.1, le=60, description="Sound kept while the machine is busy, in seconds."
    )
    retry_s: float = Field(
        default=0.5, gt=0, le=60, description="First pause before a lost source is tried again."
    )
    retry_max_s: float = Field(
        default=15.0, gt=0, le=600, description="Longest pause between such tries, in seconds."
    )


class MatchSettings(Section):
    """How prints become matches, matches a name that stands, and when it is given up."""

    spans_s: tuple[float, ...] = Field(
        default=(1.25, 2.5, 5.0, 10.0),
        min_length=1,
        description="Newest prints are matched in spans of so many seconds; the surest answers.",
    )
    hits: int = Field(default=20, ge=1, le=1000, description="Segments searched for every print.")
    search_every: int = Field(
        default=2, ge=1, le=16, description="Every so-many-th print is searched; all are scored."
    )
    lines: int = Field(
        default=12, ge=1, le=1000, description="Time lines through songs that are scored exactly."
    )
    laid: int = Field(
        default=5,
        ge=0,
        le=1000,
        description="Of these lines so many, the strongest, have their peaks laid over what is "
        "heard. 0: prints alone decide, which needs a calibration of its own.",
    )
    landmarks: int = Field(
        default=3,
        ge=0,
        le=100,
        description="Time lines that pairs of peaks propose, laid beside those of prints. 0: none.",
    )
    landmarks_every_s: float = Field(
        default=1.0, ge=0, le=60, description="Sound between two searches for these, in seconds."
    )
    calibration: Path | None = Field(
        default=None,
        description="File that `nowhear eval calibrate` wrote; null for the one that ships, which "
        "fits the network that ships.",
    )
    vote_floor: float = Field(
        default=0.02, ge=0, le=1, description="Weight of a hit's vote beside its lead in cosine."
    )

    confidence: float = Field(
        default=0.7,
        ge=0,
        le=1,
        description="Probability from which on a match may name a song.",
    )
    agreeing_s: float = Field(
        default=3.0,
        ge=0,
        le=60,
        description="Such matches in a row for so long on one time line name the song, in seconds.",
    )
    certain: float = Field(
        default=0.998,
        ge=0,
        le=1,
        description="Probability from which on two matches in a row name the song; in a file, one.",
    )
    keep: float = Field(
        default=0.5,
        ge=0,
        le=1,
        description="Probability from which on a match keeps the song that is named.",
    )
    line_s: float = Field(
        default=0.5,
        gt=0,
        le=10,
        description="Matches whose positions differ by no more are on one time line, in seconds.",
    )
    hold_s: float = Field(
        default=6.0,
        ge=1,
        le=600,
        description="A song that nothing speaks for any more is given up after so many seconds.",
    )
    end_s: float = Field(
        default=1.0,
        ge=0,
        le=60,
        description="So far past its end, in seconds, is a song given up at once.",
    )
    unknown_s: float = Field(
        default=5.0,
        ge=0,
        le=600,
        description="Music that no song matches for so long is called unknown, in seconds.",
    )
    music: float = Field(
        default=0.5,
        ge=0,
        le=1,
        description="Probability from which on sound is taken for music, as a mean over "
        "`listen.smooth_s`. What is no music, such as speech, is not called unknown. 0: all is.",
    )
    music_hold_s: float = Field(
        default=3.0,
        ge=0,
        le=600,
        description="Unknown music that has not been music for so many seconds is called sound.",
    )
    rejoin_s: float = Field(
        default=15.0,
        ge=0,
        le=600,
        description="A song that was lost and comes back within so many seconds where it would be "
        "by now, or where it stopped, is still the same play.",
    )
    restart_s: float = Field(
        default=5.0,
        ge=0,
        le=60,
        description="A song that comes to its last seconds, so many, and then plays in its first "
        "is a new play; any other jump is not.",
    )
    say_every_s: float = Field(
        default=1.0,
        gt=0,
        le=60,
        description="Distance between `match` messages while a song plays on, in seconds.",
    )
    history: bool = Field(
        default=True, description="Whether songs that were played are noted in the catalog."
    )


class ServerSettings(Section):
    """The one port that serves page, websocket and audio."""

    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: int = Field(default=8765, ge=0, le=65535, description="Port; 0 takes a free one.")
    token: str | None = Field(
        default=None,
        min_length=16,
        description="Secret that clients must show; demanded on any address but loopback.",
    )
    origins: tuple[str, ...] = Field(
        default=(), description="Origins of other pages that may connect, as `https://host:port`."
    )
    max_clients: int = Field(default=256, ge=1, description="Websockets open at once.")
    max_devices: int = Field(
        default=4,
        ge=0,
        le=64,
        description="Browsers that have the sound of their own microphone heard, at once.",
    )
    max_upload_bytes: int = Field(
        default=64 << 20,
        ge=1024,
        description="Largest audio file taken to be identified, in bytes; it is held in memory.",
    )
    tls_cert: Path | None = Field(
        default=None,
        description="Certificate chain (PEM); with it and its key all is served over TLS, which "
        "browsers demand for a microphone on another machine.",
    )
    tls_key: Path | None = Field(default=None, description="Key of that certificate (PEM).")
    max_message_bytes: int = Field(
        default=4096, ge=128, description="Longest message taken from a client, in bytes."
    )
    ping_s: float = Field(
        default=20.0,
        gt=0,
        description="A client that answers no ping for so long is closed, in seconds.",
    )

    @property
    def scheme(self) -> Literal["http", "https"]:
        """What addresses of its pages begin with."""
        return "http" if self.tls_cert is None else "https"

    @model_validator(mode="after")
    def _has_both_of_tls(self) -> Self:
        if (self.tls_cert is None) != (self.tls_key is None):
            missing = "tls_cert" if self.tls_cert is None else "tls_key"
            raise PydanticCustomError(
                "tls", f"{missing} is missing: TLS needs a certificate and its key"
            )
        return self

    @field_validator("token")
    @classmethod
    def _token_fits_a_header(cls, token: str | None) -> str | None:
        if token is not None and not fits_a_header(token):
            raise PydanticCustomError(
                "token", "expected ASCII letters, digits and signs, with no space at the ends"
            )
        return token


class LogSettings(Section):
    """What goes to standard error."""

    level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Least serious event that is logged."
    )

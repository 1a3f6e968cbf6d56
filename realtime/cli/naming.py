"""What the commands that name songs share: a song in words and as JSON, and errors of files."""

from __future__ import annotations

import json
import math
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from catalog.songs import Song

OWN_SPEED_WITHIN = 0.006
"""Turntables run as much off by themselves, so it is not told as a change of speed."""

OWN_SPEED_WITHIN_S = 0.2
"""Where a song stands is measured this finely, and how fast it is played no finer than that over
what was heard of it."""


def print_json_line(value: dict[str, Any]) -> None:
    """One JSON object on a line of standard output, at once."""
    escape = not (sys.stdout.encoding or "utf-8").lower().startswith("utf")  # LC_ALL=C
    sys.stdout.write(json.dumps(value, ensure_ascii=escape) + "\n")
    sys.stdout.flush()


def names(song: Song) -> dict[str, Any]:
    """What tells a song, as JSON."""
    from catalog.songs import path_text

    return {
        "song": song.id,
        "title": song.title,
        "artist": song.artist,
        "path": path_text(song.path),
    }


def named(song: Song) -> str:
    """The song in words, on one line."""
    from catalog.songs import one_line

    return one_line(f"{song.artist} - {song.title}" if song.artist else song.title)


def speed_and_surety(rate: float, confidence: float, *, heard_s: float) -> str:
    """How fast the song is played, unless that may be its own speed, and how sure it is.

    >>> speed_and_surety(1.04, 0.99987, heard_s=10), speed_and_surety(1.04, 1, heard_s=4)
    ('+4.0 %, 99.9 % sure', '100.0 % sure')
    """
    change = rate - 1
    least = max(OWN_SPEED_WITHIN, OWN_SPEED_WITHIN_S / heard_s)
    speed = "" if abs(change) < least else f"{change * 100:+.1f} %, "
    return f"{speed}{math.floor(confidence * 1000) / 10:.1f} % sure"


def reason(error: Exception) -> str:
    """Why a file could not be read, without its name."""
    return (error.strerror if isinstance(error, OSError) else None) or str(error)

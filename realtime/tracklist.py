"""The songs of a long recording, such as a DJ set or an hour of radio: found, and written down.

The recording goes through the recognizer as live sound does, only faster; what it notes as plays
are the tracks. It is never held as a whole.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from catalog.songs import Song, one_line, path_text

from .blocks import Block
from .errors import RealtimeError
from .events import Play
from .recognizer import Recognizer

__all__ = ["CUE_MOST_TRACKS", "TooManyTracksError", "Track", "csv_text", "cue_text", "tracks_of"]

CUE_MOST_TRACKS = 99
"""Tracks are numbered with two digits in a cue sheet."""

CUE_FRAMES_PER_S = 75

UNNAMED_S = 20.0
"""A stretch without a named song is a track of its own in a cue sheet when it is longer than this:
in a cue sheet a track lasts until the next one begins."""

UNNAMED = "Unknown"

_AT_ONCE_S = 10.0  # sound that goes through the recognizer at once
_CUE_TYPES = {".mp3": "MP3", ".aif": "AIFF", ".aiff": "AIFF", ".aifc": "AIFF"}


class TooManyTracksError(RealtimeError):
    """A cue sheet cannot hold so many tracks."""


@dataclass(frozen=True)
class Track:
    """A song in a recording; times in seconds.

    `start_s`, `end_s`: where in the recording it is heard. `position_s`: where in the song it then
    begins. `rate`: mean playing speed. `confidence`: probability that the song is right.
    """

    song: Song
    start_s: float
    end_s: float
    position_s: float
    rate: float
    confidence: float


def tracks_of(
    blocks: Iterable[NDArray[np.float32]], recognizer: Recognizer, *, sample_rate_hz: int
) -> Iterator[Track]:
    """The songs of a recording that comes in mono float32 blocks, each as soon as it is over.

    `recognizer` has heard nothing before.
    """
    for block in _larger(blocks, round(_AT_ONCE_S * sample_rate_hz)):
        yield from _tracks(recognizer.feed(block), sample_rate_hz)
    yield from _tracks(recognizer.finish(), sample_rate_hz)


def _larger(blocks: Iterable[NDArray[np.float32]], least: int) -> Iterator[Block]:
    """The same samples in blocks of `least` or more: what is embedded at once is cheaper."""
    waiting: list[NDArray[np.float32]] = []
    held = start = 0
    for block in blocks:
        waiting.append(block)
        held += len(block)
        if held >= least:
            yield Block(np.concatenate(waiting), start)
            start += held
            waiting, held = [], 0
    if held:
        yield Block(np.concatenate(waiting), start)


def _tracks(events: Iterable[object], sample_rate_hz: int) -> Iterator[Track]:
    for event in events:
        if isinstance(event, Play):
            yield Track(
                song=event.song,
                start_s=event.start / sample_rate_hz,
                end_s=event.end / sample_rate_hz,
                position_s=event.position_from / sample_rate_hz,
                rate=event.rate,
                confidence=event.confidence,
            )


def csv_text(found: Iterable[tuple[Path, Sequence[Track]]]) -> str:
    """A table of tracks, a line each, as CSV (RFC 4180) with a head; times in seconds."""
    out = io.StringIO()
    writer = csv.writer(out)
    head = "file start end song title artist album path position rate confidence"
    writer.writerow(head.split())
    for file, tracks in found:
        for track in tracks:
            song = track.song
            times = f"{track.start_s:.3f}", f"{track.end_s:.3f}"
            names = song.id, song.title, song.artist, song.album, path_text(song.path)
            rest = f"{track.position_s:.3f}", f"{track.rate:.4f}", f"{track.confidence:.6f}"
            writer.writerow([path_text(file), *times, *names, *rest])
    return out.getvalue()


def cue_text(tracks: Sequence[Track], *, name: str, duration_s: float) -> str:
    """A cue sheet of the tracks of the file `name`, which is `duration_s` long.

    A stretch of more than `UNNAMED_S` without a named song is a track too.

    Raises `TooManyTracksError`: these are more than `CUE_MOST_TRACKS` tracks.
    """
    entries = list(_entries(tracks, duration_s))
    if len(entries) > CUE_MOST_TRACKS:
        raise TooManyTracksError(
            f"a cue sheet holds {CUE_MOST_TRACKS} tracks at most, these are {len(entries)}"
        )
    lines = [f"FILE {_quoted(name)} {_CUE_TYPES.get(Path(name).suffix.lower(), 'WAVE')}"]
    for number, (start_s, song) in enumerate(entries, start=1):
        lines.append(f"  TRACK {number:02} AUDIO")
        lines.append(f"    TITLE {_quoted(UNNAMED if song is None else song.title)}")
        if song is not None and song.artist:
            lines.append(f"    PERFORMER {_quoted(song.artist)}")
        lines.append(f"    INDEX 01 {_cue_time(start_s)}")
    return "\n".join(lines) + "\n"


def _entries(tracks: Sequence[Track], duration_s: float) -> Iterator[tuple[float, Song | None]]:
    """Where each track of a cue sheet begins, and its song."""
    end_s = 0.0
    for track in tracks:
        if track.start_s - end_s > UNNAMED_S:
            yield end_s, None
        yield track.start_s, track.song
        end_s = max(end_s, track.end_s)
    if duration_s - end_s > UNNAMED_S:
        yield end_s, None


def _cue_time(seconds: float) -> str:
    """Minutes, seconds and frames, the frame in which it begins.

    >>> _cue_time(61.99), _cue_time(6000)
    ('01:01:74', '100:00:00')
    """
    frames = int(seconds * CUE_FRAMES_PER_S)
    whole, frame = divmod(frames, CUE_FRAMES_PER_S)
    return f"{whole // 60:02}:{whole % 60:02}:{frame:02}"


def _quoted(text: str) -> str:
    """A text in a cue sheet, in which a quotation mark cannot be written."""
    return '"' + one_line(text).replace('"', "'") + '"'

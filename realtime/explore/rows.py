"""Songs as the API says them."""

from __future__ import annotations

from typing import Any

from catalog.kept import KeptSong
from catalog.songs import Song

from ..events import audio_address, describe, describe_matched

Row = dict[str, Any]


def song_row(song: Song) -> Row:
    """The fields of `messages.MatchedSong`."""
    return describe_matched(song).model_dump()


def ranked_row(song: Song, score: float) -> Row:
    """The fields of `messages.RankedSong`."""
    return describe(song, score).model_dump()


def kept_row(kept: KeptSong) -> Row:
    """The fields of `messages.MatchedSong`, and `gone` for one that has left the catalog."""
    row = {
        "song": kept.song,
        "title": kept.title,
        "artist": kept.artist,
        "album": kept.album,
        "genre": kept.genre,
        "duration_s": kept.duration_s,
        "audio": audio_address(kept.song),
    }
    return {**row, "gone": True} if kept.gone else row

"""How songs are shown, as a table and as JSON, and the encoder that commands load."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from realtime.cli.common import print_rows
from realtime.settings import Settings

if TYPE_CHECKING:
    from catalog.songs import Song
    from encoder.embedding import Encoder


def as_json(song: Song) -> dict[str, Any]:
    """The song as a JSON object; bytes of the path that are no UTF-8 stand as `\\xNN`."""
    from catalog.songs import path_text

    return {
        "song": song.id,
        "title": song.title,
        "artist": song.artist,
        "album": song.album,
        "genre": song.genre,
        "year": song.year,
        "duration_s": round(song.duration_s, 3),
        "path": path_text(song.path),
        "added_at": song.added_at.isoformat(),
        "group": song.group,
    }


def print_table(found: list[Song], scores: list[float] | None = None) -> None:
    """A table of songs, led by their scores when there are any."""
    from catalog.songs import path_text

    heads = [*(["score"] if scores else []), "song", "title", "artist", "length", "path"]
    rows = []
    for place, song in enumerate(found):
        cells = [song.title, song.artist or "", duration_text(song.duration_s)]
        score = [f"{scores[place]:.3f}"] if scores else []
        rows.append([*score, str(song.id), *cells, path_text(song.path)])
    right = [at for at, head in enumerate(heads) if head in ("score", "song", "length")]
    print_rows(heads, rows, right=right)


def duration_text(seconds: float) -> str:
    """Hours, minutes and seconds, as 1:02:03."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def encoder_of(settings: Settings, *, alone: bool) -> Encoder:
    """The encoder; when several songs are embedded side by side each gets one thread."""
    from encoder.embedding import load_encoder

    if alone:
        return load_encoder(settings.encoder)
    return load_encoder(settings.encoder.model_copy(update={"threads": 1}))

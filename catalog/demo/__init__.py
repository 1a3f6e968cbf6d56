"""The demo: 24 short clips of free music to fill a catalog, and a programme to play at it.

>>> from catalog.demo import demo_clips, programme_passages
>>> len(demo_clips())
24
>>> programme_passages()[0].start_s
0.0

Provenance and licences stand in `demo.csv` and `programme.csv` beside this file;
`tools/make_demo.py` remakes the audio from them.
"""

import csv
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

__all__ = ["Passage", "PassageKind", "demo_clips", "demo_programme", "programme_passages"]

_HERE = Path(__file__).resolve().parent


class PassageKind(Enum):
    """What plays during a passage of the programme."""

    SONG = "song"
    """Another passage of a song that has a clip in the demo catalog."""
    OUTSIDE = "outside"
    """A song of which the demo catalog has nothing."""
    SILENCE = "silence"
    """Nothing at all."""


@dataclass(frozen=True)
class Passage:
    """A stretch of the programme, in seconds from its start.

    - ``start_s``, ``end_s``: where it begins and ends; neighbours overlap by their cross-fade.
    - ``title``, ``artist``: as tagged in the clip; empty for silence.
    - ``clip``: the song's clip in the demo catalog; none for silence and songs outside it.
    - ``source_start_s``, ``source_end_s``: the span of the whole recording that plays.
    """

    start_s: float
    end_s: float
    kind: PassageKind
    title: str
    artist: str
    clip: Path | None
    source_start_s: float
    source_end_s: float


def demo_clips() -> list[Path]:
    """The clips' files, in the order of `demo.csv`."""
    return [_HERE / "clips" / row["file"] for row in _rows("demo.csv")]


def demo_programme() -> Path:
    """The programme: passages of some clips' songs, of songs outside the catalog, and a pause."""
    return _HERE / "programme.opus"


def programme_passages() -> list[Passage]:
    """What the programme plays, in order, without gaps."""
    return [_passage(row) for row in _rows("programme.csv")]


def _rows(name: str) -> list[dict[str, str]]:
    with (_HERE / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _passage(row: dict[str, str]) -> Passage:
    return Passage(
        start_s=float(row["start_s"]),
        end_s=float(row["end_s"]),
        kind=PassageKind(row["kind"]),
        title=row["title"],
        artist=row["artist"],
        clip=_HERE / "clips" / row["file"] if row["file"] else None,
        source_start_s=float(row["source_start_s"] or 0),
        source_end_s=float(row["source_end_s"] or 0),
    )

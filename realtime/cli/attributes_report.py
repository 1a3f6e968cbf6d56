"""What `nowhear attributes train` says of what was learnt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from realtime.cli.common import print_rows, stdout

if TYPE_CHECKING:
    from catalog.attribute_genres import GenreLesson
    from catalog.attribute_heads import StyleLesson


def lesson_json(lesson: GenreLesson) -> dict[str, Any]:
    """What was learnt of genres, in JSON's types."""
    divided = lesson.material.divided
    splits = ("training", "validation", "test")
    return {
        "genres": list(lesson.material.names),
        "tracks": {split: len(divided.rows(split)) for split in splits},
        "official_splits": divided.official,
        "left_out": lesson.material.left_out,
        "methods": [way.as_json() for way in lesson.ways],
    }


def print_lesson(data: str, lesson: GenreLesson) -> None:
    """The ways to tell genres of the dataset `data`, one a line."""
    divided = lesson.material.divided
    counts = [len(divided.rows(split)) for split in ("training", "validation", "test")]
    stdout.print(
        f"{len(lesson.material.names)} genres of {data} from attributes: learnt from {counts[0]} "
        f"tracks, tuned on {counts[1]}, tested on {counts[2]}",
        markup=False,
    )
    rows = [
        (
            way.method,
            way.tuned,
            f"{way.test.accuracy:.3f}",
            f"{way.test.balanced_accuracy:.3f}",
            f"{way.log_loss:.3f}",
            f"{way.calibration:.3f}",
        )
        for way in lesson.ways
    ]
    heads = ("way", "tuned", "accuracy", "balanced", "log loss", "calibration")
    print_rows(heads, rows, right=(2, 3, 4, 5))


def print_style(lesson: StyleLesson) -> None:
    """How well attributes are told from style, or why nothing was learnt."""
    from catalog.attribute_heads import LEAST_SONGS

    if lesson.head is None:
        stdout.print(
            f"attributes from style: not learnt, since {lesson.songs} songs of the catalog have "
            f"both, expected {LEAST_SONGS} or more of several artists. `nowhear datasets join` "
            "joins songs with tracks that have attributes"
        )
        return
    stdout.print(
        f"attributes from style: {lesson.songs} songs have both, tested on {lesson.tested}"
    )
    rows = [
        (one.name, f"{one.r2:.3f}", f"{one.error:.3f}", f"{one.error_of_mean:.3f}")
        for one in lesson.figures
    ]
    print_rows(("attribute", "R2", "error", "error of the mean"), rows, right=(1, 2, 3))

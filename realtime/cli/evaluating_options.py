"""The options that the commands of `eval` share, and what they mean, checked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from realtime.cli.common import stderr

if TYPE_CHECKING:
    from realtime.evaluation.conditions import Condition
    from realtime.evaluation.material import Material

LENGTHS = "1,2,3,5,10"
"""Lengths of queries in seconds, unless others are asked for."""

QUERIES = 200
"""Queries under each condition, unless another number is asked for."""

DistractorsOption = Annotated[
    list[Path] | None,
    typer.Option(
        metavar="DIR", help="More songs for the catalog, not asked for.", show_default=False
    ),
]
NoiseOption = Annotated[
    Path | None, typer.Option(metavar="DIR", help="Recordings of noise.", show_default=False)
]
RoomsOption = Annotated[
    Path | None, typer.Option(metavar="DIR", help="Impulse responses of rooms.", show_default=False)
]
SpeechOption = Annotated[
    Path | None, typer.Option(metavar="DIR", help="Recordings of speech.", show_default=False)
]
QueriesOption = Annotated[
    int, typer.Option(min=1, max=1_000_000, help="Queries under each condition.")
]
ConditionsOption = Annotated[
    str | None,
    typer.Option(
        metavar="A,B...",
        help="Conditions. \\[default: all that the folders given allow]",
        show_default=False,
    ),
]
SeedOption = Annotated[int, typer.Option(min=0, help="Draws places, noise and rooms.")]
KeptCatalogOption = Annotated[
    Path | None,
    typer.Option(
        "--catalog",
        metavar="DIR",
        help="Catalog to fill and keep, or to take when it is there. \\[default: a temporary one]",
        show_default=False,
    ),
]

_LONGEST_S = 60.0
_FOLDERS = {"noise": "--noise", "measured": "--rooms", "speech": "--speech"}


def check_folders(material: Material) -> None:
    """Raises `typer.BadParameter` naming the option of a folder that is none."""
    given = {
        "SONGS": material.songs, "--outsiders": material.outsiders, "--noise": material.noise,
        "--rooms": material.rooms, "--speech": material.speech,
    }  # fmt: skip
    pairs = [*given.items(), *(("--distractors", folder) for folder in material.distractors)]
    for option, folder in pairs:
        if folder is not None and not folder.is_dir():
            what = "is no folder" if folder.exists() else "no such folder"
            raise typer.BadParameter(f"{folder}: {what}", param_hint=option)


def check_targets(*targets: Path | None) -> None:
    """Raises `typer.BadParameter` for a file that can never be written: better before than after
    hours of measuring."""
    for target in targets:
        if target is not None and (target.is_dir() or not target.parent.is_dir()):
            what = "is a folder" if target.is_dir() else f"there is no folder {target.parent}"
            raise typer.BadParameter(f"{target}: {what}; name a file that can be written")


def conditions_of(text: str | None, material: Material) -> list[Condition]:
    """Those that are asked for; without a wish, all for which there is what they need."""
    from realtime.evaluation.conditions import chosen, needed

    try:
        found = chosen([] if text is None else [name.strip() for name in text.split(",")])
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--conditions") from error
    missing = _missing(material)
    if text is None:
        left_out = [c.name for c in found if needed([c]) & missing.keys()]
        for name in left_out:
            (what, *_) = (missing[need] for need in needed(chosen([name])) if need in missing)
            stderr.print(f"left out {name}: {what}", markup=False)
        return [condition for condition in found if condition.name not in left_out]
    for condition in found:
        for need in needed([condition]):
            if need in missing:
                raise typer.BadParameter(
                    f"{condition.name} {missing[need]}", param_hint="--conditions"
                )
    return found


def _missing(material: Material) -> dict[str, str]:
    """What conditions may need and there is not, each with the words that say so."""
    from importlib.util import find_spec

    at_hand = {"noise": material.noise, "measured": material.rooms, "speech": material.speech}
    missing = {
        need: f"needs a folder: add {_FOLDERS[need]} DIR"
        for need, folder in at_hand.items()
        if folder is None
    }
    if find_spec("pyroomacoustics") is None:
        missing["simulated"] = "needs pyroomacoustics: pip install 'nowhear[eval]'"
    return missing


def lengths_of(text: str) -> list[float]:
    from encoder.files import MIN_DURATION_S

    try:
        found = sorted({float(part) for part in text.split(",")})
    except ValueError:
        found = []
    if not found or not all(MIN_DURATION_S <= length <= _LONGEST_S for length in found):
        raise typer.BadParameter(
            f"{text}: expected seconds from {MIN_DURATION_S:g} to {_LONGEST_S:g}, as {LENGTHS}",
            param_hint="--lengths",
        )
    return found


def wants_audiolocate(wish: bool | None) -> bool:
    from realtime.evaluation.rival import installed

    if wish and not installed():
        raise typer.BadParameter(
            "audiolocate is not installed: pip install audiolocate", param_hint="--audiolocate"
        )
    return installed() if wish is None else wish

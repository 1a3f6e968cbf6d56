"""The command `identify`: names the song of a recording, or all songs of a long one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from realtime.cli.common import (
    FAILED,
    CatalogOption,
    ConfigOption,
    JsonOption,
    ends_cleanly,
    settings_from,
    stderr,
    stdout,
)
from realtime.cli.listing import encoder_of
from realtime.cli.naming import named, names, print_json_line, reason, speed_and_surety

if TYPE_CHECKING:
    from realtime.identify import Identification, Identifier


NEAR_S = 0.25
"""A position is right to within this."""


def register(app: typer.Typer) -> None:
    """Put the command into `app`."""
    app.command(no_args_is_help=True)(identify)


@ends_cleanly
def identify(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Audio files.")],
    catalog: CatalogOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
    every: Annotated[
        bool,
        typer.Option("--all", help="List every song of a long recording: a DJ set, a radio hour."),
    ] = False,
    similar: Annotated[
        int | None,
        typer.Option(
            "--similar",
            min=0,
            max=100,
            help="Songs that sound like it; 0 is quicker. \\[default: as when listening]",
            show_default=False,
        ),
    ] = None,
    csv: Annotated[
        Path | None,
        typer.Option("--csv", metavar="FILE", help="With --all: write the songs there as CSV."),
    ] = None,
    cue: Annotated[
        Path | None,
        typer.Option("--cue", metavar="FILE", help="With --all: write a cue sheet of the songs."),
    ] = None,
) -> None:
    """Name the song of each recording, where in it the recording begins, and how fast it is played.

    With --json an object a line, in the order of the files; a file that cannot be read has its
    reason in "error", and the exit status is 1 when there was one.

    With --all these are objects of songs, each with its start and end in the recording; songs are
    told as soon as they are over. In a cue sheet, stretches without a named song stand as Unknown.

    [bold]Examples[/bold]

    nowhear identify from-my-phone.m4a

    nowhear identify --json clips/*.wav

    nowhear identify --all --cue set.cue set.mp3
    """
    from catalog.catalog import Catalog

    _check(files, every=every, similar=similar, csv=csv, cue=cue)
    settings = settings_from(config, catalog)
    encoder = encoder_of(settings, alone=True)
    with Catalog.open(settings.catalog, encoder.spec) as opened:
        if every:
            from realtime.cli.tracklists import write_tracklists

            failed = write_tracklists(files, encoder, opened, settings, json=json, csv=csv, cue=cue)
        else:
            from realtime.identify import Identifier

            failed = _identify(files, Identifier(encoder, opened, settings), similar, json=json)
    if failed:
        raise typer.Exit(FAILED)


def _check(
    files: Sequence[Path], *, every: bool, similar: int | None, csv: Path | None, cue: Path | None
) -> None:
    """Raises `typer.BadParameter` for options that do not go together."""
    if (csv or cue) and not every:
        raise typer.BadParameter("--csv and --cue list the songs of a recording: add --all")
    if csv and cue:
        raise typer.BadParameter("--csv and --cue do not go together")
    if similar is not None and every:
        raise typer.BadParameter(
            "--similar names songs like a single one: it does not go with --all"
        )
    if cue and len(files) > 1:
        raise typer.BadParameter("a cue sheet is of one file: name one, or take --csv")
    for target in (csv, cue):
        if target is not None and any(_same(target, file) for file in files):
            raise typer.BadParameter(f"{target}: is the recording itself; name another file")


def _same(target: Path, file: Path) -> bool:
    try:
        return target.samefile(file)
    except (OSError, ValueError):
        return False


def _identify(
    files: Sequence[Path], identifier: Identifier, similar: int | None, *, json: bool
) -> bool:
    """Names one file after another; True when one could not be read."""
    from catalog.songs import one_line, path_text
    from encoder.errors import AudioError

    failed = False
    for file in files:
        try:
            found = identifier.identify_file(file, similar=similar)
        except (AudioError, OSError, ValueError) as error:
            failed = True
            if json:
                print_json_line({"file": path_text(file), "error": reason(error)})
            else:
                stderr.print(f"{one_line(path_text(file))}: {reason(error)}", markup=False)
            continue
        if json:
            print_json_line({"file": path_text(file), **_as_json(found)})
        else:
            for line in _words(one_line(path_text(file)), found):
                stdout.print(line, markup=False)
    return failed


def _as_json(found: Identification) -> dict[str, Any]:
    from realtime.identify import numbers_of

    match = found.match
    return {
        "duration_s": round(found.duration_s, 3),
        "match": None if match is None else {**names(match.song), **numbers_of(match)},
        "similar": [
            {**names(ranked.song), "score": round(ranked.score, 6)} for ranked in found.similar
        ],
    }


def _words(file: str, found: Identification) -> list[str]:
    match = found.match
    if match is None:
        head = f"{file}: not in the catalog"
    else:
        where = _where(match.position_s)
        sure = speed_and_surety(match.rate, match.confidence, heard_s=found.duration_s)
        head = f"{file}: {named(match.song)}, {where}, {sure}"
    similar = [f"  like it {ranked.score:.3f}  {named(ranked.song)}" for ranked in found.similar]
    return [head, *similar]


def _where(position_s: float) -> str:
    """Where in the song the recording begins, in words.

    >>> _where(62.44), _where(-0.1), _where(-3.0)
    ('from 1:02.4 on', 'from 0:00.0 on', 'which begins 3.0 s later')
    """
    if position_s < -NEAR_S:
        return f"which begins {-position_s:.1f} s later"
    minutes, rest = divmod(max(0, round(position_s * 10)), 600)
    return f"from {minutes}:{rest / 10:04.1f} on"

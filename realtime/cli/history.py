"""`nowhear history`: the songs that were played."""

from __future__ import annotations

import csv
import sys
from dataclasses import fields
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from realtime.cli.common import (
    CatalogOption,
    ConfigOption,
    JsonOption,
    ends_cleanly,
    print_json,
    print_rows,
    settings_from,
    stderr,
)
from realtime.cli.listing import duration_text
from realtime.play_rows import play_row

if TYPE_CHECKING:
    from catalog.plays import PlayRecord


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(history)


@ends_cleanly
def history(
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, help="At most so many plays, the newest.")
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(
            "--since",
            metavar="TIME",
            help="Only plays that ended then or later: 2026-11-21, 2026-11-21T20:30, or with an "
            "offset from UTC, such as 2026-11-21T20:30Z. Without one it is local time.",
        ),
    ] = None,
    as_csv: Annotated[
        bool, typer.Option("--csv", help="Print comma-separated values on standard output.")
    ] = False,
    json: JsonOption = False,
    catalog: CatalogOption = None,
    config: ConfigOption = None,
) -> None:
    """List the songs that were played while nowhear listened, newest first.

    [bold]Examples[/bold]

    nowhear history --limit 20

    nowhear history --since 2026-11-21 --csv > played.csv
    """
    from catalog.plays import Plays

    if json and as_csv:
        raise typer.BadParameter("give --json or --csv, not both")
    begin = None if since is None else _moment(since)
    with Plays(settings_from(config, catalog).catalog) as opened:
        plays = opened.find(since=begin, limit=limit)
    if json:
        print_json([play_row(play) for play in plays])
    elif as_csv:
        _print_csv(plays)
    elif plays:
        _print_table(plays)
    else:
        stderr.print("nothing was played so far; `nowhear listen` notes the songs that it names")


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).astimezone()
    except (ValueError, OverflowError) as error:
        raise typer.BadParameter(
            f"{text!r} is no date or time; expected one such as 2026-11-21 or 2026-11-21T20:30",
            param_hint="--since",
        ) from error


def _print_csv(plays: list[PlayRecord]) -> None:
    from catalog.plays import PlayRecord
    from realtime.playlist_files import harmless

    writer = csv.DictWriter(sys.stdout, [field.name for field in fields(PlayRecord)])
    writer.writeheader()
    for play in plays:
        row = play_row(play)
        writer.writerow({k: harmless(v) if isinstance(v, str) else v for k, v in row.items()})


def _print_table(plays: list[PlayRecord]) -> None:
    rows = []
    for play in plays:
        began = play.started_at.astimezone()
        lasted = duration_text(play.end_s - play.start_s)
        words = (play.title, play.artist or "", f"{play.rate - 1:+.1%}", play.source_name)
        rows.append([f"{began:%Y-%m-%d %H:%M:%S}", lasted, str(play.song), *words])
    heads = ("began", "for", "song", "title", "artist", "speed", "source")
    print_rows(heads, rows, right=(1, 2, 5))

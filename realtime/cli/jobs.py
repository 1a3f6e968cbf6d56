"""The commands `jobs list`, `jobs add` and `jobs cancel`."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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
    stdout,
)
from realtime.cli.listing import duration_text

if TYPE_CHECKING:
    from catalog.jobs import Job

jobs_app = typer.Typer(
    help="Long commands that run one after the other beside `nowhear listen`.",
    invoke_without_command=True,
)

NEVER_A_JOB = ("jobs", "listen", "demo", "watch")
"""Commands that do not end by themselves, or that put jobs into the queue."""

ITS_OWN = ("--catalog", "--config")
"""Options that a job's command may not have: it works with the daemon's."""


def register(app: typer.Typer) -> None:
    """Put the group of commands into `app`."""
    app.add_typer(jobs_app, name="jobs")


@jobs_app.callback()
@ends_cleanly
def default(
    context: typer.Context,
    catalog: CatalogOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """Long commands that run one after the other beside `nowhear listen`; lists them by itself."""
    if context.invoked_subcommand is None:
        _list(catalog, config, json=json)
    elif catalog is not None or config is not None or json:
        inner = context.invoked_subcommand
        raise typer.BadParameter(f"options belong behind the command: nowhear jobs {inner} ...")


@jobs_app.command("list")
@ends_cleanly
def list_jobs(
    catalog: CatalogOption = None, config: ConfigOption = None, json: JsonOption = False
) -> None:
    """List the jobs that wait, run or have ended, oldest first.

    [bold]Example[/bold]

    nowhear jobs list --json
    """
    _list(catalog, config, json=json)


@jobs_app.command(no_args_is_help=True)
@ends_cleanly
def add(
    command: Annotated[
        list[str], typer.Argument(metavar="-- COMMAND...", help="The words after `nowhear`.")
    ],
    catalog: CatalogOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """Put a command into the queue: `nowhear listen` runs it when its turn comes.

    It runs in this folder and with the daemon's settings, at low priority. When the daemon ends, it
    begins again the next time.

    [bold]Examples[/bold]

    nowhear jobs add -- map build

    nowhear jobs add -- import fma ~/fma
    """
    from catalog.jobs import Jobs

    check_command(command)
    with Jobs(settings_from(config, catalog).catalog) as opened:
        made = opened.add(command, folder=Path.cwd())
    if json:
        print_json(_row(made))
    else:
        stdout.print(f"job {made.id}; `nowhear listen` runs it, `nowhear jobs` says how far it is")


@jobs_app.command(no_args_is_help=True)
@ends_cleanly
def cancel(
    number: Annotated[int, typer.Argument(metavar="ID", help="Number of the job.")],
    catalog: CatalogOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """Take a job out of the queue, or end it if it runs.

    [bold]Example[/bold]

    nowhear jobs cancel 3
    """
    from catalog.jobs import Jobs

    with Jobs(settings_from(config, catalog).catalog) as opened:
        left = opened.cancel(number)
    if json:
        print_json(_row(left))
    else:
        stdout.print(f"job {left.id} is {left.state}")


def _list(catalog: Path | None, config: Path | None, *, json: bool) -> None:
    from catalog.jobs import Jobs

    with Jobs(settings_from(config, catalog).catalog) as opened:
        found = opened.all()
    if json:
        print_json([_row(job) for job in found])
    elif found:
        heads = ("job", "command", "state", "done", "took", "message")
        print_rows(heads, [_cells(job) for job in found], right=(0, 3, 4))
    else:
        stderr.print("there is no job; `nowhear jobs add -- COMMAND...` puts one into the queue")


def check_command(command: Sequence[str]) -> None:
    """Raises `typer.BadParameter` for what can be no job: a command of another name, one that does
    not end, or one that would work elsewhere."""
    hint = "COMMAND..."
    known = typer.main.get_command(_whole_program())
    for depth, word in enumerate(command):
        commands: dict[str, Any] = getattr(known, "commands", {})
        if not commands:
            break
        if word not in commands:
            expected = ", ".join(sorted(set(commands) - set(NEVER_A_JOB if depth == 0 else ())))
            raise typer.BadParameter(f"{word!r} is none; expected {expected}", param_hint=hint)
        known = commands[word]
    if command[0] in NEVER_A_JOB:
        raise typer.BadParameter(f"{command[0]!r} cannot be a job", param_hint=hint)
    own = [word for word in command if word.split("=")[0] in ITS_OWN]
    if own:
        words = f"{own[0]} belongs before `--`: a job works with its own queue's catalog"
        raise typer.BadParameter(words, param_hint=hint)


def _whole_program() -> typer.Typer:
    from realtime.cli.main import app  # which imports this module

    return app


def _row(job: Job) -> dict[str, Any]:
    moments = {"made_at": job.made_at, "started_at": job.started_at, "ended_at": job.ended_at}
    return {
        "job": job.id,
        "command": list(job.command),
        "state": job.state,
        "progress": job.progress,
        "message": job.message,
        **{
            name: None if moment is None else moment.isoformat() for name, moment in moments.items()
        },
        "result": job.result,
    }


def _cells(job: Job) -> tuple[str, ...]:
    done = "" if job.progress is None else f"{job.progress:.0%}"
    took = ""
    if job.started_at is not None and job.ended_at is not None:
        took = duration_text((job.ended_at - job.started_at).total_seconds())
    return (str(job.id), shlex.join(job.command), job.state, done, took, job.message or "")

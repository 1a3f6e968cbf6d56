"""`nowhear`: joins the groups of commands and runs them."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from realtime.cli import (
    attributes,
    calibrating,
    config,
    doctor,
    evaluating,
    exchanging,
    history,
    identifying,
    importing,
    jobs,
    learning,
    listen,
    lists,
    map,
    recommending,
    songs,
    taste,
    themes,
    training,
    watch,
)
from realtime.cli.common import FAILED
from realtime.version import program_version

app = typer.Typer(
    name="nowhear",
    help="Hears the music that plays, names it, and ranks the songs that sound like it.",
    epilog="Begin with: nowhear add ~/Music && nowhear listen",
    no_args_is_help=True,
    add_completion=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"nowhear {program_version()}\n")
        raise typer.Exit


@app.callback()
def _root(
    _version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version and end."
        ),
    ] = False,
) -> None:
    pass


_GROUPS = (
    listen,
    identifying,
    history,
    songs,
    importing,
    lists,
    map,
    attributes,
    themes,
    taste,
    recommending,
    jobs,
    watch,
    doctor,
    config,
    training,
    learning,
    exchanging,
    evaluating,
    calibrating,
)
for group in _GROUPS:
    group.register(app)


def main(argv: Sequence[str] | None = None) -> None:
    """Runs a command line (without the program's name); ends the process with its exit status.

    0: done, 1: failed, 2: wrong use, 130: interrupted.
    """
    _open_what_is_closed()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal without UTF-8 shows what it can
            stream.reconfigure(errors="backslashreplace")
    try:
        try:
            app(args=None if argv is None else list(argv), prog_name="nowhear")
        finally:
            sys.stdout.flush()
    except OSError as error:
        _give_up_standard_output()
        if not isinstance(error, BrokenPipeError):  # a reader that has seen enough
            with contextlib.suppress(OSError):
                sys.stderr.write(f"nowhear: {error}\n")
        sys.exit(FAILED)


def _open_what_is_closed() -> None:
    """Standard streams that the caller closed lead to nowhere: a socket or database that was given
    their number would else be read and written in their place."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode))  # noqa: SIM115 - to the end


def _give_up_standard_output() -> None:
    """What could not be written must not fail once more when Python flushes it at its end."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

"""What every command shares: options, settings, output, and how errors end a command."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, ParamSpec, TypeVar

import typer
from rich.console import Console
from rich.table import Table

from catalog.errors import CatalogError
from encoder.errors import EncoderError
from realtime.cli.start import INTERRUPTED
from realtime.errors import RealtimeError, SettingsError
from realtime.settings import Settings, expanded, load_settings

PIPED_WIDTH = 10_000
"""Characters that a row has at most where no terminal shows it."""

FAILED = 1
WRONG_USE = 2

CatalogOption = Annotated[
    Path | None,
    typer.Option("--catalog", metavar="DIR", help="Folder of the catalog.", show_default=False),
]
ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="FILE",
        help="Settings file. \\[default: config.yaml of this folder, if there is one]",
        show_default=False,
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")]

stderr = Console(stderr=True, highlight=False, soft_wrap=True)
stdout = Console(highlight=False, soft_wrap=True)

P = ParamSpec("P")
T = TypeVar("T")


def settings_from(config: Path | None, catalog: Path | None) -> Settings:
    """The settings in force: defaults, then the file, then `--catalog`."""
    settings = load_settings(config)
    if catalog is None:
        return settings
    update = {"directory": expanded(catalog, name="--catalog").absolute()}
    return settings.model_copy(update={"catalog": settings.catalog.model_copy(update=update)})


def print_rows(
    heads: Sequence[str], rows: Iterable[Sequence[str]], *, right: Collection[int]
) -> None:
    """A table with a heading on standard output; the columns `right`, from 0, are set to the right.

    Rows are broken to fit a terminal alone, never a pipe or file.
    """
    from catalog.songs import one_line

    table = Table(box=None, pad_edge=False, header_style="bold")
    for at, head in enumerate(heads):
        table.add_column(head, justify="right" if at in right else "left")
    for row in rows:
        table.add_row(*(one_line(cell).replace("[", r"\[") for cell in row))
    shown = stdout
    if not stdout.is_terminal:
        shown = Console(file=stdout.file, highlight=False, soft_wrap=True, width=PIPED_WIDTH)
    shown.print(table)


def print_json(value: Any) -> None:
    """One JSON document on standard output, in any script as it is."""
    escape = not (sys.stdout.encoding or "utf-8").lower().startswith("utf")  # LC_ALL=C
    sys.stdout.write(json.dumps(value, ensure_ascii=escape, indent=2) + "\n")


def ends_cleanly(command: Callable[P, T]) -> Callable[P, T]:
    """Turns our own errors into one message on standard error and an exit status.

    1 for what failed, 2 for wrong use; Ctrl-C ends with 130 and no traceback.
    """

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return command(*args, **kwargs)
        except SettingsError as error:
            raise _exit(error, WRONG_USE) from error
        except (EncoderError, CatalogError, RealtimeError) as error:
            raise _exit(error, FAILED) from error
        except KeyboardInterrupt:
            stderr.print("interrupted")
            raise typer.Exit(INTERRUPTED) from None

    return run


def _exit(error: Exception, status: int) -> typer.Exit:
    stderr.print(f"nowhear: {error}", markup=False)
    return typer.Exit(status)

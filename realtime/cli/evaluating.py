"""The commands `eval ...`: how well nowhear does what it does, on anyone's own music."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from realtime.cli.common import ConfigOption, ends_cleanly, settings_from, stderr
from realtime.cli.evaluating_options import (
    LENGTHS,
    QUERIES,
    ConditionsOption,
    DistractorsOption,
    KeptCatalogOption,
    NoiseOption,
    QueriesOption,
    RoomsOption,
    SeedOption,
    SpeechOption,
    check_folders,
    check_targets,
    conditions_of,
    lengths_of,
    wants_audiolocate,
)
from realtime.cli.listing import encoder_of

if TYPE_CHECKING:
    from catalog.catalog import Catalog
    from encoder.embedding import Encoder
    from realtime.evaluation.measuring import Request
    from realtime.evaluation.report import Report
    from realtime.evaluation.trials import Progress
    from realtime.settings import Settings

PASSAGES = 60

evaluating = typer.Typer(
    help="Measure how well nowhear does, on your own music.", no_args_is_help=True
)


def register(app: typer.Typer) -> None:
    """Put the commands into `app`."""
    app.add_typer(evaluating, name="eval")


@evaluating.callback()
def _group() -> None:
    pass


@evaluating.command(no_args_is_help=True)
@ends_cleanly
def identify(
    songs: Annotated[Path, typer.Argument(metavar="SONGS", help="Folder of songs to be named.")],
    distractors: DistractorsOption = None,
    outsiders: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Songs outside the catalog: naming one is wrong.",
            show_default=False,
        ),
    ] = None,
    leave_out: Annotated[
        bool,
        typer.Option(
            "--leave-out",
            help="Ask for every song once more, with itself and its folder struck from the "
            "catalog, as an outsider.",
        ),
    ] = False,
    noise: NoiseOption = None,
    rooms: RoomsOption = None,
    speech: SpeechOption = None,
    queries: QueriesOption = QUERIES,
    lengths: Annotated[
        str, typer.Option(metavar="S,S...", help="Lengths of queries in seconds.")
    ] = LENGTHS,
    conditions: ConditionsOption = None,
    live: Annotated[
        float | None,
        typer.Option(
            metavar="HOURS",
            min=0,
            max=1000,
            help="Measure live too: songs in a row over noise, and so many hours each of "
            "outsiders, noise and speech.",
            show_default=False,
        ),
    ] = None,
    seed: SeedOption = 0,
    audiolocate: Annotated[
        bool | None,
        typer.Option(help="Ask audiolocate the same. \\[default: if installed]"),
    ] = None,
    json: Annotated[
        Path | None,
        typer.Option(
            "--json",
            metavar="FILE",
            help="Write counts and every query there.",
            show_default=False,
        ),
    ] = None,
    plot: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Draw the shares named right.", show_default=False),
    ] = None,
    catalog: KeptCatalogOption = None,
    config: ConfigOption = None,
) -> None:
    """Measure how many songs are named right through noise, rooms, speed, codecs and speech.

    The catalog is made of SONGS. Queries are taken from them at random places, spoiled by
    condition, and put to what `nowhear identify` runs. Tables go to standard output as markdown.

    [bold]Examples[/bold]

    nowhear eval identify ~/Music --noise noise --leave-out --queries 50

    nowhear eval identify songs --outsiders others --conditions clean,mp3 --lengths 2,5
    """
    from realtime.evaluation.material import Material
    from realtime.evaluation.measuring import Live, Request
    from realtime.evaluation.plot import check_matplotlib
    from realtime.evaluation.running import Plan

    material = Material(songs, tuple(distractors or ()), outsiders, noise, rooms, speech)
    check_folders(material)
    check_targets(json, plot)
    if live is not None and noise is None:
        raise typer.BadParameter("songs are played live over noise: add --noise DIR")
    if plot is not None:
        check_matplotlib()
    plan = Plan(conditions_of(conditions, material), lengths_of(lengths), queries, seed)
    request = Request(
        material,
        plan,
        leave_out=leave_out,
        live=None if live is None else Live(PASSAGES, live),
        beside=wants_audiolocate(audiolocate),
    )
    with catalog_folder(catalog) as folder:
        report = _measure(request, folder, config)
    _write(report, json=json, plot=plot)


def _measure(request: Request, folder: Path, config: Path | None) -> Report:
    from realtime.evaluation.measuring import evaluate

    with opened(folder, config) as (settings, encoder, catalog), progress_shown() as progress:
        return evaluate(request, encoder, catalog, settings, progress=progress)


@contextmanager
def opened(folder: Path, config: Path | None) -> Iterator[tuple[Settings, Encoder, Catalog]]:
    """The settings, their encoder, and the catalog in `folder`, made if there is none."""
    from catalog.catalog import Catalog

    settings = settings_from(config, folder)
    encoder = encoder_of(settings, alone=False)
    with Catalog.open(settings.catalog, encoder.spec, create=True, write=True) as catalog:
        yield settings, encoder, catalog


def _write(report: Report, *, json: Path | None, plot: Path | None) -> None:
    from realtime.errors import EvaluationError
    from realtime.evaluation.plot import draw
    from realtime.evaluation.report import as_json, as_markdown

    sys.stdout.write(as_markdown(report))
    try:
        if json is not None:
            json.write_text(as_json(report), encoding="utf-8")
    except OSError as error:
        raise EvaluationError(f"{json}: cannot be written: {error.strerror}") from error
    if plot is not None:
        draw(report.cells(), plot)


@contextmanager
def catalog_folder(given: Path | None) -> Iterator[Path]:
    if given is not None:
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="nowhear-eval-") as folder:
        yield Path(folder)


@contextmanager
def progress_shown() -> Iterator[Progress]:
    """A bar on standard error for someone who sees it, else a line for every tenth."""
    if sys.stderr.isatty() and stderr.is_terminal:
        columns: Sequence[TextColumn | BarColumn | MofNCompleteColumn | TimeRemainingColumn] = (
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
            TimeRemainingColumn(),
        )  # fmt: skip
        with Bar(*columns, console=stderr, transient=True) as bar:
            task = bar.add_task("loading", total=None)
            yield lambda what, done, total: bar.update(
                task, description=what, completed=done, total=total
            )
        return
    said: set[tuple[str, int]] = set()

    def say(what: str, done: int, total: int) -> None:
        tenth = 10 * done // max(1, total)
        if (what, tenth) not in said:
            said.add((what, tenth))
            stderr.print(f"{what}: {done} of {total}", markup=False)

    yield say

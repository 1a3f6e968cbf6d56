"""The commands `import` and `datasets`."""

from __future__ import annotations

import time
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from realtime.cli.common import (
    FAILED,
    CatalogOption,
    ConfigOption,
    JsonOption,
    ends_cleanly,
    print_json,
    settings_from,
    stderr,
    stdout,
)
from realtime.cli.listing import duration_text, encoder_of
from realtime.cli.progress import progress

if TYPE_CHECKING:
    from catalog.datasets import DatasetInfo
    from catalog.imports.join import Joined
    from catalog.imports.report import Report
    from realtime.settings import Settings

datasets_app = typer.Typer(help="The datasets that were imported.", invoke_without_command=True)


class Kind(StrEnum):
    """What can be imported."""

    fma = "fma"
    msd = "msd"
    spotify = "spotify"
    echonest = "echonest"
    tasteprofile = "tasteprofile"
    lastfm = "lastfm"


def register(app: typer.Typer) -> None:
    """Put the commands into `app`."""
    app.command(name="import", no_args_is_help=True)(import_)
    app.add_typer(datasets_app, name="datasets")


@ends_cleanly
def import_(
    kind: Annotated[Kind, typer.Argument(metavar="DATASET", help="Which dataset it is.")],
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH...", help="Its files, or folders that hold them.")
    ],
    catalog: CatalogOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """Read a dataset's tables, and note where its audio lies, beside the songs of the catalog.

    fma: fma_metadata and trees of audio. msd: the Million Song Dataset, Last.fm's tags of it,
    tagtraum's genres. spotify: SpotifyFeatures.csv. echonest: attributes of FMA's tracks.
    tasteprofile: triplets of user, song and plays. lastfm: HetRec 2011.

    May be interrupted at any time, and run again: nothing is stored twice. Rows that cannot be read
    are reported, and the rest goes in.

    Exit status 1 when not one row could be read.

    [bold]Examples[/bold]

    nowhear import fma fma_metadata fma_small

    nowhear import tasteprofile train_triplets.txt --json
    """
    from catalog.datasets import Datasets
    from catalog.imports.join import join_songs
    from catalog.imports.run import run_import

    settings = settings_from(config, catalog)
    _make_catalog(settings)
    began = time.monotonic()
    with Datasets(settings.catalog) as datasets, progress("importing") as tell:
        report = run_import(kind.value, paths, datasets, on_progress=tell)
        joined = join_songs(datasets, report.dataset, on_progress=tell)
        (info,) = (each for each in datasets.names() if each.name == report.dataset)
    _print_report(report, info, joined, seconds=time.monotonic() - began, json=json)
    if not report.rows:
        raise typer.Exit(FAILED)


def _make_catalog(settings: Settings) -> None:
    """Datasets stand in a catalog; where there is none, an empty one is made."""
    from catalog.catalog import Catalog
    from catalog.datasets import Datasets
    from catalog.errors import NoCatalogError

    try:
        Datasets(settings.catalog).close()
    except NoCatalogError:
        spec = encoder_of(settings, alone=True).spec
        Catalog.open(settings.catalog, spec, create=True, write=True).close()


@datasets_app.callback()
@ends_cleanly
def datasets(
    context: typer.Context,
    catalog: CatalogOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """List the datasets that were imported, and what is known of them.

    [bold]Examples[/bold]

    nowhear datasets

    nowhear datasets join
    """
    from catalog.datasets import Datasets

    if context.invoked_subcommand is not None:
        return
    with Datasets(settings_from(config, catalog).catalog) as opened:
        found = opened.names()
    if json:
        print_json([_as_json(info) for info in found])
        return
    if not found:
        stderr.print("no datasets; `nowhear import DATASET PATH...` reads one")
    for info in found:
        stdout.print(_in_words(info), markup=False)


@datasets_app.command()
@ends_cleanly
def join(
    catalog: CatalogOption = None, config: ConfigOption = None, json: JsonOption = False
) -> None:
    """Join tracks of datasets with the songs of the catalog that they are.

    By the names of files, which are ids in most datasets, by where the files lie, and by artist and
    title, spelled as they may be.

    [bold]Example[/bold]

    nowhear datasets join --json
    """
    from catalog.datasets import Datasets
    from catalog.imports.join import join_songs

    with (
        Datasets(settings_from(config, catalog).catalog) as opened,
        progress("joining") as tell,
    ):
        found = [join_songs(opened, info.name, on_progress=tell) for info in opened.names()]
    if json:
        print_json([_joined_json(joined) for joined in found])
        return
    for joined in found:
        stdout.print(_joined_text(joined), markup=False)


def _joined_json(joined: Joined) -> dict[str, Any]:
    return {
        "dataset": joined.dataset,
        "by_id": joined.by_id,
        "by_path": joined.by_path,
        "by_name": joined.by_name,
        "songs": joined.songs,
        "fuzzy": joined.fuzzy,
    }


def _joined_text(joined: Joined) -> str:
    text = (
        f"{joined.dataset}: {joined.songs} songs of the catalog joined; tracks by id "
        f"{joined.by_id}, by path {joined.by_path}, by artist and title {joined.by_name}"
    )
    if not joined.fuzzy:
        text += (
            "; only names that are spelled alike, as rapidfuzz is not installed "
            "(pip install 'nowhear[learn]')"
        )
    return text


def _as_json(info: DatasetInfo) -> dict[str, Any]:
    return {
        "dataset": info.name,
        "source": info.source,
        "started_at": info.started_at.isoformat(),
        "finished_at": None if info.finished_at is None else info.finished_at.isoformat(),
        **{name: getattr(info, name) for name in _COUNTS},
    }


_COUNTS = (
    *("tracks", "titled", "audio", "joined", "genres", "attributes", "tags", "listeners", "plays"),
)


def _in_words(info: DatasetInfo) -> str:
    counts = ((name, getattr(info, name)) for name in _COUNTS)
    known = ", ".join(f"{count:,} {name}" for name, count in counts if count)
    broken = "" if info.finished_at else "; the import was broken off: run it again"
    return f"{info.name}: {known or 'nothing'}{broken}"


def _print_report(
    report: Report, info: DatasetInfo, joined: Joined, *, seconds: float, json: bool
) -> None:
    from catalog.songs import one_line, path_text

    if json:
        problems = [
            {"file": path_text(each.file), "line": each.line, "reason": each.reason}
            for each in report.problems
        ]
        counts = {name: getattr(report, name) for name in ("rows", "unreadable", "mended")}
        print_json(
            {
                **_as_json(info),
                **counts,
                "problems": problems,
                "notes": dict(report.notes),
                "files": [path_text(file) for file in report.files],
                "join": _joined_json(joined),
                "seconds": round(seconds, 3),
            }
        )
        return
    for each in report.problems:
        place = path_text(each.file) + ("" if each.line is None else f":{each.line}")
        stderr.print(one_line(f"{place}: {each.reason}"), markup=False)
    for note, count in report.notes.items():
        stderr.print(one_line(f"{note}: {count:,}"), markup=False)
    stdout.print(
        f"{info.name}: {report.rows:,} rows read, {report.unreadable:,} unreadable, "
        f"{report.mended:,} mended, in {duration_text(seconds)}",
        markup=False,
    )
    stdout.print(_in_words(info), markup=False)
    stdout.print(_joined_text(joined), markup=False)

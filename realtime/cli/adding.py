"""The command `add`."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated

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
from realtime.cli.mapping import keep_map
from realtime.cli.progress import progress
from realtime.cli.start import INTERRUPTED
from realtime.settings import Settings

if TYPE_CHECKING:
    from catalog.add import Progress as AddProgress
    from catalog.add import Summary
    from catalog.catalog import Catalog
    from encoder.embedding import Encoder


@ends_cleanly
def add(
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="PATH...", help="Audio files and folders.")
    ] = None,
    catalog: CatalogOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Embed the songs of the catalog again as well.")
    ] = False,
    reindex: Annotated[
        bool, typer.Option("--reindex", help="Build the index again from the stored vectors.")
    ] = False,
) -> None:
    """Add audio files to the catalog, from folders and everything beneath them.

    Unchanged files are passed over, changed ones embedded again, moved ones keep their song.

    May be interrupted at any time: what is stored stays, and the next call goes on.

    Exit status 1 when there was something to add and all of it was skipped.

    [bold]Examples[/bold]

    nowhear add ~/Music

    nowhear add --json --catalog ./demo "one song.flac"
    """
    from catalog.add import workers_of
    from catalog.catalog import Catalog

    given = paths or []
    if not (given or rebuild or reindex):
        raise typer.BadParameter("name at least one file or folder", param_hint="PATH...")
    settings = settings_from(config, catalog)
    if not (given or rebuild):
        with Catalog.open(settings.catalog, None, write=True) as opened:
            opened.publish(force=True)
            keep_map(opened, settings.map)
            stderr.print(f"index built: generation {opened.generation}, {opened.count} songs")
        return
    encoder = encoder_of(settings, alone=workers_of(settings.catalog) == 1)
    with Catalog.open(
        settings.catalog, encoder.spec, create=not rebuild, write=True, restart=rebuild
    ) as opened:
        every = [*given, *(opened.waiting() if rebuild else ())]
        summary = _add(every, opened, encoder, settings)
        if reindex:
            opened.publish(force=True)
        if not summary.interrupted:
            keep_map(opened, settings.map)
    if summary.added:
        _tell_of_datasets(settings)
    _print_summary(summary, json=json)
    if summary.interrupted:
        raise typer.Exit(INTERRUPTED)
    if summary.skipped and not (summary.added or summary.unchanged):
        raise typer.Exit(FAILED)


def _tell_of_datasets(settings: Settings) -> None:
    from catalog.datasets import Datasets

    with Datasets(settings.catalog) as datasets:
        if datasets.any():
            stderr.print("`nowhear datasets join` tells which of the datasets' tracks these are")


def _add(paths: list[Path], catalog: Catalog, encoder: Encoder, settings: Settings) -> Summary:
    from catalog.add import add as add_files

    with _stopping() as stop, _bar("adding") as show:
        return add_files(paths, catalog, encoder, settings.catalog, on_progress=show, stop=stop)


@contextmanager
def _stopping() -> Iterator[threading.Event]:
    """Set by the first Ctrl-C; a second one ends the command at once."""
    stop = threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()
        stderr.print("stopping: storing what is finished (Ctrl-C again ends at once)")

    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before = signal.signal(signal.SIGINT, on_signal)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _bar(what: str) -> Iterator[Callable[[AddProgress], None]]:
    """Shows how far the work is, and how fast it goes, see `progress`."""
    begun_s = time.monotonic()
    with progress(what) as tell:

        def show(now: AddProgress) -> None:
            elapsed = time.monotonic() - begun_s
            speed = now.audio_seconds / elapsed if elapsed > 0 else 0.0
            tell(now.done, now.total, f"{now.done} of {now.total}, {speed:.0f} x real time")

        yield show


def _print_summary(summary: Summary, *, json: bool) -> None:
    from catalog.songs import one_line, path_text

    if json:
        print_json(
            {
                "added": summary.added,
                "unchanged": summary.unchanged,
                "skipped": [
                    {"path": path_text(s.path), "reason": s.reason} for s in summary.skipped
                ],
                "seconds": round(summary.seconds, 3),
                "audio_seconds": round(summary.audio_seconds, 3),
            }
        )
        return
    for skipped in summary.skipped:
        stderr.print(f"skipped {one_line(path_text(skipped.path))}: {skipped.reason}", markup=False)
    speed = summary.audio_seconds / summary.seconds if summary.seconds > 0 else 0.0
    stdout.print(
        f"{summary.added} added, {summary.unchanged} unchanged, {len(summary.skipped)} skipped; "
        f"{duration_text(summary.audio_seconds)} of audio in {duration_text(summary.seconds)} "
        f"({speed:.0f} x real time)"
    )

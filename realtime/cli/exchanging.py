"""The commands `export features`, `export projector` and `import-features`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from realtime.cli.common import (
    CatalogOption,
    ConfigOption,
    JsonOption,
    ends_cleanly,
    print_json,
    settings_from,
    stderr,
    stdout,
)
from realtime.cli.listing import encoder_of
from realtime.cli.progress import progress

export_app = typer.Typer(
    no_args_is_help=True, help="Take songs and their vectors to other programs."
)

ENDINGS = ".h5, .hdf5, .parquet, .npz"


class SpritesName(StrEnum):
    """What a song's tile shows."""

    spectrogram = "spectrogram"
    colour = "colour"
    none = "none"


def register(app: typer.Typer) -> None:
    """Put the commands into `app`."""
    app.add_typer(export_app, name="export")
    app.command(name="import-features", no_args_is_help=True)(import_features)


@export_app.command(no_args_is_help=True)
@ends_cleanly
def features(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=f"File to write: {ENDINGS}.")],
    prints: Annotated[
        bool,
        typer.Option(help="With the prints that name a song, 128 bytes for each half second."),
    ] = True,
    catalog: CatalogOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """Write songs with styles, tags and prints to one file; its ending says the format.

    `nowhear import-features` brings them back as they were.

    Columns: uri, content_hash, title, artist, album, genre, year (0: unknown), duration_s, size,
    mtime_ns, segments, style, tags, prints.

    [bold]Examples[/bold]

    nowhear export features songs.parquet

    nowhear export features --no-prints songs.h5
    """
    from catalog.exchange.features import export_features

    settings = settings_from(config, catalog)
    with progress("exporting") as tell:
        songs = export_features(settings.catalog, file, with_prints=prints, tell=tell)
    if json:
        print_json({"songs": songs, "file": str(file), "bytes": file.stat().st_size})
    else:
        stdout.print(f"{songs} songs in {file}", markup=False)


@export_app.command(no_args_is_help=True)
@ends_cleanly
def projector(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to write.")],
    sprites: Annotated[
        SpritesName, typer.Option(help="What the picture of a song shows.")
    ] = SpritesName.spectrogram,
    catalog: CatalogOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """Write what TensorBoard's embedding projector shows: vectors, words, a picture of each song.

    [bold]Examples[/bold]

    nowhear export projector projector && tensorboard --logdir projector
    """
    from catalog.catalog import Catalog
    from catalog.exchange.projector import export_projector

    settings = settings_from(config, catalog)
    with Catalog.open(settings.catalog, None) as opened, progress("drawing") as tell:
        songs = export_projector(opened, folder, sprites=sprites.value, tell=tell)
    if json:
        print_json({"songs": songs, "folder": str(folder)})
    else:
        stdout.print(f"{songs} songs; tensorboard --logdir {folder}", markup=False)


@ends_cleanly
def import_features(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=f"File to read: {ENDINGS}.")],
    catalog: CatalogOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """Store the songs of a file that `nowhear export features` wrote, without hearing them again.

    Songs that are there already, by their content, stay as they are. Vectors of another encoder
    are refused.

    A file that is elsewhere here: `nowhear add` finds it by its content and keeps the song.

    [bold]Examples[/bold]

    nowhear import-features songs.parquet
    """
    from catalog.exchange.features import import_features as read_features
    from catalog.songs import one_line, path_text
    from catalog.store import DATABASE_NAME

    settings = settings_from(config, catalog)
    there = settings.catalog.database or (settings.catalog.directory / DATABASE_NAME).is_file()
    spec = None if there else encoder_of(settings, alone=True).spec
    with progress("importing") as tell:
        done = read_features(settings.catalog, file, spec, tell=tell)
    if json:
        skipped = [{"path": path_text(s.path), "reason": s.reason} for s in done.skipped]
        counts = {"added": done.added, "unchanged": done.unchanged}
        print_json({**counts, "without_file": done.without_file, "skipped": skipped})
        return
    for each in done.skipped:
        stderr.print(f"skipped {one_line(path_text(each.path))}: {each.reason}", markup=False)
    stdout.print(f"{done.added} added, {done.unchanged} unchanged, {len(done.skipped)} skipped")
    if done.without_file:
        stdout.print(
            f"{done.without_file} of them have no file here; `nowhear add PATH...` finds it by its "
            "content"
        )

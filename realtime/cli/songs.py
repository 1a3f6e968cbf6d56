"""The commands on the catalog: add, songs, remove, info, similar, embed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from realtime.cli.adding import add
from realtime.cli.common import (
    CatalogOption,
    ConfigOption,
    JsonOption,
    ends_cleanly,
    print_json,
    settings_from,
    stdout,
)
from realtime.cli.listing import as_json, print_table
from realtime.cli.mapping import keep_map
from realtime.cli.similar import embed, similar

if TYPE_CHECKING:
    from catalog.songs import Song


SECONDS_AN_HOUR = 3600


def register(app: typer.Typer) -> None:
    """Put the commands into `app`."""
    for command in (add, songs, remove, info, similar, embed):
        app.command(no_args_is_help=command in (remove, similar, embed))(command)


@ends_cleanly
def songs(
    text: Annotated[
        list[str] | None,
        typer.Argument(metavar="TEXT...", help="Words of title, artist, album or path."),
    ] = None,
    catalog: CatalogOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, help="At most so many songs.")
    ] = None,
) -> None:
    """List the songs of the catalog, all or those that hold every word given, in any case.

    [bold]Examples[/bold]

    nowhear songs

    nowhear songs joplin rag --json
    """
    from catalog.catalog import Catalog

    with Catalog.open(settings_from(config, catalog).catalog, None) as opened:
        found = opened.songs(" ".join(text or ()), limit=limit)
    if json:
        print_json([as_json(song) for song in found])
        return
    print_table(found)


@ends_cleanly
def remove(
    ids: Annotated[list[int], typer.Argument(metavar="SONG...", help="Ids of songs.")],
    catalog: CatalogOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """Remove songs from the catalog; their files stay where they are.

    When one of the songs is not there, none is removed.

    [bold]Example[/bold]

    nowhear remove 12 13
    """
    from catalog.catalog import Catalog

    settings = settings_from(config, catalog)
    with Catalog.open(settings.catalog, None, write=True) as opened:
        gone = opened.remove(ids)
        opened.publish()
        keep_map(opened, settings.map)
    if json:
        print_json([as_json(song) for song in gone])
        return
    for song in gone:
        stdout.print(f"removed {song.id}: {_named(song)}", markup=False)


@ends_cleanly
def info(
    catalog: CatalogOption = None, config: ConfigOption = None, json: JsonOption = False
) -> None:
    """Say what the catalog holds, how it is indexed, and what it takes up on the disk.

    [bold]Example[/bold]

    nowhear info --json
    """
    from catalog.catalog import Catalog
    from catalog.songs import path_text

    with Catalog.open(settings_from(config, catalog).catalog, None) as opened:
        about = opened.info()
    facts = {
        "catalog": path_text(about.directory),
        "songs": about.songs,
        "waiting": about.waiting,
        "audio_hours": round(about.audio_seconds / SECONDS_AN_HOUR, 3),
        "segments": about.segments,
        "generation": about.generation,
        "indexed": about.indexed,
        "tail": about.tail,
        "tail_segments": about.tail_segments,
        "bytes": about.bytes,
        "bytes_a_song": about.bytes_a_song,
        "encoder": {
            "name": about.encoder,
            "fingerprint": about.fingerprint,
            "dimension": about.dimension,
        },
        "prints": {
            "name": about.print_name,
            "fingerprint": about.print_fingerprint,
            "dimension": about.print_dimension,
        },
        "format": about.format_version,
    }
    if json:
        print_json(facts)
        return
    facts["bytes"] = ", ".join(f"{kind} {size:,}" for kind, size in about.bytes.items())
    facts["bytes_a_song"] = f"{about.bytes_a_song:,}"
    facts["encoder"] = f"{about.encoder} {about.fingerprint[:16]}, {about.dimension} dimensions"
    facts["prints"] = (
        f"{about.print_name} {about.print_fingerprint[:16]}, {about.print_dimension} dimensions"
    )
    for name, value in facts.items():
        stdout.print(f"{name:14} {'none' if value is None else value}", markup=False)


def _named(song: Song) -> str:
    return f"{song.artist} - {song.title}" if song.artist else song.title

"""The commands `map build` and `map info`."""

from __future__ import annotations

import time
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

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
from realtime.cli.listing import duration_text
from realtime.cli.mapping import drawing_bar

if TYPE_CHECKING:
    from catalog.map_file import StoredMap

map_app = typer.Typer(
    help="The map of the songs in three dimensions, that the page shows.", no_args_is_help=True
)


class MethodName(StrEnum):
    """What draws the map."""

    auto = "auto"
    tsne = "tsne"
    umap = "umap"
    pca = "pca"


def register(app: typer.Typer) -> None:
    """Put the group of commands into `app`."""
    app.add_typer(map_app, name="map")


@map_app.command()
@ends_cleanly
def build(
    catalog: CatalogOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
    method: Annotated[
        MethodName | None,
        typer.Option("--method", help="What draws it.", show_default="map.method: auto"),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(
            "--seed",
            min=0,
            max=2**32 - 1,
            help="The same songs and seed give the same map.",
            show_default="map.seed: 0",
        ),
    ] = None,
    anew: Annotated[
        bool, typer.Option("--anew", help="Do not begin at the map that there is.")
    ] = False,
) -> None:
    """Draw the map of the catalog: songs that sound alike come to lie side by side.

    It begins at the map that there is, so that the picture is not thrown about. May be interrupted
    at any time: then that one stays.

    [bold]Examples[/bold]

    nowhear map build

    nowhear map build --method umap --seed 7
    """
    from catalog.catalog import Catalog
    from catalog.map_building import build_map

    settings = settings_from(config, catalog)
    given = {"method": None if method is None else method.value, "seed": seed}
    wanted = settings.map.model_copy(
        update={name: value for name, value in given.items() if value is not None}
    )
    begun_s = time.perf_counter()
    with Catalog.open(settings.catalog, None) as opened, drawing_bar() as show:
        outcome = build_map(opened, wanted, on_progress=show, anew=anew)
    seconds = time.perf_counter() - begun_s
    if outcome.advice is not None:
        stderr.print(outcome.advice, markup=False)
    if json:
        print_json({**_facts(outcome.map), "seconds": round(seconds, 3)})
    elif outcome.map is None:
        stdout.print("no songs: no map; `nowhear add PATH...` adds some")
    else:
        facts = outcome.map.facts
        stdout.print(
            f"map of {facts.songs} songs drawn by {facts.method} in {duration_text(seconds)}"
        )


@map_app.command()
@ends_cleanly
def info(
    catalog: CatalogOption = None, config: ConfigOption = None, json: JsonOption = False
) -> None:
    """Say how the map was drawn, and whether it holds all songs.

    [bold]Example[/bold]

    nowhear map info --json
    """
    from catalog.catalog import Catalog
    from catalog.map_building import is_abreast
    from catalog.map_file import map_folder, open_map

    settings = settings_from(config, catalog).catalog
    with Catalog.open(settings, None) as opened:
        stored = open_map(map_folder(settings))
        facts = {**_facts(stored), "up_to_date": is_abreast(stored, opened)}
    if json:
        print_json(facts)
        return
    if stored is None:
        stdout.print("no map; `nowhear map build` draws one")
        return
    for name, value in facts.items():
        shown = ", ".join(value) if isinstance(value, list) else value
        stdout.print(f"{name:12} {shown}", markup=False)


def _facts(stored: StoredMap | None) -> dict[str, Any]:
    """What is said of a map in JSON; `songs` is 0 and the rest null without one."""
    if stored is None:
        return {"songs": 0, "method": None, "seed": None, "placed": None, "version": None}
    facts = stored.facts
    return {
        "songs": facts.songs,
        "method": facts.method,
        "seed": facts.seed,
        "placed": facts.placed,
        "version": facts.version,
        "radius": round(stored.map.radius, 3),
        "genres": list(facts.genres),
        "bytes": stored.file.stat().st_size,
    }

"""The commands `themes build`, `themes list` and `themes songs`."""

from __future__ import annotations

import sys
from enum import StrEnum
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
from realtime.cli.lists import M3u8Option
from realtime.cli.progress import progress

if TYPE_CHECKING:
    from collections.abc import Sequence

    from catalog.catalog import Catalog
    from catalog.theme_clusters import Judged
    from catalog.theme_file import Themes
    from catalog.theme_words import Trait

themes_app = typer.Typer(
    help="Themes: groups of songs that belong together, found by themselves and named in words.",
    no_args_is_help=True,
)

MOST_SHOWN = 6
SHOWN = 0.5
"""Attributes that differ by so many deviations are shown in the list."""


class ByName(StrEnum):
    """What divides the songs."""

    auto = "auto"
    style = "style"
    attributes = "attributes"


def register(app: typer.Typer) -> None:
    """Put the group of commands into `app`."""
    app.add_typer(themes_app, name="themes")


@themes_app.command()
@ends_cleanly
def build(
    catalog: CatalogOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
    by: Annotated[
        ByName | None,
        typer.Option("--by", help="What divides the songs.", show_default="themes.by: auto"),
    ] = None,
    count: Annotated[
        int | None,
        typer.Option("--count", min=1, help="So many themes, not the number that fits best."),
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(
            "--data",
            metavar="DATASET",
            help="Divide the tracks of this dataset by their attributes; songs of the catalog have "
            "the theme that theirs are nearest to.",
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(
            "--seed",
            min=0,
            max=2**32 - 1,
            help="The same songs and seed give the same themes.",
            show_default="themes.seed: 0",
        ),
    ] = None,
    plot: Annotated[
        Path | None,
        typer.Option(
            "--plot",
            metavar="FILE",
            dir_okay=False,
            help="Draw there how well each number of themes fits; the ending says the format.",
        ),
    ] = None,
) -> None:
    """Divide the songs into themes, name them, and colour the map by them.

    A theme that holds mostly the songs of one before keeps its number and name. A song that is
    added later has the nearest theme at once.

    [bold]Examples[/bold]

    nowhear themes build

    nowhear themes build --by style --plot themes.svg
    """
    from catalog.catalog import Catalog
    from catalog.theme_building import build_themes
    from realtime.cli.theme_plot import check_plot, draw

    settings = settings_from(config, catalog)
    given = {"by": None if by is None else by.value, "seed": seed}
    wanted = settings.themes.model_copy(
        update={name: value for name, value in given.items() if value is not None}
    )
    if plot is not None:
        check_plot(plot)
    with Catalog.open(settings.catalog, None) as opened:
        with progress("dividing") as tell:
            made = build_themes(
                opened,
                wanted,
                count=count,
                data=data,
                on_progress=lambda share: tell(share, 1.0, "trying numbers of themes"),
            )
        recolour_map(opened)
        if plot is not None:
            draw(made, plot)
        _show(opened, made, json=json)


@themes_app.command("list")
@ends_cleanly
def list_themes(
    catalog: CatalogOption = None, config: ConfigOption = None, json: JsonOption = False
) -> None:
    """List the themes: how many songs each has, and what these have in common.

    [bold]Example[/bold]

    nowhear themes list --json
    """
    from catalog.catalog import Catalog
    from catalog.theme_file import open_themes, themes_folder

    settings = settings_from(config, catalog).catalog
    with Catalog.open(settings, None) as opened:
        found = open_themes(themes_folder(settings))
        if found is not None:
            _show(opened, found, json=json)
        elif json:
            print_json({"themes": []})
        else:
            stderr.print("there are no themes; `nowhear themes build` finds some")


@themes_app.command(no_args_is_help=True)
@ends_cleanly
def songs(
    number: Annotated[int, typer.Argument(metavar="THEME", min=0, help="Number of the theme.")],
    catalog: CatalogOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
    m3u8: M3u8Option = False,
) -> None:
    """List the songs of a theme, the most typical first.

    [bold]Examples[/bold]

    nowhear themes songs 0

    nowhear themes songs 2 --m3u8 > theme.m3u8
    """
    from catalog.catalog import Catalog
    from catalog.errors import UnknownThemeError
    from catalog.kept import kept
    from catalog.theme_file import open_themes, themes_folder
    from catalog.theme_songs import songs_of_theme
    from realtime.cli.listing import as_json, print_table
    from realtime.playlist_files import list_file

    if json and m3u8:
        raise typer.BadParameter("give one of --json, --m3u8")
    settings = settings_from(config, catalog).catalog
    with Catalog.open(settings, None) as opened:
        themes = open_themes(themes_folder(settings))
        if themes is None or number >= len(themes.themes):
            raise UnknownThemeError(
                f"no theme {number} in this catalog; `nowhear themes list` has all"
            )
        ids = songs_of_theme(themes, opened, number)
        known = opened.get(ids)
    found = [known[song] for song in ids if song in known]
    if json:
        print_json([as_json(song) for song in found])
    elif m3u8:
        name = themes.names[number]
        sys.stdout.write(list_file("m3u8", name, [kept(song) for song in found]))
    else:
        print_table(found)


def recolour_map(catalog: Catalog) -> None:
    """Colour the map by the themes, which are kept already: what goes wrong is only said."""
    from catalog.errors import BusyError, CatalogError
    from catalog.map_building import recolour

    try:
        recolour(catalog)
    except BusyError:
        stderr.print("the map is being drawn by another process; the daemon colours it afterwards")
    except CatalogError as error:
        stderr.print(f"the map was not coloured by the themes: {error}", markup=False)


def _show(catalog: Catalog, themes: Themes, *, json: bool) -> None:
    from catalog.theme_songs import counts_of

    counts = counts_of(themes, catalog)
    if json:
        print_json(_as_json(themes, counts))
        return
    facts = themes.facts
    what = "songs" if facts.data is None else f"tracks of {facts.data}"
    stdout.print(f"{len(themes.themes)} themes of {facts.rows} {what}, by {facts.by}", markup=False)
    rows = []
    for number, (theme, count) in enumerate(zip(themes.themes, counts, strict=True)):
        telling = [one for one in theme.profile if abs(one.score) >= SHOWN]
        telling.sort(key=lambda one: -abs(one.score))
        traits = [f"{one.name} {one.value:.3g}" for one in telling]
        tags = [one.name for one in (*theme.genres, *theme.tags)]
        sizes = (str(count),) if facts.data is None else (str(theme.songs), str(count))
        rows.append((str(number), theme.name, *sizes, ", ".join([*traits, *tags][:MOST_SHOWN])))
    counted = ("songs",) if facts.data is None else ("tracks", "songs")
    heads = ("theme", "name", *counted, "what they have in common")
    print_rows(heads, rows, right=(0, 2, 3)[: len(counted) + 1])


def _as_json(themes: Themes, counts: Sequence[int]) -> dict[str, Any]:
    from dataclasses import asdict

    facts = themes.facts
    return {
        "by": facts.by,
        "data": facts.data,
        "seed": facts.seed,
        "rows": facts.rows,
        "kept": facts.kept,
        "figures": [_figures(one) for one in facts.figures],
        "themes": [
            {
                "theme": number,
                "name": theme.name,
                "songs": count,
                "rows": theme.songs,
                "profile": [_trait(one) for one in theme.profile],
                "genres": [_trait(one) for one in theme.genres],
                "tags": [_trait(one) for one in theme.tags],
                "typical": list(theme.typical),
                "tracks": [asdict(track) for track in theme.tracks],
            }
            for number, (theme, count) in enumerate(zip(themes.themes, counts, strict=True))
        ],
    }


def _figures(one: Judged) -> dict[str, float]:
    from dataclasses import asdict

    return {name: round(value, 4) for name, value in asdict(one).items()}


def _trait(one: Trait) -> dict[str, Any]:
    numbers = {"value": one.value, "mean": one.mean, "score": one.score}
    return {"name": one.name, **{name: round(value, 4) for name, value in numbers.items()}}

"""The commands `taste fit` and `taste learn`: vectors from listening, and from sound."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

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
from realtime.cli.progress import progress

if TYPE_CHECKING:
    from catalog.taste.model import TasteModel

taste_app = typer.Typer(
    help="What listening data says of songs, for `nowhear recommend`.", no_args_is_help=True
)

SeedOption = Annotated[int, typer.Option("--seed", min=0, help="Of splits and first vectors.")]


class Listened(StrEnum):
    """Whose listening."""

    own = "own"
    tasteprofile = "tasteprofile"
    lastfm = "lastfm"


class Heard(StrEnum):
    """What a head hears of a song."""

    style = "style"
    prints = "prints"
    both = "both"


def register(app: typer.Typer) -> None:
    """Put the group of commands into `app`."""
    app.add_typer(taste_app, name="taste")


@taste_app.command()
@ends_cleanly
def fit(
    data: Annotated[
        Listened,
        typer.Option("--data", help="An imported dataset, or own: stars, playlists and history."),
    ] = Listened.own,
    tune: Annotated[
        bool, typer.Option(help="Choose settings by what is found of a part that is held out.")
    ] = True,
    factors: Annotated[
        int | None, typer.Option(min=1, max=1024, help="Length of the vectors, to begin with.")
    ] = None,
    seed: SeedOption = 0,
    catalog: CatalogOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """Learn from who played what which music the same people like.

    Says how much of what was held out is found: all of it among all items, by the vectors and by
    simpler ways. May be interrupted and run again.

    [bold]Examples[/bold]

    nowhear taste fit

    nowhear taste fit --data lastfm --seed 1
    """
    from catalog.taste.als import AlsSettings
    from catalog.taste.fitting import fit_taste, listening_of

    settings = settings_from(config, catalog).catalog
    als = AlsSettings(seed=seed)
    if factors is not None:
        als = als.model_copy(update={"factors": factors})
    listening = listening_of(settings, data.value)
    with progress("fitting") as tell:
        model = fit_taste(listening, dataset=data.value, als=als, tune=tune, seed=seed, tell=tell)
    folder = model.save(settings)
    if json:
        print_json(_about(model) | {"folder": str(folder)})
    else:
        _show_fit(model)


def _about(model: TasteModel) -> dict[str, Any]:
    return {
        "dataset": model.dataset,
        "items": len(model.items),
        "settings": dict(model.settings),
        "figures": {key: value for key, value in model.figures.items() if key != "tried"},
    }


def _show_fit(model: TasteModel) -> None:
    used = model.settings
    figures = model.figures
    stdout.print(
        f"taste of {model.dataset}: {figures['users']} users, {len(model.items)} items, "
        f"{figures['plays']} plays; {used['factors']} factors, "
        f"regularization {used['regularization']:g}, alpha {used['alpha']:g}, eps {used['eps']:g}"
    )
    if "test" in figures:
        print_figures(figures["test"])
    else:
        stderr.print("too little was played to say how good it is: nobody has five items or more")


def print_figures(methods: Mapping[str, Mapping[str, Any]]) -> None:
    """A table of the figures of methods by name, those of `RankingFigures`."""
    k = next(iter(methods.values()))["k"]
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("by")
    for head in ("mAP", f"recall@{k}", f"nDCG@{k}", "AUC", "users"):
        table.add_column(head, justify="right")
    for name, found in methods.items():
        values = (f"{found[key]:.4f}" for key in ("map", "recall", "ndcg", "auc"))
        table.add_row(name, *values, str(found["users"]))
    stdout.print(table)

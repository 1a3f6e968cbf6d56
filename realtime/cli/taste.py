"""The commands `taste fit` and `taste learn`: vectors from listening, and from sound."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
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
    from catalog.taste.fitting import first_try, fit_taste, listening_of

    settings = settings_from(config, catalog).catalog
    als = first_try(data.value, seed=seed)
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


@taste_app.command()
@ends_cleanly
def learn(
    data: Annotated[
        Listened | None,
        typer.Option("--data", help="Whose model. \\[default: the newest]", show_default=False),
    ] = None,
    heard: Annotated[
        Heard,
        typer.Option("--from", help="What is heard of a song; prints take longer to read."),
    ] = Heard.style,
    seed: SeedOption = 0,
    catalog: CatalogOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """Learn to tell from a song's sound who will like it, also when nobody has played it yet.

    Needs a model by `nowhear taste fit`, and songs in the catalog that were played. Says how well
    songs of artists that it never met are ranked, beside chance and simpler ways, and the most that
    could be reached. There popularity says nothing: nobody has played them.

    [bold]Examples[/bold]

    nowhear taste learn

    nowhear taste learn --data lastfm --from both
    """
    from catalog.catalog import Catalog
    from catalog.errors import TasteError
    from catalog.taste.fitting import listening_of
    from catalog.taste.learning import learn_taste
    from catalog.taste.model import open_model

    settings = settings_from(config, catalog).catalog
    name = None if data is None else data.value
    with Catalog.open(settings, None) as opened, progress("learning") as tell:
        model = open_model(opened, name, with_head=False)
        if model is None:
            raise TasteError("no taste model yet; `nowhear taste fit` makes one")
        listening = listening_of(settings, model.dataset)
        learnt = learn_taste(opened, model, listening, kind=heard.value, seed=seed, tell=tell)
        folder = learnt.save(settings)
    assert learnt.learned is not None
    figures = learnt.learned.figures
    if json:
        about = {"dataset": learnt.dataset, "from": heard.value, "figures": dict(figures)}
        print_json(about | {"folder": str(folder)})
        return
    stdout.print(
        f"taste of {learnt.dataset} told from {heard.value}: {figures['songs']} songs, "
        f"{figures['test_songs']} of artists held out"
    )
    print_figures(figures["test"])


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
    rows = [
        (
            name,
            *(f"{found[key]:.4f}" for key in ("map", "recall", "ndcg", "auc")),
            str(found["users"]),
        )
        for name, found in methods.items()
    ]
    heads = ("by", "mAP", f"recall@{k}", f"nDCG@{k}", "AUC", "users")
    print_rows(heads, rows, right=range(1, len(heads)))

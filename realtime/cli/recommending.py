"""The commands `recommend` and `compat`: songs for somebody, and two people's music compared."""

from __future__ import annotations

from collections.abc import Sequence
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

if TYPE_CHECKING:
    from catalog.reader import CatalogReader
    from catalog.taste.compat import Compatibility
    from catalog.taste.lists import ListedSongs
    from catalog.taste.model import TasteModel
    from catalog.taste.recommend import Recommended

STARS = "stars"

ModelOption = Annotated[
    str | None,
    typer.Option(
        "--model",
        metavar="NAME",
        help="Dataset whose taste model is used, none: go by sound alone. \\[default: the newest]",
        show_default=False,
    ),
]


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command()(recommend)
    app.command(no_args_is_help=True)(compat)


@ends_cleanly
def recommend(
    like: Annotated[
        list[int] | None,
        typer.Option("--like", metavar="SONG", help="Id of a song that is liked; may be repeated."),
    ] = None,
    user: Annotated[
        str | None,
        typer.Option("--user", metavar="U", help="User of the model's dataset, by its id there."),
    ] = None,
    blend: Annotated[
        float, typer.Option(min=0, max=1, help="0: by sound alone; 1: by taste alone.")
    ] = 0.5,
    n: Annotated[int, typer.Option("-n", min=1, max=1000, help="Songs to name.")] = 20,
    per_artist: Annotated[
        int, typer.Option("--per-artist", min=0, help="Songs of one artist; 0: no limit.")
    ] = 2,
    popular: Annotated[
        bool, typer.Option("--popular", help="Rank by how many have played a song instead.")
    ] = False,
    model: ModelOption = None,
    json: JsonOption = False,
    catalog: CatalogOption = None,
    config: ConfigOption = None,
) -> None:
    """Recommend songs to who likes some: those that sound alike, and that the same people play.

    Without --like and --user: to you, from your stars and what you play most.

    How often a song was played gives it no advantage, unless --popular asks for it. Songs that
    nobody has played yet are judged by their sound. `nowhear taste fit` makes the taste model, and
    `nowhear taste learn` extends it to songs that were never played; without, sound decides.

    [bold]Examples[/bold]

    nowhear recommend --like 12 --like 40

    nowhear recommend --blend 0 -n 5 --json
    """
    from catalog.catalog import Catalog
    from catalog.taste.recommend import recommend as recommended

    if like and user is not None:
        raise typer.BadParameter("give either --like or --user")
    with Catalog.open(settings_from(config, catalog).catalog, None) as opened:
        taste = _model(opened, model)
        likes, vectors = _likes(opened, taste, like or [], user)
        found = recommended(
            opened,
            likes,
            blend=blend,
            count=n,
            model=taste,
            by_popularity=popular,
            taste_likes=vectors,
            per_artist=per_artist,
        )
    if json:
        print_json(
            {
                "blend": blend,
                "model": None if taste is None else taste.dataset,
                "likes": list(likes),
                "songs": [_row(one) for one in found],
            }
        )
    elif found:
        _print_recommended(found)
    else:
        stderr.print("the catalog has no other songs; `nowhear add PATH...` adds some")


@ends_cleanly
def compat(
    a: Annotated[str, typer.Argument(metavar="A", help="A list: .m3u, .csv or .json; or stars.")],
    b: Annotated[str, typer.Argument(metavar="B", help="The other one.")],
    model: ModelOption = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the random pairs.")] = 0,
    json: JsonOption = False,
    catalog: CatalogOption = None,
    config: ConfigOption = None,
) -> None:
    """Say how well two people's music goes together.

    A and B are playlists (.m3u, .m3u8), tables with artist and title (.csv), lists in JSON, or
    stars for the songs starred here. Says the score from 0 to 1 (0.5 is chance), the share of
    random pairs of such lists that score less, what both have, and what each would like of the
    other's.

    [bold]Examples[/bold]

    nowhear compat mine.m3u8 yours.csv

    nowhear compat stars yours.csv --json
    """
    from catalog.catalog import Catalog
    from catalog.taste.compat import compatibility

    with Catalog.open(settings_from(config, catalog).catalog, None) as opened:
        lists = [_list(opened, name) for name in (a, b)]
        taste = _model(opened, model)
        found = compatibility(opened, lists[0].songs, lists[1].songs, model=taste, seed=seed)
        titles = {
            song.id: f"{song.artist} - {song.title}" if song.artist else song.title
            for song in opened.get(found.shared).values()
        }
    if json:
        print_json(_compat_json(found, lists, (a, b), taste))
    else:
        _print_compat(found, lists, (a, b), titles)


def _model(catalog: CatalogReader, name: str | None) -> TasteModel | None:
    from catalog.taste.model import open_model

    return None if name == "none" else open_model(catalog, name)


def _likes(
    catalog: CatalogReader, model: TasteModel | None, like: Sequence[int], user: str | None
) -> tuple[Sequence[int], Any]:
    """Songs that are liked, and vectors of what is liked beside them."""
    from catalog.errors import TasteError
    from catalog.taste.own import own_likes
    from catalog.taste.users import likes_of_user

    if user is not None:
        if model is None:
            raise TasteError("a user is one of a taste model's; `nowhear taste fit` makes it")
        found = likes_of_user(catalog, model, user)
        return found.songs, found.vectors
    if like:
        for song in like:
            catalog.song(song)  # says which one is unknown
        return like, None
    stars, played = own_likes(catalog.settings)
    if not stars and not played:
        raise TasteError(
            "no song is starred or was played; give some by --like, or star them on the page of "
            "`nowhear listen`"
        )
    return [*stars, *played], None


def _list(catalog: CatalogReader, name: str) -> ListedSongs:
    from catalog.taste.lists import ListedSongs, read_list
    from catalog.taste.own import own_likes

    if name == STARS:
        return ListedSongs(tuple(own_likes(catalog.settings)[0]))
    return read_list(catalog, Path(name))


def _row(one: Recommended) -> dict[str, Any]:
    from catalog.songs import path_text

    scores = {"score": one.score, "content": one.content, "taste": one.taste}
    return {
        "song": one.song.id,
        "title": one.song.title,
        "artist": one.song.artist,
        "path": path_text(one.song.path),
        **{name: None if value is None else round(value, 6) for name, value in scores.items()},
    }


def _print_recommended(found: Sequence[Recommended]) -> None:
    rows = []
    for one in found:
        scores = (one.score, one.content, one.taste)
        cells = ["" if value is None else f"{value:.3f}" for value in scores]
        rows.append([*cells, str(one.song.id), one.song.title, one.song.artist or ""])
    heads = ("score", "sound", "taste", "song", "title", "artist")
    print_rows(heads, rows, right=(0, 1, 2, 3))


def _compat_json(
    found: Compatibility,
    lists: Sequence[ListedSongs],
    names: Sequence[str],
    model: TasteModel | None,
) -> dict[str, Any]:
    sides = {
        side: {"name": name, "songs": len(one.songs), "not_found": list(one.not_found)}
        for side, name, one in zip("ab", names, lists, strict=True)
    }
    return {
        "score": round(found.score, 6),
        "percentile": round(found.percentile, 4),
        "model": None if model is None else model.dataset,
        **sides,
        "shared": list(found.shared),
        "for_a": [_row(one) for one in found.for_a],
        "for_b": [_row(one) for one in found.for_b],
    }


def _print_compat(
    found: Compatibility,
    lists: Sequence[ListedSongs],
    names: Sequence[str],
    titles: dict[int, str],
) -> None:
    for name, one in zip(names, lists, strict=True):
        if one.not_found:
            missing = ", ".join(one.not_found[:5]) + (", ..." if len(one.not_found) > 5 else "")
            stderr.print(
                f"{name}: {len(one.not_found)} songs are not in the catalog: {missing}",
                markup=False,
            )
    stdout.print(
        f"score {found.score:.2f} (0.50 is chance): more than {found.percentile:.0%} of random "
        f"pairs of lists of {len(lists[0].songs)} and {len(lists[1].songs)} songs"
    )
    if found.shared:
        shown = ", ".join(titles[song] for song in found.shared[:10])
        stdout.print(f"both have {len(found.shared)}: {shown}", markup=False)
    for name, liked in zip(names, (found.for_a, found.for_b), strict=True):
        if liked:
            stdout.print(f"\nfor {name}:", markup=False)
            _print_recommended(liked)

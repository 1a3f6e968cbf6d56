"""The commands `attributes train`, `attributes fill` and `attributes list`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from realtime.cli.attributes_report import lesson_json, print_lesson, print_style
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
    from catalog.datasets import Track
    from catalog.kept_attributes import Guess
    from realtime.settings import Settings

attributes_app = typer.Typer(
    help="The Echo Nest's eight attributes of songs: loudness, tempo, mood and so on, and the "
    "genres that they tell.",
    no_args_is_help=True,
)


def register(app: typer.Typer) -> None:
    """Put the group of commands into `app`."""
    app.add_typer(attributes_app, name="attributes")


@attributes_app.command()
@ends_cleanly
def train(
    data: Annotated[
        str, typer.Option("--data", metavar="NAME", help="Dataset with attributes and genres.")
    ] = "fma",
    least: Annotated[
        int, typer.Option("--least", min=1, help="Genres of fewer tracks are left out.")
    ] = 10,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of splits and weights.")] = 0,
    catalog: CatalogOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """Learn genres from attributes, and attributes from how songs sound.

    A small network learns the genres of the dataset's tracks, and is compared with logistic
    regression, nearest neighbours and gradient boosting on tracks that none of them has seen.

    Attributes are learnt from the songs of the catalog that are joined with a track that has some.

    [bold]Examples[/bold]

    nowhear attributes train --data fma

    nowhear attributes train --data spotify --json
    """
    from catalog.attribute_genres import learn_genres
    from catalog.attribute_heads import GENRE_HEAD, STYLE_HEAD, heads_folder, learn_from_style
    from catalog.catalog import Catalog
    from catalog.kept_attributes import dataset_attributes

    settings = settings_from(config, catalog)
    with Catalog.open(settings.catalog, None) as opened, progress("learning") as tell:
        tracks, values = dataset_attributes(settings.catalog, data)
        _require_attributes(data, len(tracks))
        lesson = learn_genres(tracks, values, least=least, seed=seed, tell=tell)
        folder = heads_folder(settings.catalog)
        lesson.head.save(folder / GENRE_HEAD)
        tell(1, None, "attributes from style")
        of_style = learn_from_style(opened, seed=seed)
        if of_style.head is not None:
            of_style.head.save(folder / STYLE_HEAD)
    if json:
        print_json(
            {"data": data, "seed": seed, **lesson_json(lesson), "from_style": of_style.as_json()}
        )
        return
    print_lesson(data, lesson)
    print_style(of_style)


@attributes_app.command()
@ends_cleanly
def fill(
    catalog: CatalogOption = None, config: ConfigOption = None, json: JsonOption = False
) -> None:
    """Fill in attributes and genres that are missing, each with its probability.

    What songs and datasets say themselves stays as it is; what was filled in before is replaced.

    [bold]Example[/bold]

    nowhear attributes fill
    """
    from dataclasses import asdict

    from catalog.attribute_filling import fill as fill_in
    from catalog.catalog import Catalog

    settings = settings_from(config, catalog)
    with Catalog.open(settings.catalog, None) as opened:
        with progress("filling in") as tell:
            filled = fill_in(opened, tell=tell)
        _recolour(opened)
    if json:
        print_json(asdict(filled))
        return
    for why in filled.missing:
        stderr.print(why, markup=False)
    stdout.print(
        f"attributes of {filled.known + filled.told} of {filled.songs} songs: {filled.known} known "
        f"from datasets, {filled.told} told from how they sound"
    )
    stdout.print(f"probable genres of {filled.song_genres} songs that have none of their own")
    for name, count in filled.track_genres.items():
        stdout.print(f"probable genres of {count} tracks of {name}", markup=False)


@attributes_app.command("list")
@ends_cleanly
def list_attributes(
    text: Annotated[
        list[str] | None,
        typer.Argument(metavar="TEXT...", help="Words of title, artist, album or path."),
    ] = None,
    data: Annotated[
        str | None,
        typer.Option("--data", metavar="NAME", help="Probable genres of a dataset's tracks."),
    ] = None,
    catalog: CatalogOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """List the attributes of songs and the genres that they probably have.

    [bold]Examples[/bold]

    nowhear attributes list joplin rag

    nowhear attributes list --data fma --json
    """
    settings = settings_from(config, catalog)
    if data is not None and text:
        raise typer.BadParameter("give words or --data, not both")
    if data is not None:
        _list_tracks(settings, data, json=json)
    else:
        _list_songs(settings, " ".join(text or ()), json=json)


def _require_attributes(data: str, count: int) -> None:
    from catalog.errors import LearningError

    if not count:
        raise LearningError(
            f"no track of a dataset {data!r} has attributes; `nowhear datasets` lists what is "
            f"imported, `nowhear import echonest FILE` imports some"
        )


def _recolour(catalog: Any) -> None:
    """Themes may rest on attributes, and the map is coloured by themes."""
    from catalog.theme_file import open_themes, themes_folder
    from realtime.cli.themes import recolour_map

    themes = open_themes(themes_folder(catalog.settings))
    if themes is not None and themes.facts.by == "attributes":
        recolour_map(catalog)


def _list_songs(settings: Settings, text: str, *, json: bool) -> None:
    from catalog.catalog import Catalog
    from catalog.kept_attributes import ATTRIBUTES, Attributes
    from realtime.learnt import learnt_of

    with Catalog.open(settings.catalog, None) as opened:
        songs = opened.songs(text or None)
    with Attributes(settings.catalog) as kept:
        learnt = learnt_of(kept, [song.id for song in songs])
    found = [
        {"song": one.id, "title": one.title, "artist": one.artist, "genre": one.genre, **more}
        for one, more in zip(songs, learnt, strict=True)
    ]
    if json:
        print_json(found)
        return
    heads = ("song", "title", "artist", "genre", *ATTRIBUTES)
    rows = [_song_row(row) for row in found]
    print_rows(heads, rows, right=(0, *range(4, len(heads))))


def _song_row(row: dict[str, Any]) -> tuple[str, ...]:
    """Cells; values that were told from the style stand behind a ~."""
    genre = row["genre"] or _probably(row["probable_genre"])
    sign = "~" if row["told"] else ""
    values = (row["attributes"] or {}).items()
    numbers = [
        "" if value is None else f"{sign}{value:.0f}" if name == "tempo" else f"{sign}{value:.2f}"
        for name, value in values
    ]
    return str(row["song"]), row["title"], row["artist"] or "", genre, *numbers


def _list_tracks(settings: Settings, data: str, *, json: bool) -> None:
    from catalog.datasets import Datasets
    from catalog.kept_attributes import Attributes
    from realtime.learnt import guess_json

    with Attributes(settings.catalog) as kept, Datasets(settings.catalog) as datasets:
        genres = kept.track_genres(data)
        named = {track.key: track for track in datasets.tracks(data) if track.key in genres}
    if json:
        print_json([_track(key, named.get(key), genres[key]) for key in sorted(genres)])
        return
    if not genres:
        stderr.print("no probable genres; `nowhear attributes fill` fills them in")
        return
    rows = []
    for key in sorted(genres):
        track = named.get(key)
        names = ("", "") if track is None else (track.title or "", track.artist or "")
        rows.append((key, *names, _probably(guess_json(genres[key]))))
    print_rows(("track", "title", "artist", "genre"), rows, right=())


def _track(key: str, track: Track | None, genre: Guess) -> dict[str, Any]:
    from realtime.learnt import guess_json

    return {
        "key": key,
        "title": None if track is None else track.title,
        "artist": None if track is None else track.artist,
        "probable_genre": guess_json(genre),
    }


def _probably(guess: dict[str, Any] | None) -> str:
    return "" if guess is None else f"{guess['genre']} (probably, {guess['probability']:.0%})"

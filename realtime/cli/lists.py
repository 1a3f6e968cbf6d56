"""The commands `stars`, `playlist` and `path`: lists of songs, shown or written as a file."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from json import loads
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
)
from realtime.cli.listing import duration_text

if TYPE_CHECKING:
    from catalog.kept import KeptSong
    from catalog.playlists import Playlist
    from realtime.playlist_files import FileFormat

CsvOption = Annotated[
    bool, typer.Option("--csv", help="Print comma-separated values on standard output.")
]
M3u8Option = Annotated[
    bool, typer.Option("--m3u8", help="Print a playlist for players on standard output.")
]

playlist = typer.Typer(help="List and export the playlists made on the page.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command()(stars)
    app.command(no_args_is_help=True)(path)
    playlist.command("list")(list_playlists)
    playlist.command("export", no_args_is_help=True)(export)
    app.add_typer(playlist, name="playlist")


@ends_cleanly
def stars(
    json: JsonOption = False,
    csv: CsvOption = False,
    m3u8: M3u8Option = False,
    catalog: CatalogOption = None,
    config: ConfigOption = None,
) -> None:
    """List the songs that were starred on the page, in the order given there.

    [bold]Examples[/bold]

    nowhear stars

    nowhear stars --m3u8 > favourites.m3u8
    """
    from catalog.favourites import Favourites

    kind = _format(json=json, csv=csv, m3u8=m3u8)
    with Favourites(settings_from(config, catalog).catalog) as opened:
        songs = opened.songs()
    if not songs and kind is None:
        stderr.print("no song is starred; `nowhear listen` serves a page to star them on")
    else:
        _show("Favourites", songs, kind)


@ends_cleanly
def path(
    start: Annotated[int, typer.Argument(metavar="A", help="Id of the song to begin with.")],
    end: Annotated[int, typer.Argument(metavar="B", help="Id of the song to end with.")],
    length: Annotated[
        int, typer.Option("--length", min=3, max=50, help="Songs, A and B among them.")
    ] = 10,
    json: JsonOption = False,
    csv: CsvOption = False,
    m3u8: M3u8Option = False,
    catalog: CatalogOption = None,
    config: ConfigOption = None,
) -> None:
    """Go from one song to another by small steps in how they sound.

    No artist comes more than twice, and no recording twice; where the catalog has too few songs
    for that, the path is shorter.

    [bold]Examples[/bold]

    nowhear path 12 40

    nowhear path 12 40 --length 20 --m3u8 > evening.m3u8
    """
    from catalog.catalog import Catalog
    from catalog.kept import kept
    from realtime.paths import path_between

    kind = _format(json=json, csv=csv, m3u8=m3u8)
    with Catalog.open(settings_from(config, catalog).catalog, None) as opened:
        songs = [kept(song) for song in path_between(opened, start, end, length=length)]
    if len(songs) < length:
        stderr.print(f"the catalog has songs for a path of {len(songs)} only")
    _show(f"From {songs[0].title} to {songs[-1].title}", songs, kind)


@ends_cleanly
def list_playlists(
    json: JsonOption = False, catalog: CatalogOption = None, config: ConfigOption = None
) -> None:
    """List the playlists: their numbers, names and how many songs they have.

    [bold]Example[/bold]

    nowhear playlist list
    """
    from catalog.playlists import Playlists

    with Playlists(settings_from(config, catalog).catalog) as opened:
        found = opened.all()
    if json:
        print_json([_about(one) for one in found])
    elif found:
        _print_playlists(found)
    else:
        stderr.print("there is no playlist; `nowhear listen` serves a page to make them on")


@ends_cleanly
def export(
    number: Annotated[int, typer.Argument(metavar="PLAYLIST", help="Number of the playlist.")],
    json: JsonOption = False,
    csv: CsvOption = False,
    m3u8: M3u8Option = False,
    catalog: CatalogOption = None,
    config: ConfigOption = None,
) -> None:
    """Print a playlist: its songs in order, as a playlist for players unless told otherwise.

    [bold]Examples[/bold]

    nowhear playlist export 3 > evening.m3u8

    nowhear playlist export 3 --csv
    """
    from catalog.playlists import Playlists

    kind = _format(json=json, csv=csv, m3u8=m3u8) or "m3u8"
    with Playlists(settings_from(config, catalog).catalog) as opened:
        found = opened.get(number)
    _show(found.name, found.songs, kind)


def _format(*, json: bool, csv: bool, m3u8: bool) -> FileFormat | None:
    """The one that was asked for; None: a table."""
    given: dict[FileFormat, bool] = {"json": json, "csv": csv, "m3u8": m3u8}
    asked = [kind for kind, wanted in given.items() if wanted]
    if len(asked) > 1:
        raise typer.BadParameter(f"give one of {', '.join(f'--{kind}' for kind in asked)}")
    return asked[0] if asked else None


def _show(name: str, songs: Sequence[KeptSong], kind: FileFormat | None) -> None:
    from realtime.playlist_files import list_file

    if kind is None:
        _print_songs(songs)
    elif kind == "json":
        print_json(loads(list_file(kind, name, songs)))
    else:
        sys.stdout.write(list_file(kind, name, songs))


def _about(one: Playlist) -> dict[str, Any]:
    return {
        "playlist": one.id,
        "name": one.name,
        "songs": [song.song for song in one.songs],
        "duration_s": round(sum(song.duration_s for song in one.songs), 3),
    }


def _print_songs(songs: Sequence[KeptSong]) -> None:
    from catalog.songs import path_text

    rows = []
    for at, song in enumerate(songs, start=1):
        place = path_text(song.path) + (" (no more in the catalog)" if song.gone else "")
        names = (song.title, song.artist or "", duration_text(song.duration_s), place)
        rows.append((str(at), str(song.song), *names))
    print_rows(("", "song", "title", "artist", "length", "path"), rows, right=(0, 1, 4))


def _print_playlists(found: Sequence[Playlist]) -> None:
    rows = []
    for one in found:
        length = duration_text(sum(song.duration_s for song in one.songs))
        rows.append((str(one.id), one.name, str(len(one.songs)), length))
    print_rows(("number", "name", "songs", "length"), rows, right=(0, 2, 3))

"""The commands `similar` and `embed`: from a song or any file to vectors and a ranking."""

from __future__ import annotations

from pathlib import Path
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
from realtime.cli.listing import encoder_of, print_table
from realtime.settings import Settings

if TYPE_CHECKING:
    from catalog.songs import Song


@ends_cleanly
def similar(
    what: Annotated[str, typer.Argument(metavar="SONG|FILE", help="A song's id, or a file.")],
    catalog: CatalogOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
    k: Annotated[int | None, typer.Option("-k", min=1, max=10_000, help="Songs to name.")] = None,
    per_artist: Annotated[
        int | None, typer.Option("--per-artist", min=0, help="Songs of one artist; 0: no limit.")
    ] = None,
) -> None:
    """Rank the songs that sound most like a song of the catalog, or like any audio file.

    Digits are a song's id; write ./12 for a file of that name. The song itself and other copies of
    the same recording are left out, and of several copies of another song only one is named.

    [bold]Examples[/bold]

    nowhear similar 12

    nowhear similar -k 10 --per-artist 0 --json unknown.mp3
    """
    from catalog.songs import path_text

    settings = settings_from(config, catalog)
    ranked = _similar(
        what,
        settings,
        k=settings.listen.similar if k is None else k,
        per_artist=settings.listen.per_artist if per_artist is None else per_artist,
    )
    if json:
        rows = [
            {
                "song": song.id,
                "title": song.title,
                "artist": song.artist,
                "path": path_text(song.path),
                "score": round(score, 6),
            }
            for song, score in ranked
        ]
        print_json(rows)
        return
    print_table([song for song, _ in ranked], [score for _, score in ranked])


@ends_cleanly
def embed(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Audio files.")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for the results.")],
    catalog: CatalogOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
    hop: Annotated[
        float | None,
        typer.Option(
            "--hop", min=0.05, max=60, help="Seconds between windows.", show_default=False
        ),
    ] = None,
) -> None:
    """Write the vectors of every window of each file as DIR/NAME.npz.

    Each holds style (n, 200), tags (n, 50) and times (n,), where each window begins in seconds.
    Silent windows are left out. Files that share a name get NAME.npz, NAME-2.npz and so on in the
    order given. Exit status 1 when a file could not be embedded.

    [bold]Example[/bold]

    nowhear embed --out vectors/ one.flac two.mp3
    """
    from realtime.cli.embedding import write_embeddings

    settings = settings_from(config, catalog)
    hop_s = settings.catalog.hop_s if hop is None else hop
    written, skipped = write_embeddings(files, out, encoder_of(settings, alone=True), hop_s=hop_s)
    from catalog.songs import one_line, path_text

    if json:
        print_json(
            {
                "written": [
                    {"path": path_text(path), "npz": path_text(npz)} for path, npz in written
                ],
                "skipped": [{"path": path_text(path), "reason": why} for path, why in skipped],
            }
        )
    else:
        for _, npz in written:
            stdout.print(one_line(path_text(npz)), markup=False)
        for path, why in skipped:
            stderr.print(f"skipped {one_line(path_text(path))}: {why}", markup=False)
    if skipped:
        raise typer.Exit(FAILED)


def _similar(what: str, settings: Settings, *, k: int, per_artist: int) -> list[tuple[Song, float]]:
    from catalog.catalog import Catalog
    from catalog.similar import heard_in_file, query_of_file, query_of_song
    from realtime.nearest import nearest

    if what.isdecimal():
        with Catalog.open(settings.catalog, None) as opened:
            return nearest(opened, query_of_song(opened, int(what)), k=k, per_artist=per_artist)
    path = Path(what)
    with Catalog.open(settings.catalog, None) as opened:
        query = query_of_file(opened, path)
        if query is not None:
            return nearest(opened, query, k=k, per_artist=per_artist)
    encoder = encoder_of(settings, alone=True)
    with Catalog.open(settings.catalog, encoder.spec) as opened:
        query = heard_in_file(opened, path, encoder, hop_s=settings.catalog.hop_s)
        return nearest(opened, query, k=k, per_artist=per_artist)

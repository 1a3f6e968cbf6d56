"""Stars and playlists over HTTP: read, changed, and had as files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from catalog.favourites import Favourites
from catalog.kept import KeptSong
from catalog.playlists import MOST_NAME, MOST_SONGS, Playlist, Playlists
from catalog.songs import one_line

from ..access import is_loopback
from ..answers import NOT_KEPT, answer, json_body
from ..events import audio_address
from ..playlist_files import FORMATS, MEDIA_TYPES, AddressOf, FileFormat, file_name, list_file
from .asking import Desk, fields_of, id_in_path, ids_of, word_asked
from .rows import kept_row

STARS_NAME = "Favourites"


def star_routes(desk: Desk) -> list[BaseRoute]:
    """The routes of stars. What changes them answers with all of them as they are then."""

    def changed(change: Callable[[Favourites], None]) -> dict[str, Any]:
        with Favourites(desk.settings) as stars:
            change(stars)
            return _songs(stars.songs())

    async def all_of_them(_: Request) -> Response:
        return answer(await desk.ask(changed, lambda _: None))

    async def order(request: Request) -> Response:
        (songs,) = fields_of(await json_body(request), songs=list)
        ids = ids_of(songs)
        return answer(await desk.ask(changed, lambda stars: stars.order(ids)))

    async def add(request: Request) -> Response:
        song = id_in_path(request, "song")
        return answer(await desk.ask(changed, lambda stars: stars.add(song)))

    async def remove(request: Request) -> Response:
        song = id_in_path(request, "song")
        return answer(await desk.ask(changed, lambda stars: stars.remove(song)))

    def starred() -> list[KeptSong]:
        with Favourites(desk.settings) as stars:
            return stars.songs()

    async def export(request: Request) -> Response:
        return _file(request, STARS_NAME, await desk.ask(starred))

    return [
        Route("/api/stars", all_of_them),
        Route("/api/stars", order, methods=["PUT"]),
        Route("/api/stars/export", export),
        Route("/api/stars/{song}", add, methods=["PUT"]),
        Route("/api/stars/{song}", remove, methods=["DELETE"]),
    ]


def playlist_routes(desk: Desk) -> list[BaseRoute]:
    """The routes of playlists."""

    def of_all(work: Callable[[Playlists], Any]) -> Any:
        with Playlists(desk.settings) as lists:
            return work(lists)

    async def all_of_them(_: Request) -> Response:
        found = await desk.ask(of_all, lambda lists: lists.all())
        return answer({"playlists": [_playlist(one) for one in found]})

    async def make(request: Request) -> Response:
        name, ids = _list_sent(await json_body(request))
        made = await desk.ask(of_all, lambda lists: lists.make(name, ids))
        return answer(_playlist(made), status=201)

    async def change(request: Request) -> Response:
        number = id_in_path(request, "playlist", what="playlist")
        name, ids = _list_sent(await json_body(request))
        return answer(
            _playlist(await desk.ask(of_all, lambda lists: lists.change(number, name, ids)))
        )

    async def remove(request: Request) -> Response:
        number = id_in_path(request, "playlist", what="playlist")
        await desk.ask(of_all, lambda lists: lists.remove(number))
        return answer({})

    async def export(request: Request) -> Response:
        number = id_in_path(request, "playlist", what="playlist")
        found = await desk.ask(of_all, lambda lists: lists.get(number))
        return _file(request, found.name, found.songs)

    return [
        Route("/api/playlists", all_of_them),
        Route("/api/playlists", make, methods=["POST"]),
        Route("/api/playlists/{playlist}", change, methods=["PUT"]),
        Route("/api/playlists/{playlist}", remove, methods=["DELETE"]),
        Route("/api/playlists/{playlist}/export", export),
    ]


def _songs(songs: Sequence[KeptSong]) -> dict[str, Any]:
    return {"songs": [kept_row(song) for song in songs]}


def _playlist(playlist: Playlist) -> dict[str, Any]:
    return {"id": playlist.id, "name": playlist.name, **_songs(playlist.songs)}


def _list_sent(body: Any) -> tuple[str, list[int]]:
    """Name and ids of a playlist; raises `HTTPException` 400."""
    name, songs = fields_of(body, name=str, songs=list)
    name = name.strip()
    if not 0 < len(name) <= MOST_NAME or one_line(name) != name:
        raise HTTPException(400, f"name is {name!r:.40}, expected 1 to {MOST_NAME} characters")
    return name, ids_of(songs, most=MOST_SONGS)


def _file(request: Request, name: str, songs: Sequence[KeptSong]) -> Response:
    """The list as a download."""
    kind = cast(FileFormat, word_asked(request, "format", FORMATS, default=None))
    text = list_file(kind, name, songs, address_of=_address_of(request))
    filename = file_name(name, kind)
    plain = filename.encode("ascii", "replace").decode().replace("?", "_")
    headers = {
        "content-type": MEDIA_TYPES[kind],
        # RFC 6266, appendix D: the name in ASCII for those who know no other.
        "content-disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''"
        + quote(filename, safe=""),
        **NOT_KEPT,
    }
    return Response(text.encode("utf-8", "replace"), headers=headers)


def _address_of(request: Request) -> AddressOf | None:
    """None for who is on this machine: paths lead there, and tell nothing that is not known there.
    Others get addresses, with the token if they came with it in the query: players send none."""
    here = request.client is not None and is_loopback(request.client.host)
    if here and is_loopback(request.url.hostname or ""):  # behind a proxy all seem to be here
        return None
    base = str(request.base_url).rstrip("/")
    token = request.query_params.get("token")
    ending = "" if token is None else f"?token={quote(token, safe='')}"
    return lambda song: f"{base}{audio_address(song)}{ending}"

"""Songs over HTTP: found by text, one with its tags, its nearest, and its likeness to all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from catalog.catalog import Catalog
from catalog.errors import UnknownSongError
from catalog.favourites import Favourites
from catalog.kept_attributes import Attributes
from catalog.similar import query_of_song
from catalog.song_pages import Chosen, SongOrder

from ..answers import NOT_KEPT, answer
from ..learnt import learnt_of
from ..live_map import LiveMap
from ..map_routes import MAP_VERSION_HEADER, no_map
from ..nearest import nearest
from .asking import Desk, id_in_path, ids_asked, number_asked, word_asked
from .rows import ranked_row, song_row

MOST_TEXT = 200  # characters
MOST_IDS = 500
MOST_PAGE = 1000  # songs
PAGE = 50
MOST_OFFSET = 10**9
TAGS = 8
NEAREST, MOST_NEAREST = 3, 50


def song_routes(
    desk: Desk, maps: LiveMap, *, songs: Callable[[], int], per_artist: int
) -> list[BaseRoute]:
    """The routes of songs, of which there are `songs()`; `per_artist` as in
    `realtime.ranking.rank`."""

    async def found(request: Request) -> Response:
        if "ids" in request.query_params:
            ids = ids_asked(request, "ids", most=MOST_IDS)
            return answer(await desk.ask(_by_ids, desk, ids))
        chosen = _chosen(request, maps)
        return answer(await desk.ask(_by_text, desk, chosen=chosen, **_text_asked(request)))

    async def one(request: Request) -> Response:
        return answer(await desk.ask(_one, desk, id_in_path(request, "song")))

    async def similar(request: Request) -> Response:
        song = id_in_path(request, "song")
        k = number_asked(request, "n", default=NEAREST, least=1, most=MOST_NEAREST)
        return answer(await desk.ask(_similar, desk, song, k=k, per_artist=per_artist))

    async def scores(request: Request) -> Response:
        song = id_in_path(request, "song")
        current = maps.current
        if current is None:
            return no_map(songs())
        headers = {MAP_VERSION_HEADER: current.facts.version, **NOT_KEPT}
        asked = request.query_params.get("map", current.facts.version)
        if asked != current.facts.version:
            body = {"error": "the map is another by now", "version": current.facts.version}
            refusal = answer(body, status=409)
            refusal.headers[MAP_VERSION_HEADER] = current.facts.version
            return refusal
        data = await desk.ask(_scores, desk, song, current.map.ids)
        return Response(data, media_type="application/octet-stream", headers=headers)

    return [
        Route("/api/songs", found),
        Route("/api/songs/{song}", one),
        Route("/api/songs/{song}/similar", similar),
        Route("/api/songs/{song}/scores", scores),
    ]


def _text_asked(request: Request) -> dict[str, Any]:
    text = request.query_params.get("text", "")
    if len(text) > MOST_TEXT:
        raise HTTPException(400, f"text has {len(text)} characters, expected {MOST_TEXT} at most")
    return {
        "text": text,
        "order": word_asked(request, "order", get_args(SongOrder), default="match"),
        "descending": bool(number_asked(request, "descending", default=0, least=0, most=1)),
        "limit": number_asked(request, "limit", default=PAGE, least=0, most=MOST_PAGE),
        "offset": number_asked(request, "offset", default=0, least=0, most=MOST_OFFSET),
    }


def _chosen(request: Request, maps: LiveMap) -> Chosen | None:
    """The songs of the map that are in some categories (`only`), or all but these (`without`)."""
    query = request.query_params
    if "by" not in query or maps.current is None:
        return None
    by = word_asked(request, "by", ("genre", "tag", "theme"), default=None)
    songs = maps.current.map
    names = {"genre": songs.genres, "tag": songs.tags, "theme": songs.themes}[by]
    column: NDArray[np.integer[Any]] = getattr(songs, by)
    only = "only" in query
    asked = set(query.getlist("only" if only else "without"))
    places = [place for place, name in enumerate(names) if name in asked]
    return Chosen(songs.ids[np.isin(column, places)].astype(np.int64), only)


def _by_ids(desk: Desk, ids: list[int]) -> dict[str, Any]:
    found = desk.catalog().get(ids)
    rows = [song_row(found[song]) for song in ids if song in found]
    return {"songs": rows, "total": len(rows)}


def _by_text(desk: Desk, **asked: Any) -> dict[str, Any]:
    page = desk.catalog().page(**asked)
    return {"songs": [song_row(song) for song in page.songs], "total": page.total}


def _one(desk: Desk, song: int) -> dict[str, Any]:
    catalog = desk.catalog()
    row = song_row(catalog.song(song))
    with Favourites(desk.settings) as stars:
        starred = stars.has(song)
    with Attributes(desk.settings) as kept:
        [learnt] = learnt_of(kept, [song])
    return {"song": row, "tags": _tags(catalog, song), "starred": starred, **learnt}


def _tags(catalog: Catalog, song: int) -> list[dict[str, Any]]:
    """The likeliest tags; none of a song that waits for being embedded."""
    try:
        tags = catalog.tags(song)
    except UnknownSongError:
        return []
    likeliest = sorted(tags.items(), key=lambda tag: -tag[1])[:TAGS]
    return [{"tag": tag, "probability": round(value, 4)} for tag, value in likeliest]


def _similar(desk: Desk, song: int, *, k: int, per_artist: int) -> dict[str, Any]:
    catalog = desk.catalog()
    found = nearest(catalog, query_of_song(catalog, song), k=k, per_artist=per_artist)
    return {"song": song, "songs": [ranked_row(one, score) for one, score in found]}


def _scores(desk: Desk, song: int, ids: NDArray[np.int32]) -> bytes:
    return desk.catalog().cosines(song, ids).astype("<f4").tobytes()

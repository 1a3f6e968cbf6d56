"""Themes over HTTP: `/api/themes`, and the songs of one."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from catalog.errors import UnknownThemeError
from catalog.theme_file import Theme, open_themes, themes_folder
from catalog.theme_songs import counts_of, songs_of_theme
from catalog.theme_words import Trait

from ..answers import answer
from .asking import Desk, id_in_path, number_asked
from .rows import song_row

PAGE, MOST_PAGE = 50, 1000
MOST_OFFSET = 10**9
DIGITS = 4


def theme_routes(desk: Desk) -> list[BaseRoute]:
    """The routes of themes."""

    async def every(_: Request) -> Response:
        return answer(await desk.ask(_every, desk))

    async def songs(request: Request) -> Response:
        number = id_in_path(request, "theme", what="theme")
        limit = number_asked(request, "limit", default=PAGE, least=0, most=MOST_PAGE)
        offset = number_asked(request, "offset", default=0, least=0, most=MOST_OFFSET)
        return answer(await desk.ask(_songs, desk, number, limit=limit, offset=offset))

    return [Route("/api/themes", every), Route("/api/themes/{theme}/songs", songs)]


def _every(desk: Desk) -> dict[str, Any]:
    catalog = desk.catalog()
    themes = open_themes(themes_folder(desk.settings))
    if themes is None:
        return {"by": None, "data": None, "themes": []}
    counts = counts_of(themes, catalog)
    known = catalog.get(song for theme in themes.themes for song in theme.typical)
    rows = {song: song_row(one) for song, one in known.items()}
    found = [
        _theme(theme, number, songs=counts[number], rows=rows)
        for number, theme in enumerate(themes.themes)
    ]
    return {"by": themes.facts.by, "data": themes.facts.data, "themes": found}


def _theme(
    theme: Theme, number: int, *, songs: int, rows: dict[int, dict[str, Any]]
) -> dict[str, Any]:
    return {
        "theme": number,
        "name": theme.name,
        "songs": songs,
        "rows": theme.songs,
        "profile": [_trait(one) for one in theme.profile],
        "genres": [_trait(one) for one in theme.genres],
        "tags": [_trait(one) for one in theme.tags],
        "typical": [rows[song] for song in theme.typical if song in rows],
        "tracks": [asdict(track) for track in theme.tracks],
    }


def _trait(one: Trait) -> dict[str, Any]:
    return {
        "name": one.name,
        "value": round(one.value, DIGITS),
        "mean": round(one.mean, DIGITS),
        "score": round(one.score, DIGITS),
    }


def _songs(desk: Desk, number: int, *, limit: int, offset: int) -> dict[str, Any]:
    catalog = desk.catalog()
    themes = open_themes(themes_folder(desk.settings))
    if themes is None or number >= len(themes.themes):
        raise UnknownThemeError(f"no theme {number} in this catalog")
    ids = songs_of_theme(themes, catalog, number)
    wanted = ids[offset : offset + limit]
    known = catalog.get(wanted)
    return {"songs": [song_row(known[song]) for song in wanted if song in known], "total": len(ids)}

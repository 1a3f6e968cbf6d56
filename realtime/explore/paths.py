"""Paths over HTTP: the songs on the way from one to another."""

from __future__ import annotations

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ..answers import answer, json_body
from ..errors import NoPathError
from ..paths import LEAST_LENGTH, MOST_LENGTH, path_between
from .asking import Desk, fields_of, ids_of
from .rows import song_row


def path_routes(desk: Desk) -> list[BaseRoute]:
    """The route of paths."""

    def path(start: int, end: int, length: int) -> dict[str, Any]:
        songs = path_between(desk.catalog(), start, end, length=length)
        return {"songs": [song_row(song) for song in songs]}

    async def endpoint(request: Request) -> Response:
        names = {"from": int, "to": int, "length": int}
        *ends, length = fields_of(await json_body(request), **names)
        start, end = ids_of(ends)
        if not LEAST_LENGTH <= length <= MOST_LENGTH:
            expected = f"{LEAST_LENGTH} to {MOST_LENGTH}"
            raise HTTPException(400, f"length is {length}, expected {expected}")
        try:
            return answer(await desk.ask(path, start, end, length))
        except NoPathError as error:
            raise HTTPException(400, str(error)) from error

    return [Route("/api/path", endpoint, methods=["POST"])]

"""The map and the evening over HTTP: `/api/map`, `/api/map.bin`, `/api/evening`."""

from __future__ import annotations

import math
import time

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Route

from catalog.errors import CatalogError, NoCatalogError
from catalog.evening import HOUR_S, Evening
from catalog.map_file import DIMENSION, StoredMap

from .answers import NOT_KEPT, answer, failure
from .live_catalog import LiveCatalog
from .live_map import LiveMap
from .settings import Settings

MAP_VERSION_HEADER = "x-nowhear-map"
"""Tells which map an answer in the order of its songs belongs to."""

FOR_EVER = "private, max-age=31536000, immutable"
REVALIDATED = "private, no-cache"
DRAWN_SOON_S = 2  # after so long may a client ask again for a map that is being drawn


def map_routes(*, catalog: LiveCatalog, maps: LiveMap, settings: Settings) -> list[BaseRoute]:
    """The routes of this module."""

    def about(_: Request) -> Response:
        stored = maps.current
        return no_map(catalog.state.songs) if stored is None else answer(_about(stored))

    def binary(request: Request) -> Response:
        stored = maps.current
        return no_map(catalog.state.songs) if stored is None else _binary(stored, request)

    async def evening(request: Request) -> Response:
        since = _since(request.query_params.get("since"))
        try:
            body = await run_in_threadpool(_evening, settings, since)
        except CatalogError as error:
            return failure(503, str(error))
        return Response(body, media_type="application/json", headers=NOT_KEPT)

    return [
        Route("/api/map", about),
        Route("/api/map.bin", binary),
        Route("/api/evening", evening),
    ]


def no_map(songs: int) -> Response:
    """404 while there are no `songs` to draw, 503 while they are being drawn."""
    if songs == 0:
        return failure(404, "there are no songs yet, hence no map; `nowhear add PATH...` adds some")
    response = failure(503, "the map is being drawn; ask again in a moment")
    response.headers["retry-after"] = str(DRAWN_SOON_S)
    return response


def _about(stored: StoredMap) -> dict[str, object]:
    facts = stored.facts
    return {
        "version": facts.version,
        "count": facts.songs,
        "method": facts.method,
        "dimension": DIMENSION,
        "genres": facts.genres,
        "tags": facts.tags,
        "themes": facts.themes,
        "radius": stored.map.radius,
    }


def _binary(stored: StoredMap, request: Request) -> Response:
    """The file as it stands on the disk. With `version`, 409 when the map is another by now."""
    version = stored.facts.version
    wanted = request.query_params.get("version")
    if wanted is not None and wanted != version:
        words = f"the map is version {version} by now, not {wanted:.40}; ask for it at /api/map"
        return answer({"error": words, "version": version}, status=409)
    headers = {
        "etag": f'"{version}"',
        "cache-control": REVALIDATED if wanted is None else FOR_EVER,
        MAP_VERSION_HEADER: version,
    }
    known = request.headers.get("if-none-match", "")
    if any(tag.strip().removeprefix("W/") == headers["etag"] for tag in known.split(",")):
        return Response(status_code=304, headers=headers)
    if not stored.file.is_file():  # the catalog's folder was taken away meanwhile
        return failure(503, "the map was just drawn anew; ask again in a moment")
    return FileResponse(stored.file, headers=headers, media_type="application/octet-stream")


def _since(text: str | None) -> float:
    """Seconds since 1970 of a query; raises `HTTPException` 400."""
    if text is None:
        return 0.0
    try:
        since = float(text)
    except ValueError:
        since = math.nan
    if not math.isfinite(since):
        raise HTTPException(400, f"since is {text!r:.40}, expected seconds since 1970")
    return since


def _evening(settings: Settings, since: float) -> str:
    every_s = f"{settings.evening.every_s:g}"
    moments: list[str] = []
    if settings.evening.keep_h > 0:
        # Old ones are deleted when new ones come: after days of rest they are still there.
        kept_since = time.time() - settings.evening.keep_h * HOUR_S
        try:
            with Evening(settings.catalog, settings.evening) as evening:
                moments = evening.find(since=max(since, kept_since), limit=evening.most)
        except NoCatalogError:
            pass
    # The moments are stored as they are sent: a day of them need not be read and written again.
    return f'{{"every_s":{every_s},"moments":[{",".join(moments)}]}}'

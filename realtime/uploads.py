"""`/api/identify`: names an audio file that a client sends. It is held in memory, and dropped."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from catalog.errors import CatalogError
from catalog.songs import one_line
from encoder.decode import Decoder
from encoder.embedding import Encoder
from encoder.errors import AudioError, AudioFormatError

from .answers import answer, failure
from .events import describe, describe_matched
from .hub import Hub
from .identify import Identification, Identifier, numbers_of
from .live_catalog import LiveCatalog
from .placing import PlacesOf, Xyz, place_of_hits
from .settings import Settings

IDENTIFY_PATH = "/api/identify"

WAITING = 4
"""So many uploads may wait for the one that is being identified."""

STALL_S = 15.0
"""A client that sends nothing of its file for so long has gone."""

LONGEST_S = 3600.0
"""Longest recording that is heard: a small file may hold days of silence."""

NAME_LENGTH = 200


WATCH_S = 1.0
"""How soon it is noticed that a client has gone."""


class _GivenUpError(Exception):
    """Nobody waits for what is being identified."""


class Uploads:
    """Identifies one file at a time; `endpoint` answers a client.

    `places` says where on the map songs lie. With the end of `daemon`, the daemon's own hub, what
    is being identified is given up.
    """

    def __init__(
        self,
        *,
        catalog: LiveCatalog,
        encoder: Encoder,
        settings: Settings,
        places: PlacesOf,
        daemon: Hub,
    ) -> None:
        self._catalog, self._encoder, self._settings = catalog, encoder, settings
        self._places, self._daemon = places, daemon
        self.count = 0
        """Files that are being sent, wait, or are being identified."""
        self._turn = asyncio.Lock()

    async def endpoint(self, request: Request) -> Response:
        """What the file is, as JSON; to GET, how large and long it may be."""
        if request.method != "POST":
            return answer({"max_bytes": self._limit, "max_s": LONGEST_S})
        if self.count > WAITING:
            return failure(429, f"{self.count} files are being identified; try again soon")
        self.count += 1
        try:
            return await self._answer(request)
        except ClientDisconnect:
            return failure(400, "the file did not come to its end")
        finally:
            self.count -= 1

    @property
    def _limit(self) -> int:
        return self._settings.server.max_upload_bytes

    async def _answer(self, request: Request) -> Response:
        data = await self._received(request)
        name = one_line(request.query_params.get("name", "")[:NAME_LENGTH])
        async with self._turn:
            try:
                said = await self._identified(data, request)
            except AudioError as error:
                return failure(400, f"{name or 'the file'}: {error}")
            except (CatalogError, _GivenUpError) as error:
                return failure(503, str(error))
        return answer({"file": name, **said})

    async def _identified(self, data: BytesIO, request: Request) -> dict[str, Any]:
        """What the file is; gives up when nobody waits for that any more."""
        halt = threading.Event()

        async def watch() -> None:
            while not (self._daemon.closed or await request.is_disconnected()):
                with suppress(TimeoutError):
                    async with asyncio.timeout(WATCH_S):
                        await self._daemon.wait_closed()
            halt.set()

        watching = asyncio.create_task(watch())
        try:
            return await run_in_threadpool(self._identify, data, halt)
        finally:
            watching.cancel()
            halt.set()

    async def _received(self, request: Request) -> BytesIO:
        """The body; raises `HTTPException` when it is too large, empty or does not come."""
        too_large = HTTPException(413, f"the file has more than {self._limit} bytes")
        if int(request.headers.get("content-length", 0)) > self._limit:
            raise too_large
        data = BytesIO()
        parts = aiter(request.stream())
        while True:
            try:
                async with asyncio.timeout(STALL_S):
                    part = await anext(parts, None)
            except TimeoutError:
                raise HTTPException(400, f"nothing came for {STALL_S:g} s") from None
            if part is None:
                break
            if data.tell() + len(part) > self._limit:
                raise too_large
            data.write(part)
        if not data.tell():
            raise HTTPException(400, "the body is empty, expected an audio file")
        data.seek(0)
        return data

    # In a thread.

    def _identify(self, data: BytesIO, halt: threading.Event) -> dict[str, Any]:
        catalog = self._catalog.catalog
        if catalog is None:
            raise CatalogError(self._catalog.trouble or "there is no catalog yet")
        identifier = Identifier(self._encoder, catalog, self._settings)
        rate_hz = identifier.sample_rate_hz
        with Decoder(data, sample_rate_hz=rate_hz) as decoder:
            blocks = _bounded(decoder.blocks(), most=round(LONGEST_S * rate_hz), halt=halt.is_set)
            found = identifier.identify(blocks)
        return {**identified(found), "xyz": place_of(found, self._places)}


def _bounded(
    blocks: Iterator[NDArray[np.float32]], *, most: int, halt: Callable[[], bool]
) -> Iterator[NDArray[np.float32]]:
    """The blocks; raises `AudioFormatError` beyond `most` samples, `_GivenUpError` at a `halt`."""
    heard = 0
    for block in blocks:
        heard += len(block)
        if heard > most:
            raise AudioFormatError(
                f"is longer than {LONGEST_S / 60:g} min; `nowhear identify --all` names the songs "
                "of long recordings"
            )
        if halt():
            raise _GivenUpError("given up: nowhear is ending, or nobody waits for it")
        yield block


def identified(found: Identification) -> dict[str, Any]:
    """What a recording is, as JSON: `match` (null: not in the catalog) and `similar`.

    Songs have the fields of a `similar` message's; a path is nobody's business here.
    """
    match = found.match
    return {
        "duration_s": round(found.duration_s, 3),
        "match": None
        if match is None
        else {**describe_matched(match.song).model_dump(), **numbers_of(match)},
        "similar": [describe(ranked.song, ranked.score).model_dump() for ranked in found.similar],
    }


def place_of(found: Identification, places_of: PlacesOf) -> Xyz | None:
    """Where on the map a recording lies: where its song does, or near those that sound like it."""
    if found.match is not None:
        song = found.match.song.id
        place = places_of([song]).get(song)
        if place is not None:
            return place
    songs = np.array([ranked.song.id for ranked in found.similar], np.int64)
    scores = np.array([ranked.score for ranked in found.similar], np.float32)
    return place_of_hits(songs, scores, places_of)

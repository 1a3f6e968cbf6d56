"""Why two songs are alike, over HTTP.

Passages take the encoder seconds. So they are made for one question at a time, in one thread, and
kept; more than a few that wait are sent away.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from catalog.songs import Song
from encoder.embedding import Encoder
from encoder.errors import EncoderError

from ..answers import answer
from ..logs import logger
from ..passages import Passages, passages_of
from ..turns import Courtesy
from ..why import alike_passages, shared_tags
from .asking import Desk, called, id_in_path

_log = logger("why")

MOST_WAITING = 4
"""Questions that may wait for passages."""

PATIENCE_S = 20.0
"""So long may the passages of two songs take: a slow machine, or files of many hours."""

WATCH_S = 0.25
"""So often is looked whether somebody still waits for the answer, in seconds."""

KEPT_SONGS = 256
"""Songs whose passages are kept: about 50 kB each."""

DECIMALS = 4


def why_routes(desk: Desk, encoder: Encoder) -> list[BaseRoute]:
    """The route of what two songs share."""
    maker = PassageMaker(encoder)

    def known(one: int, other: int) -> tuple[dict[str, Any], list[Song]]:
        catalog = desk.catalog()
        songs = [catalog.song(song) for song in (one, other)]
        cosine = float(catalog.style(one) @ catalog.style(other))
        tags = shared_tags(catalog.tags(one), catalog.tags(other))
        rows = [{"tag": t.tag, "a": round(t.a, DECIMALS), "b": round(t.b, DECIMALS)} for t in tags]
        return {"cosine": round(min(1.0, max(-1.0, cosine)), 6), "tags": rows}, songs

    async def endpoint(request: Request) -> Response:
        one, other = id_in_path(request, "song"), id_in_path(request, "other")
        if one == other:
            raise HTTPException(400, f"song {one} twice, expected two songs")
        about, songs = await desk.ask(known, one, other)
        gone = threading.Event()
        watching = asyncio.create_task(_watch(request, gone))
        try:
            return answer({**about, **await maker.alike(*songs, gone=gone)})
        finally:
            watching.cancel()

    return [Route("/api/songs/{song}/why/{other}", endpoint)]


async def _watch(request: Request, gone: threading.Event) -> None:
    """Sets `gone` once nobody waits for the answer: another song was chosen, or the server ends."""
    while not await request.is_disconnected():
        await asyncio.sleep(WATCH_S)
    gone.set()


class PassageMaker:
    """Makes passages of songs, one pair at a time, and keeps the newest."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._turn = asyncio.Lock()
        self._waiting = 0
        self._kept: OrderedDict[tuple[int, str], Passages] = OrderedDict()

    async def alike(self, one: Song, other: Song, *, gone: threading.Event) -> dict[str, Any]:
        """`passages`, and a `note` where something kept them from being all that there are.

        When `gone` is set, it ends with what there is. Raises `HTTPException` 429: too many wait.
        """
        if self._waiting > MOST_WAITING:
            raise HTTPException(429, "passages of other songs are being made; ask again soon")
        self._waiting += 1
        try:
            async with self._turn:
                return await called(self._alike, one, other, gone)
        finally:
            self._waiting -= 1

    def _alike(self, one: Song, other: Song, gone: threading.Event) -> dict[str, Any]:
        late_at = time.monotonic() + PATIENCE_S
        courtesy = Courtesy(gone)

        def late() -> bool:
            courtesy.pause()
            return gone.is_set() or time.monotonic() > late_at

        found: list[Passages] = []
        for song in (one, other):
            try:
                found.append(self._passages(song, late))
            except EncoderError as error:
                _log.info("no passages of song %d: %s", song.id, error)
                return {"passages": [], "note": f"the file of song {song.id} {error}"}
        pairs = [
            {name: round(value, DECIMALS) for name, value in asdict(pair).items()}
            for pair in alike_passages(*found)
        ]
        if not all(passages.whole for passages in found):
            return {"passages": pairs, "note": "there was no time to compare all of both songs"}
        if not pairs:
            return {"passages": [], "note": "no passage is without silence"}
        return {"passages": pairs}

    def _passages(self, song: Song, late: Callable[[], bool]) -> Passages:
        key = (song.id, song.content_hash)
        passages = self._kept.pop(key, None)
        if passages is None:
            passages = passages_of(song.path, self._encoder, duration_s=song.duration_s, late=late)
        if passages.whole:
            self._kept[key] = passages
            while len(self._kept) > KEPT_SONGS:
                self._kept.popitem(last=False)
        return passages

"""The history over HTTP: plays a page at a time, and a day at a glance."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from math import ceil
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from catalog.errors import UnknownSongError
from catalog.evening import Evening
from catalog.plays import PlayRecord, Plays
from catalog.settings import EveningSettings

from ..answers import answer
from ..day import Day, seconds_an_hour, shares_of_tags
from ..play_rows import play_row
from .asking import LARGEST_ID, Desk, number_asked

PAGE, MOST_PAGE = 100, 1000  # plays
MOST_A_DAY = 10_000  # plays: more than 8 s each
MOST_OFFSET_MIN = 14 * 60  # of a time zone: Kiribati's
TAGS_A_SONG = 5
MOST_MOMENTS = 2000  # of an evening that are read, evenly spread: shares need no more


def play_routes(desk: Desk, evening: EveningSettings) -> list[BaseRoute]:
    """The routes of plays; `evening` says what is kept of the newest hours."""

    def page(limit: int, before: int | None) -> dict[str, Any]:
        with Plays(desk.settings) as plays:
            found = plays.page(limit=limit, before=before)
        return {"plays": [{"id": number, **play_row(play)} for number, play in found]}

    async def newest(request: Request) -> Response:
        limit = number_asked(request, "limit", default=PAGE, least=1, most=MOST_PAGE)
        before = number_asked(request, "before", default=-1, least=0, most=LARGEST_ID)
        return answer(await desk.ask(page, limit, None if before < 0 else before))

    async def day(request: Request) -> Response:
        return answer(await desk.ask(_at_a_glance, desk, evening, _day_asked(request)))

    return [Route("/api/plays", newest), Route("/api/plays/day", day)]


def _day_asked(request: Request) -> Day:
    """The day of the query, today without one; raises `HTTPException` 400."""
    most = MOST_OFFSET_MIN
    tz_min = number_asked(request, "tz_min", default=0, least=-most, most=most)
    text = request.query_params.get("date")
    if text is None:
        now = datetime.now(UTC).timestamp() + 60 * tz_min
        return Day(datetime.fromtimestamp(now, UTC).date(), tz_min)
    try:
        found = date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else None
    except ValueError:
        found = None
    if found is None or not date.min < found < date.max:  # its midnights must be moments in UTC
        raise HTTPException(400, f"date is {text[:40]!r}, expected one such as 2026-11-21")
    return Day(found, tz_min)


def _at_a_glance(desk: Desk, evening: EveningSettings, day: Day) -> dict[str, Any]:
    with Plays(desk.settings) as opened:
        plays = opened.between(day.begin, day.end, limit=MOST_A_DAY)
    with Evening(desk.settings, evening) as log:
        shares = _tags_heard(log, day)
    shares = shares or _tags_of_songs(desk, day, plays)
    tags = [{"tag": tag, "share": round(share, 4)} for tag, share in shares]
    return {"hours": [round(s, 1) for s in seconds_an_hour(day, plays)], "tags": tags}


def _tags_heard(log: Evening, day: Day) -> list[tuple[str, float]]:
    """What was heard on that day, songs that were not named among it; empty where the log does not
    reach."""
    begin, end = day.begin.timestamp(), day.end.timestamp()
    kept = log.find(since=begin - 1)
    every = ceil(len(kept) / MOST_MOMENTS) or 1
    moments = [json.loads(moment) for moment in kept[::every]]
    tags = [moment["tags"] for moment in moments if begin <= moment["at"] < end]
    return shares_of_tags(
        (1.0, {one["tag"]: float(one["probability"]) for one in heard}) for heard in tags
    )


def _tags_of_songs(desk: Desk, day: Day, plays: Sequence[PlayRecord]) -> list[tuple[str, float]]:
    """What the songs that were named are like, by how long each was heard."""
    seconds: dict[int, float] = {}
    for play in plays:
        seconds[play.song] = seconds.get(play.song, 0.0) + day.seconds(play)
    catalog = desk.catalog()
    heard: list[tuple[float, dict[str, float]]] = []
    for song, weight in seconds.items():
        try:
            tags = catalog.tags(song)
        except UnknownSongError:  # it has left the catalog
            continue
        likeliest = sorted(tags, key=lambda tag: -tags[tag])[:TAGS_A_SONG]
        heard.append((weight, {tag: tags[tag] for tag in likeliest}))
    return shares_of_tags(heard)

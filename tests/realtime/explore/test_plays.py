"""The history over HTTP."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from catalog.evening import Evening, Likely, Moment
from catalog.plays import Plays
from catalog.settings import EveningSettings
from tests.catalog.test_plays import PLAY
from tests.helpers.exploring import Explored

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def played(kept: Explored, *minutes: float, song: int = 1, seconds: float = 120) -> None:
    with Plays(kept.settings) as plays:
        for minute in minutes:
            begin = NOON + timedelta(minutes=minute)
            end = begin + timedelta(seconds=seconds)
            plays.add(replace(PLAY, song=song, started_at=begin, ended_at=end))


def test_plays_a_page_at_a_time(kept: Explored) -> None:
    assert kept.get("/api/plays") == {"plays": []}
    played(kept, 0, 20, 10)
    first = kept.get("/api/plays?limit=2")["plays"]
    assert [play["id"] for play in first] == [2, 3]
    rest = kept.get("/api/plays?limit=2&before=3")["plays"]
    assert rest == [
        {
            "id": 1,
            "song": 1,
            "title": "Fjord",
            "artist": "The Fogs",
            "source_kind": "microphone",
            "source_name": "USB",
            "started_at": "2026-11-21T12:00:00.000+00:00",
            "ended_at": "2026-11-21T12:02:00.000+00:00",
            "start_s": 12.5,
            "end_s": 192.5,
            "position_from_s": 0.0,
            "position_to_s": 189.0,
            "rate": 1.05,
            "confidence": 0.999,
        }
    ]
    assert kept.get("/api/plays?before=1") == {"plays": []}
    assert kept.ask("/api/plays?before=9").status == 404


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "limit=x", "before=x", "before=-1"])
def test_a_wrong_question_about_plays(explored: Explored, query: str) -> None:
    assert explored.ask(f"/api/plays?{query}").status == 400


def test_a_day_by_the_hour_and_its_tags(kept: Explored) -> None:
    played(kept, 0, 59)
    played(kept, -60, song=99, seconds=30)  # it has left the catalog
    day = kept.get("/api/plays/day?date=2026-11-21")
    assert len(day["hours"]) == 24
    assert {hour: s for hour, s in enumerate(day["hours"]) if s} == {11: 30, 12: 180, 13: 60}
    assert sum(tag["share"] for tag in day["tags"]) == pytest.approx(1, abs=1e-3)
    assert {tag["tag"] for tag in day["tags"]} <= {"low", "middle", "high"}
    east = kept.get("/api/plays/day?date=2026-11-22&tz_min=720")["hours"]
    assert (east[0], east[1], sum(east)) == (180, 60, 240)
    assert sum(kept.get("/api/plays/day?date=2026-11-21&tz_min=720")["hours"]) == 30


def test_a_days_tags_are_of_all_that_was_heard_then(kept: Explored) -> None:
    def moment(minute: float, **tags: float) -> Moment:
        likely = tuple(Likely(tag, probability) for tag, probability in tags.items())
        at = (NOON + timedelta(minutes=minute)).timestamp()
        return Moment(at, None, "unknown", None, None, None, (), likely)

    played(kept, 0)
    with Evening(kept.settings, EveningSettings()) as log:
        log.add([moment(0, folk=0.4, rock=0.4), moment(1, folk=0.2), moment(2)])
        log.add([moment(12 * 60, pop=0.9)])
    day = kept.get("/api/plays/day?date=2026-11-21")
    assert day["tags"] == [{"tag": "folk", "share": 0.75}, {"tag": "rock", "share": 0.25}]
    after = kept.get("/api/plays/day?date=2026-11-22")
    assert after["tags"] == [{"tag": "pop", "share": 1.0}]


def test_a_day_without_plays(explored: Explored) -> None:
    assert explored.get("/api/plays/day") == {"hours": [0.0] * 24, "tags": []}


@pytest.mark.parametrize(
    "query",
    [
        "date=2026-13-01", "date=today", "date=20261121", "date=", "date=9999-12-31",
        "date=0001-01-01", "tz_min=841", "tz_min=-841", "tz_min=x", "tz_min=--1", "tz_min=",
    ],
)  # fmt: skip
def test_a_day_that_is_none(explored: Explored, query: str) -> None:
    assert explored.ask(f"/api/plays/day?{query}").status == 400

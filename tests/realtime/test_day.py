"""A day of plays: every second falls into its hour, whatever the zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.day import Day, seconds_an_hour, shares_of_tags

BEGIN = datetime(2026, 11, 20, tzinfo=UTC)


@dataclass(frozen=True)
class Played:
    started_at: datetime
    ended_at: datetime


def played(at_s: float, seconds: float) -> Played:
    begin = BEGIN + timedelta(seconds=at_s)
    return Played(begin, begin + timedelta(seconds=seconds))


@given(
    plays=st.lists(st.tuples(st.integers(0, 3 * 86_400), st.integers(0, 10_000)), max_size=20),
    tz_min=st.integers(-840, 840),
)
def test_every_second_falls_into_its_hour(plays: list[tuple[int, int]], tz_min: int) -> None:
    day = Day(date(2026, 11, 21), tz_min)
    hours = [0] * 24
    first = 86_400 - 60 * tz_min  # the day's midnight, in seconds after BEGIN
    for at, seconds in plays:
        for hour in range(24):
            begin = first + 3600 * hour
            hours[hour] += max(0, min(at + seconds, begin + 3600) - max(at, begin))
    found = seconds_an_hour(day, [played(*play) for play in plays])
    assert found == pytest.approx([min(3600, seconds) for seconds in hours])


TAGS = st.dictionaries(st.sampled_from("abcdefghijkl"), st.floats(0, 1), max_size=12)


@given(heard=st.lists(st.tuples(st.floats(0, 1e4), TAGS), max_size=9), count=st.integers(1, 12))
def test_shares_are_shares(heard: list[tuple[float, dict[str, float]]], count: int) -> None:
    found = shares_of_tags(heard, count=count)
    assert len(found) <= count
    assert [share for _, share in found] == sorted((s for _, s in found), reverse=True)
    whole = sum(share for _, share in shares_of_tags(heard, count=12))
    assert whole == pytest.approx(1) or not found


def test_a_moment_counts_by_its_weight_alone() -> None:
    heard = [(60.0, {"rock": 0.9, "loud": 0.9}), (60.0, {"folk": 0.01}), (0.0, {"pop": 1.0})]
    assert shares_of_tags(heard) == [("folk", 0.5), ("loud", 0.25), ("rock", 0.25), ("pop", 0.0)]
    assert shares_of_tags([]) == shares_of_tags([(1.0, {})]) == []

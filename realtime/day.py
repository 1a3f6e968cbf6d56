"""A day of plays: how much of each hour had songs that were named, and their tags. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from typing import Protocol

HOURS = 24
HOUR_S = 3600.0
TAGS = 8


class Stretch(Protocol):
    """Something that sounded; `catalog.plays.PlayRecord` is."""

    @property
    def started_at(self) -> datetime:
        """When it began."""
        ...

    @property
    def ended_at(self) -> datetime:
        """When it was over."""
        ...


@dataclass(frozen=True)
class Day:
    """A calendar day where local time is `tz_min` minutes ahead of UTC."""

    date: date
    tz_min: int

    @property
    def begin(self) -> datetime:
        """Its midnight."""
        return datetime.combine(self.date, time(), timezone(timedelta(minutes=self.tz_min)))

    @property
    def end(self) -> datetime:
        """The next midnight."""
        return self.begin + timedelta(days=1)

    def seconds(self, played: Stretch) -> float:
        """Seconds of it that fell on this day."""
        return _overlap(played, self.begin, self.end)


def seconds_an_hour(day: Day, plays: Iterable[Stretch]) -> list[float]:
    """For each of the 24 hours of `day`, the seconds in which a song was named: 3600 at most,
    though several sources may have been heard at once."""
    hours = [day.begin + timedelta(hours=hour) for hour in range(HOURS + 1)]
    seconds = [0.0] * HOURS
    for played in plays:
        for hour in range(HOURS):
            seconds[hour] += _overlap(played, hours[hour], hours[hour + 1])
    return [min(HOUR_S, value) for value in seconds]


def shares_of_tags(
    heard: Iterable[tuple[float, Mapping[str, float]]], *, count: int = TAGS
) -> list[tuple[str, float]]:
    """The `count` tags with the largest shares, largest first; all shares together are 1.

    `heard` are weights, such as seconds, with the probabilities of tags then. Each moment counts by
    its weight alone, shared out among its tags by their probabilities.

    >>> shares_of_tags([(1, {"folk": 0.4, "rock": 0.4}), (3, {"folk": 0.5})])
    [('folk', 0.875), ('rock', 0.125)]
    """
    sums: dict[str, float] = {}
    for weight, tags in heard:
        whole = sum(tags.values())
        for tag, probability in tags.items():
            if whole > 0:
                sums[tag] = sums.get(tag, 0.0) + weight * probability / whole
    whole = sum(sums.values())
    if whole <= 0:
        return []
    best: Sequence[str] = sorted(sums, key=lambda tag: (-sums[tag], tag))[:count]
    return [(tag, sums[tag] / whole) for tag in best]


def _overlap(played: Stretch, begin: datetime, end: datetime) -> float:
    inside = min(played.ended_at, end) - max(played.started_at, begin)
    return max(0.0, inside.total_seconds())

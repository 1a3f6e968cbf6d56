"""What was played goes into the catalog's history, without ever holding up who listens."""

from __future__ import annotations

import threading
from collections import deque
from datetime import UTC, datetime

import numpy as np

from catalog.plays import PlayRecord, Plays
from catalog.settings import CatalogSettings

from .events import Play
from .messages import Source
from .writing import Writing

WAITING_PLAYS = 1000
"""Plays that wait for a disk or another writer."""

READING_S = 1.0  # so far apart are the readings kept
READINGS = 2 * 24 * 60 * 60  # of a day: no song is longer


class WallClock:
    """When each sample of the source came in, by readings of the clock that are given to it.

    Between two readings it is taken to have run evenly. Any thread may call any method.

    >>> clock = WallClock()
    >>> for sample, at_s in [(0, 1000.0), (500, 1005.0)]:
    ...     clock.note(sample, at_s=at_s)
    >>> clock.time_of(250).isoformat()
    '1970-01-01T00:16:42.500000+00:00'
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._readings: deque[tuple[int, float]] = deque(maxlen=READINGS)
        self._newest = (0, 0.0)

    def note(self, sample: int, *, at_s: float) -> None:
        """Sample `sample` came in at `at_s`, seconds since 1970; `sample` only grows."""
        with self._lock:
            before, self._newest = self._newest, (sample, at_s)
            if not self._readings:
                self._readings.append(self._newest)
            elif abs(at_s - self._readings[-1][1]) >= READING_S:
                # The one before as well: the source may have paused in between.
                self._readings += (before, self._newest)

    def time_of(self, sample: int) -> datetime:
        """When that sample came in, in UTC; before the first and after the newest, as that."""
        with self._lock:
            samples, times = zip(*self._readings, self._newest, strict=True)
        return datetime.fromtimestamp(float(np.interp(sample, samples, times)), UTC)


class History:
    """Writes plays of one source to the catalog; what cannot be written is logged and dropped."""

    def __init__(
        self, settings: CatalogSettings, source: Source, clock: WallClock, *, sample_rate_hz: int
    ) -> None:
        self._settings, self._source = settings, source
        self._clock, self._rate_hz = clock, sample_rate_hz
        self._writing = Writing[PlayRecord](self._write, name="history", capacity=WAITING_PLAYS)

    def note(self, play: Play) -> None:
        """Takes a play at once."""
        rate_hz = self._rate_hz
        self._writing.put(
            PlayRecord(
                song=play.song.id,
                title=play.song.title,
                artist=play.song.artist,
                source_kind=self._source.kind,
                source_name=self._source.name,
                started_at=self._clock.time_of(play.start),
                ended_at=self._clock.time_of(play.end),
                start_s=play.start / rate_hz,
                end_s=play.end / rate_hz,
                position_from_s=play.position_from / rate_hz,
                position_to_s=play.position_to / rate_hz,
                rate=play.rate,
                confidence=play.confidence,
            )
        )

    def close(self) -> None:
        """Writes what still waits, for some seconds at most."""
        self._writing.close()

    def _write(self, records: list[PlayRecord]) -> None:
        with Plays(self._settings) as plays:
            for record in records:
                plays.add(record)

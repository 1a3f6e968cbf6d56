"""What the daemon keeps of what it hears: the plays, and the evening moment by moment."""

from __future__ import annotations

from collections.abc import Sequence

from catalog.evening import Evening, Moment

from .events import Event, Play
from .history import History, WallClock
from .messages import Source
from .moments import MomentKeeper
from .settings import Settings
from .writing import Writing

WAITING_MOMENTS = 2000
"""Moments that wait for a disk or another writer."""


class Keeping:
    """Notes the events of one source, without ever holding up who listens.

    What the settings say is not to be kept is not.
    """

    def __init__(
        self, settings: Settings, source: Source, clock: WallClock, *, sample_rate_hz: int
    ) -> None:
        self._settings, self._clock = settings, clock
        self._history: History | None = None
        self._evening: Writing[Moment] | None = None
        if settings.match.history:
            self._history = History(settings.catalog, source, clock, sample_rate_hz=sample_rate_hz)
        if settings.evening.keep_h > 0:
            self._evening = Writing[Moment](self._write, name="evening", capacity=WAITING_MOMENTS)
        every = max(1, round(settings.evening.every_s * sample_rate_hz))
        self._moments = MomentKeeper(every_samples=every)

    def note(self, events: Sequence[Event]) -> None:
        """Takes events, in their order, at once."""
        for event in events:
            if isinstance(event, Play):
                if self._history is not None:
                    self._history.note(event)
            elif self._evening is not None and (due := self._moments.take(event)) is not None:
                self._evening.put(due.at_time(self._clock.time_of(due.at).timestamp()))

    def close(self) -> None:
        """Writes what still waits, for some seconds at most."""
        for part in (self._history, self._evening):
            if part is not None:
                part.close()

    def _write(self, moments: list[Moment]) -> None:
        with Evening(self._settings.catalog, self._settings.evening) as evening:
            evening.add(moments)

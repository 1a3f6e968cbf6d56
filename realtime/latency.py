"""How long from the end of a window to its message: arrival times of samples, and percentiles.

Clock readings are arguments, in seconds of one monotonic clock. Both records are bounded.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable, Iterator

import numpy as np

from .events import Event, Similar, message_of
from .messages import Latency, ServerMessage

NEWEST = 1000
"""Measurements that the percentiles rest on."""

_ARRIVALS = 4096  # blocks whose arrival is remembered: more than any queue holds of them


class LatencyMeter:
    """Notes when samples arrived and when what was made of them left.

    >>> meter = LatencyMeter()
    >>> meter.arrived(1600, at_s=10.0)
    >>> round(meter.left(1500, at_s=10.25))
    250
    >>> meter.summary().count
    1
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._arrivals: deque[tuple[int, float]] = deque(maxlen=_ARRIVALS)
        self._measured_ms: deque[float] = deque(maxlen=NEWEST)

    def arrived(self, end: int, *, at_s: float) -> None:
        """All samples before position `end` had come in at `at_s`; `end` only grows."""
        with self._lock:
            self._arrivals.append((end, at_s))

    def left(self, position: int, *, at_s: float) -> float | None:
        """Milliseconds since the sample before `position` came in; None when that is not known.

        The measurement counts in `summary`. Positions grow from call to call.
        """
        with self._lock:
            while self._arrivals and self._arrivals[0][0] < position:
                self._arrivals.popleft()
            if not self._arrivals:
                return None
            elapsed_ms = max(0.0, 1000 * (at_s - self._arrivals[0][1]))
            self._measured_ms.append(elapsed_ms)
            return elapsed_ms

    def summary(self) -> Latency | None:
        """Percentiles over the newest measurements; None before the first."""
        with self._lock:
            if not self._measured_ms:
                return None
            p50, p99 = np.percentile(self._measured_ms, [50, 99])
            return Latency(p50_ms=float(p50), p99_ms=float(p99), count=len(self._measured_ms))


def messages_leaving(
    events: Iterable[Event], *, sample_rate_hz: int, latency: LatencyMeter, at_s: float
) -> Iterator[ServerMessage]:
    """The messages of events that leave at `at_s`; a ranking says its latency, which counts."""
    for event in events:
        latency_ms = None
        if isinstance(event, Similar):
            latency_ms = latency.left(event.at, at_s=at_s)
        message = message_of(event, sample_rate_hz=sample_rate_hz, latency_ms=latency_ms)
        if message is not None:
            yield message

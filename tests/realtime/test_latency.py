"""Time from sound to message, on a clock made of numbers."""

import pytest

from realtime.events import Gap, Similar, Tags
from realtime.latency import NEWEST, LatencyMeter, messages_leaving
from realtime.messages import Similar as SimilarMessage
from realtime.messages import Tags as TagsMessage


def test_counts_from_the_block_that_brought_the_last_sample() -> None:
    meter = LatencyMeter()
    for end, at_s in [(100, 1.0), (200, 2.0), (300, 3.0)]:
        meter.arrived(end, at_s=at_s)
    assert meter.left(150, at_s=2.5) == pytest.approx(500)
    assert meter.left(200, at_s=2.5) == pytest.approx(500)
    assert meter.left(201, at_s=3.25) == pytest.approx(250)


def test_what_never_arrived_is_not_measured() -> None:
    meter = LatencyMeter()
    assert meter.left(1, at_s=1.0) is None
    meter.arrived(100, at_s=1.0)
    assert meter.left(101, at_s=2.0) is None
    assert meter.summary() is None


def test_percentiles_over_the_newest() -> None:
    meter = LatencyMeter()
    for number in range(1, NEWEST + 101):
        meter.arrived(number, at_s=number)
        slow_ms = 900.0 if number <= 100 else number % 100  # the first hundred are forgotten
        meter.left(number, at_s=number + slow_ms / 1000)
    summary = meter.summary()
    assert summary is not None
    assert summary.count == NEWEST
    assert summary.p50_ms == pytest.approx(49.5, abs=0.01)
    assert summary.p99_ms == pytest.approx(98.01, abs=0.1)


def test_of_what_leaves_rankings_alone_are_measured() -> None:
    meter = LatencyMeter()
    meter.arrived(1000, at_s=1.0)
    events = [Gap(at=500, samples=10), Similar(1000, ()), Tags(1000, ())]
    leaving = messages_leaving(events, sample_rate_hz=1000, latency=meter, at_s=1.25)
    assert list(leaving) == [
        SimilarMessage(at_s=1.0, songs=(), latency_ms=250),
        TagsMessage(at_s=1.0, tags=()),
    ]
    summary = meter.summary()
    assert summary is not None
    assert summary.count == 1

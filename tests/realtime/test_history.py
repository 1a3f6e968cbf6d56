"""The history is written beside the listening, and what keeps it from that stops nothing."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.plays import Plays
from catalog.settings import CatalogSettings
from catalog.store import DATABASE_NAME
from realtime.events import Play
from realtime.history import History, WallClock
from realtime.messages import Source
from tests.catalog.making import made_catalog, random_songs, settings_at
from tests.realtime.fakes import fake_song

RATE_HZ = 100
EVENING = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
SOURCE = Source(kind="microphone", name="USB", live=True)
PLAY = Play(fake_song(3, artist="The Fogs"), 500, 2000, 100.0, 1630.0, 1.02, 0.999)


def clock() -> WallClock:
    clock = WallClock()
    for second in range(31):
        clock.note(RATE_HZ * second, at_s=EVENING.timestamp() + second)
    return clock


def written(settings: CatalogSettings, *plays: Play) -> None:
    history = History(settings, SOURCE, clock(), sample_rate_hz=RATE_HZ)
    for play in plays:
        history.note(play)
    history.close()


def test_a_play_is_written_with_its_times_and_places(tmp_path: Path) -> None:
    settings = made_catalog(tmp_path, random_songs(1))
    written(settings, PLAY)
    with Plays(settings) as plays:
        (found,) = plays.find()
    assert (found.song, found.title, found.artist) == (3, "Song 3", "The Fogs")
    assert (found.source_kind, found.source_name) == ("microphone", "USB")
    assert found.started_at == EVENING + timedelta(seconds=5)
    assert found.ended_at == EVENING + timedelta(seconds=20)
    assert (found.start_s, found.end_s) == (5, 20)
    assert (found.position_from_s, found.position_to_s) == (1, pytest.approx(16.3))
    assert (found.rate, found.confidence) == (1.02, 0.999)


def test_without_a_catalog_it_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        written(settings_at(tmp_path), PLAY)
    assert "the history was not written" in caplog.text
    assert list(tmp_path.iterdir()) == []


def test_a_database_that_is_damaged_is_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = made_catalog(tmp_path, random_songs(1))
    for name in (DATABASE_NAME, f"{DATABASE_NAME}-wal", f"{DATABASE_NAME}-shm"):
        if (tmp_path / name).exists():
            (tmp_path / name).write_bytes(b"no database" * 1000)
    with caplog.at_level(logging.WARNING):
        written(settings, PLAY, PLAY)
    assert "the history was not written" in caplog.text
    assert "damaged" in caplog.text


def test_beyond_its_readings_the_clock_says_the_nearest() -> None:
    assert clock().time_of(-100) == EVENING
    assert clock().time_of(9999) == EVENING + timedelta(seconds=30)


@given(
    apart=st.lists(st.tuples(st.integers(1, 500), st.floats(0, 20)), min_size=1, max_size=30),
    asked=st.integers(0, 15_000),
)
def test_the_clock_never_runs_back_nor_far_off(apart: list[tuple[int, float]], asked: int) -> None:
    clock = WallClock()
    noted = [(0, EVENING.timestamp())]
    for samples, seconds in apart:
        noted.append((noted[-1][0] + samples, noted[-1][1] + seconds))
    for sample, at_s in noted:
        clock.note(sample, at_s=at_s)
    said = clock.time_of(asked).timestamp()
    assert said <= clock.time_of(asked + 1).timestamp() <= noted[-1][1] + 1e-3
    for (sample, at_s), (after, after_s) in pairwise(noted):
        if sample <= asked <= after:
            # A reading within a second of the one before is not kept.
            assert at_s - 1.001 <= said <= after_s + 1.001

"""What the daemon keeps: plays and moments, each only if it is wanted, and nobody waits for it."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from pathlib import Path

import pytest

from catalog.evening import Evening
from catalog.plays import Plays
from catalog.settings import CatalogSettings, EveningSettings
from realtime.events import Event, Place, Play, Ranked, Similar, Tags
from realtime.history import WallClock
from realtime.keeping import Keeping
from realtime.messages import Source
from realtime.settings import MatchSettings, Settings
from tests.catalog.making import made_catalog, random_songs, settings_at
from tests.realtime.fakes import fake_song

RATE_HZ = 100
BEGUN = datetime(2026, 11, 21, 20, 0, tzinfo=UTC).timestamp()
SOURCE = Source(kind="microphone", name="USB", live=True)
PLAY = Play(fake_song(3), 500, 2000, 100.0, 1630.0, 1.02, 0.999)


def ranking(at: int) -> list[Event]:
    songs = (Ranked(fake_song(1), 0.912345),)
    return [Similar(at, songs), Tags(at, (("folk", 0.5),)), Place(at, (0.123456, 0.0, -1.0))]


def noted(settings: CatalogSettings, *, history: bool = True, keep_h: float = 24) -> None:
    clock = WallClock()
    for second in range(31):
        clock.note(RATE_HZ * second, at_s=BEGUN + second)
    keeping = Keeping(
        Settings(
            catalog=settings,
            match=MatchSettings(history=history),
            evening=EveningSettings(keep_h=keep_h),
        ),
        SOURCE,
        clock,
        sample_rate_hz=RATE_HZ,
    )
    keeping.note([PLAY, *ranking(100), *ranking(200)])
    keeping.note([*ranking(600), *ranking(700)])
    keeping.close()


def kept(settings: CatalogSettings) -> tuple[int, list[float]]:
    with Plays(settings) as plays, Evening(settings, EveningSettings()) as evening:
        moments = [json.loads(moment) for moment in evening.find()]
        return len(plays.find()), [moment["at"] - BEGUN for moment in moments]


def test_plays_and_moments_are_written_with_their_times(tmp_path: Path) -> None:
    settings = made_catalog(tmp_path, random_songs(1))
    noted(settings)
    assert kept(settings) == (1, [1, 6])
    with Evening(settings, EveningSettings()) as evening:
        moment = json.loads(evening.find()[0])
    assert moment["xyz"] == [0.1235, 0.0, -1.0]
    assert moment["similar"][0]["score"] == 0.9123


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"history": False}, (0, [1, 6])),
        ({"keep_h": 0.0}, (1, [])),
        ({"history": False, "keep_h": 0.0}, (0, [])),
    ],
)
def test_what_is_not_wanted_is_not_kept(
    tmp_path: Path, wanted: dict[str, float], found: tuple[int, list[float]]
) -> None:
    settings = made_catalog(tmp_path, random_songs(1))
    noted(settings, **wanted)  # type: ignore[arg-type]
    assert kept(settings) == found


def test_without_a_catalog_it_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        noted(settings_at(tmp_path))
    assert "the history was not written" in caplog.text
    assert "the evening was not written" in caplog.text

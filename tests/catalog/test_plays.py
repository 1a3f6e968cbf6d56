"""The history: plays outlive their songs, and are written while others write."""

from __future__ import annotations

import sqlite3
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from catalog.catalog import Catalog
from catalog.errors import NoCatalogError, StoreError, UnknownPlayError
from catalog.plays import PlayRecord, Plays
from catalog.settings import CatalogSettings
from catalog.store import DATABASE_NAME
from tests.catalog.making import SPEC, made_catalog, random_songs, settings_at

EVENING = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
PLAY = PlayRecord(
    song=1,
    title="Fjord",
    artist="The Fogs",
    source_kind="microphone",
    source_name="USB",
    started_at=EVENING,
    ended_at=EVENING + timedelta(seconds=180),
    start_s=12.5,
    end_s=192.5,
    position_from_s=0.0,
    position_to_s=189.0,
    rate=1.05,
    confidence=0.999,
)


def later(minutes: float) -> PlayRecord:
    shift = timedelta(minutes=minutes)
    return replace(PLAY, started_at=PLAY.started_at + shift, ended_at=PLAY.ended_at + shift)


@pytest.fixture
def settings(tmp_path: Path) -> CatalogSettings:
    return made_catalog(tmp_path, random_songs(2))


def test_a_play_is_kept_as_it_was(settings: CatalogSettings) -> None:
    unnamed = replace(later(9), artist=None, title="naïve 🎵")
    with Plays(settings) as plays:
        assert plays.find() == []
        plays.add(PLAY)
        plays.add(unnamed)
    with Plays(settings) as plays:
        assert plays.find() == [unnamed, PLAY]


def test_times_are_kept_in_utc(settings: CatalogSettings) -> None:
    east = timezone(timedelta(hours=5))
    with Plays(settings) as plays:
        plays.add(replace(PLAY, started_at=PLAY.started_at.astimezone(east)))
        (found,) = plays.find()
    assert found == PLAY
    assert found.started_at.tzinfo is UTC


def test_the_newest_come_first_and_older_ones_may_be_left_out(settings: CatalogSettings) -> None:
    with Plays(settings) as plays:
        for minutes in (20, 0, 10):
            plays.add(later(minutes))
        assert plays.find(limit=2) == [later(20), later(10)]
        assert plays.find(since=later(10).ended_at) == [later(20), later(10)]
        assert plays.find(since=later(10).ended_at + timedelta(seconds=1)) == [later(20)]
        assert plays.find(since=EVENING + timedelta(days=1)) == []


def test_a_play_outlives_its_song(settings: CatalogSettings) -> None:
    with Plays(settings) as plays:
        plays.add(PLAY)
        with Catalog.open(settings, SPEC, write=True) as catalog:
            catalog.remove([PLAY.song])
        assert plays.find() == [PLAY]


def test_where_no_catalog_is_none_is_made(tmp_path: Path) -> None:
    with pytest.raises(NoCatalogError, match="nowhear add"):
        Plays(settings_at(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_plays_are_written_while_songs_are_added(settings: CatalogSettings) -> None:
    with Catalog.open(settings, SPEC, write=True) as catalog, Plays(settings) as plays:
        done = threading.Event()

        def add_songs() -> None:
            try:
                for i in range(20):
                    catalog.insert(random_songs(1, seed=100 + i, prefix=f"more{i}-"))
            finally:
                done.set()

        adding = threading.Thread(target=add_songs)
        adding.start()
        written = 0
        while not done.is_set():
            plays.add(later(written))
            written += 1
        adding.join()
        assert catalog.count == 22
        assert len(plays.find()) == written


def test_a_catalog_from_before_there_were_plays_takes_them(settings: CatalogSettings) -> None:
    with sqlite3.connect(settings.directory / DATABASE_NAME) as other:
        other.execute("DROP TABLE IF EXISTS plays")
    with Plays(settings) as plays:
        assert plays.find() == []
        plays.add(PLAY)
        assert plays.find() == [PLAY]


def test_what_cannot_be_written_is_said(settings: CatalogSettings) -> None:
    with Plays(settings) as plays:
        with sqlite3.connect(settings.directory / DATABASE_NAME) as other:
            other.execute("DROP TABLE IF EXISTS plays")
            other.execute("CREATE TABLE plays (id INTEGER PRIMARY KEY)")
        with pytest.raises(StoreError, match=r"catalog\.sqlite: .*What was stored before"):
            plays.add(PLAY)


def test_pages_of_plays_go_back_through_all_of_them(settings: CatalogSettings) -> None:
    with Plays(settings) as plays:
        assert plays.page(limit=2) == []
        for minutes in (30, 0, 10, 10, 20):
            plays.add(later(minutes))
        seen: list[tuple[int, PlayRecord]] = []
        while page := plays.page(limit=2, before=seen[-1][0] if seen else None):
            seen += page
    assert [number for number, _ in seen] == [1, 5, 4, 3, 2]
    assert [play for _, play in seen] == [later(m) for m in (30, 20, 10, 10, 0)]


def test_a_page_before_no_play_is_refused(settings: CatalogSettings) -> None:
    with Plays(settings) as plays:
        plays.add(PLAY)
        with pytest.raises(UnknownPlayError, match="no play 7"):
            plays.page(limit=2, before=7)


def test_plays_of_a_time_are_those_that_sounded_then(settings: CatalogSettings) -> None:
    with Plays(settings) as plays:
        for minutes in (20, 0, 10):  # each lasts 3 minutes
            plays.add(later(minutes))
        begin = EVENING + timedelta(minutes=2)
        assert plays.between(begin, begin + timedelta(minutes=8), limit=9) == [later(0)]
        assert plays.between(begin, begin + timedelta(minutes=9), limit=9) == [later(0), later(10)]
        assert plays.between(begin, begin + timedelta(days=1), limit=1) == [later(0)]
        assert plays.between(begin + timedelta(minutes=1), begin, limit=9) == []

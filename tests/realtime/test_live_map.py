"""The daemon's map: taken over when it is another, kept when the new one cannot be read."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from catalog.map_file import SongMap, publish_map, withdraw_map
from realtime.live_map import LiveMap
from tests.catalog.test_map_file import facts


def publish(folder: Path, *ids: int) -> None:
    songs = SongMap.of(ids, [[song, 0, 0] for song in ids])
    rows = songs.ids.astype("i8")
    publish_map(folder, songs, facts(songs), rows=rows, placed=rows < 0)


def test_it_takes_over_what_is_published(tmp_path: Path) -> None:
    folder = tmp_path / "map"
    maps = LiveMap(folder)
    assert maps.current is None
    assert maps.places([1]) == {}
    publish(folder, 1, 2)
    assert maps.current is None
    maps.refresh()
    before = maps.current
    assert before is not None
    assert maps.places([2, 3]) == {2: (2, 0, 0)}
    maps.refresh()
    assert maps.current is before
    publish(folder, 3)
    maps.refresh()
    assert maps.places([2, 3]) == {3: (3, 0, 0)}
    assert len(before.map) == 2, "a map is a value"
    withdraw_map(folder)
    maps.refresh()
    assert maps.current is None


def test_one_that_cannot_be_read_is_said_once_and_the_one_before_stays(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    publish(tmp_path, 1, 2)
    maps = LiveMap(tmp_path)
    publish(tmp_path, 3)
    (tmp_path / "gen-000002" / "map.bin").write_bytes(b"NWM1")
    with caplog.at_level(logging.WARNING):
        maps.refresh()
        maps.refresh()
    assert caplog.text.count("the map is damaged") == 1
    assert maps.places([2]) == {2: (2, 0, 0)}
    publish(tmp_path, 4)
    maps.refresh()
    assert maps.places([2, 4]) == {4: (4, 0, 0)}

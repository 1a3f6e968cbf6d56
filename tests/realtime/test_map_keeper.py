"""The map is kept abreast while the daemon listens, and what goes wrong with it stops nothing."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from catalog.catalog import Catalog
from catalog.lock import WriterLock
from catalog.map_file import map_folder
from catalog.settings import CatalogSettings, MapSettings
from realtime import map_keeper
from realtime.live_catalog import LiveCatalog
from realtime.map_keeper import MapKeeper
from realtime.settings import Settings
from tests.catalog.making import SPEC, made_catalog, random_songs, settings_at

Keep = Callable[[CatalogSettings], MapKeeper]


@pytest.fixture
def keep(monkeypatch: pytest.MonkeyPatch) -> Iterator[Keep]:
    """A keeper that does not pause between its tries."""
    monkeypatch.setattr(map_keeper, "PAUSE_S", 0.0)
    catalogs = []

    def made(settings: CatalogSettings) -> MapKeeper:
        catalogs.append(LiveCatalog(settings, SPEC))
        return MapKeeper(catalogs[-1], Settings(catalog=settings, map=MapSettings(method="pca")))

    yield made
    for catalog in catalogs:
        catalog.close()


def tick(keeper: MapKeeper) -> int | None:
    """A tick, and what it began; the number of the map then."""
    keeper._catalog.refresh()
    keeper.tick()
    keeper.close()
    keeper.maps.refresh()
    return None if keeper.maps.current is None else keeper.maps.current.number


def test_it_draws_places_and_then_rests(tmp_path: Path, keep: Keep) -> None:
    settings = made_catalog(tmp_path, random_songs(12))
    keeper = keep(settings)
    assert tick(keeper) == 1
    assert tick(keeper) == 1
    with Catalog.open(settings, SPEC, write=True) as catalog:
        catalog.insert(random_songs(1, seed=4, prefix="new"))
        assert tick(keeper) == 2
        assert len(keeper.maps.places(range(20))) == 13
        catalog.remove(range(1, 14))
    assert tick(keeper) is None
    assert keeper.maps.places([1]) == {}


def test_without_a_catalog_it_waits_for_one(tmp_path: Path, keep: Keep) -> None:
    keeper = keep(settings_at(tmp_path))
    assert tick(keeper) is None
    assert not map_folder(settings_at(tmp_path)).exists()
    made_catalog(tmp_path, random_songs(2))
    assert tick(keeper) == 1


def test_another_process_may_be_at_it(
    tmp_path: Path, keep: Keep, caplog: pytest.LogCaptureFixture
) -> None:
    settings = made_catalog(tmp_path, random_songs(2))
    keeper = keep(settings)
    map_folder(settings).mkdir()
    with WriterLock(map_folder(settings)), caplog.at_level(logging.WARNING):
        assert tick(keeper) is None
    assert caplog.text == ""
    assert tick(keeper) == 1


def test_what_goes_wrong_is_logged_once(
    tmp_path: Path, keep: Keep, caplog: pytest.LogCaptureFixture
) -> None:
    settings = made_catalog(tmp_path, random_songs(2))
    keeper = keep(settings)
    map_folder(settings).write_text("no folder")
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            assert tick(keeper) is None
    assert caplog.text.count("the map was not brought up to date") == 1
    map_folder(settings).unlink()
    assert tick(keeper) == 1


def test_a_map_that_is_damaged_is_said_and_drawn_anew(
    tmp_path: Path, keep: Keep, caplog: pytest.LogCaptureFixture
) -> None:
    settings = made_catalog(tmp_path, random_songs(2))
    assert tick(keep(settings)) == 1
    (map_folder(settings) / "gen-000001" / "map.json").write_text("{")
    with caplog.at_level(logging.WARNING):
        keeper = keep(settings)
    assert "the map is damaged" in caplog.text
    assert tick(keeper) == 2


def test_tries_are_some_time_apart(
    tmp_path: Path, keep: Keep, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = made_catalog(tmp_path, random_songs(12))
    keeper = keep(settings)
    monkeypatch.setattr(map_keeper, "PAUSE_S", 3600.0)
    assert tick(keeper) == 1
    with Catalog.open(settings, SPEC, write=True) as catalog:
        catalog.insert(random_songs(1, seed=4, prefix="new"))
    assert tick(keeper) == 1

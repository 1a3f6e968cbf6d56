"""The map and the evening over HTTP, over a catalog of sounds."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest

from catalog.catalog import Catalog
from catalog.evening import Evening
from catalog.map_building import bring_up_to_date, build_map
from catalog.map_file import SongMap
from catalog.settings import CatalogSettings, EveningSettings, MapSettings
from realtime.live_catalog import LiveCatalog
from realtime.map_keeper import MapKeeper
from realtime.map_routes import map_routes
from realtime.server import Server
from realtime.settings import Settings
from tests.catalog.making import SPEC, made_catalog, random_songs, settings_at
from tests.catalog.test_evening import NIGHT, moment
from tests.helpers.serving import Answer, fetch, in_loop, serving

BY_AXES = MapSettings(method="pca")
TOKEN = "correct-horse-battery"


@asynccontextmanager
async def mapped(
    settings: CatalogSettings, *, evening: EveningSettings | None = None, **server: object
) -> AsyncIterator[tuple[Server, MapKeeper]]:
    """A server over the catalog, and what keeps its map."""
    in_force = Settings(catalog=settings, map=BY_AXES, evening=evening or EveningSettings())
    catalog = LiveCatalog(settings, SPEC)
    keeper = MapKeeper(catalog, in_force)
    routes = map_routes(catalog=catalog, maps=keeper.maps, settings=in_force)
    try:
        async with serving(api=routes, **server) as running:
            yield running, keeper
    finally:
        await asyncio.to_thread(keeper.close)
        catalog.close()


async def asked(server: Server, path: str, *, status: int = 200) -> dict[str, object]:
    answer = await fetch(server, path)
    assert answer.status == status, answer.body
    assert answer.headers["cache-control"] == "no-store"
    found: dict[str, object] = json.loads(answer.body)
    return found


def drawn(settings: CatalogSettings) -> None:
    with Catalog.open(settings, SPEC) as catalog:
        build_map(catalog, BY_AXES)


async def ticked(keeper: MapKeeper) -> None:
    """One tick, and what it began brought to its end."""
    await asyncio.to_thread(keeper.tick)
    await asyncio.to_thread(keeper.close)


@in_loop
async def test_the_map_is_told_and_served(tmp_path: Path) -> None:
    settings = made_catalog(tmp_path, random_songs(30))
    drawn(settings)
    async with mapped(settings) as (server, keeper):
        about = await asked(server, "/api/map")
        version = about["version"]
        assert about == {
            "version": version,
            "count": 30,
            "method": "pca",
            "dimension": 3,
            "genres": [],
            "tags": list(SPEC.tags),
            "themes": [],
            "radius": pytest.approx(keeper.maps.current.map.radius),  # type: ignore[union-attr]
        }
        for path in ("/api/map.bin", f"/api/map.bin?version={version}"):
            answer = await fetch(server, path)
            assert answer.status == 200
            assert answer.headers["etag"] == f'"{version}"'
            assert answer.headers["x-nowhear-map"] == version
            assert answer.headers["content-type"] == "application/octet-stream"
            songs = SongMap.decode(answer.body)
            assert songs.ids.tolist() == list(range(1, 31))
            assert np.quantile(np.linalg.norm(songs.xyz, axis=1), 0.9) <= 1


@in_loop
async def test_what_a_client_has_already_is_not_sent_again(tmp_path: Path) -> None:
    settings = made_catalog(tmp_path, random_songs(5))
    drawn(settings)
    async with mapped(settings) as (server, _):
        version = (await asked(server, "/api/map"))["version"]
        for tags in (f'"{version}"', f'"other", W/"{version}"'):
            answer = await fetch(server, "/api/map.bin", headers={"If-None-Match": tags})
            assert (answer.status, answer.body) == (304, b"")
        answer = await fetch(server, "/api/map.bin", headers={"If-None-Match": '"other"'})
        assert answer.status == 200


@in_loop
async def test_a_map_that_was_is_refused_with_the_one_that_is(tmp_path: Path) -> None:
    settings = made_catalog(tmp_path, random_songs(5))
    drawn(settings)
    async with mapped(settings) as (server, keeper):
        before = (await asked(server, "/api/map"))["version"]
        with Catalog.open(settings, SPEC, write=True) as catalog:
            catalog.insert(random_songs(1, seed=3, prefix="new"))
            bring_up_to_date(catalog, BY_AXES)
        await ticked(keeper)
        about = await asked(server, "/api/map")
        assert about["count"] == 6
        assert about["version"] != before
        refused = await asked(server, f"/api/map.bin?version={before}", status=409)
        assert refused["version"] == about["version"]
        assert str(before) in str(refused["error"])


@in_loop
async def test_without_songs_there_is_none(tmp_path: Path) -> None:
    for settings in (settings_at(tmp_path / "none"), made_catalog(tmp_path / "empty", [])):
        async with mapped(settings) as (server, keeper):
            await ticked(keeper)
            for path in ("/api/map", "/api/map.bin"):
                refused = await asked(server, path, status=404)
                assert "`nowhear add" in str(refused["error"])


@in_loop
async def test_songs_without_a_map_get_one_in_the_background(tmp_path: Path) -> None:
    settings = made_catalog(tmp_path, random_songs(5))
    async with mapped(settings) as (server, keeper):
        assert "being drawn" in str((await asked(server, "/api/map", status=503))["error"])
        answer = await fetch(server, "/api/map.bin")
        assert (answer.status, answer.headers["retry-after"]) == (503, "2")
        await ticked(keeper)
        assert (await asked(server, "/api/map"))["count"] == 5


async def evening_of(server: Server, query: str = "", *, begun: float = NIGHT) -> list[float]:
    found = await asked(server, "/api/evening" + query)
    assert found["every_s"] == 5
    moments = found["moments"]
    assert isinstance(moments, list)
    return [one["at"] - begun for one in moments]


@in_loop
async def test_the_evening_is_told_from_a_moment_on(tmp_path: Path) -> None:
    settings = made_catalog(tmp_path, random_songs(5))
    begun = float(round(time.time() - 60))
    async with mapped(settings) as (server, _):
        assert await evening_of(server) == []
        with Evening(settings, EveningSettings()) as evening:
            evening.add([moment(begun - NIGHT + 5.0 * number) for number in range(4)])
        assert await evening_of(server, begun=begun) == [0, 5, 10, 15]
        assert await evening_of(server, f"?since={begun + 5}", begun=begun) == [10, 15]
        for since in ("yesterday", "nan", "inf"):
            refused = await fetch(server, f"/api/evening?since={since}")
            assert refused.status == 400
            assert since in json.loads(refused.body)["error"]


@in_loop
async def test_an_evening_of_long_ago_is_not_the_evening_so_far(tmp_path: Path) -> None:
    settings = made_catalog(tmp_path, random_songs(5))
    kept = EveningSettings(keep_h=1)
    begun = float(round(time.time()))
    with Evening(settings, EveningSettings()) as evening:
        evening.add([moment(begun - NIGHT - aside) for aside in (7200, 3660, 3540)])
    async with mapped(settings, evening=kept) as (server, _):
        assert await evening_of(server, begun=begun) == [-3540]


@in_loop
async def test_an_evening_that_is_not_kept_is_empty(tmp_path: Path) -> None:
    settings = made_catalog(tmp_path / "catalog", random_songs(5))
    with Evening(settings, EveningSettings()) as evening:
        evening.add([moment(time.time() - NIGHT)])
    async with mapped(settings, evening=EveningSettings(keep_h=0)) as (server, _):
        assert await evening_of(server) == []
    async with mapped(settings_at(tmp_path / "none")) as (server, _):
        assert await evening_of(server) == []


@in_loop
async def test_all_of_it_is_behind_the_token(tmp_path: Path) -> None:
    settings = made_catalog(tmp_path, random_songs(5))
    drawn(settings)
    async with mapped(settings, token=TOKEN, host="0.0.0.0") as (server, _):
        for path in ("/api/map", "/api/map.bin", "/api/evening"):
            refused: Answer = await fetch(server, path)
            assert refused.status == 401
            assert (await fetch(server, f"{path}?token={TOKEN}")).status == 200

"""Songs over HTTP: what is found is what the catalog has, and what cannot be is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from catalog.catalog import Catalog
from catalog.map_building import bring_up_to_date
from catalog.settings import CatalogSettings, MapSettings
from tests.catalog.making import SPEC, settings_at
from tests.helpers.exploring import Explored, exploring, music_catalog

ROW = {"song", "title", "artist", "album", "genre", "duration_s", "audio"}


def ids(rows: list[dict[str, int]]) -> list[int]:
    return [row["song"] for row in rows]


def test_all_songs_a_page_at_a_time(explored: Explored) -> None:
    first = explored.get("/api/songs?limit=5&order=id")
    rest = explored.get("/api/songs?limit=500&offset=5&order=id")
    assert (first["total"], rest["total"]) == (12, 12)
    assert ids(first["songs"] + rest["songs"]) == list(range(1, 13))
    assert set(first["songs"][0]) == ROW
    assert first["songs"][0]["audio"] == "/songs/1/audio"


def test_songs_by_text(explored: Explored) -> None:
    found = explored.get("/api/songs?text=TUNE%2011")
    assert [row["title"] for row in found["songs"]] == ["tune 11"]
    assert explored.get("/api/songs?text=wav") == {"songs": [], "total": 0}
    assert explored.get("/api/songs?text=tune&limit=0") == {"songs": [], "total": 12}


def test_songs_by_id_come_in_that_order(explored: Explored) -> None:
    found = explored.get("/api/songs?ids=7,99,2,%203")
    assert (ids(found["songs"]), found["total"]) == ([7, 2, 3], 3)
    assert explored.get("/api/songs?ids=") == {"songs": [], "total": 0}


@pytest.mark.parametrize(
    "query",
    [
        "limit=x", "limit=-1", "limit=1001", "offset=-1", "order=path", "order=", "ids=1,x",
        "ids=1,,2", "ids=-1", "descending=2", f"text={'x' * 201}", "limit=" + "9" * 5000,
        "ids=" + ",".join(map(str, range(501))),
    ],
)  # fmt: skip
def test_a_wrong_question_is_told_what_was_expected(explored: Explored, query: str) -> None:
    answer = explored.ask(f"/api/songs?{query}")
    assert answer.status == 400
    assert "expected" in answer.json()["error"]


def test_one_song(explored: Explored) -> None:
    found = explored.get("/api/songs/3")
    assert set(found["song"]) == ROW
    assert found["starred"] is False
    with Catalog.open(explored.settings, SPEC) as catalog:
        tags = catalog.tags(3)
    assert {tag["tag"] for tag in found["tags"]} == set(tags)
    probabilities = [tag["probability"] for tag in found["tags"]]
    assert probabilities == sorted(probabilities, reverse=True)
    assert probabilities[0] == pytest.approx(max(tags.values()), abs=1e-4)


@pytest.mark.parametrize("song", ["99", "0", "-1", "x", "1.5", "9" * 12, "9" * 400, "%D9%A7"])
@pytest.mark.parametrize("what", ["", "/similar", "/why/1"])
def test_a_song_that_is_not_there(explored: Explored, song: str, what: str) -> None:
    answer = explored.ask(f"/api/songs/{song}{what}")
    assert answer.status == 404
    assert answer.json()["error"].startswith("no song ")


def test_the_nearest_songs_are_those_of_exact_search(explored: Explored) -> None:
    found = explored.get("/api/songs/4/similar?n=50")["songs"]
    with Catalog.open(explored.settings, SPEC) as catalog:
        cosines = {n: float(catalog.style(n) @ catalog.style(4)) for n in range(1, 13) if n != 4}
    assert ids(found) == sorted(cosines, key=lambda song: -cosines[song])
    for row in found:
        assert row["score"] == pytest.approx(cosines[row["song"]], abs=1e-5)
    assert explored.get("/api/songs/4/similar")["songs"] == found[:3]
    assert set(found[0]) == {*ROW, "score"}


@pytest.mark.parametrize("n", ["0", "51", "x", ""])
def test_so_many_are_not_named(explored: Explored, n: str) -> None:
    assert explored.ask(f"/api/songs/4/similar?n={n}").status == 400


def test_scores_are_in_the_order_of_the_map(tmp_path: Path) -> None:
    settings = music_catalog(tmp_path, 6, seconds=1.5)
    with exploring(settings) as explored:
        waiting = explored.ask("/api/songs/2/scores")
        assert (waiting.status, "being drawn" in waiting.json()["error"]) == (503, True)
        with Catalog.open(settings, SPEC) as catalog:
            bring_up_to_date(catalog, MapSettings())
            styles = np.stack([catalog.style(song) for song in range(1, 7)])
        explored.maps.refresh()
        current = explored.maps.current
        assert current is not None
        version = current.facts.version
        answer = explored.ask(f"/api/songs/2/scores?map={version}")
        assert (answer.status, answer.headers["x-nowhear-map"]) == (200, version)
        assert answer.headers["content-type"] == "application/octet-stream"
        scores = np.frombuffer(answer.body, "<f4")
        assert current.map.ids.tolist() == [1, 2, 3, 4, 5, 6]
        np.testing.assert_allclose(scores, styles @ styles[1], atol=1e-5)
        assert explored.ask("/api/songs/2/scores").body == answer.body
        other = explored.ask("/api/songs/2/scores?map=0123")
        assert (other.status, other.json()["version"]) == (409, version)
        assert explored.ask("/api/songs/77/scores").status == 404


def test_before_there_is_a_catalog(tmp_path: Path) -> None:
    with exploring(settings_at(tmp_path)) as explored:
        for path in ("songs", "songs/1", "songs/1/similar", "songs/1/why/2", "stars", "plays"):
            answer = explored.ask(f"/api/{path}")
            assert answer.status == 404
            assert "nowhear add" in answer.json()["error"]
    assert list(tmp_path.iterdir()) == []


def test_without_the_token_nothing_is_told(explored: Explored) -> None:
    secret = "s" * 20
    with exploring(explored.settings, token=secret) as guarded:
        for path in ("songs", "songs/1", "songs/1/scores", "stars", "playlists", "plays"):
            assert guarded.ask(f"/api/{path}").status == 401
        assert guarded.ask(f"/api/songs?token={secret}").status == 200


def with_map(folder: Path) -> CatalogSettings:
    """A catalog of six songs whose map is coloured by their strongest tags."""
    settings = music_catalog(folder, 6)
    with Catalog.open(settings, SPEC) as catalog:
        bring_up_to_date(catalog, MapSettings())
    return settings


def test_the_legend_filters_the_table_too(tmp_path: Path) -> None:
    settings = with_map(tmp_path)
    with Catalog.open(settings, SPEC) as catalog:
        tags = {song.id: catalog.tags(song.id) for song in catalog.songs()}
    strongest = {song: max(of, key=lambda tag: of[tag]) for song, of in tags.items()}
    some = sorted(set(strongest.values()))[0]
    wanted = [song for song, tag in strongest.items() if tag == some]
    with exploring(settings) as explored:
        only = explored.get(f"/api/songs?order=id&by=tag&only={some}")
        assert (ids(only["songs"]), only["total"]) == (wanted, len(wanted))
        without = explored.get(f"/api/songs?order=id&by=tag&without={some}&without=nothing&limit=1")
        assert without["total"] == 6 - len(wanted)
        assert explored.get("/api/songs?by=theme&only=")["total"] == 0
        assert explored.get("/api/songs?by=genre&without=Rock")["total"] == 6
        refused = explored.ask("/api/songs?by=colour&only=red")
        assert (refused.status, "expected genre, tag, theme" in refused.json()["error"]) == (
            400,
            True,
        )

"""`nowhear taste`, `nowhear recommend` and `nowhear compat`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from catalog.catalog import Catalog
from catalog.favourites import Favourites
from catalog.playlists import Playlists
from realtime.cli import recommending, taste
from tests.catalog.making import made_catalog, random_songs, settings_at

SONGS = 12


def nowhear(*args: object) -> Result:
    app = typer.Typer(rich_markup_mode="rich", pretty_exceptions_enable=False)
    taste.register(app)
    recommending.register(app)
    return CliRunner().invoke(app, [str(arg) for arg in args], env={"COLUMNS": "200"})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Twelve songs; the first six are in playlists together, and so are the others."""
    settings = made_catalog(tmp_path, random_songs(SONGS))
    with Playlists(settings) as playlists:
        for number in range(24):
            half = 6 * (number % 2)
            playlists.make(f"p{number}", [half + 1 + (number + i) % 6 for i in range(5)])
    with Favourites(settings) as stars:
        for song in (1, 2):
            stars.add(song)
    return tmp_path


def test_taste_is_fitted_and_recommends_what_goes_together(folder: Path) -> None:
    done = nowhear("taste", "fit", "--no-tune", "--factors", 2, "--catalog", folder)
    assert done.exit_code == 0, done.output
    assert "taste of own: 25 users, 12 items, 122 plays; 2 factors" in done.stdout
    assert [line.split()[0] for line in done.stdout.splitlines()[1:]] == [
        "by",
        "als",
        "als-direction",
        "als-likes",
        "item-knn",
        "popularity",
        "random",
    ]
    shown = nowhear("recommend", "--blend", 1, "-n", 4, "--json", "--catalog", folder)
    answer = json.loads(shown.stdout)
    assert (answer["model"], answer["likes"]) == ("own", [1, 2])
    assert {song["song"] for song in answer["songs"]} == {3, 4, 5, 6}
    assert all(song["taste"] > 0.5 for song in answer["songs"])
    by_user = nowhear(
        "recommend", "--user", "playlist 2", "--blend", 1, "-n", 1, "--json", "--catalog", folder
    )
    (song,) = json.loads(by_user.stdout)["songs"]
    assert song["song"] > 6
    popular = nowhear("recommend", "--like", 1, "--popular", "-n", 1, "--json", "--catalog", folder)
    (song,) = json.loads(popular.stdout)["songs"]
    assert song["song"] in (3, 5, 8, 10, 12)  # in all playlists of their half


def test_a_fit_in_json_has_settings_and_figures(folder: Path) -> None:
    done = nowhear("taste", "fit", "--seed", 3, "--no-tune", "--json", "--catalog", folder)
    about = json.loads(done.stdout)
    assert (about["dataset"], about["items"], about["settings"]["seed"]) == ("own", 12, 3)
    assert about["figures"]["test"]["als"]["users"] == 24
    assert Path(about["folder"]).is_dir()


def test_sound_decides_without_a_model(folder: Path) -> None:
    shown = nowhear("recommend", "--like", 3, "-n", 2, "--json", "--catalog", folder)
    answer = json.loads(shown.stdout)
    with Catalog.open(settings_at(folder), None) as catalog:
        cosines = {s: float(catalog.style(3) @ catalog.style(s)) for s in range(1, SONGS + 1)}
    best = sorted(cosines.keys() - {3}, key=lambda song: -cosines[song])[:2]
    assert [song["song"] for song in answer["songs"]] == best
    assert answer["songs"][0]["content"] == pytest.approx(cosines[best[0]], abs=1e-5)
    assert (answer["model"], answer["songs"][0]["taste"]) == (None, None)
    table = nowhear("recommend", "-n", 3, "--catalog", folder).stdout.splitlines()
    assert len(table) == 4
    assert table[0].split() == ["score", "sound", "taste", "song", "title", "artist"]


def test_two_lists_are_compared(folder: Path, tmp_path: Path) -> None:
    mine, yours = tmp_path / "mine.m3u8", tmp_path / "yours.json"
    mine.write_text("/music/song1.mp3\n/music/song2.mp3\n/music/gone.mp3\n")
    yours.write_text(json.dumps(["song2.mp3", "song5.mp3", "Nobody - Nothing"]))
    done = nowhear("compat", mine, yours, "--json", "--catalog", folder)
    found = json.loads(done.stdout)
    assert found["a"] == {"name": str(mine), "songs": 2, "not_found": ["/music/gone.mp3"]}
    assert found["b"] == {"name": str(yours), "songs": 2, "not_found": ["Nobody - Nothing"]}
    assert found["shared"] == [3]
    assert ([s["song"] for s in found["for_a"]], [s["song"] for s in found["for_b"]]) == ([6], [2])
    assert 0 < found["score"] < 1
    assert 0.5 < found["percentile"] <= 1  # a song that both have is rare by chance
    shown = nowhear("compat", "stars", yours, "--catalog", folder)
    assert "score" in shown.stdout
    assert f"{yours}: 1 songs are not in the catalog: Nobody - Nothing" in shown.stderr
    assert f"for {yours}:" in shown.stdout


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["recommend", "--like", 99], 1, "no song 99 in this catalog"),
        (["recommend", "--like", 1, "--user", "x"], 2, "either --like or --user"),
        (["recommend", "--user", "x"], 1, "nowhear taste fit"),
        (["recommend", "--like", 1, "--popular"], 1, "nowhear taste fit"),
        (["recommend", "--like", 1, "--model", "lastfm"], 1, "taste fit --data lastfm"),
        (["recommend", "--blend", 2], 2, "less than or equal to 1"),
        (["compat", "stars", "none.csv"], 1, "none.csv: cannot be read"),
        (["taste", "learn"], 1, "no taste model yet"),
        (["taste", "fit", "--data", "lastfm"], 1, "nowhear import lastfm PATH"),
    ],
)
def test_what_cannot_be_done_is_said(
    folder: Path, words: list[object], status: int, said: str
) -> None:
    done = nowhear(*words, "--catalog", folder)
    assert done.exit_code == status
    assert said in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_learning_needs_songs_that_were_played(folder: Path) -> None:
    assert nowhear("taste", "fit", "--no-tune", "--catalog", folder).exit_code == 0
    done = nowhear("taste", "learn", "--catalog", folder)
    assert done.exit_code == 1
    assert "12 songs of the catalog were played in own by 2 users or more" in done.stderr


def test_without_likes_it_is_said_how_to_give_some(tmp_path: Path) -> None:
    made_catalog(tmp_path, random_songs(2))
    done = nowhear("recommend", "--catalog", tmp_path)
    assert done.exit_code == 1
    assert "--like" in done.stderr

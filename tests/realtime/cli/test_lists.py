"""`nowhear stars`, `nowhear playlist` and `nowhear path`."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from catalog.catalog import Catalog
from catalog.favourites import Favourites
from catalog.playlists import Playlists
from realtime.cli import lists
from tests.catalog.making import SPEC, made_catalog, random_songs, settings_at


def nowhear(*args: object) -> Result:
    app = typer.Typer(rich_markup_mode="rich", pretty_exceptions_enable=False)
    lists.register(app)
    return CliRunner().invoke(app, [str(arg) for arg in args], env={"COLUMNS": "200"})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    settings = made_catalog(tmp_path, random_songs(9))
    with Favourites(settings) as stars:
        stars.add(4)
        stars.add(2)
    with Playlists(settings) as playlists:
        playlists.make("Evening [1]", [3, 1])
    with Catalog.open(settings, SPEC, write=True) as catalog:
        catalog.remove([4])
    return tmp_path


def test_stars_in_every_form(folder: Path) -> None:
    shown = nowhear("stars", "--catalog", folder).stdout
    assert len(shown.splitlines()) == 3
    assert "song3.mp3" in shown
    assert shown.count("(no more in the catalog)") == 1
    songs = json.loads(nowhear("stars", "--json", "--catalog", folder).stdout)["songs"]
    assert [song["song"] for song in songs] == [4, 2]
    table = csv.DictReader(io.StringIO(nowhear("stars", "--csv", "--catalog", folder).stdout))
    assert [row["path"] for row in table] == ["/music/song3.mp3", "/music/song1.mp3"]
    playlist = nowhear("stars", "--m3u8", "--catalog", folder).stdout
    assert playlist.splitlines()[3] == "/music/song3.mp3"


def test_playlists_are_listed_and_exported(folder: Path) -> None:
    shown = nowhear("playlist", "list", "--catalog", folder).stdout
    assert "Evening [1]" in shown
    assert "2:20" in shown
    (about,) = json.loads(nowhear("playlist", "list", "--json", "--catalog", folder).stdout)
    assert about == {"playlist": 1, "name": "Evening [1]", "songs": [3, 1], "duration_s": 140.0}
    exported = nowhear("playlist", "export", 1, "--catalog", folder).stdout
    assert exported.splitlines()[:2] == ["#EXTM3U", "#PLAYLIST:Evening [1]"]
    as_json = nowhear("playlist", "export", 1, "--json", "--catalog", folder).stdout
    assert [song["song"] for song in json.loads(as_json)["songs"]] == [3, 1]


def test_a_path_goes_from_song_to_song(folder: Path) -> None:
    args = ("path", 1, 9, "--length", 5, "--catalog", folder)
    songs = json.loads(nowhear(*args, "--json").stdout)["songs"]
    ids = [song["song"] for song in songs]
    assert (ids[0], ids[-1], len(set(ids))) == (1, 9, 5)
    assert len(nowhear(*args).stdout.splitlines()) == 6
    short = nowhear("path", 1, 9, "--length", 50, "--m3u8", "--catalog", folder)
    assert len(short.stdout.splitlines()) == 2 + 2 * 8
    assert "a path of 8 only" in short.stderr


def test_nothing_kept_is_said(tmp_path: Path) -> None:
    made_catalog(tmp_path, random_songs(1))
    for words, said in ((["stars"], "no song is starred"), (["playlist", "list"], "no playlist")):
        done = nowhear(*words, "--catalog", tmp_path)
        assert (done.exit_code, done.stdout) == (0, "")
        assert said in done.stderr
        asked = nowhear(*words, "--json", "--catalog", tmp_path)
        assert asked.exit_code == 0
        assert json.loads(asked.stdout) in ([], {"name": "Favourites", "songs": []})


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["stars", "--json", "--csv"], 2, "--json, --csv"),
        (["path", 1, 2, "--length", 2], 2, "--length"),
        (["path", 1, "x"], 2, "valid int"),
        (["path", 1, 99], 1, "no song 99"),
        (["path", 1, 1], 1, "one recording"),
        (["path", 10**30, 1], 1, "no song"),
        (["playlist", "export", 7], 1, "no playlist 7"),
        (["playlist", "export", 10**30], 1, "no playlist"),
    ],
)
def test_what_cannot_be_done(folder: Path, words: list[object], status: int, said: str) -> None:
    done = nowhear(*words, "--catalog", folder)
    assert done.exit_code == status
    assert said in done.stderr


@pytest.mark.parametrize(
    "words", [["stars"], ["playlist", "list"], ["playlist", "export", 1], ["path", 1, 2]]
)
def test_where_there_is_no_catalog(tmp_path: Path, words: list[object]) -> None:
    done = nowhear(*words, "--catalog", tmp_path)
    assert done.exit_code == 1
    assert "no catalog here" in done.stderr
    assert list(settings_at(tmp_path).directory.iterdir()) == []

"""`nowhear attributes`: learnt, filled in, listed; themes rest on what was filled in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from catalog.attribute_heads import StyleLesson
from realtime.cli import attributes, themes
from realtime.cli.attributes_report import print_style
from tests.catalog.attributing import KNOWN, SONGS, attributed_catalog
from tests.catalog.making import made_catalog, random_songs


def nowhear(*args: object) -> Result:
    app = typer.Typer(rich_markup_mode="rich", pretty_exceptions_enable=False)
    attributes.register(app)
    themes.register(app)
    return CliRunner().invoke(app, [str(arg) for arg in args], env={"COLUMNS": "200"})


def as_json(*args: object) -> Any:
    done = nowhear(*args, "--json")
    assert done.exit_code == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A catalog whose heads are learnt."""
    place = tmp_path_factory.mktemp("attributes")
    attributed_catalog(place)
    done = nowhear("attributes", "train", "--data", "made", "--least", 5, "--catalog", place)
    assert done.exit_code == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith("3 genres of made from attributes: learnt from ")
    assert [line.split("  ")[0] for line in lines[2:7]] == [
        "network",
        "logistic regression",
        "k-NN",
        "gradient boosting",
        "largest genre",
    ]
    assert lines[7].startswith(f"attributes from style: {KNOWN} songs have both, tested on ")
    return place


def test_filled_in_and_listed(folder: Path) -> None:
    at = ("--catalog", folder)
    done = nowhear("attributes", "fill", *at)
    assert done.exit_code == 0
    assert done.stdout.splitlines() == [
        f"attributes of {SONGS} of {SONGS} songs: {KNOWN} known from datasets, {SONGS - KNOWN} "
        "told from how they sound",
        f"probable genres of {SONGS - 1} songs that have none of their own",
        f"probable genres of {KNOWN // 10} tracks of made",
    ]
    assert as_json("attributes", "fill", *at)["told"] == SONGS - KNOWN

    listed = as_json("attributes", "list", *at)
    assert len(listed) == SONGS
    first, last = listed[0], listed[-1]
    assert (first["genre"], first["probable_genre"], first["told"]) == ("My own", None, False)
    assert (last["genre"], last["told"]) == (None, True)
    assert 0 < last["probable_genre"]["probability"] <= 1
    shown = nowhear("attributes", "list", f"{SONGS - 1}.mp3", *at).stdout
    assert last["probable_genre"]["genre"] + " (probably, " in shown
    assert "~0." in shown

    tracks = as_json("attributes", "list", "--data", "made", *at)
    assert [track["key"] for track in tracks] == [f"{n:03}" for n in range(0, KNOWN, 10)]
    assert tracks[1]["title"] == "track 010"
    assert "(probably, " in nowhear("attributes", "list", "--data", "made", *at).stdout


def test_themes_rest_on_what_was_filled_in(folder: Path) -> None:
    at = ("--catalog", folder)
    assert nowhear("attributes", "fill", *at).exit_code == 0
    made = as_json("themes", "build", "--count", 4, *at)
    assert (made["by"], made["rows"]) == ("attributes", SONGS)
    assert sum(theme["songs"] for theme in made["themes"]) == SONGS
    assert all(len(theme["profile"]) == 8 for theme in made["themes"])
    assert nowhear("attributes", "fill", *at).exit_code == 0  # colours no map, as there is none


def test_without_a_dataset_it_is_said_what_to_import(tmp_path: Path) -> None:
    made_catalog(tmp_path, random_songs(3))
    done = nowhear("attributes", "train", "--data", "fma", "--catalog", tmp_path)
    assert (done.exit_code, done.stdout) == (1, "")
    assert "no track of a dataset 'fma' has attributes" in done.stderr
    assert "nowhear import echonest FILE" in done.stderr
    filled = nowhear("attributes", "fill", "--catalog", tmp_path)
    assert filled.exit_code == 0
    assert "no head tells attributes from style" in filled.stderr
    listed = as_json("attributes", "list", "--catalog", tmp_path)
    assert [row["attributes"] for row in listed] == [None] * 3
    none = nowhear("attributes", "list", "--data", "fma", "--catalog", tmp_path)
    assert (none.exit_code, none.stdout) == (0, "")
    both = nowhear("attributes", "list", "word", "--data", "fma", "--catalog", tmp_path)
    assert both.exit_code == 2


def test_too_few_songs_that_have_both_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    print_style(StyleLesson(3))
    said = capsys.readouterr().out
    assert "not learnt, since 3 songs of the catalog have both, expected 50 or more" in said

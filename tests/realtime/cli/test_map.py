"""`nowhear map`, and what `add` and `remove` do for the map."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from catalog.catalog import Catalog
from catalog.lock import WriterLock
from catalog.map_file import map_folder, open_map
from catalog.settings import CatalogSettings, MapSettings
from realtime.cli import map as map_commands
from realtime.cli.mapping import keep_map
from tests.catalog.making import SPEC, made_catalog, random_songs


def nowhear(*args: object) -> Result:
    app = typer.Typer(rich_markup_mode="rich", pretty_exceptions_enable=False)
    app.command("other")(lambda: None)  # a single group of commands would lose its name
    map_commands.register(app)
    return CliRunner().invoke(app, [str(arg) for arg in args], env={"COLUMNS": "200"})


def as_json(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, result.stderr
    found: dict[str, Any] = json.loads(result.stdout)
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made_catalog(tmp_path, random_songs(30))
    return tmp_path


def test_build_says_what_it_drew(folder: Path) -> None:
    done = nowhear("map", "build", "--catalog", folder)
    assert done.exit_code == 0
    assert re.fullmatch(r"map of 30 songs drawn by tsne in 0:\d\d\n", done.stdout)
    assert done.stderr == ""
    assert open_map(folder / "map") is not None


def test_build_in_json_with_method_and_seed(folder: Path) -> None:
    args = ("map", "build", "--json", "--catalog", folder, "--method", "pca", "--seed", 9)
    facts = as_json(nowhear(*args))
    assert list(facts) == [
        "songs",
        "method",
        "seed",
        "placed",
        "version",
        "radius",
        "genres",
        "bytes",
        "seconds",
    ]
    assert (facts["songs"], facts["method"], facts["seed"]) == (30, "pca", 9)
    assert (facts["placed"], facts["bytes"]) == (0, 8 + 20 * 30)
    again = as_json(nowhear(*args, "--anew"))
    assert again["version"] == facts["version"]


def test_info_tells_whether_the_map_holds_all_songs(folder: Path) -> None:
    before = as_json(nowhear("map", "info", "--json", "--catalog", folder))
    assert before == {
        "songs": 0,
        "method": None,
        "seed": None,
        "placed": None,
        "version": None,
        "up_to_date": False,
    }
    words = nowhear("map", "info", "--catalog", folder)
    assert (words.exit_code, words.stdout) == (0, "no map; `nowhear map build` draws one\n")

    built = as_json(nowhear("map", "build", "--json", "--catalog", folder, "--method", "pca"))
    facts = as_json(nowhear("map", "info", "--json", "--catalog", folder))
    assert facts["up_to_date"]
    assert facts["version"] == built["version"]
    with Catalog.open(CatalogSettings(directory=folder), SPEC, write=True) as catalog:
        catalog.remove([1])
    assert not as_json(nowhear("map", "info", "--json", "--catalog", folder))["up_to_date"]
    words = nowhear("map", "info", "--catalog", folder)
    assert re.search(r"^method +pca$", words.stdout, re.MULTILINE)
    assert re.search(r"^up_to_date +False$", words.stdout, re.MULTILINE)


def test_an_empty_catalog_has_no_map(tmp_path: Path) -> None:
    made_catalog(tmp_path, [])
    done = nowhear("map", "build", "--catalog", tmp_path)
    assert done.exit_code == 0
    assert done.stdout == "no songs: no map; `nowhear add PATH...` adds some\n"
    assert as_json(nowhear("map", "build", "--json", "--catalog", tmp_path))["songs"] == 0


def test_what_cannot_be_done_is_said_without_a_traceback(folder: Path, tmp_path: Path) -> None:
    none = nowhear("map", "build", "--catalog", tmp_path / "none")
    assert none.exit_code == 1
    assert "no catalog here; `nowhear add" in none.stderr
    for wrong in (("--method", "som"), ("--seed", "-1"), ("--seed", 2**32)):
        assert nowhear("map", "build", "--catalog", folder, *wrong).exit_code == 2
    (folder / "map").mkdir()
    with WriterLock(folder / "map"):
        busy = nowhear("map", "build", "--catalog", folder)
    assert busy.exit_code == 1
    assert "another process" in busy.stderr


def test_umap_that_is_not_installed_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("catalog.map_layout.has_umap", lambda: False)
    done = nowhear("map", "build", "--catalog", folder, "--method", "umap")
    assert done.exit_code == 1
    assert "pip install 'nowhear[map]'" in done.stderr
    assert open_map(folder / "map") is None


def test_songs_that_were_added_are_on_the_map(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Catalog.open(CatalogSettings(directory=folder), SPEC, write=True) as catalog:
        keep_map(catalog, MapSettings())
        assert "map drawn: 30 songs, by tsne" in capsys.readouterr().err
        catalog.insert(random_songs(3, seed=8, prefix="new"))
        keep_map(catalog, MapSettings())
        assert capsys.readouterr().err == ""
        stored = open_map(map_folder(catalog.settings))
        assert stored is not None
        assert (stored.facts.songs, stored.facts.placed) == (33, 3)
        with WriterLock(map_folder(catalog.settings)):
            keep_map(catalog, MapSettings())
        assert "being drawn by another process" in capsys.readouterr().err

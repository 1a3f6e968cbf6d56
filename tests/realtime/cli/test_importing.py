"""`nowhear import` and `nowhear datasets`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from realtime.cli import importing
from realtime.cli.importing import Kind
from tests.catalog.making import made_catalog, random_songs

ARTISTS = "id\tname\turl\tpictureURL\n1\tMALICE MIZER\tu\tp\n2\tDiary of Dreams\tu\tp\nx\ty\tz\tp\n"
PLAYS = "userID\tartistID\tweight\n7\t1\t30\n7\t2\t1\n8\t1\t4\n"


def nowhear(*args: object) -> Result:
    app = typer.Typer(rich_markup_mode="rich", pretty_exceptions_enable=False)
    importing.register(app)
    return CliRunner().invoke(app, [str(arg) for arg in args], env={"COLUMNS": "200"})


def as_json(result: Result) -> Any:
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


@pytest.fixture
def catalog(tmp_path: Path) -> Path:
    made_catalog(tmp_path / "catalog", random_songs(2))
    return tmp_path / "catalog"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "hetrec"
    folder.mkdir()
    (folder / "artists.dat").write_text(ARTISTS)
    (folder / "user_artists.dat").write_text(PLAYS)
    return folder


def test_an_import_in_words(catalog: Path, data: Path) -> None:
    done = nowhear("import", "lastfm", data, "--catalog", catalog)
    assert done.exit_code == 0
    assert done.stderr == f"{data}/artists.dat:4: id is 'x'; expected a whole number\n"
    first, second, third = done.stdout.splitlines()
    assert first.startswith("lastfm: 5 rows read, 1 unreadable, 0 mended, in 0:")
    assert second == "lastfm: 2 tracks, 2 titled, 2 listeners, 3 plays"
    assert third.startswith("lastfm: 0 songs of the catalog joined")


def test_an_import_in_json(catalog: Path, data: Path) -> None:
    for _ in range(2):
        found = as_json(nowhear("import", "lastfm", data, "--json", "--catalog", catalog))
        assert (found["dataset"], found["rows"], found["unreadable"]) == ("lastfm", 5, 1)
        assert (found["tracks"], found["listeners"], found["plays"]) == (2, 2, 3)
        assert found["finished_at"] >= found["started_at"]
        (problem,) = found["problems"]
        assert problem == {
            "file": str(data / "artists.dat"),
            "line": 4,
            "reason": "id is 'x'; expected a whole number",
        }
        assert found["join"]["songs"] == 0
    (listed,) = as_json(nowhear("datasets", "--json", "--catalog", catalog))
    assert listed == {name: found[name] for name in listed}


def test_datasets_in_words(catalog: Path, data: Path) -> None:
    none = nowhear("datasets", "--catalog", catalog)
    assert (none.exit_code, none.stdout) == (0, "")
    assert "nowhear import DATASET PATH" in none.stderr
    nowhear("import", "lastfm", data, "--catalog", catalog)
    done = nowhear("datasets", "--catalog", catalog)
    assert done.stdout == "lastfm: 2 tracks, 2 titled, 2 listeners, 3 plays\n"


def test_joining(catalog: Path, tmp_path: Path) -> None:
    folder = tmp_path / "fma"
    folder.mkdir()
    (folder / "genres.csv").write_text("genre_id,#tracks,parent,title,top_level\n1,2,0,Pop,1\n")
    nowhear("import", "fma", folder, "--catalog", catalog)
    (joined,) = as_json(nowhear("datasets", "join", "--json", "--catalog", catalog))
    assert (joined["dataset"], joined["songs"], joined["by_name"]) == ("fma", 0, 0)
    done = nowhear("datasets", "join", "--catalog", catalog)
    assert done.stdout.startswith("fma: 0 songs of the catalog joined; tracks by id 0, by path 0")


def test_what_is_not_there_is_said(catalog: Path, tmp_path: Path) -> None:
    for path, message in ((tmp_path / "no", "no such file"), (tmp_path, "nothing of FMA here")):
        done = nowhear("import", "fma", path, "--catalog", catalog)
        assert (done.exit_code, done.stdout) == (1, "")
        assert message in done.stderr
        assert "Traceback" not in done.stderr


def test_an_import_of_nothing_fails(catalog: Path, data: Path) -> None:
    (data / "user_artists.dat").unlink()
    (data / "artists.dat").write_text(ARTISTS.splitlines()[0] + "\nx\ty\tz\tp\n")
    assert nowhear("import", "lastfm", data, "--catalog", catalog).exit_code == 1


def test_a_dataset_that_is_none_is_wrong_use(catalog: Path, data: Path) -> None:
    done = nowhear("import", "vinyl", data, "--catalog", catalog)
    assert done.exit_code == 2
    assert "tasteprofile" in done.stderr


def test_every_kind_is_offered() -> None:
    from catalog.imports.run import KINDS

    assert tuple(Kind) == KINDS


def test_where_no_catalog_is_an_empty_one_is_made(tmp_path: Path, data: Path) -> None:
    folder = tmp_path / "new"
    found = as_json(nowhear("import", "lastfm", data, "--json", "--catalog", folder))
    assert found["plays"] == 3
    assert (folder / "catalog.sqlite").is_file()

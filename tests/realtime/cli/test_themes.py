"""`nowhear themes`: built, listed, played, drawn; and what cannot be done is said."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from catalog import theme_clusters
from catalog.catalog import Catalog
from catalog.lock import WriterLock
from catalog.map_building import build_map
from catalog.map_file import map_folder, open_map
from catalog.settings import CatalogSettings, MapSettings
from realtime.cli import themes
from tests.catalog.making import SPEC, made_catalog
from tests.catalog.test_theme_building import EACH, KINDS, sounding


@pytest.fixture(autouse=True)
def _few_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted groups lie so far apart that few starts find them."""
    monkeypatch.setattr(theme_clusters, "STARTS", 4)
    monkeypatch.setattr(theme_clusters, "STARTS_OF_HALVES", 2)
    monkeypatch.setattr(theme_clusters, "PAIRS", 2)


def nowhear(*args: object) -> Result:
    app = typer.Typer(rich_markup_mode="rich", pretty_exceptions_enable=False)
    app.command("other")(lambda: None)  # a single group of commands would lose its name
    themes.register(app)
    return CliRunner().invoke(app, [str(arg) for arg in args], env={"COLUMNS": "200"})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A catalog with a map; its tests build the same themes."""
    place = tmp_path_factory.mktemp("themes")
    made_catalog(place, [sounding(kind, n) for kind in range(KINDS) for n in range(EACH)])
    with Catalog.open(CatalogSettings(directory=place), SPEC) as catalog:
        build_map(catalog, MapSettings(method="pca"))
    return place


def test_before_there_are_themes(tmp_path: Path) -> None:
    made_catalog(tmp_path, [sounding(0, 1)])
    shown = nowhear("themes", "list", "--catalog", tmp_path)
    assert (shown.exit_code, shown.stdout) == (0, "")
    assert "`nowhear themes build` finds some" in shown.stderr
    as_json = nowhear("themes", "list", "--json", "--catalog", tmp_path)
    assert json.loads(as_json.stdout) == {"themes": []}
    none = nowhear("themes", "songs", 0, "--catalog", tmp_path)
    assert (none.exit_code, none.stdout) == (1, "")
    assert "no theme 0 in this catalog" in none.stderr


def test_built_listed_and_played(folder: Path) -> None:
    built = nowhear("themes", "build", "--catalog", folder, "--count", KINDS)
    assert built.exit_code == 0, built.stderr
    lines = built.stdout.splitlines()
    assert lines[0] == f"{KINDS} themes of {KINDS * EACH} songs, by style"
    assert {line.split()[1] for line in lines[2:]} == {"low", "middle", "high", "mixed"}
    assert nowhear("themes", "list", "--catalog", folder).stdout == built.stdout

    found = json.loads(nowhear("themes", "list", "--json", "--catalog", folder).stdout)
    assert (found["by"], found["data"], found["rows"]) == ("style", None, KINDS * EACH)
    assert [one["theme"] for one in found["themes"]] == list(range(KINDS))
    assert [one["songs"] for one in found["themes"]] == [EACH] * KINDS
    stored = open_map(map_folder(CatalogSettings(directory=folder)))
    assert stored is not None
    assert list(stored.map.themes) == [one["name"] for one in found["themes"]]

    songs = nowhear("themes", "songs", 0, "--json", "--catalog", folder)
    first = [song["song"] for song in json.loads(songs.stdout)]
    assert len(first) == EACH
    assert set(found["themes"][0]["typical"]) == set(first)
    playlist = nowhear("themes", "songs", 0, "--m3u8", "--catalog", folder).stdout
    assert playlist.startswith("#EXTM3U")
    assert playlist.count("/music/") == EACH
    assert len(nowhear("themes", "songs", 0, "--catalog", folder).stdout.splitlines()) == EACH + 1


@pytest.mark.parametrize("ending", ["svg", "png"])
def test_the_numbers_tried_are_drawn(folder: Path, tmp_path: Path, ending: str) -> None:
    pytest.importorskip("matplotlib")
    plot = tmp_path / f"themes.{ending}"
    config = tmp_path / "config.yaml"
    config.write_text("themes: {fewest: 4, most: 5}\n")
    done = nowhear("themes", "build", "--catalog", folder, "--config", config, "--plot", plot)
    assert done.exit_code == 0, done.stderr
    head = plot.read_bytes()[:200]
    assert head.startswith(b"\x89PNG") if ending == "png" else b"<?xml" in head


def test_what_cannot_be_done_is_said(folder: Path) -> None:
    def refused(*args: object, status: int = 1) -> str:
        done = nowhear("themes", *args, "--catalog", folder)
        assert (done.exit_code, done.stdout) == (status, "")
        return " ".join(done.stderr.split())

    assert "no track of a dataset 'fma' has attributes" in refused("build", "--data", "fma")
    assert "no song of this catalog has attributes" in refused("build", "--by", "attributes")
    assert f"99 themes of {KINDS * EACH} songs" in refused("build", "--count", 99)
    assert "expected a name that ends in" in refused("build", "--plot", "x.docx", status=2)
    assert "give one of --json, --m3u8" in refused("songs", 0, "--json", "--m3u8", status=2)
    refused("build", "--count", 0, status=2)
    refused("songs", -1, status=2)
    (folder / "themes").mkdir(exist_ok=True)
    with WriterLock(folder / "themes"):
        assert "another process" in refused("build")


def test_a_map_that_is_being_drawn_is_coloured_later(folder: Path) -> None:
    with WriterLock(map_folder(CatalogSettings(directory=folder))):
        done = nowhear("themes", "build", "--catalog", folder, "--count", 2)
    assert done.exit_code == 0
    assert "being drawn by another process" in done.stderr

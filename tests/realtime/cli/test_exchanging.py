"""`nowhear export` and `import-features` on a catalog of a real encoder."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from catalog.catalog import Catalog
from catalog.demo import demo_clips
from realtime.cli.main import app
from tests.catalog.making import contents, made_catalog, random_songs, settings_at

RUN = CliRunner()


def run(*words: str | Path) -> str:
    done = RUN.invoke(app, [str(word) for word in words])
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with music, settings, and a catalog of it."""
    folder = tmp_path_factory.mktemp("exchange")
    (folder / "music").mkdir()
    for clip in demo_clips()[:2]:
        shutil.copy(clip, folder / "music")
    settings = {"encoder": {"style": "network", "threads": 1}, "catalog": {"workers": 1}}
    (folder / "c.yaml").write_text(yaml.safe_dump(settings))
    run("add", folder / "music", "--catalog", folder / "catalog", "--config", folder / "c.yaml")
    return folder


@pytest.mark.parametrize("ending", [".h5", ".parquet", ".npz"])
def test_a_catalog_goes_and_comes(ending: str, home: Path, tmp_path: Path) -> None:
    file = tmp_path / f"songs{ending}"
    told = json.loads(run("export", "features", file, "--catalog", home / "catalog", "--json"))
    assert told == {"songs": 2, "file": str(file), "bytes": file.stat().st_size}
    other = tmp_path / "other"
    config = home / "c.yaml"
    command = ("import-features", file, "--catalog", other, "--config", config)
    assert json.loads(run(*command, "--json"))["added"] == 2
    assert contents(settings_at(other)) == contents(settings_at(home / "catalog"))
    assert "0 added, 2 unchanged, 0 skipped" in run(*command)
    added = run("add", home / "music", "--catalog", other, "--config", config)
    assert "2 unchanged" in added  # no file is heard again


def test_songs_are_found_again_where_their_files_are_now(home: Path, tmp_path: Path) -> None:
    file, moved = tmp_path / "songs.npz", tmp_path / "moved"
    run("export", "features", file, "--catalog", home / "catalog")
    shutil.copytree(home / "music", tmp_path / "music")
    config = home / "c.yaml"
    run("add", tmp_path / "music", "--catalog", tmp_path / "a", "--config", config)
    away = tmp_path / "away.npz"
    run("export", "features", away, "--catalog", tmp_path / "a")
    (tmp_path / "music").rename(moved)
    other = tmp_path / "b"
    told = run("import-features", away, "--catalog", other, "--config", config)
    assert "2 of them have no file here" in told
    run("add", moved, "--catalog", other, "--config", config)
    with Catalog.open(settings_at(other), None) as catalog:
        assert [song.path.parent for song in catalog.songs()] == [moved, moved]
        assert [song.id for song in catalog.songs()] == [1, 2]


def test_another_encoders_vectors_are_refused_by_name(home: Path, tmp_path: Path) -> None:
    theirs = made_catalog(tmp_path / "theirs", random_songs(2)).directory
    file = tmp_path / "songs.npz"
    run("export", "features", file, "--catalog", theirs)
    for catalog in (home / "catalog", tmp_path / "new"):
        command = ["import-features", file, "--catalog", catalog, "--config", home / "c.yaml"]
        done = RUN.invoke(app, [str(word) for word in command])
        assert done.exit_code == 1
        assert f"'bands' with fingerprint '{'b' * 64}'" in done.stderr
        assert "'nowhear-net'" in done.stderr
    assert not (tmp_path / "new").exists()


def test_the_projectors_files_are_written(home: Path, tmp_path: Path) -> None:
    out = tmp_path / "projector"
    assert "2 songs; tensorboard --logdir" in run(
        "export", "projector", out, "--catalog", home / "catalog"
    )
    assert {path.name for path in out.iterdir()} == {
        "projector_config.pbtxt",
        "vectors.tsv",
        "metadata.tsv",
        "sprite.png",
    }
    assert len((out / "metadata.tsv").read_text().splitlines()) == 3
    told = run("export", "projector", out, "--sprites", "none", "--catalog", home / "catalog",
               "--json")  # fmt: skip
    assert json.loads(told) == {"songs": 2, "folder": str(out)}
    assert "sprite" not in (out / "projector_config.pbtxt").read_text()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("export", "features", "songs.txt"), "ends in '.txt', expected one of .h5"),
        (("import-features", "none.npz"), "is no NPZ file that can be read"),
    ],
)
def test_what_cannot_be_done_is_told(words: tuple[str, ...], message: str, home: Path) -> None:
    done = RUN.invoke(app, [*words, "--catalog", str(home / "catalog")])
    assert done.exit_code == 1
    assert message in done.stderr
    assert "Traceback" not in done.output

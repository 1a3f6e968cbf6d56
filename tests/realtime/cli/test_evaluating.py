"""The command `eval identify`, run in this process with the real network on demo clips."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from catalog.demo import demo_clips
from realtime.cli import evaluating
from tests.realtime.evaluation.test_recordings import noise, write_wav

Nowhear = Callable[..., Any]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Songs, one of them in an album of its own, an outsider, and noise."""
    root = tmp_path_factory.mktemp("evaluating")
    clips = demo_clips()
    for name, clip in (("songs/a", clips[3]), ("songs/album/b", clips[6]), ("out/c", clips[9])):
        path = root / f"{name}{clip.suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(clip, path)
    write_wav(root / "noise/hiss.wav", noise(20))
    (root / "empty").mkdir()
    (root / "c.yaml").write_text("encoder: {style: network, threads: 1}\n")
    return root


@pytest.fixture
def nowhear(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Nowhear:
    """Runs the command there; its result has standard output and error apart."""
    monkeypatch.chdir(folder)
    app = typer.Typer(rich_markup_mode="rich", pretty_exceptions_enable=False)
    evaluating.register(app)

    def run(*args: str) -> Any:
        argv = ["eval", "identify", "--config", "c.yaml", "--no-audiolocate", *args]
        return CliRunner().invoke(app, argv)

    return run


FEW = ("--conditions", "clean,noise-10", "--queries", "2", "--lengths", "2,4")


def test_songs_are_named_and_all_is_counted(nowhear: Nowhear, folder: Path) -> None:
    wishes = ("--outsiders", "out", "--noise", "noise", "--leave-out", "--live", "0.001")
    done = nowhear("songs", *FEW, *wishes, "--json", "r.json", "--catalog", "kept")
    assert done.exit_code == 0, done.stderr
    report = json.loads((folder / "r.json").read_text())
    assert [(c["condition"], c["length_s"]) for c in report["cells"]] == [
        ("clean", 2.0), ("clean", 4.0), ("noise-10", 2.0), ("noise-10", 4.0),
    ]  # fmt: skip
    for cell in report["cells"]:
        assert cell["right"]["trials"] == 2
        assert cell["outsiders"]["trials"] == 4  # two places of the outsider, one of each song
    clean = report["cells"][1]
    assert clean["right"]["hits"] == clean["position"]["hits"] == 2
    assert clean["outsiders"]["hits"] == 0
    assert len(report["trials"]) == 2 * 2 * (2 + 4)
    found = [t for t in report["trials"] if not t["outsider"] and t["condition"] == "clean"]
    assert all(t["answer"] == t["song"] for t in found)
    assert all(0.5 < t["score"] <= 1 and 0 < t["confidence"] <= 1 for t in found)
    assert len(report["live"]["timings"]) == 2
    assert report["live"]["timings"][0]["named"] is not None
    assert set(report["live"]["false_names"]) == {"music outside the catalog", "noise alone"}
    assert "| songs in the catalog | 2 |" in done.stdout
    assert re.search(r"\| clean \| 2 \| 100\.0 \(34\.2-100\.0\) \|", done.stdout)
    assert "places in songs: 2 of 4" in done.stderr


def test_a_seed_and_a_kept_catalog_give_the_same_again(nowhear: Nowhear, folder: Path) -> None:
    runs = [
        nowhear("songs", *FEW[:1], "clean", *FEW[2:], "--catalog", "same", "--seed", "4", *more)
        for more in ((), (), ("--distractors", "out"))
    ]
    assert [done.exit_code for done in runs] == [0, 0, 0], runs[0].stderr
    assert runs[0].stdout == runs[1].stdout
    assert "| songs in the catalog | 3 |" in runs[2].stdout
    assert (folder / "same/catalog.sqlite").is_file()


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("nowhere",), "nowhere: no such folder"),
        (("songs/a.opus",), "is no folder"),
        (("songs", "--noise", "nowhere"), "nowhere: no such folder"),
        (("songs", "--distractors", "nowhere"), "nowhere: no such folder"),
        (("songs", "--conditions", "clean,nois"), "unknown condition nois"),
        (("songs", "--conditions", "noise-5"), "noise-5 needs a folder: add --noise DIR"),
        (("songs", "--conditions", "speech"), "speech needs a folder: add --speech DIR"),
        (("songs", "--lengths", "0.5"), "expected seconds from 1 to 60"),
        (("songs", "--lengths", "two"), "expected seconds from 1 to 60"),
        (("songs", "--live", "1"), "add --noise DIR"),
        (("songs", "--json", "no/r.json"), "there is no folder no"),
        (("songs", "--plot", "empty"), "is a folder"),
    ],
)
def test_wrong_use(nowhear: Nowhear, args: tuple[str, ...], words: str) -> None:
    done = nowhear(*args)
    assert done.exit_code == 2
    told = " ".join(re.sub(r"[│╭╮╰╯─]", " ", done.stderr).split())
    assert words in told
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("empty",), "empty: holds no song that could be added"),
        (("songs", "--outsiders", "empty"), "holds no audio file that can be decoded"),
        (("songs", "--outsiders", "songs"), "is in the catalog, so it is no outsider"),
        (("songs", "--noise", "empty"), "no audible recording found"),
    ],
)
def test_folders_that_do_not_serve(nowhear: Nowhear, args: tuple[str, ...], words: str) -> None:
    done = nowhear(*args, "--conditions", "clean")
    assert done.exit_code == 1
    assert words in " ".join(done.stderr.split())


def test_conditions_that_lack_something_are_left_out_aloud(nowhear: Nowhear) -> None:
    done = nowhear("empty", "--noise", "noise")
    assert "left out room-5: needs a folder: add --rooms DIR" in done.stderr
    assert "left out speech: needs a folder: add --speech DIR" in done.stderr
    assert "left out noise-5" not in done.stderr

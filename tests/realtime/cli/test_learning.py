"""`nowhear train genre` and `train tags`: a made dataset in FMA's and Last.fm's layout, imported,
learnt from the small network's styles, from features and from sound."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml
from typer.testing import CliRunner

from catalog.learning.feature_table import HEADS
from encoder.heads import load_head
from encoder.network import SHIPPED_NETWORK, NetworkEncoder
from encoder.settings import EncoderSettings
from encoder.tuned_net import load_tuned
from realtime.cli.main import app
from tests.catalog.learning.making import GENRES, SPLITS, write_tones

RUN = CliRunner()
TRACKS = 20


def split_of(number: int) -> str:
    return SPLITS[number // 2 % len(SPLITS)]


def write_metadata(folder: Path) -> None:
    """`tracks.csv` with its header of three lines, and `features.csv` with four."""
    folder.mkdir()
    columns = [("artist", "name"), ("set", "split"), ("track", "genre_top"), ("track", "title")]
    with (folder / "tracks.csv").open("w", newline="") as file:
        out = csv.writer(file)
        out.writerows([["", *(c[level] for c in columns)] for level in (0, 1)])
        out.writerow(["track_id", "", "", "", ""])
        for n in range(TRACKS):
            out.writerow([n, f"artist {n}", split_of(n), GENRES[n % 2], f"tune {n}"])
    rng = np.random.default_rng(0)
    with (folder / "features.csv").open("w", newline="") as file:
        out = csv.writer(file)
        out.writerows([[HEADS[level], *("zcr" for _ in range(4))] for level in range(3)])
        out.writerow(["track_id", "", "", "", ""])
        for n in range(TRACKS):
            out.writerow([n, *(np.full(4, n % 2 * 4.0) + rng.normal(size=4)).round(4)])


def write_lastfm(folder: Path, clips: list[Path]) -> None:
    """A JSON file a track, and the audio under the tracks' ids."""
    for n, clip in enumerate(clips):
        name = f"TRAAAAA{n:011X}"
        part = "lastfm_test" if split_of(n) == "test" else "lastfm_train"
        place = folder / part / "A" / "A" / "A"
        place.mkdir(parents=True, exist_ok=True)
        tags = [[GENRES[n % 2].lower(), "100"], ["tone", "50"], ["rare", "1"]][: 2 + (n == 3)]
        record = {"artist": f"artist {n}", "title": f"tune {n}", "track_id": name, "tags": tags}
        (place / f"{name}.json").write_text(json.dumps(record | {"similars": []}))
        (folder / "audio").mkdir(exist_ok=True)
        (folder / "audio" / f"{name}.wav").symlink_to(clip)


@pytest.fixture(scope="module", autouse=True)
def quick() -> Iterator[None]:
    """One weight decay instead of three."""
    torch.set_num_threads(1)  # threads that share every small operation wait for each other
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("catalog.learning.comparing.WEIGHT_DECAYS", (0.1,))
        yield


@pytest.fixture(scope="module")
def options(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """`--catalog` and `--config` of a catalog with both datasets imported by the commands."""
    folder = tmp_path_factory.mktemp("learning")
    clips = write_tones(folder / "fma" / "fma_small", TRACKS, rate_hz=16_000)
    write_metadata(folder / "fma" / "fma_metadata")
    write_lastfm(folder / "msd", clips)
    config = folder / "config.yaml"
    config.write_text(yaml.safe_dump({"encoder": {"style": "network", "threads": 1}}))
    chosen = ["--catalog", str(folder / "catalog"), "--config", str(config)]
    for name in ("fma", "msd"):
        done = RUN.invoke(app, ["import", name, str(folder / name), *chosen])
        assert done.exit_code == 0, done.output
    return chosen


def place_of(options: list[str]) -> Path:
    return Path(options[1])


def test_genres_are_learnt_and_the_best_head_is_kept(options: list[str]) -> None:
    command = ["train", "genre", "--least", "1", "--device", "cpu", "--json", *options]
    done = RUN.invoke(app, command)
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["names"] == list(GENRES)
    assert told["tracks"] == {"training": 12, "validation": 4, "test": 4}
    assert [way["method"] for way in told["methods"]] == ["k-NN (k=5)", "linear", "hidden 128"]
    for way in told["methods"]:
        assert way["test"]["accuracy"] == 1
        assert way["test"]["confusion"] == [[2, 0], [0, 2]]
    spec = NetworkEncoder(EncoderSettings(style="network", device="cpu", threads=1)).spec
    head = load_head(place_of(options) / "heads" / "genre-fma.safetensors", input=spec.fingerprint)
    assert str(place_of(options) / "heads" / "genre-fma.safetensors") == told["model"]
    assert head.names == GENRES
    assert head.figures["test"] == 1


def test_people_get_tables(options: list[str], tmp_path: Path) -> None:
    out = tmp_path / "best.safetensors"
    command = ["train", "genre", "--least", "1", "--device", "cpu", "--out", str(out), *options]
    done = RUN.invoke(app, command)
    assert done.exit_code == 0, done.output
    for words in ("12 training, 4 validation, 4 test", "k-NN (k=5)", "1 Deep", "1.000"):
        assert words in done.stdout
    assert out.exists()


def test_genres_are_learnt_from_features(options: list[str], tmp_path: Path) -> None:
    features = place_of(options).parent / "fma" / "fma_metadata" / "features.csv"
    out = tmp_path / "best.safetensors"
    command = ["train", "genre", "--least", "1", "--features", str(features), "--out", str(out)]
    done = RUN.invoke(app, [*command, "--device", "cpu", "--json", *options])
    assert done.exit_code == 0, done.output
    assert min(way["test"]["accuracy"] for way in json.loads(done.stdout)["methods"]) == 1
    assert load_head(out).width == 4


def test_the_network_is_tuned_to_sound(options: list[str], tmp_path: Path) -> None:
    out = tmp_path / "best.safetensors"
    command = ["train", "genre", "--least", "1", "--finetune", "--epochs", "0", "--out", str(out)]
    done = RUN.invoke(app, [*command, "--device", "cpu", "--json", *options])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    tuned = told["methods"][-1]
    assert tuned["method"] == "fine-tuned network (0 epochs)"
    assert tuned["test"]["accuracy"] == 1
    if told["best"] == tuned["method"]:
        assert load_tuned(out).names == GENRES
    else:
        assert load_head(out).names == GENRES
    assert SHIPPED_NETWORK.exists()


def test_tags_are_learnt_with_areas_each(options: list[str], tmp_path: Path) -> None:
    out = tmp_path / "tags.safetensors"
    command = ["train", "tags", "--least", "2", "--least-weight", "50", "--out", str(out)]
    done = RUN.invoke(app, [*command, "--device", "cpu", *options])
    assert done.exit_code == 0, done.output
    assert "deep" in done.stdout
    assert "high" in done.stdout
    assert "tone" not in done.stdout
    head = load_head(out)
    assert (head.kind, sorted(head.names)) == ("labels", ["deep", "high"])
    assert head.figures["test"] == 1  # ROC-AUC


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--data", "spotify"], "no dataset 'spotify' here, imported are fma, msd"),
        (["--least", "11"], "genres of fewer than 11 tracks"),
    ],
)
def test_what_cannot_be_learnt_is_told(more: list[str], message: str, options: list[str]) -> None:
    done = RUN.invoke(app, ["train", "genre", "--device", "cpu", *more, *options])
    assert done.exit_code == 1
    assert message in " ".join(done.stderr.split())
    assert "Traceback" not in done.output


def test_a_table_that_is_none_is_told(options: list[str], tmp_path: Path) -> None:
    table = tmp_path / "features.csv"
    table.write_text("a,b\n1,2\n")
    done = RUN.invoke(app, ["train", "genre", "--least", "1", "--features", str(table), *options])
    assert done.exit_code == 1
    assert "expected feature, statistics, number, track_id" in done.stderr
    none = RUN.invoke(app, ["train", "genre", "--features", str(tmp_path / "x"), *options])
    assert none.exit_code == 2

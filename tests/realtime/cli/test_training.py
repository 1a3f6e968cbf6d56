"""`nowhear train fingerprint`: two clips, the real teacher, few steps; errors without traces."""

import json
import os
import shutil
import signal
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from catalog.demo import demo_clips
from encoder.embedding import load_encoder
from encoder.settings import EncoderSettings
from encoder.training.moments import hold_out
from encoder.training.settings import TrainSettings
from realtime.cli.main import app
from realtime.cli.start import INTERRUPTED
from realtime.cli.training import _print_report
from tests.encoder.made_music import write_wave
from tests.encoder.training.material import sounds

RUN = CliRunner()
ARTISTS = ("a", "b")
HELD_OUT = 0.6

PLAIN = {
    name: 0.0 for name in type(TrainSettings().spoil).model_fields if name.endswith("_chance")
} | {"shift_s": 0.0}
"""Nothing is spoiled but in volume: so few steps then show beyond doubt that the loss falls."""

CONFIG = {
    "batch_pairs": 8,
    "shard_pairs": 8,
    "learning_rate": 3e-3,
    "warmup_steps": 2,
    "decay_share": 0,
    "precision": "float32",
    "device": "cpu",
    "held_out": HELD_OUT,
    "validate_every": 100,
    "validation_queries": 2,
    "channels": [4, 4, 8, 8, 8],
    "hidden": 16,
    "spoil": PLAIN,
}


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two clips of two artists, and a recording of each kind to spoil them with."""
    folder = tmp_path_factory.mktemp("material")
    for artist, clip in zip(ARTISTS, demo_clips(), strict=False):
        (folder / "music" / artist).mkdir(parents=True)
        shutil.copy(clip, folder / "music" / artist)
    for name, sound in sounds().items():
        write_wave(folder / name / "one.wav", sound)
    (folder / "c.yaml").write_text(yaml.safe_dump(CONFIG))
    return folder


def train(material: Path, run: Path, *more: str) -> tuple[int, str, str]:
    argv = ["train", "fingerprint", "--out", str(run), "--cache", str(material / "cache")]
    argv += ["--config", str(material / "c.yaml"), "--threads", "1", *more]
    done = RUN.invoke(app, argv)
    assert "Traceback" not in done.stderr
    return done.exit_code, done.stdout, done.stderr


@pytest.fixture(scope="module")
def folders(material: Path) -> list[str]:
    """The arguments that name the sound."""
    spoil = [f"--{kind}={material / kind}" for kind in sounds()]
    return [str(material / "music"), *spoil]


def test_one_artist_is_held_out() -> None:
    assert hold_out(tuple(f"{artist}/x" for artist in ARTISTS), HELD_OUT) == ([0], [1])


def test_the_loss_falls_and_a_stopped_run_goes_on(
    material: Path, folders: list[str], tmp_path: Path
) -> None:
    run = tmp_path / "run"
    status, _, said = train(material, run, *folders, "--steps", "100", "--stop-after", "0")
    assert status == 0
    assert "music: 2 files, 0 left out" in said
    assert "asking the teacher about 2 tracks" in said
    assert "stopped after step 0 of 100; the same command goes on" in said

    status, out, said = train(material, run, "--steps", "100", "--json")
    assert status == 0
    assert "asking the teacher" not in said  # the cache holds its answers
    first, second, validated = (json.loads(line) for line in out.splitlines())
    assert [first["step"], second["step"], validated["step"]] == [50, 100, 100]
    for loss in ("contrastive", "style", "tags"):
        assert second[loss] < first[loss], loss
    assert validated["hits"]["clean"]["song"] == 1.0  # there is one song to find

    weights = run / "weights.safetensors"
    assert f"done: {weights}" in said
    encoder = load_encoder(EncoderSettings(device="cpu", style="network", network=weights))
    assert encoder.spec.tags[0] == "rock"


def test_ctrl_c_leaves_a_checkpoint_and_reports_can_be_read(
    material: Path, folders: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Sent by what the command itself calls after 50 steps, since a test cannot press the keys.
    def press(record: dict[str, Any]) -> None:
        _print_report(record)
        os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr("realtime.cli.training._print_report", press)
    status, out, said = train(material, tmp_path, *folders, "--steps", "200")
    assert status == INTERRUPTED
    assert "stopped after step 50 of 200; the same command goes on" in said
    assert (tmp_path / "checkpoint.pt").exists()
    assert out.startswith("step 50: contrastive ")
    assert "pairs_per_s" in out


@pytest.mark.parametrize(
    ("more", "status", "words"),
    [
        (["--config", "none.yaml"], 1, "cannot read none.yaml"),
        (["--steps", "0"], 1, "settings: steps: Input should be greater than or equal to 1"),
        (["--device", "tpu"], 2, "tpu"),
        (["--music"], 2, "--music"),
        (["no-such-folder"], 1, "no-such-folder is not a folder"),
    ],
)
def test_wrong_use_is_a_message(
    more: list[str], status: int, words: str, material: Path, tmp_path: Path
) -> None:
    found, out, said = train(material, tmp_path / "run", *more)
    assert found == status
    assert words in said
    assert out == ""


def test_an_empty_cache_says_what_to_give(tmp_path: Path) -> None:
    done = RUN.invoke(app, ["train", "fingerprint", "--out", str(tmp_path)])
    assert done.exit_code == 1
    assert "name a folder of music to decode" in done.stderr

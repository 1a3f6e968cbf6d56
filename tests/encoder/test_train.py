"""The command: trains, goes on, refuses what is wrong; two processes do what one does."""

import hashlib
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import torch
import yaml

from encoder.model_file import read_net
from encoder.train import main
from tests.encoder.training.material import QUICK, lay_down

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lay_down(tmp_path_factory.mktemp("material"))


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("config") / "train.yaml"
    changed = QUICK.model_dump(mode="json", exclude_defaults=True) | {"memory": 6}
    path.write_text(yaml.safe_dump(changed), encoding="utf-8")
    return path


def weights(run: Path) -> torch.Tensor:
    net, _ = read_net(run / "weights.safetensors")
    return torch.cat([p.flatten() for p in net.parameters()])


def test_a_run_can_be_made_longer(
    cache: Path, config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(folder: str, *more: str) -> None:
        arguments = [str(tmp_path / folder), "--cache", str(cache), "--config", str(config), *more]
        assert main(arguments) == 0, capsys.readouterr().err

    run("short", "--steps", "2")
    settings = json.loads((tmp_path / "short" / "settings.json").read_text())
    assert settings["steps"] == 2
    run("short")
    run("long")
    assert torch.equal(weights(tmp_path / "short"), weights(tmp_path / "long"))


def test_a_run_begins_with_the_weights_of_another(
    cache: Path, config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    usual = ["--cache", str(cache), "--config", str(config)]
    first = tmp_path / "first" / "weights.safetensors"
    assert main([str(tmp_path / "first"), *usual]) == 0
    assert main([str(tmp_path / "second"), *usual, "--begin", str(first), "--stop-after", "0"]) == 0
    assert torch.equal(weights(tmp_path / "second"), weights(tmp_path / "first"))
    begun = json.loads((tmp_path / "second" / "settings.json").read_text())["begun_from"]
    assert begun == hashlib.sha256(first.read_bytes()).hexdigest()
    # It goes on with the same command, not with another beginning.
    assert main([str(tmp_path / "second"), *usual]) == 1
    assert "a run with another begun_from" in capsys.readouterr().err


def test_two_processes_end_like_one(cache: Path, config: Path, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    arguments = ["--cache", str(cache), "--config", str(config), "--threads", "1"]
    assert main([str(tmp_path / "one"), *arguments]) == 0
    launcher = ["-m", "torch.distributed.run", "--nproc_per_node", "2"]
    address = ["--master_addr", "127.0.0.1", "--master_port", str(port)]
    program = ["-m", "encoder.train", str(tmp_path / "two")]
    done = subprocess.run(
        [sys.executable, *launcher, *address, *program, *arguments],
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    torch.testing.assert_close(
        weights(tmp_path / "two"), weights(tmp_path / "one"), atol=1e-5, rtol=0
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("seeds: 1", "seeds: Extra inputs are not permitted"),
        ("batch_pairs: 5\nshard_pairs: 2", "batch_pairs 5 is no multiple of shard_pairs 2"),
        ("a: [", "cannot read"),
    ],
)
def test_wrong_settings_are_refused(
    text: str, words: str, cache: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(text)
    assert main([str(tmp_path / "run"), "--cache", str(cache), "--config", str(path)]) == 1
    assert words in capsys.readouterr().err


def test_an_empty_cache_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "run"), "--cache", str(tmp_path)]) == 1
    assert "there is no corpus at" in capsys.readouterr().err

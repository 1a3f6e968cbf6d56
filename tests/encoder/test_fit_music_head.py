"""The command that fits the music head: from folders to a file, and to a judgement."""

import json
from pathlib import Path

import numpy as np
import pytest

from encoder.fit_music_head import main
from encoder.music_head import MusicHead, read_head, write_head
from encoder.musicnn_encoder import MusicnnEncoder
from encoder.settings import EncoderSettings
from tests.encoder.made_music import RATE_HZ, song, write_wave

QUICK = ["--spoiled", "4", "--stretches", "4", "--device", "cpu"]


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sounds")
    rng = np.random.default_rng(1)
    write_wave(folder / "music" / "a.wav", song(0, 8.0))
    write_wave(folder / "noise" / "b.wav", rng.uniform(-0.3, 0.3, 8 * RATE_HZ).astype(np.float32))
    murmur = np.cumsum(rng.normal(0, 0.01, 6 * RATE_HZ))
    write_wave(folder / "speech" / "c.wav", (murmur % 0.3).astype(np.float32))
    return folder


def kinds(folder: Path) -> list[str]:
    return [f"--{kind}={folder / kind}" for kind in ("music", "noise", "speech")]


def test_folders_become_a_head_that_is_judged(
    folders: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cache, out = tmp_path / "cache", tmp_path / "head.safetensors"
    arguments = ["--cache", str(cache), "--out", str(out), "--judge", str(cache), *QUICK]
    assert main([*arguments, *kinds(folders)]) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["kind"] for one in told[:3]] == ["music", "noise", "speech"]
    assert all(one["windows_wrong_percent"] == 0 for one in told[:3])  # it was fitted to them
    encoder = MusicnnEncoder(EncoderSettings(device="cpu", threads=1))
    assert read_head(out).fingerprint == encoder.spec.fingerprint
    written = out.read_bytes()
    assert main([*arguments, "--judge-only"]) == 0
    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == told
    assert main(arguments) == 0  # the cache holds what it needs
    assert out.read_bytes() == written


def test_missing_sound_is_asked_for(
    folders: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "head.safetensors"
    given = [*kinds(folders)[:1], "--cache", str(tmp_path), "--out", str(out), *QUICK]
    assert main(given) == 1
    assert "name a folder of noise to decode" in capsys.readouterr().err
    assert not out.exists()


def test_the_head_of_another_encoder_is_not_judged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "head.safetensors"
    write_head(out, MusicHead(np.zeros(200), bias=0.0, fingerprint="ab" * 32), made={})
    given = ["--cache", str(tmp_path), "--out", str(out), "--judge", str(tmp_path), *QUICK]
    assert main([*given, "--judge-only"]) == 1
    assert f"is for the encoder {'ab' * 8}" in capsys.readouterr().err
    out.unlink()
    assert main([*given, "--judge-only"]) == 1
    assert "cannot read the weights file" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("--spoiled", "3", "3 given, expected 4 or more"),
        ("--stretches", "x", "invalid"),
        ("--l2", "0", "0 given, expected a number above 0"),
        ("--l2", "nan", "expected a number above 0"),
    ],
)
def test_wrong_values_are_refused(
    option: str, value: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--cache", "x", option, value])
    assert ended.value.code == 2
    assert message in capsys.readouterr().err

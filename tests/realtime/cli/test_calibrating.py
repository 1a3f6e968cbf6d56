"""The command `eval calibrate`, run on real clips."""

import re
import shutil
import wave
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from catalog.demo import demo_clips
from encoder.embedding import load_encoder
from encoder.settings import EncoderSettings
from realtime.calibration import calibration_of
from realtime.cli.main import app


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two songs that are asked for, and two that are in the catalog beside them."""
    monkeypatch.chdir(tmp_path)
    for name, clips in (("songs", demo_clips()[:2]), ("others", demo_clips()[2:4])):
        (tmp_path / name).mkdir()
        for clip in clips:
            shutil.copy(clip, tmp_path / name)
    return tmp_path


def write_noise(path: Path) -> None:
    """Five seconds of noise."""
    path.parent.mkdir()
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        noise = np.random.default_rng(0).normal(0, 3000, 5 * 16_000)
        file.writeframes(noise.astype("<i2").tobytes())


def calibrate(*args: str) -> Result:
    return CliRunner().invoke(app, ["eval", "calibrate", *args], catch_exceptions=True)


def wrong_lines(done: Result) -> int:
    assert done.exit_code == 0, done.stderr
    found = re.search(r"fitted to \d+ right and (\d+) wrong lines", done.stderr)
    assert found is not None
    return int(found[1])


def test_what_it_writes_can_be_used_with_the_network_in_force(folder: Path) -> None:
    done = calibrate(
        "songs", "--distractors", "others", "--conditions", "clean", "--queries", "2",
        "--live", "0", "--out", "c.json",
    )  # fmt: skip
    assert done.exit_code == 0, done.stderr
    # Two places at four lengths: with the song a right line each; without it, where one is found.
    assert "fitted to 8 right and " in done.stderr
    spec = load_encoder(EncoderSettings()).spec.prints
    assert calibration_of(folder / "c.json", spec).fingerprint == spec.fingerprint


def test_noise_alone_is_put_too(folder: Path) -> None:
    write_noise(folder / "noise" / "a.wav")
    done = calibrate(
        "songs", "--distractors", "others", "--conditions", "clean", "--queries", "2",
        "--noise", "noise", "--live", "0", "--out", "c.json",
    )  # fmt: skip
    assert wrong_lines(done) > 8  # no more come from two places at four lengths without their songs


def test_songs_are_heard_as_outsiders_too(folder: Path) -> None:
    done = calibrate(
        "songs", "--distractors", "others", "--conditions", "clean", "--queries", "1",
        "--live", "0.002", "--out", "c.json",
    )  # fmt: skip
    # A passage of a clip is enough for so short a time: a line for each span, in every third step.
    assert (folder / "c.json").exists()
    assert wrong_lines(done) > 40


def test_songs_too_short_to_ask_for_are_said(folder: Path) -> None:
    write_noise(folder / "short" / "a.wav")
    done = calibrate("short", "--conditions", "clean", "--queries", "2", "--out", "c.json")
    assert done.exit_code == 1
    assert "no song is long and loud enough" in done.stderr
    assert not (folder / "c.json").exists()

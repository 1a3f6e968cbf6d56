"""Banks of noise, speech and rooms, read from folders and drawn from."""

import wave
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from encoder.audio import rms_dbfs
from realtime.errors import EvaluationError
from realtime.evaluation.recordings import Bank, read_folder, read_rooms, spoken

RATE_HZ = 16_000
Samples = NDArray[np.float32]


def write_wav(path: Path, samples: Samples) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes((samples * 32767).astype("<i2").tobytes())


def noise(seconds: float, seed: int = 1) -> Samples:
    rng = np.random.default_rng(seed)
    return (0.1 * rng.uniform(-1, 1, round(seconds * RATE_HZ))).astype(np.float32)


def test_a_folder_is_read_with_all_beneath_it_and_without_its_notes(tmp_path: Path) -> None:
    silence = np.zeros(RATE_HZ, np.float32)
    write_wav(tmp_path / "a.wav", np.concatenate([silence, noise(2), silence]))
    write_wav(tmp_path / "deep/b.any", noise(1, seed=2))
    write_wav(tmp_path / "silent.wav", silence)
    (tmp_path / "LICENCE.txt").write_text("free")
    found = read_folder(tmp_path, sample_rate_hz=RATE_HZ)
    assert [len(samples) for samples in found] == [2 * RATE_HZ, RATE_HZ]
    np.testing.assert_allclose(found[0], noise(2), atol=1e-4)


def test_a_folder_without_sound_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing here")
    with pytest.raises(EvaluationError, match="no audible recording found"):
        read_folder(tmp_path, sample_rate_hz=RATE_HZ)


def test_a_room_begins_with_its_direct_sound_and_has_energy_one(tmp_path: Path) -> None:
    response = np.zeros(4 * RATE_HZ, np.float32)
    response[[0, 1000, 1500, 30_000]] = [0.01, 0.8, -0.4, 0.1]
    write_wav(tmp_path / "hall.wav", response)
    (room,) = read_rooms(tmp_path, sample_rate_hz=RATE_HZ)
    assert int(np.abs(room).argmax()) == 0
    assert room[500] / room[0] == pytest.approx(-0.5, abs=1e-3)
    assert len(room) <= 1.6 * RATE_HZ
    assert np.sum(room**2) == pytest.approx(1, abs=1e-5)


def test_a_short_recording_repeats() -> None:
    recording = noise(1)
    drawn = Bank([recording]).draw(np.random.default_rng(3), [3 * RATE_HZ])
    np.testing.assert_array_equal(drawn[:RATE_HZ], drawn[RATE_HZ : 2 * RATE_HZ])
    assert sorted(drawn[:RATE_HZ]) == sorted(recording)


def test_what_is_drawn_is_audible_from_its_beginning() -> None:
    recording = np.zeros(20 * RATE_HZ, np.float32)
    recording[:RATE_HZ] = noise(1)
    rng = np.random.default_rng(4)
    for _ in range(20):
        drawn = Bank([recording]).draw(rng, [RATE_HZ, 10 * RATE_HZ])
        assert rms_dbfs(drawn[:RATE_HZ]) >= -60


def test_a_bank_of_silence_is_refused() -> None:
    with pytest.raises(EvaluationError, match="no audible stretch"):
        Bank([np.zeros(RATE_HZ, np.float32)]).draw(np.random.default_rng(5), [RATE_HZ])


def test_announcements_become_running_speech() -> None:
    parts = [noise(1, seed) for seed in range(3)]
    (speech,) = spoken(parts, np.random.default_rng(6), sample_rate_hz=RATE_HZ).recordings
    assert len(speech) == 3 * 20_800  # 1.3 s each, with the pause
    assert {tuple(speech[i * 20_800 :][:9]) for i in range(3)} == {tuple(p[:9]) for p in parts}

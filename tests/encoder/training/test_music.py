"""What a music head is fitted to and judged by."""

from pathlib import Path

import numpy as np
import pytest

from encoder.corpus import build_corpus
from encoder.music_head import MusicHead
from encoder.training.music import MEAN_WINDOWS, gather, judge, rows_for_fitting
from tests.encoder.made_music import RATE_HZ, LevelTeacher, song, write_wave

HOP = 24_000  # of the teacher's windows: 1.5 s


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two songs, one of them with a silent middle; hiss; words of one speaker, and of another."""
    folder = tmp_path_factory.mktemp("sounds")
    rng = np.random.default_rng(1)
    broken = song(1, 24.0)
    broken[8 * RATE_HZ : 16 * RATE_HZ] = 0
    write_wave(folder / "music" / "a" / "whole.wav", song(0, 30.0))
    write_wave(folder / "music" / "b" / "broken.wav", broken)
    hiss = rng.uniform(-0.2, 0.2, 20 * RATE_HZ).astype(np.float32)
    write_wave(folder / "noise" / "hiss.wav", hiss)
    for number in range(9):
        word = rng.uniform(-0.1, 0.1, RATE_HZ).astype(np.float32)
        write_wave(folder / "speech" / "ab"[number // 6] / f"{number}.wav", word)
    for kind in ("music", "noise", "speech"):
        build_corpus(folder / kind, folder / "cache" / kind, min_track_s=0)
    return folder / "cache"


def test_windows_that_hold_sound_are_gathered_with_their_styles(cache: Path) -> None:
    teacher = LevelTeacher()
    music = gather(cache, "music", teacher, most=0, seed=1)
    kept = music.starts[music.tracks == 1] - 30 * RATE_HZ
    within = np.arange(0, 24 * RATE_HZ - 8000 + 1, HOP)
    silent = (within >= 8 * RATE_HZ) & (within + 8000 <= 16 * RATE_HZ)
    assert kept.tolist() == within[~silent].tolist()
    samples = music.corpus.samples.numpy() / np.float32(32768)
    cut = np.stack([samples[start : start + 8000] for start in music.starts])
    np.testing.assert_allclose(music.style, teacher.embed(cut).style, atol=1e-3)  # half precision


def test_fewer_are_drawn_by_the_seed(cache: Path) -> None:
    def starts(seed: int) -> list[int]:
        return gather(cache, "music", LevelTeacher(), most=8, seed=seed).starts.tolist()

    assert len(starts(1)) <= 8
    assert starts(1) == starts(1) != starts(2)


def test_the_words_of_a_speaker_are_one_track(cache: Path) -> None:
    speech = gather(cache, "speech", LevelTeacher(), most=0, seed=1)
    assert speech.corpus.names == ("a", "b")
    assert speech.corpus.lengths.tolist() == [6 * RATE_HZ, 3 * RATE_HZ]
    assert speech.starts.tolist() == [0, HOP, 2 * HOP, 3 * HOP, 6 * RATE_HZ, 6 * RATE_HZ + HOP]


def test_runs_are_windows_that_follow_one_another(cache: Path) -> None:
    music = gather(cache, "music", LevelTeacher(), most=0, seed=1)
    runs = list(music.runs())
    assert max(len(run) for run in runs) == MEAN_WINDOWS
    for run in runs:
        assert len(set(music.tracks[run].tolist())) == 1
        assert set(np.diff(music.starts[run]).tolist()) <= {HOP}
    assert len({int(row) for run in runs for row in run}) == sum(len(run) for run in runs)


def test_both_classes_are_heard_clean_and_spoiled(cache: Path) -> None:
    rows = rows_for_fitting(cache, LevelTeacher(), spoiled=6, seed=1)
    assert {(row.kind, row.music, len(row.style)) for row in rows if "spoiled" in row.kind} == {
        ("spoiled music", True, 6),
        ("spoiled noise", False, 3),
        ("spoiled speech", False, 3),
    }
    weights = [sum(row.weight for row in rows if row.music == music) for music in (True, False)]
    assert weights[0] == weights[1]
    # Turned down as they are, none is silent or beyond full scale.
    size = np.concatenate([row.style[:, 0] for row in rows if "spoiled" in row.kind])
    assert 0 < size.min() < 0.05
    assert size.max() < 1


def test_a_judgement_counts_what_is_wrong(cache: Path) -> None:
    teacher = LevelTeacher()
    all_music = MusicHead(np.zeros(3), bias=9.0, fingerprint="0")
    told = judge(all_music, cache, teacher, stretches=4, seed=1)
    assert [(one["kind"], one["condition"]) for one in told] == [
        ("music", "as it is"),
        ("noise", "as it is"),
        ("speech", "as it is"),
        ("music", "noise 5 dB"),
        ("music", "noise 0 dB"),
        ("speech", "noise 5 dB"),
        ("speech", "noise 0 dB"),
    ]
    for one in told:
        wrong = 0.0 if one["kind"] == "music" else 100.0
        assert one["windows_wrong_percent"] == one["means_wrong_percent"] == wrong
    assert told[3]["windows"] == 4 * MEAN_WINDOWS
    assert told[3]["means"] == 4

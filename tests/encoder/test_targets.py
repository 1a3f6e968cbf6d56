"""The teacher's answers: where they stand, what lies between them, going on after a stop."""

from pathlib import Path

import numpy as np
import pytest
import torch

from encoder.corpus import Corpus, corpus_of
from encoder.errors import CorpusError
from encoder.targets import build_targets, open_targets
from tests.encoder.made_music import RATE_HZ, TAGS, LevelTeacher

HOP_S = 0.25


def steps(*levels: float) -> np.ndarray:
    """Half a second of each level: windows of the teacher see whole steps."""
    return np.repeat(np.array(levels, np.float32), 8000)


@pytest.fixture
def corpus() -> Corpus:
    tracks = [steps(0.1, 0.2), steps(0.4), steps(0.5, 0.6, 0.8)]
    return corpus_of(tracks, sample_rate_hz=RATE_HZ)


def test_rows_are_the_teachers_word_on_each_window(corpus: Corpus, tmp_path: Path) -> None:
    build_targets(corpus, LevelTeacher(), tmp_path / "c", hop_s=HOP_S)
    targets = open_targets(corpus, tmp_path / "c")
    assert targets.tags == TAGS
    assert targets.counts.tolist() == [3, 1, 5]
    levels = targets.rows[:, 0].float().tolist()
    expected = [0.1, 0.15, 0.2, 0.4, 0.5, 0.55, 0.6, 0.7, 0.8]
    assert levels == pytest.approx(expected, abs=1e-3)


def test_between_two_windows_both_count(corpus: Corpus, tmp_path: Path) -> None:
    build_targets(corpus, LevelTeacher(), tmp_path / "c", hop_s=HOP_S)
    targets = open_targets(corpus, tmp_path / "c")
    track = torch.tensor([0, 0, 0, 0, 1, 2])
    centre = torch.tensor([0, 4000, 5000, 99_999, 4000, 18_000])
    style, tags = targets.at(track, centre)
    assert style.shape == (6, 3)
    assert tags.shape == (6, 2)
    assert style[:, 0].tolist() == pytest.approx([0.1, 0.1, 0.1125, 0.2, 0.4, 0.75], abs=1e-3)


def test_a_stopped_build_goes_on_with_the_next_track(corpus: Corpus, tmp_path: Path) -> None:
    build_targets(corpus, LevelTeacher(), tmp_path / "whole", hop_s=HOP_S)
    rows = (tmp_path / "whole.targets.f16").read_bytes()
    record = (tmp_path / "whole.targets.json").read_bytes()
    (tmp_path / "half.targets.json").write_bytes(record)
    (tmp_path / "half.targets.f16").write_bytes(rows[: 4 * 10 + 13])  # two tracks and a bit
    with pytest.raises(CorpusError, match="holds 5 windows, expected 9"):
        open_targets(corpus, tmp_path / "half")
    asked: list[int] = []
    build_targets(corpus, LevelTeacher(), tmp_path / "half", hop_s=HOP_S, on_track=asked.append)
    assert asked == [2]
    assert (tmp_path / "half.targets.f16").read_bytes() == rows


def test_answers_at_another_hop_are_refused(corpus: Corpus, tmp_path: Path) -> None:
    build_targets(corpus, LevelTeacher(), tmp_path / "c", hop_s=HOP_S)
    with pytest.raises(CorpusError, match="another teacher, hop or corpus"):
        build_targets(corpus, LevelTeacher(), tmp_path / "c", hop_s=0.5)
    with pytest.raises(CorpusError, match="there are no teacher's targets"):
        open_targets(corpus, tmp_path / "nothing")

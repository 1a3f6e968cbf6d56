"""The corpus: built from real files, stopped anywhere, read back sample by sample."""

from pathlib import Path

import numpy as np
import pytest
import torch

from encoder.corpus import build_corpus, corpus_of, open_corpus
from encoder.errors import CorpusError
from tests.encoder.made_music import RATE_HZ, song, write_wave


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two songs, one of them at another rate, a jingle, and a text."""
    music = tmp_path / "music"
    write_wave(music / "a" / "one.wav", song(1, 6.0))
    write_wave(music / "b" / "two.wav", song(2, 7.0)[:: RATE_HZ // 8000], rate_hz=8000)
    write_wave(music / "b" / "jingle.wav", song(3, 1.0))
    (music / "read me.txt").write_text("no sound here")
    return music


def test_tracks_stand_behind_one_another_as_decoded(folder: Path, tmp_path: Path) -> None:
    tracks = build_corpus(folder, tmp_path / "cache")
    corpus = open_corpus(tmp_path / "cache")
    assert corpus.names == ("a/one.wav", "b/two.wav")
    assert corpus.lengths.tolist() == [6 * RATE_HZ, 7 * RATE_HZ]
    assert corpus.starts.tolist() == [0, 6 * RATE_HZ]
    assert corpus.duration_s == 13
    heard = corpus.cut(torch.tensor([1000]), 4000)[0].numpy()
    np.testing.assert_allclose(heard, song(1, 6.0)[1000:5000], atol=2 / 32768)
    reasons = {track.file: track.reason for track in tracks if track.reason}
    assert reasons["b/jingle.wav"] == "is 1.0 s long, expected 5.0 s"
    assert set(reasons) == {"b/jingle.wav", "read me.txt"}


@pytest.mark.parametrize("left", ["half a line", "samples without a line"])
def test_a_stopped_build_goes_on(folder: Path, tmp_path: Path, left: str) -> None:
    whole, stopped = tmp_path / "whole", tmp_path / "stopped"
    build_corpus(folder, whole)
    lines = (tmp_path / "whole.jsonl").read_text().splitlines(keepends=True)
    (tmp_path / "stopped.jsonl").write_text("".join(lines[:2]))
    if left == "half a line":
        (tmp_path / "stopped.jsonl").write_text("".join(lines[:2]) + lines[2][:20])
    samples = (tmp_path / "whole.i16").read_bytes()
    (tmp_path / "stopped.i16").write_bytes(samples[: 6 * RATE_HZ * 2 + 5001])
    decoded: list[str] = []
    build_corpus(folder, stopped, on_track=lambda track: decoded.append(track.file))
    assert "a/one.wav" not in decoded
    assert (tmp_path / "stopped.i16").read_bytes() == samples
    assert open_corpus(stopped).names == open_corpus(whole).names


def test_a_file_that_changed_is_refused(folder: Path, tmp_path: Path) -> None:
    build_corpus(folder, tmp_path / "cache")
    write_wave(folder / "a" / "one.wav", song(9, 8.0))
    with pytest.raises(CorpusError, match=r"one\.wav has \d+ bytes, expected \d+"):
        build_corpus(folder, tmp_path / "cache")


def test_another_rate_is_refused(folder: Path, tmp_path: Path) -> None:
    build_corpus(folder, tmp_path / "cache")
    with pytest.raises(CorpusError, match="is of 16000 Hz, expected 8000 Hz"):
        build_corpus(folder, tmp_path / "cache", sample_rate_hz=8000)


def test_a_corpus_that_is_not_there_or_not_whole_is_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="there is no corpus at"):
        open_corpus(tmp_path / "cache")
    with pytest.raises(CorpusError, match="is not a folder"):
        build_corpus(tmp_path / "nowhere", tmp_path / "cache")
    build_corpus(folder, tmp_path / "cache")
    path = tmp_path / "cache.i16"
    path.write_bytes(path.read_bytes()[:-2])
    with pytest.raises(CorpusError, match="holds 207999 samples, expected 208000"):
        open_corpus(tmp_path / "cache")
    (tmp_path / "cache.jsonl").write_text("{}\n")
    with pytest.raises(CorpusError, match="expected a corpus's format 1"):
        open_corpus(tmp_path / "cache")


def test_a_cut_beyond_the_ends_is_silence_there() -> None:
    corpus = corpus_of([np.full(4, 0.25, np.float32)], sample_rate_hz=RATE_HZ)
    cut = corpus.cut(torch.tensor([-2, 0, 3, 90]), 4)
    quarter = 0.25
    assert cut.tolist() == [
        [0, 0, quarter, quarter],
        [quarter] * 4,
        [quarter, 0, 0, 0],
        [0, 0, 0, 0],
    ]


def test_full_scale_and_beyond_do_not_wrap() -> None:
    corpus = corpus_of([np.array([2.0, -2.0], np.float32)], sample_rate_hz=RATE_HZ)
    assert corpus.samples.tolist() == [32767, -32768]


def test_select_keeps_samples_and_takes_tracks() -> None:
    tracks = [np.full(3, level, np.float32) for level in (0.1, 0.2, 0.3)]
    corpus = corpus_of(tracks, sample_rate_hz=RATE_HZ, names=("a", "b", "c")).select([2, 0])
    assert corpus.names == ("c", "a")
    assert corpus.starts.tolist() == [6, 0]
    assert corpus.cut(corpus.starts[:1], 3)[0].tolist() == pytest.approx([0.3] * 3, abs=1e-4)

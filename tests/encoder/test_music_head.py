"""The head that tells music: its file, its sums, and that it belongs to one encoder."""

from pathlib import Path

import numpy as np
import pytest
import torch

from encoder.checkpoint import write_checkpoint
from encoder.errors import WeightsError
from encoder.music_head import SHIPPED_HEAD, MusicHead, head_for, read_head, sigmoid, write_head
from encoder.musicnn_encoder import SHIPPED_WEIGHTS, MusicnnEncoder, load_teacher
from encoder.network import NetworkEncoder
from encoder.settings import EncoderSettings

HEAD = MusicHead(np.array([1.0, -2.0, 0.5]), bias=0.25, fingerprint="ab" * 32)


def test_the_probability_is_the_logistic_of_the_weighted_sum() -> None:
    style = np.array([[0, 0, 0], [1, 1, 1], [3, 0, 2]], np.float32)
    expected = 1 / (1 + np.exp(-np.array([0.25, -0.25, 4.25])))
    probability = HEAD.probability(style)
    assert probability.dtype == np.float32
    np.testing.assert_allclose(probability, expected, rtol=1e-6)
    assert HEAD.probability(style[:0]).shape == (0,)


def test_a_row_depends_on_itself_alone() -> None:
    rng = np.random.default_rng(3)
    head = MusicHead(rng.normal(size=200), bias=0.1, fingerprint="0")
    style = rng.normal(size=(40, 200)).astype(np.float32)
    together = head.probability(style)
    alone = np.concatenate([head.probability(row[np.newaxis]) for row in style])
    np.testing.assert_array_equal(together, alone)


def test_scores_of_any_size_give_probabilities() -> None:
    assert sigmoid(np.array([-1e6, 0.0, 1e6])).tolist() == [0, 0.5, 1]


def test_what_was_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "head.safetensors"
    write_head(path, HEAD, made={"seed": 1})
    head = read_head(path)
    np.testing.assert_array_equal(head.weight, HEAD.weight)
    assert (head.bias, head.fingerprint) == (HEAD.bias, HEAD.fingerprint)


def test_it_is_given_to_its_own_encoder_only(tmp_path: Path) -> None:
    path = tmp_path / "head.safetensors"
    assert head_for(HEAD.fingerprint, path=path) is None
    write_head(path, HEAD, made={})
    assert head_for(HEAD.fingerprint, path=path) is not None
    assert head_for("cd" * 32, path=path) is None


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "head.safetensors"
    write_head(path, HEAD, made={})
    path.write_bytes(path.read_bytes()[:-4])
    with pytest.raises(WeightsError, match="not a whole nowhear weights file"):
        head_for(HEAD.fingerprint, path=path)
    write_checkpoint(path, {"weight": torch.zeros(3)}, {"architecture": "nowhear-music-head"})
    with pytest.raises(WeightsError, match="style of length None of encoder None"):
        read_head(path)
    with pytest.raises(WeightsError, match="expected 'nowhear-music-head'"):
        read_head(SHIPPED_WEIGHTS)


def test_the_one_that_ships_belongs_to_the_encoder_that_ships() -> None:
    encoder = MusicnnEncoder(EncoderSettings(device="cpu", threads=1))
    head = read_head(SHIPPED_HEAD)
    assert head.fingerprint == encoder.spec.fingerprint
    assert head.weight.shape == (encoder.spec.style_dim,)
    windows = np.random.default_rng(0).normal(0, 0.1, (2, encoder.spec.window_samples))
    heard = encoder.embed(windows.astype(np.float32))
    assert heard.music is not None
    np.testing.assert_allclose(heard.music, head.probability(heard.style), rtol=1e-6)
    none = encoder.embed(np.zeros((0, encoder.spec.window_samples), np.float32))
    assert none.music is not None
    assert none.music.shape == (0,)


def test_other_weights_have_no_head(tmp_path: Path) -> None:
    _, checkpoint = load_teacher(SHIPPED_WEIGHTS)
    other = dict(checkpoint.tensors)
    other["output.bias"] = other["output.bias"] + 1
    path = tmp_path / "other.safetensors"
    write_checkpoint(path, other, checkpoint.record)
    encoder = MusicnnEncoder(EncoderSettings(device="cpu", threads=1, weights=path))
    heard = encoder.embed(np.zeros((1, encoder.spec.window_samples), np.float32))
    assert heard.music is None


def test_nor_has_the_small_network() -> None:
    encoder = NetworkEncoder(EncoderSettings(device="cpu", threads=1, style="network"))
    heard = encoder.embed(np.zeros((1, encoder.spec.window_samples), np.float32))
    assert heard.music is None

"""The protocol's promises, kept by the encoder that ships."""

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pydantic import ValidationError
from threadpoolctl import threadpool_info, threadpool_limits

from encoder.checkpoint import write_checkpoint
from encoder.embedding import Embeddings, Encoder, load_encoder
from encoder.errors import AudioFormatError, DeviceError, WeightsError
from encoder.musicnn_encoder import SHIPPED_WEIGHTS, load_teacher
from encoder.running import resolve_device
from encoder.settings import EncoderSettings
from tests.encoder.musicnn_reference import CLIPS, load_reference


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return load_encoder(EncoderSettings(device="cpu", batch_windows=3))


@pytest.fixture(scope="module")
def windows(encoder: Encoder) -> NDArray[np.float32]:
    """Five windows of real music, then silence and noise."""
    length = encoder.spec.window_samples
    music = load_reference("tuxi").windows(window_samples=length, hop_samples=256)
    noise = np.random.default_rng(0).normal(scale=0.1, size=(1, length))
    return np.concatenate([music, np.zeros((1, length)), noise]).astype(np.float32)


@pytest.fixture(scope="module")
def expected(encoder: Encoder, windows: NDArray[np.float32]) -> Embeddings:
    return encoder.embed(windows)


def test_spec_describes_the_output(encoder: Encoder, expected: Embeddings) -> None:
    spec = encoder.spec
    assert (spec.sample_rate_hz, spec.window_samples, spec.style_dim) == (16_000, 48_128, 200)
    assert len(spec.tags) == 50
    assert spec.tags[:2] == ("rock", "pop")
    assert expected.style.shape == (7, 200)
    assert expected.tags.shape == (7, 50)
    assert expected.style.dtype == expected.tags.dtype == np.float32
    assert expected.tags.min() >= 0
    assert expected.tags.max() <= 1


def test_fingerprint_is_the_shipped_weights_own(encoder: Encoder) -> None:
    # Stored vectors carry this value; a change here makes every catalog stale.
    assert encoder.spec.fingerprint[:16] == "daaba20b4be7e1cd"
    assert len(encoder.spec.fingerprint) == 64


@settings(max_examples=10, deadline=None)
@given(cuts=st.lists(st.integers(0, 7), max_size=4), batch=st.integers(1, 8))
def test_rows_do_not_depend_on_the_batch(windows, expected, cuts, batch) -> None:  # type: ignore[no-untyped-def]
    other = load_encoder(EncoderSettings(device="cpu", batch_windows=batch))
    edges = [0, *sorted(cuts), len(windows)]
    parts = [other.embed(windows[a:b]) for a, b in pairwise(edges)]
    for name in ("style", "tags"):
        joined = np.concatenate([getattr(part, name) for part in parts])
        np.testing.assert_allclose(joined, getattr(expected, name), atol=1e-5)


def test_no_windows_give_no_rows(encoder: Encoder) -> None:
    nothing = encoder.embed(np.empty((0, encoder.spec.window_samples), np.float32))
    assert nothing.style.shape == (0, 200)
    assert nothing.tags.shape == (0, 50)


def test_strided_and_read_only_windows_are_taken(encoder: Encoder) -> None:
    length = encoder.spec.window_samples
    samples = load_reference("lucky13").samples
    samples.flags.writeable = False
    view = np.lib.stride_tricks.sliding_window_view(samples, length)[::10_000][::-1]
    np.testing.assert_allclose(
        encoder.embed(view).style, encoder.embed(view.copy()).style, atol=1e-5
    )


def test_threads_may_share_it(
    encoder: Encoder, windows: NDArray[np.float32], expected: Embeddings
) -> None:
    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(encoder.embed, [windows] * 4):
            np.testing.assert_allclose(found.style, expected.style, atol=1e-5)


@pytest.mark.parametrize(
    ("windows", "message"),
    [
        (np.zeros((1, 48_127), np.float32), r"shape \(1, 48127\), expected \(n, 48128\)"),
        (np.zeros(48_128, np.float32), r"shape \(48128,\), expected"),
        (np.zeros((1, 48_128), np.float64), "float64, expected a float32"),
        (np.zeros((1, 48_128), np.int16), "int16, expected a float32"),
        ([[0.0]], "list, expected a float32"),
        (np.full((2, 48_128), np.nan, np.float32), "window 0 holds nan at sample 0"),
        (np.full((1, 48_128), -np.inf, np.float32), "window 0 holds -inf"),
    ],
)
def test_bad_windows_are_refused(encoder: Encoder, windows, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(AudioFormatError, match=message):
        encoder.embed(windows)


@pytest.mark.parametrize("gain", [1e-20, 10.0, 1e9, 1e30])
def test_any_level_gives_finite_vectors(encoder: Encoder, windows, gain: float) -> None:  # type: ignore[no-untyped-def]
    found = encoder.embed(windows * np.float32(gain))
    assert np.isfinite(found.style).all()
    assert np.isfinite(found.tags).all()


def test_a_clip_resembles_itself_more_than_the_others(encoder: Encoder) -> None:
    means = []
    for name in CLIPS:
        samples = load_reference(name).samples
        halves = np.stack([samples[:48_128], samples[-48_128:]])
        style = encoder.embed(halves).style
        means.append(style / np.linalg.norm(style, axis=1, keepdims=True))
    cosine = np.array([[one[0] @ other[1] for other in means] for one in means])
    assert (cosine.argmax(axis=1) == np.arange(len(CLIPS))).all()


def test_cuda_that_is_not_there_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert resolve_device("auto") == torch.device("cpu")
    with pytest.raises(DeviceError, match=r"'cuda' was asked for.*set device to 'cpu' or 'auto'"):
        load_encoder(EncoderSettings(device="cuda"))


def test_auto_prefers_cuda(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert resolve_device("auto") == torch.device("cuda")
    assert resolve_device("cpu") == torch.device("cpu")


def test_weights_given_by_path_count_in_the_fingerprint(encoder: Encoder, tmp_path: Path) -> None:
    _, checkpoint = load_teacher(SHIPPED_WEIGHTS)
    other = dict(checkpoint.tensors)
    other["output.bias"] = other["output.bias"] + 1
    path = tmp_path / "other.safetensors"
    write_checkpoint(path, other, checkpoint.record)
    changed = load_encoder(EncoderSettings(device="cpu", weights=path))
    assert changed.spec.fingerprint != encoder.spec.fingerprint


def test_weights_without_tags_are_refused(tmp_path: Path) -> None:
    _, checkpoint = load_teacher(SHIPPED_WEIGHTS)
    path = tmp_path / "untagged.safetensors"
    write_checkpoint(path, checkpoint.tensors, {**checkpoint.record, "tags": ["rock"]})
    with pytest.raises(WeightsError, match="names 1 tags, expected a list of 50"):
        load_encoder(EncoderSettings(device="cpu", weights=path))


@pytest.mark.parametrize("threads", [1, 3])
def test_rows_do_not_depend_on_the_threads(windows, expected, threads: int) -> None:  # type: ignore[no-untyped-def]
    other = load_encoder(EncoderSettings(device="cpu", threads=threads))
    np.testing.assert_allclose(other.embed(windows).style, expected.style, atol=1e-5)


def test_who_listens_multiplies_in_one_thread() -> None:
    threadpool_limits(2, user_api="blas")
    load_encoder(EncoderSettings(device="cpu"))
    pools = [pool for pool in threadpool_info() if pool["user_api"] == "blas"]
    assert pools
    assert {pool["num_threads"] for pool in pools} == {1}
    assert torch.get_num_threads() == 1


def test_unknown_settings_are_refused_by_name() -> None:
    with pytest.raises(ValidationError, match="devcie"):
        EncoderSettings.model_validate({"devcie": "cpu"})

"""The small network as an encoder: prints beside the teacher's style, or alone for all three."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from encoder.checkpoint import write_checkpoint
from encoder.embedding import Encoder, load_encoder
from encoder.errors import AudioFormatError, WeightsError
from encoder.model import ModelConfig, WindowNet
from encoder.model_file import ARCHITECTURE, read_net, write_net
from encoder.musicnn_encoder import SHIPPED_WEIGHTS
from encoder.network import SHIPPED_NETWORK, print_spec
from encoder.settings import EncoderSettings
from tests.encoder.musicnn_reference import CLIPS, load_reference

WINDOW, STRIDE, DIMENSION = 31_024, 2000, 128
SMALL = ModelConfig(channels=(4, 4, 4, 4, 4), hidden=8, tags=2)
CPU = EncoderSettings(device="cpu", style="network", batch_windows=3)


@pytest.fixture(scope="module")
def network() -> Encoder:
    return load_encoder(CPU)


@pytest.fixture(scope="module")
def music() -> NDArray[np.float32]:
    """Six seconds of real music."""
    return load_reference("tuxi").samples[: 6 * 16_000]


def windows_of(samples: NDArray[np.float32], hop_samples: int) -> NDArray[np.float32]:
    return np.lib.stride_tricks.sliding_window_view(samples, WINDOW)[::hop_samples]


def test_the_spec_describes_the_output(network: Encoder, music: NDArray[np.float32]) -> None:
    spec = network.spec
    prints = spec.prints
    assert (prints.window_samples, prints.stride_samples) == (WINDOW, STRIDE)
    assert (prints.sample_rate_hz, prints.dimension) == (16_000, DIMENSION)
    assert (spec.name, spec.fingerprint, spec.sample_rate_hz, spec.window_samples) == (
        prints.name,
        prints.fingerprint,
        prints.sample_rate_hz,
        prints.window_samples,
    )
    heard = network.embed(windows_of(music, 8000))
    assert heard.style.shape == (9, spec.style_dim)
    assert heard.tags.shape == (9, len(spec.tags))
    assert (spec.style_dim, len(spec.tags), spec.tags[0]) == (200, 50, "rock")
    assert heard.style.dtype == heard.tags.dtype == np.float32
    assert (heard.tags.min() >= 0, heard.tags.max() <= 1) == (True, True)
    np.testing.assert_allclose(np.linalg.norm(heard.style, axis=1), 1, atol=1e-5)


def test_a_long_stretch_gives_the_prints_of_its_windows(
    network: Encoder, music: NDArray[np.float32]
) -> None:
    windows = windows_of(music, STRIDE)
    heard = network.embed(windows)
    assert heard.prints is not None
    (found,) = network.prints(music[np.newaxis])
    assert found.shape == (1 + (len(music) - WINDOW) // STRIDE, DIMENSION)
    assert found.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(found, heard.prints, atol=1e-4)
    np.testing.assert_allclose(network.prints(windows)[:, 0], heard.prints, atol=1e-4)


def test_beside_the_teacher_the_prints_are_the_same(
    network: Encoder, music: NDArray[np.float32]
) -> None:
    teacher = load_encoder(EncoderSettings(device="cpu"))
    assert teacher.spec.prints == network.spec.prints
    assert teacher.spec.fingerprint != network.spec.fingerprint
    stretches = music[: 2 * 33_024].reshape(2, -1)
    found = teacher.prints(stretches)
    assert found.shape == (2, 2, DIMENSION)
    np.testing.assert_allclose(found, network.prints(stretches), atol=1e-5)
    assert teacher.embed(np.zeros((1, 48_128), np.float32)).prints is None


@settings(max_examples=10, deadline=None)
@given(
    cuts=st.lists(st.integers(0, 6), max_size=4),
    batch=st.integers(1, 8),
    threads=st.integers(1, 3),
)
def test_rows_depend_on_neither_batch_nor_threads(network, music, cuts, batch, threads) -> None:  # type: ignore[no-untyped-def]
    rows = windows_of(music, STRIDE)[:6]
    chosen = CPU.model_copy(update={"batch_windows": batch, "threads": threads})
    other = load_encoder(chosen)
    whole, prints = network.embed(rows), network.prints(rows)
    edges = [0, *sorted(cuts), len(rows)]
    parts = [other.embed(rows[a:b]) for a, b in pairwise(edges)]
    for name in ("style", "tags", "prints"):
        joined = np.concatenate([getattr(part, name) for part in parts])
        np.testing.assert_allclose(joined, getattr(whole, name), atol=1e-5)
    joined = np.concatenate([other.prints(rows[a:b]) for a, b in pairwise(edges)])
    np.testing.assert_allclose(joined, prints, atol=1e-5)


def test_threads_may_share_it(network: Encoder, music: NDArray[np.float32]) -> None:
    expected = network.prints(music[np.newaxis])
    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(network.prints, [music[np.newaxis]] * 4):
            np.testing.assert_allclose(found, expected, atol=1e-5)


def test_no_rows_in_give_no_rows_out(network: Encoder) -> None:
    heard = network.embed(np.zeros((0, WINDOW), np.float32))
    assert heard.prints is not None
    assert (heard.style.shape, heard.tags.shape) == ((0, 200), (0, 50))
    assert heard.prints.shape == (0, DIMENSION)
    assert network.prints(np.zeros((0, WINDOW + STRIDE), np.float32)).shape == (0, 2, DIMENSION)


@pytest.mark.parametrize("gain", [0.0, 1e-20, 10.0, 1e9, 1e30])
def test_any_level_gives_finite_prints(network: Encoder, music, gain: float) -> None:  # type: ignore[no-untyped-def]
    found = network.prints(music[np.newaxis] * np.float32(gain))
    assert np.isfinite(found).all()


def test_a_moment_is_told_from_other_songs_by_its_print(network: Encoder) -> None:
    songs = [load_reference(name).samples for name in CLIPS]
    here = np.concatenate([network.prints(song[np.newaxis, :WINDOW])[0] for song in songs])
    noise = np.random.default_rng(0)
    noisy = [song + noise.normal(scale=0.2 * song.std(), size=song.shape) for song in songs]
    again = [network.prints(x[np.newaxis, :WINDOW].astype(np.float32))[0] for x in noisy]
    cosine = here @ np.concatenate(again).T
    assert (cosine.argmax(axis=0) == np.arange(len(songs))).all()


@pytest.mark.parametrize(
    ("stretches", "message"),
    [
        (np.zeros((1, 31_023), np.float32), r"\(1, 31023\), expected \(n, 31024 or more\)"),
        (np.zeros(31_024, np.float32), r"shape \(31024,\), expected"),
        (np.zeros((1, 31_024), np.float64), "float64, expected a float32"),
        ([[0.0]], "list, expected a float32"),
        (np.full((2, 31_024), np.nan, np.float32), "stretch 0 holds nan at sample 0"),
        (np.full((1, 40_000), np.inf, np.float32), "stretch 0 holds inf"),
    ],
)
def test_bad_stretches_are_refused(network: Encoder, stretches, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(AudioFormatError, match=message):
        network.prints(stretches)


def test_the_fingerprint_is_over_weights_and_configuration() -> None:
    torch.manual_seed(0)
    net = WindowNet(SMALL)
    same = WindowNet(SMALL)
    same.load_state_dict(net.state_dict())
    assert print_spec(net) == print_spec(same)
    louder = WindowNet(replace(SMALL, front_end=replace(SMALL.front_end, log_gain=1e5)))
    louder.load_state_dict(net.state_dict())
    with torch.no_grad():
        same.style.bias += 1
    prints = [print_spec(each).fingerprint for each in (net, same, louder)]
    assert len(set(prints)) == 3
    assert {len(each) for each in prints} == {64}


def test_weights_given_by_path_are_used(network: Encoder, tmp_path: Path) -> None:
    write_net(tmp_path / "w", WindowNet(SMALL), tags=("a", "b"), made={})
    for style in ("teacher", "network"):
        chosen = EncoderSettings(device="cpu", style=style, network=tmp_path / "w")
        prints = load_encoder(chosen).spec.prints
        assert prints == print_spec(read_net(tmp_path / "w")[0])
        assert prints.fingerprint != network.spec.prints.fingerprint


@pytest.mark.parametrize("style", ["teacher", "network"])
def test_weights_that_cannot_be_used_are_refused(style, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    def load(path: Path) -> Encoder:
        return load_encoder(EncoderSettings(device="cpu", style=style, network=path))

    with pytest.raises(WeightsError, match=r"cannot read the weights file .*none\.safetensors"):
        load(tmp_path / "none.safetensors")
    (tmp_path / "cut").write_bytes(SHIPPED_NETWORK.read_bytes()[:100_000])
    with pytest.raises(WeightsError, match=r"100000 bytes\) is not a whole nowhear weights file"):
        load(tmp_path / "cut")
    with pytest.raises(WeightsError, match="weights of 'musicnn', expected 'nowhear-window-net'"):
        load(SHIPPED_WEIGHTS)


def test_a_network_off_the_grid_of_segments_is_refused(tmp_path: Path) -> None:
    off = replace(SMALL, front_end=replace(SMALL.front_end, hop_samples=240))
    write_net(tmp_path / "w", WindowNet(off), tags=("a", "b"), made={})
    with pytest.raises(WeightsError, match="print every 1920 samples, expected a divisor of 8000"):
        load_encoder(CPU.model_copy(update={"network": tmp_path / "w"}))


def test_a_network_at_another_rate_than_the_teachers_is_refused(tmp_path: Path) -> None:
    other = replace(SMALL, front_end=replace(SMALL.front_end, sample_rate_hz=22_050))
    write_net(tmp_path / "w", WindowNet(other), tags=("a", "b"), made={})
    with pytest.raises(WeightsError, match="takes 22050 Hz and that of the style 16000 Hz"):
        load_encoder(EncoderSettings(device="cpu", network=tmp_path / "w"))


def test_a_network_without_its_tags_is_refused(tmp_path: Path) -> None:
    record = {"architecture": ARCHITECTURE, "config": asdict(SMALL), "tags": ["a"]}
    write_checkpoint(tmp_path / "w", dict(WindowNet(SMALL).named_parameters()), record)
    with pytest.raises(WeightsError, match="names 1 tags, expected a list of 2"):
        load_encoder(CPU.model_copy(update={"network": tmp_path / "w"}))

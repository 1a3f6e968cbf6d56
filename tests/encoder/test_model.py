"""The small network: its cost, its shapes, and that windows and whole songs agree."""

import json
from dataclasses import asdict

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from encoder.frontend import FrontEndSettings
from encoder.model import ModelConfig, WindowNet, config_from_json, multiply_adds
from tests.encoder.made_music import RATE_HZ, song

SMALL = ModelConfig(channels=(4, 8, 8, 8, 8), hidden=16)


@pytest.fixture(scope="module")
def net() -> WindowNet:
    torch.manual_seed(1)
    return WindowNet(SMALL).eval().requires_grad_(False)


@pytest.fixture(scope="module")
def music() -> torch.Tensor:
    # A little noise: no recorded band is as empty as those between made tones.
    noise = torch.randn(1, 6 * RATE_HZ, generator=torch.Generator().manual_seed(1))
    return torch.from_numpy(song(1, 6.0))[None] + 0.003 * noise


def test_the_default_stays_within_the_budget() -> None:
    net = WindowNet()
    assert multiply_adds(net) <= 60e6
    assert sum(parameter.numel() * 4 for parameter in net.parameters()) <= 12e6


def test_multiply_adds_of_a_network_counted_by_hand() -> None:
    front = FrontEndSettings(
        n_fft=64, hop_samples=32, mel_bands=9, frames=9, round_to_float16=False
    )
    config = ModelConfig(
        front_end=front, channels=(2,), hidden=3, fingerprint_dim=4, style_dim=5, tags=6
    )
    # 5x5 on 9x9, stride 2: 3x3 places. Then bands to one, frames to one, and the heads.
    trunk = 9 * 2 * 25 + 3 * 2 * 2 * 3
    fingerprint = 2 * 3 * 3 + 3 * 4
    described = 2 * 3 + 3 * 5 + 3 * 6
    picture = 9 * (32 * 6 + 33 * 9)
    assert config.map_size == (3, 3)
    assert multiply_adds(WindowNet(config)) == trunk + fingerprint + described + picture


def test_heads_have_their_sizes_and_unit_length(net: WindowNet, music: torch.Tensor) -> None:
    window = SMALL.front_end.window_samples
    assert window == 31_024  # about two seconds
    heads = net(music[:, :window])
    assert heads.fingerprint.shape == (1, 1, 128)
    assert heads.style.shape == (1, 1, 200)
    assert heads.tag_logits.shape == (1, 1, 50)
    for unit in (heads.fingerprint, heads.style):
        torch.testing.assert_close(unit.norm(dim=2), torch.ones(1, 1))


def test_a_whole_song_gives_what_its_windows_give(net: WindowNet, music: torch.Tensor) -> None:
    window, hop = SMALL.front_end.window_samples, SMALL.stride_samples
    whole = net(music)
    positions = whole.fingerprint.shape[1]
    assert positions == 1 + (music.shape[1] - window) // hop
    windows = music[0].unfold(0, window, hop)
    single = net(windows)
    for long, short in zip(whole, single, strict=True):
        torch.testing.assert_close(long[0], short[:, 0], atol=1e-5, rtol=0)


@settings(max_examples=10, deadline=None)
@given(gain_db=st.floats(-10, 6))
def test_volume_changes_nothing(net: WindowNet, music: torch.Tensor, gain_db: float) -> None:
    window = music[:, : SMALL.front_end.window_samples]
    loud = net(window).fingerprint
    changed = net(window * 10 ** (gain_db / 20)).fingerprint
    assert float((loud * changed).sum()) > 0.998


def test_without_the_blindness_volume_matters(music: torch.Tensor) -> None:
    torch.manual_seed(1)
    seeing = WindowNet(ModelConfig(channels=SMALL.channels, hidden=16, blind_to_gain=False))
    window = music[:, : SMALL.front_end.window_samples]
    with torch.no_grad():
        cosine = (seeing(window).fingerprint * seeing(window / 8).fingerprint).sum()
    assert float(cosine) < 0.999


def test_silence_and_noise_give_finite_values(net: WindowNet) -> None:
    window = SMALL.front_end.window_samples
    for sound in (torch.zeros(1, window), 1e9 * torch.ones(1, window)):
        assert all(bool(head.isfinite().all()) for head in net(sound))


def test_a_configuration_survives_json() -> None:
    assert config_from_json(json.loads(json.dumps(asdict(SMALL)))) == SMALL


def test_half_a_second_is_a_whole_number_of_positions() -> None:
    assert (RATE_HZ // 2) % ModelConfig().stride_samples == 0


def test_windows_that_the_layers_do_not_fit_are_refused() -> None:
    small = ModelConfig(front_end=FrontEndSettings(n_fft=64, mel_bands=8, frames=8))
    with pytest.raises(ValueError, match="expected at least 1, at least 1 and none"):
        WindowNet(small)
    odd = ModelConfig(front_end=FrontEndSettings(frames=125))
    with pytest.raises(ValueError, match="and 4 unseen frames after 5 layers"):
        WindowNet(odd)

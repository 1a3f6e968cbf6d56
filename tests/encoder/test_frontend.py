"""The front end on signals whose log-mel is known, and against the original's on real music."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from encoder.frontend import FrontEndSettings, LogMelFrontEnd
from tests.encoder.musicnn_reference import CLIPS, Reference, load_reference

SETTINGS = FrontEndSettings()
FRONT_END = LogMelFrontEnd(SETTINGS)


def log_mel(samples: np.ndarray) -> np.ndarray:
    """``(M, F)`` of one stretch of samples."""
    with torch.inference_mode():
        return FRONT_END(torch.from_numpy(samples.astype(np.float32))[None])[0].numpy()


def slaney_centres_hz(bands: int, top_hz: float) -> np.ndarray:
    """Centres of the bands from the scale's definition: linear below 1 kHz, then log."""
    step, knee_hz, log_step = 200 / 3, 1000.0, np.log(6.4) / 27
    top = knee_hz / step + np.log(top_hz / knee_hz) / log_step
    mel = np.linspace(0, top, bands + 2)[1:-1]
    above = knee_hz * np.exp(log_step * (mel - knee_hz / step))
    return np.where(mel < knee_hz / step, mel * step, above)


def test_window_length_is_derived_and_gives_the_frames() -> None:
    assert SETTINGS.window_samples == 48_128
    assert log_mel(np.zeros(SETTINGS.window_samples)).shape == (96, 187)
    assert FrontEndSettings(frames=3, hop_samples=100, n_fft=400).window_samples == 600


def test_the_quick_way_gives_the_same_to_within_rounding() -> None:
    plain = LogMelFrontEnd(FrontEndSettings(round_to_float16=False))
    noise = 0.1 * torch.randn(2, 20_000, generator=torch.Generator().manual_seed(1))
    expected = torch.log10(1 + plain.settings.log_gain * plain.mel_power(noise))
    torch.testing.assert_close(plain(noise), expected, atol=1e-4, rtol=0)


def test_one_sample_less_than_a_frame_more_adds_no_frame() -> None:
    longer = np.zeros(SETTINGS.window_samples + SETTINGS.hop_samples - 1)
    assert log_mel(longer).shape[1] == SETTINGS.frames


def test_silence_is_exactly_zero() -> None:
    assert not log_mel(np.zeros(SETTINGS.window_samples)).any()


@pytest.mark.parametrize("band", [3, 20, 40, 60, 80, 94])
def test_a_tone_lands_in_the_band_centred_on_it(band: int) -> None:
    frequency_hz = slaney_centres_hz(SETTINGS.mel_bands, SETTINGS.sample_rate_hz / 2)[band]
    time_s = np.arange(SETTINGS.window_samples) / SETTINGS.sample_rate_hz
    mean = log_mel(0.1 * np.sin(2 * np.pi * frequency_hz * time_s)).mean(axis=1)
    # Low bands are narrower than one bin of the transform, hence the neighbours.
    assert abs(int(mean.argmax()) - band) <= 1
    assert mean.max() > 2
    far = np.abs(np.arange(len(mean)) - band) > 12
    assert mean[far].max() < mean.max() / 4


@settings(max_examples=25, deadline=None)
@given(frame=st.integers(0, 186), inset=st.integers(64, 192))
def test_a_click_touches_just_the_frames_that_contain_it(frame: int, inset: int) -> None:
    samples = np.zeros(SETTINGS.window_samples)
    at = frame * SETTINGS.hop_samples + inset  # clear of every frame's edge, where Hann is 0
    samples[at] = 1.0
    heard = np.flatnonzero(log_mel(samples).max(axis=0) > 0)
    starts = np.arange(SETTINGS.frames) * SETTINGS.hop_samples
    inside = (starts <= at) & (at < starts + SETTINGS.n_fft)
    assert heard.tolist() == np.flatnonzero(inside).tolist()


@settings(max_examples=20, deadline=None)
@given(shift=st.integers(0, 20), seed=st.integers(0, 1000))
def test_frames_do_not_depend_on_where_the_window_starts(shift: int, seed: int) -> None:
    samples = np.random.default_rng(seed).normal(scale=0.1, size=20_000)
    whole, later = log_mel(samples), log_mel(samples[shift * SETTINGS.hop_samples :])
    np.testing.assert_allclose(later, whole[:, shift:], atol=5e-4)


@settings(max_examples=30, deadline=None)
@given(decades=st.floats(-38, 38), seed=st.integers(0, 1000))
def test_any_finite_samples_give_finite_values(decades: float, seed: int) -> None:
    samples = np.random.default_rng(seed).uniform(-1, 1, 2_000) * 10.0**decades
    values = log_mel(samples)
    assert np.isfinite(values).all()
    assert (values >= 0).all()


def test_parameters_name_everything_that_changes_the_values() -> None:
    one, other = SETTINGS.parameters(), FrontEndSettings(round_to_float16=False).parameters()
    assert {name for name in one if one[name] != other[name]} == {"round_to_float16"}
    assert one["mel_norm"] == "slaney"


@pytest.mark.parametrize("name", CLIPS)
def test_agrees_with_the_original_on_real_music(name: str) -> None:
    reference: Reference = load_reference(name)
    expected = np.log10(1 + 10_000 * reference.mel_power.astype(np.float32))
    difference = np.abs(log_mel(reference.samples).T - expected)
    # Where float32 arithmetic in another order falls on the other side of a half, float16
    # rounds to its neighbour, 2^-10 away: log10(1 + 2^-10) = 4.2e-4. All else agrees.
    assert difference.max() < 4.5e-4
    assert (difference > 2e-6).mean() < 0.01

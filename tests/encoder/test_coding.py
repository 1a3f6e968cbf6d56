"""Codecs, filters and rates by FFmpeg: what changes, and what stays where it was."""

import numpy as np
import pytest
from numpy.typing import NDArray

from encoder.coding import AAC_32K, MP3_32K, OPUS_16K, Coding, coded, filtered, resampled
from encoder.errors import AudioError, AudioFormatError
from tests.helpers.clips import RATE_HZ, clip

Samples = NDArray[np.float32]


@pytest.fixture(scope="module")
def music() -> Samples:
    return clip(3)[: 4 * RATE_HZ]


def lag(late: Samples, reference: Samples) -> int:
    """By how many samples `late` comes later: where the cross-correlation is largest."""
    size = 2 * len(reference)
    product = np.fft.rfft(late, size) * np.conj(np.fft.rfft(reference, size))
    place = int(np.fft.irfft(product).argmax())
    return place if place < size // 2 else place - size


@pytest.mark.parametrize("coding", [MP3_32K, OPUS_16K, AAC_32K], ids=lambda c: c.encoder)
def test_a_codec_changes_the_samples_and_not_their_moments(music: Samples, coding: Coding) -> None:
    back = coded(music, coding, sample_rate_hz=RATE_HZ)
    assert back.dtype == np.float32
    assert len(back) == len(music)
    error = np.sqrt(np.mean((back - music) ** 2) / np.mean(music**2))
    assert 0.02 < error < 0.6
    assert lag(back, music) == 0


def test_the_same_samples_give_the_same_code(music: Samples) -> None:
    once, again = (coded(music, OPUS_16K, sample_rate_hz=RATE_HZ) for _ in range(2))
    np.testing.assert_array_equal(once, again)


def test_nothing_stays_nothing() -> None:
    assert len(coded(np.zeros(0, np.float32), MP3_32K, sample_rate_hz=RATE_HZ)) == 0


def test_an_encoder_that_is_not_there_is_named(music: Samples) -> None:
    with pytest.raises(AudioError, match="no_such_encoder cannot be used"):
        coded(music, Coding("no_such_encoder", "ogg", 16_000, 48_000), sample_rate_hz=RATE_HZ)


def test_samples_that_are_none_are_refused() -> None:
    with pytest.raises(AudioFormatError, match="expected mono float32"):
        coded(np.zeros((2, 9), np.float32), MP3_32K, sample_rate_hz=RATE_HZ)


@pytest.mark.parametrize("tempo", [0.92, 1.08])
def test_tempo_changes_time_and_leaves_pitch(tempo: float) -> None:
    tone = np.sin(2 * np.pi * 440 * np.arange(4 * RATE_HZ) / RATE_HZ).astype(np.float32)
    heard = filtered(tone, "atempo", str(tempo), sample_rate_hz=RATE_HZ)
    assert len(heard) == pytest.approx(len(tone) / tempo, rel=0.01)
    middle = heard[RATE_HZ : 2 * RATE_HZ]  # one second: bins are hertz
    assert int(np.abs(np.fft.rfft(middle * np.hanning(len(middle)))).argmax()) == 440


def test_a_filter_that_is_not_there_is_named(music: Samples) -> None:
    with pytest.raises(AudioError, match="filter no_such_filter=1 cannot be used"):
        filtered(music, "no_such_filter", "1", sample_rate_hz=RATE_HZ)


@pytest.mark.parametrize(("numerator", "denominator"), [(23, 25), (26, 25), (53, 50)])
def test_a_speed_maps_moments_exactly(numerator: int, denominator: int) -> None:
    at = np.arange(4 * RATE_HZ) / RATE_HZ
    sweep = np.sin(2 * np.pi * (300 + 200 * at) * at).astype(np.float32)
    heard = resampled(sweep, rate_in_hz=numerator * RATE_HZ, rate_out_hz=denominator * RATE_HZ)
    moment = np.arange(len(heard)) * numerator / denominator / RATE_HZ
    expected = np.sin(2 * np.pi * (300 + 200 * moment) * moment)
    inner = slice(200, -200)
    np.testing.assert_allclose(heard[inner], expected[inner], atol=1e-3)

"""Levels of signals whose levels are known."""

import numpy as np
import pytest
from numpy.typing import NDArray

from realtime.levels import BANDS_FLOOR_DBFS, BANDS_TOP, LevelMeter
from realtime.messages import LEVEL_BANDS

RATE_HZ = 16_000
HOP = 1600


def tone(frequency_hz: float, amplitude: float, samples: int = HOP) -> NDArray[np.float32]:
    time_s = np.arange(samples) / RATE_HZ
    return (amplitude * np.sin(2 * np.pi * frequency_hz * time_s)).astype(np.float32)


def meter(hop_samples: int = HOP) -> LevelMeter:
    return LevelMeter(sample_rate_hz=RATE_HZ, hop_samples=hop_samples)


def band_powers(bands: tuple[int, ...]) -> NDArray[np.float64]:
    shown = np.array(bands, float)
    decibels = BANDS_FLOOR_DBFS * (1 - shown / BANDS_TOP)
    return np.where(shown > 0, 10 ** (decibels / 10), 0.0)


def test_silence_is_at_the_floor_everywhere() -> None:
    level = meter().measure(np.zeros(HOP, np.float32))
    assert (level.rms_dbfs, level.peak_dbfs) == (-120.0, -120.0)
    assert level.bands == (0,) * LEVEL_BANDS


def test_a_tone_has_its_root_mean_square_and_its_peak() -> None:
    level = meter().measure(tone(1000, 0.5))
    assert level.rms_dbfs == pytest.approx(-9.03, abs=0.01)  # 20 log10(0.5 / sqrt 2)
    assert level.peak_dbfs == pytest.approx(-6.02, abs=0.01)


@pytest.mark.parametrize("hop", [160, 320, HOP, 16_000])
@pytest.mark.parametrize("frequency_hz", [150, 440, 1000, 3000, 7000])
def test_the_bands_add_up_to_the_mean_square(frequency_hz: float, hop: int) -> None:
    level = meter(hop).measure(tone(frequency_hz, 0.5, hop))
    total_dbfs = 10 * np.log10(band_powers(level.bands).sum())
    assert total_dbfs == pytest.approx(level.rms_dbfs, abs=0.5)


def test_a_higher_tone_lights_a_higher_band() -> None:
    loudest = [
        int(np.argmax(meter().measure(tone(frequency_hz, 0.5)).bands))
        for frequency_hz in (60, 200, 500, 1000, 2000, 4000, 7500)
    ]
    assert loudest == sorted(set(loudest))
    assert loudest[0] == 1
    assert loudest[-1] == LEVEL_BANDS - 1


@pytest.mark.parametrize("hop", [160, HOP])
def test_every_band_sees_white_noise(hop: int) -> None:
    noise = np.random.default_rng(1).normal(0, 0.2, hop).astype(np.float32)
    assert min(meter(hop).measure(noise).bands) > 0


def test_beyond_full_scale_the_bands_stay_in_range() -> None:
    level = meter().measure(tone(1000, 8.0))
    assert max(level.bands) == BANDS_TOP
    assert level.peak_dbfs == pytest.approx(18.06, abs=0.01)

"""Mixing: levels are what was asked for."""

import numpy as np
import pytest
import torch

from encoder.augment.draw import Draw
from encoder.augment.mixing import (
    coloured_noise,
    cross_fade,
    cut_anywhere,
    mix_at,
    power,
    varied,
)
from encoder.corpus import corpus_of
from tests.encoder.made_music import RATE_HZ, tone


def draw(batch: int) -> Draw:
    return Draw(torch.Generator().manual_seed(2), batch=batch)


@pytest.mark.parametrize("ratio_db", [-5.0, 0.0, 20.0])
def test_noise_stands_below_by_the_ratio(ratio_db: float) -> None:
    sound, noise = tone(440, 8000), torch.randn(1, 8000)
    added = mix_at(sound, noise, torch.tensor([ratio_db])) - sound
    measured = 10 * torch.log10(power(sound) / power(added))
    assert float(measured) == pytest.approx(ratio_db, abs=0.01)


def test_silence_on_either_side_stays_finite() -> None:
    silent, ratio = torch.zeros(1, 100), torch.tensor([0.0])
    assert bool((mix_at(tone(440, 100), silent, ratio) == tone(440, 100)).all())
    assert bool(mix_at(silent, torch.randn(1, 100), ratio).isfinite().all())


@pytest.mark.parametrize("slope", [-6.0, -3.0, 0.0])
def test_noise_slopes_as_asked(slope: float) -> None:
    noise = coloured_noise(draw(8), 32_768, torch.full((8,), slope), rate_hz=RATE_HZ)
    spectrum = torch.fft.rfft(noise).abs().square().mean(0)
    octaves = [
        float(10 * torch.log10(spectrum[round(2.048 * f) : round(2.048 * 2 * f)].mean()))
        for f in (500, 1000, 2000)
    ]
    assert octaves[1] - octaves[0] == pytest.approx(slope, abs=0.8)
    assert octaves[2] - octaves[1] == pytest.approx(slope, abs=0.8)


def test_a_cross_fade_goes_from_one_level_to_the_other() -> None:
    sound, other = tone(440, 16_000), tone(990, 16_000, amplitude=0.1)
    levels = torch.tensor([-20.0]), torch.tensor([0.0])
    added = cross_fade(sound, other, *levels) - sound
    at_begin, at_end = added[:, :800].abs().max(), added[:, -800:].abs().max()
    assert float(at_begin) == pytest.approx(0.5 * 0.1, rel=0.15)
    assert float(at_end) == pytest.approx(0.5, rel=0.05)


def test_cuts_come_from_all_over_the_recordings() -> None:
    ramp = np.linspace(0, 1, 1000, dtype=np.float32)
    cuts = cut_anywhere(corpus_of([ramp], sample_rate_hz=RATE_HZ), draw(200), 100)
    assert cuts.shape == (200, 100)
    assert float(cuts[:, 0].min()) < 0.1
    assert float(cuts[:, 0].max()) > 0.8
    step = cuts.diff(dim=1)
    assert float((step - 1 / 999).abs().max()) < 1e-4  # whole stretches, in order


def test_noise_is_varied_in_colour_and_by_what_is_mixed_in() -> None:
    low, high = tone(300, 16_000), tone(3000, 16_000)
    heard = varied(torch.cat([low, high] * 20), draw(40), rate_hz=RATE_HZ)
    spectrum = torch.fft.rfft(heard).abs()  # 1 Hz apart
    balance_db = 20 * torch.log10(spectrum[:, 3000] / spectrum[:, 300])
    assert bool(balance_db.isfinite().all())  # each holds both of them
    own = torch.cat([-balance_db[::2], balance_db[1::2]])  # what was there over what was mixed in
    assert float(own.std()) > 5
    assert float(own.mean().abs()) < 5

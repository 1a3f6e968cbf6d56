"""Damage: loud turned down, peaks cut, spectra made coarse, blocks lost."""

import pytest
import torch

from encoder.augment import damage
from tests.encoder.made_music import RATE_HZ, song, tone


def one(*values: float) -> list[torch.Tensor]:
    return [torch.tensor([value]) for value in values]


def test_gain_is_in_decibels() -> None:
    assert damage.gain(torch.ones(1, 2), *one(20)).tolist() == [[10.0, 10.0]]


def test_compression_divides_the_way_above_the_threshold() -> None:
    quiet, loud = tone(500, 16_000, amplitude=0.01), tone(500, 16_000, amplitude=0.5)
    sound = torch.cat([quiet, loud, quiet], dim=1)
    # The item's own level is that of the loud third, less 4.8 dB; the threshold 20 dB below.
    heard = damage.compress(sound, *one(-20, 5, 0.05))
    before = sound[:, 20_000:30_000].square().mean().log10() * 10
    after = heard[:, 20_000:30_000].square().mean().log10() * 10
    assert float(before - after) == pytest.approx(24.77 * (1 - 1 / 5), abs=0.3)
    torch.testing.assert_close(heard[:, :15_000], quiet[:, :15_000])  # below it: untouched
    late = heard[:, -4000:].square().mean() / quiet[:, -4000:].square().mean()
    assert float(late) == pytest.approx(1, abs=0.01)  # and let go again


def test_a_slow_release_holds_on() -> None:
    sound = torch.cat([tone(500, 8000), tone(500, 8000, amplitude=0.05)], dim=1)
    fast, slow = (damage.compress(sound, *one(-10, 8, release)) for release in (0.02, 2.0))
    assert float(slow[:, -2000:].abs().max()) < 0.5 * float(fast[:, -2000:].abs().max())


def test_clipping_cuts_at_a_part_of_the_peak() -> None:
    heard = damage.clip(tone(440, 4000).repeat(2, 1), torch.tensor([0.5, 2.0]))
    assert heard.abs().amax(1).tolist() == pytest.approx([0.25, 0.5], abs=1e-4)
    torch.testing.assert_close(heard[1:], tone(440, 4000))


def test_coarser_steps_leave_more_error_and_nothing_above_the_top() -> None:
    sound = torch.from_numpy(song(4, 2.0))[None]
    errors = []
    for step in (1e-4, 0.1, 0.8):
        heard = damage.coarse_coding(sound, *one(step, 8000), sample_rate_hz=RATE_HZ)
        errors.append(float((heard - sound).square().mean() / sound.square().mean()))
    assert errors[0] < 1e-6
    assert errors[0] < errors[1] < errors[2] < 0.5
    low = damage.coarse_coding(sound, *one(0.1, 1500), sample_rate_hz=RATE_HZ)
    spectrum = torch.fft.rfft(low).abs()[0]
    assert float(spectrum[2 * 1700 :].max()) < 0.01 * float(spectrum.max())


def test_dropped_blocks_are_silent_and_the_rest_is_not_touched() -> None:
    sound = torch.ones(2, 100)
    first = torch.tensor([[10.0, 50.0], [95.0, 0.0]])
    heard = damage.drop_blocks(sound, first, torch.tensor([[5.0, 10.0], [50.0, 0.0]]))
    silent = [(row == 0).nonzero().flatten().tolist() for row in heard]
    assert silent == [[*range(10, 15), *range(50, 60)], list(range(95, 100))]

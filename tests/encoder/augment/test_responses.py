"""Filters at the frequencies where their gain is known."""

import pytest
import torch

from encoder.augment import responses
from tests.encoder.made_music import RATE_HZ, tone

F_HZ = responses.frequencies(8001, sample_rate_hz=RATE_HZ)  # one hertz apart


def db(gains: torch.Tensor, *at_hz: int) -> list[float]:
    return [float(20 * torch.log10(gains[0, hz])) for hz in at_hz]


def one(*values: float) -> list[torch.Tensor]:
    return [torch.tensor([value]) for value in values]


def test_low_pass_is_3_db_down_at_its_cutoff_and_falls_by_its_order() -> None:
    gains = responses.low_pass(F_HZ, *one(1000, 4))
    assert db(gains, 0, 100, 1000) == pytest.approx([0, 0, -3.01], abs=0.01)
    assert db(gains, 4000)[0] - db(gains, 8000)[0] == pytest.approx(24.08, abs=0.05)


def test_high_pass_mirrors_it() -> None:
    gains = responses.high_pass(F_HZ, *one(1000, 2))
    assert db(gains, 1000, 8000) == pytest.approx([-3.01, 0], abs=0.01)
    assert db(gains, 200)[0] - db(gains, 100)[0] == pytest.approx(12.04, abs=0.05)
    assert float(gains[0, 0]) < 1e-6


def test_band_keeps_what_lies_between() -> None:
    gains = responses.band(F_HZ, *one(300, 3400, 8))
    assert db(gains, 300, 1000, 3400) == pytest.approx([-3.01, 0, -3.01], abs=0.02)


def test_tilt_is_straight_over_octaves() -> None:
    gains = responses.tilt(F_HZ, *one(-3))
    assert db(gains, 500, 1000, 4000) == pytest.approx([3, 0, -6], abs=0.01)


def test_a_bell_has_its_gain_at_its_centre_and_half_of_it_at_its_edge() -> None:
    bell = torch.tensor([[2000.0]]), torch.tensor([[8.0]]), torch.tensor([[2.0]])
    gains = responses.equaliser(F_HZ, *bell)
    assert db(gains, 1000, 2000, 4000) == pytest.approx([4, 8, 4], abs=0.02)
    assert abs(db(gains, 100)[0]) < 0.01


def test_a_curve_goes_through_its_points() -> None:
    gains = responses.smooth_curve(F_HZ, torch.tensor([[-6.0, 0.0, 6.0]]))
    middle_hz = round((50 * 8000) ** 0.5)
    assert db(gains, 20, 50, middle_hz, 8000) == pytest.approx([-6, -6, 0, 6], abs=0.05)


def test_a_tone_comes_out_with_the_gain_at_its_frequency() -> None:
    gains = responses.low_pass(F_HZ, torch.tensor([500.0, 2000.0]), torch.tensor([4.0, 4.0]))
    heard = responses.apply(tone(500, RATE_HZ).repeat(2, 1), gains)
    assert heard.abs().amax(1).tolist() == pytest.approx([0.5 * 0.7071, 0.5], abs=1e-3)


def test_a_gain_of_one_changes_nothing() -> None:
    sound = torch.randn(2, 3000)
    torch.testing.assert_close(responses.apply(sound, torch.ones(2, 65)), sound, atol=1e-5, rtol=0)

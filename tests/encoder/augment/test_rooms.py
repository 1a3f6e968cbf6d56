"""Rooms: how fast they decay, where the direct sound is, what they do to a click."""

import math

import pytest
import torch

from encoder.augment.draw import Draw
from encoder.augment.rooms import decaying_noise, measured_rooms, reverberate, simulated_rooms
from encoder.corpus import corpus_of
from tests.encoder.made_music import RATE_HZ, clicks

LENGTH = 16_000


@pytest.mark.parametrize("t60_s", [0.2, 0.8])
def test_noise_falls_by_60_db_in_t60(t60_s: float) -> None:
    decay = decaying_noise(torch.ones(1, LENGTH), torch.tensor([t60_s]), sample_rate_hz=RATE_HZ)
    there = round(t60_s * RATE_HZ)
    assert float(decay[0, 0]) == 1
    assert 20 * math.log10(float(decay[0, there])) == pytest.approx(-60, abs=0.1)


def test_simulated_rooms_begin_with_the_direct_sound_and_hold_energy_one() -> None:
    draw = Draw(torch.Generator().manual_seed(1), batch=64)
    rooms = simulated_rooms(draw, LENGTH, sample_rate_hz=RATE_HZ)
    torch.testing.assert_close(rooms.square().sum(1), torch.ones(64))
    direct = rooms[:, 0].square()
    ratio_db = 10 * torch.log10(direct / (1 - direct))
    assert float(ratio_db.min()) >= -8.01
    assert float(ratio_db.max()) <= 12.01
    assert float(ratio_db.std()) > 3  # rooms differ
    late = rooms[:, LENGTH // 2 :].square().sum(1) / (1 - direct)
    assert float(late.max()) < 0.1  # even the largest is nearly over after half a second


def test_measured_rooms_are_aligned_at_their_largest_sample() -> None:
    first, second = torch.zeros(300), torch.zeros(50)
    first[100], first[150] = 0.8, -0.6
    second[7] = 0.5
    rooms = corpus_of([first.numpy(), second.numpy()], sample_rate_hz=RATE_HZ)
    responses = measured_rooms(rooms, 100)
    assert responses.shape == (2, 100)
    assert float(responses[0, 0]) == pytest.approx(0.8, abs=1e-3)
    assert float(responses[0, 50]) == pytest.approx(-0.6, abs=1e-3)
    assert responses[1].tolist() == [1.0] + [0.0] * 99


def test_an_echo_comes_as_much_later_as_the_room_says() -> None:
    rooms = torch.zeros(1, 1000)
    rooms[0, 0], rooms[0, 400] = 1, 0.5
    heard = reverberate(clicks(8000, 3000), rooms)
    expected = clicks(8000, 3000) + 0.5 * clicks(8000, 3400)
    torch.testing.assert_close(heard, expected, atol=1e-5, rtol=0)

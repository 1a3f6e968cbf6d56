"""Speed, tempo and pitch: what becomes of a tone's frequency and of the time between clicks."""

import pytest
import torch

from encoder.augment.warp import centred, change_pitch, change_speed, change_tempo
from tests.encoder.made_music import burst_places, bursts, loudest_hz, tone

RAW, LENGTH = 40_000, 32_000
CENTRE, AT = 20_000, 16_000
FACTORS = [0.9, 0.96, 1.04, 1.1]
PLACE = {"length": LENGTH, "centre": CENTRE, "at": AT}


@pytest.mark.parametrize("factor", FACTORS)
def test_speed_changes_pitch_and_time_together(factor: float) -> None:
    rate = torch.tensor([factor])
    heard = change_speed(tone(1000, RAW), rate, **PLACE)
    assert heard.shape == (1, LENGTH)
    assert loudest_hz(heard[0]) == pytest.approx(1000 * factor, abs=1.5)
    moved = change_speed(bursts(RAW, CENTRE, CENTRE + 8000), rate, **PLACE)
    assert burst_places(moved[0], 2) == pytest.approx([AT, AT + 8000 / factor], abs=2)


@pytest.mark.parametrize("factor", FACTORS)
def test_tempo_changes_time_alone(factor: float) -> None:
    rate = torch.tensor([factor])
    heard = change_tempo(tone(1000, RAW), rate, **PLACE)
    assert heard.shape == (1, LENGTH)
    assert loudest_hz(heard[0]) == pytest.approx(1000, abs=1.5)
    moved = change_tempo(bursts(RAW, CENTRE, CENTRE + 8000), rate, **PLACE)
    assert burst_places(moved[0], 2) == pytest.approx([AT, AT + 8000 / factor], abs=128)


@pytest.mark.parametrize("factor", [0.94, 1.06])
def test_pitch_changes_frequency_alone(factor: float) -> None:
    rate = torch.tensor([factor])
    heard = change_pitch(tone(1000, RAW), rate, **PLACE)
    assert heard.shape == (1, LENGTH)
    assert loudest_hz(heard[0]) == pytest.approx(1000 * factor, abs=1.5)
    moved = change_pitch(bursts(RAW, CENTRE, CENTRE + 8000), rate, **PLACE)
    assert burst_places(moved[0], 2) == pytest.approx([AT, AT + 8000], abs=128)


def test_each_item_has_its_own_speed() -> None:
    both = change_speed(tone(1000, RAW).repeat(2, 1), torch.tensor([0.9, 1.1]), **PLACE)
    assert [loudest_hz(x) for x in both] == pytest.approx([900, 1100], abs=1.5)


@pytest.mark.parametrize("frequency_hz", [100, 1000, 4000])
def test_speed_one_changes_nothing(frequency_hz: float) -> None:
    sound = tone(frequency_hz, RAW)
    heard = change_speed(sound, torch.tensor([1.0]), **PLACE)
    kept = centred(sound, LENGTH, centre=CENTRE, at=AT)
    inner = slice(1000, -1000)
    assert float((heard - kept)[:, inner].abs().max()) < 0.5 * 10 ** (-50 / 20)


def test_what_would_pass_half_the_rate_is_taken_out() -> None:
    heard = change_speed(tone(7800, RAW), torch.tensor([1.1]), **PLACE)
    assert float(heard[:, 4000:-4000].abs().max()) < 0.01


def test_centred_refuses_what_is_not_there() -> None:
    with pytest.raises(ValueError, match="do not lie within 40000 samples"):
        centred(tone(100, RAW), LENGTH, centre=100, at=AT)

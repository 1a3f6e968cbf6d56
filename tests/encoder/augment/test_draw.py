"""Draws: seeded, within their bounds, one for each item."""

import torch

from encoder.augment.draw import Draw, on_some


def draw(seed: int, batch: int = 1000) -> Draw:
    return Draw(torch.Generator().manual_seed(seed), batch=batch)


def test_equal_seeds_draw_equally_and_others_do_not() -> None:
    assert torch.equal(draw(1).uniform(0, 1), draw(1).uniform(0, 1))
    assert not torch.equal(draw(1).uniform(0, 1), draw(2).uniform(0, 1))


def test_values_lie_within_their_bounds_and_fill_them() -> None:
    even = draw(3).uniform(-2, 4)
    assert -2 <= float(even.min()) < -1.9
    assert 3.9 < float(even.max()) <= 4
    octaves = draw(3).log_uniform(100, 1600).log2()
    halves = (octaves < torch.tensor(400.0).log2()).float().mean()
    assert 0.45 < float(halves) < 0.55
    assert set(draw(3).integers(3).tolist()) == {0, 1, 2}


def test_chance_is_a_share() -> None:
    assert 0.25 < float(draw(4).chance(0.3).float().mean()) < 0.35
    assert not bool(draw(4).chance(0.0).any())


def test_an_effect_sees_the_chosen_rows_and_their_parameters_alone() -> None:
    seen: list[int] = []

    def effect(x: torch.Tensor, gain: torch.Tensor) -> torch.Tensor:
        seen.append(len(x))
        return x * gain[:, None]

    x, gain = torch.ones(4, 2), torch.tensor([2.0, 3.0, 4.0, 5.0])
    chosen = torch.tensor([True, False, True, False])
    assert on_some(x, chosen, effect, gain)[:, 0].tolist() == [2, 1, 4, 1]
    assert on_some(x, torch.zeros(4, dtype=torch.bool), effect, gain) is x
    assert seen == [2]

"""Losses at values that follow from their definitions."""

import math

import pytest
import torch

from encoder.training.loss import (
    alike,
    contrastive_loss,
    look_alike,
    memory_loss,
    style_loss,
    tag_loss,
)


def test_when_all_are_equal_every_choice_is_a_guess() -> None:
    same = torch.ones(4, 3) / 3**0.5
    loss = contrastive_loss(same, same, temperature=0.1)
    assert float(loss) == pytest.approx(math.log(7))


def test_the_loss_of_two_pairs_counted_by_hand() -> None:
    anchors = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    spoiled = torch.tensor([[0.6, 0.8], [0.0, 1.0]])
    # Each row: the partner's cosine against those of the two others.
    rows = [(0.6, 0.0, 0.0), (1.0, 0.0, 0.8), (0.6, 0.8, 0.8), (1.0, 0.0, 0.8)]
    expected = [math.log(sum(math.exp(c) for c in row)) - row[0] for row in rows]
    loss = contrastive_loss(anchors, spoiled, temperature=1.0)
    assert float(loss) == pytest.approx(sum(expected) / 4, abs=1e-6)


def test_pairs_of_the_same_sound_are_not_held_against_each_other() -> None:
    one = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    blind = contrastive_loss(one, one, temperature=0.05)
    same = alike(one, one)
    assert same.tolist() == [[True, True, False], [True, True, False], [False, False, True]]
    seeing = contrastive_loss(one, one, temperature=0.05, alike=same)
    assert float(blind) > 0.5
    assert float(seeing) < 1e-6


def test_the_loss_against_a_memory_counted_by_hand() -> None:
    rows = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    keys = torch.tensor([[0.8, 0.6], [0.0, 1.0]])
    others = torch.tensor([[0.6, 0.8], [1.0, 0.0]])
    same = torch.tensor([[False, True], [False, False]])  # the second is the first row's sound
    # Each row: its own key's cosine against those of the others that count.
    cosines = [(0.8, 0.6), (1.0, 0.8, 0.0)]
    expected = [math.log(sum(math.exp(c) for c in row)) - row[0] for row in cosines]
    loss = memory_loss(rows, keys, others, temperature=1.0, same=same)
    assert float(loss) == pytest.approx(sum(expected) / 2, abs=1e-6)


def test_strangers_stand_among_the_others_and_choose_nobody() -> None:
    anchors = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    spoiled = torch.tensor([[0.6, 0.8], [0.0, 1.0]])
    strangers = torch.tensor([[0.8, 0.6]])
    # As counted above, and the cosine with the stranger.
    rows = [(0.6, 0, 0, 0.8), (1.0, 0, 0.8, 0.6), (0.6, 0.8, 0.8, 0.96), (1.0, 0, 0.8, 0.6)]
    expected = [math.log(sum(math.exp(c) for c in row)) - row[0] for row in rows]
    loss = contrastive_loss(anchors, spoiled, temperature=1.0, strangers=strangers)
    assert float(loss) == pytest.approx(sum(expected) / 4, abs=1e-6)


def test_a_loop_looks_alike_and_another_moment_does_not() -> None:
    rng = torch.Generator().manual_seed(1)
    first, other = torch.rand(2, 80, 121, generator=rng)
    pictures = look_alike(torch.stack([first, first + 0.01, other]))
    assert alike(pictures, pictures).tolist() == [
        [True, True, False],
        [True, True, False],
        [False, False, True],
    ]


def test_equal_to_the_teacher_costs_nothing() -> None:
    style = torch.tensor([[3.0, 4.0]])
    assert float(style_loss(style / 5, style)) == pytest.approx(0, abs=1e-6)
    assert float(style_loss(-style / 5, style)) == pytest.approx(2)
    tags = torch.tensor([[0.1, 0.9, 0.5]])
    assert float(tag_loss(tags.logit(), tags)) == pytest.approx(0, abs=1e-6)
    assert float(tag_loss(torch.zeros(1, 3), tags)) > 0.1

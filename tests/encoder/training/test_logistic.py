"""Fitting finds what is there to find."""

import numpy as np
import pytest

from encoder.errors import TrainingError
from encoder.training.logistic import Row, fit_head


def test_fitting_finds_the_plane_that_made_the_classes() -> None:
    rng = np.random.default_rng(2)
    style = rng.normal([5, -3, 0], [10, 0.1, 1], (20_000, 3)).astype(np.float32)
    plane = np.array([0.2, 10.0, 0.0])
    chance = 1 / (1 + np.exp(-(style @ plane + 29)))
    music = rng.random(len(style)) < chance
    weights = {True: float(music.mean()), False: float((~music).mean())}
    rows = [Row(str(kind), kind, style[music == kind], weights[kind]) for kind in (True, False)]
    head = fit_head(rows, fingerprint="0", l2=1e-6)
    assert (np.abs(head.weight - plane) < [0.01, 0.6, 0.06]).all(), head.weight
    assert head.bias == pytest.approx(29, abs=2)


def test_a_heavier_penalty_makes_it_flatter() -> None:
    rng = np.random.default_rng(2)
    rows = [
        Row(str(music), music, rng.normal(music, 1, (500, 2)).astype(np.float32), 1.0)
        for music in (False, True)
    ]
    light, heavy = (fit_head(rows, fingerprint="0", l2=l2) for l2 in (1e-4, 1.0))
    assert np.linalg.norm(heavy.weight) < np.linalg.norm(light.weight) / 2


def test_one_class_alone_is_refused() -> None:
    rows = [Row("music", True, np.ones((3, 2), np.float32), 1.0)]
    with pytest.raises(TrainingError, match="one is missing"):
        fit_head(rows, fingerprint="0", l2=1e-3)

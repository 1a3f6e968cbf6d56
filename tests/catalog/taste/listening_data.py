"""Listening with a known structure, small."""

from __future__ import annotations

import numpy as np

from catalog.datasets import Listening

KINDS = 4


def planted_listening(
    *, users: int = 60, items: int = 80, each: int = 12, seed: int = 0
) -> Listening:
    """Every user plays items of one of `KINDS` kinds (item i is of kind i % KINDS), and a tenth of
    anything; each item is played, the first of a kind by far the most."""
    rng = np.random.default_rng(seed)
    user, item = [], []
    fame = 1 / (1 + np.arange(items) // KINDS)
    for number in range(users):
        likes = np.where(np.arange(items) % KINDS == number % KINDS, 1.0, 0.02) * fame
        chosen = rng.choice(items, each, replace=False, p=likes / likes.sum())
        user += [number] * each
        item += sorted(chosen.tolist())
    plays = rng.integers(1, 20, len(item))
    return Listening(
        [f"u{i}" for i in range(users)],
        [f"i{i:03}" for i in range(items)],
        np.array(user, np.int32),
        np.array(item, np.int32),
        plays.astype(np.float32),
    )

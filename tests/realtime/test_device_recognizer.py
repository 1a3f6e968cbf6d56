"""The encoder that devices share: one at a time, in the order of asking, and nothing lost."""

from __future__ import annotations

import asyncio
import threading

import numpy as np
import pytest
from numpy.typing import NDArray

from encoder.embedding import Embeddings
from realtime.device_recognizer import TURN, Shared
from tests.catalog.making import RATE_HZ, SPEC, BandsEncoder, tone
from tests.helpers.serving import in_loop


class Watched(BandsEncoder):
    """Notes who is inside: the callers' turns, by what they bring, and how many at most."""

    def __init__(self) -> None:
        self.turns: list[int] = []
        self.busiest = 0
        self._inside = 0
        self._lock = threading.Lock()
        self.go = threading.Event()
        self.go.set()

    def embed(self, windows: NDArray[np.float32]) -> Embeddings:
        with self._lock:
            self._inside += 1
            self.busiest = max(self.busiest, self._inside)
            self.turns.append(len(windows))
        self.go.wait()
        try:
            return super().embed(windows)
        finally:
            with self._lock:
                self._inside -= 1


@in_loop
async def test_one_at_a_time() -> None:
    watched = Watched()
    shared = Shared(watched)
    windows = np.stack([tone(seed, 1) for seed in range(10)])
    await asyncio.gather(*(asyncio.to_thread(shared.embed, windows) for _ in range(6)))
    assert watched.busiest == 1
    assert shared.spec is SPEC


@in_loop
async def test_who_brings_little_waits_for_one_turn_only() -> None:
    watched = Watched()
    shared = Shared(watched)
    watched.go.clear()
    many = np.stack([tone(1, 1)] * 10 * TURN)
    long = asyncio.create_task(asyncio.to_thread(shared.embed, many))
    while not watched.turns:
        await asyncio.sleep(0)
    short = asyncio.create_task(asyncio.to_thread(shared.embed, many[:1]))
    while shared._turns._asked < 2:
        await asyncio.sleep(0)
    watched.go.set()
    await asyncio.gather(long, short)
    assert watched.turns.index(1) == 1


@pytest.mark.parametrize("count", [0, 1, TURN, TURN + 1, 3 * TURN - 1])
def test_it_says_what_the_encoder_says(count: int) -> None:
    windows = np.stack([tone(seed, 1) for seed in range(20)])[:count]
    alone, shared = BandsEncoder().embed(windows), Shared(BandsEncoder()).embed(windows)
    np.testing.assert_allclose(shared.style, alone.style, rtol=1e-5)
    np.testing.assert_allclose(shared.tags, alone.tags, rtol=1e-5)
    assert shared.prints is not None
    assert alone.prints is not None
    np.testing.assert_allclose(shared.prints, alone.prints, rtol=1e-4, atol=1e-6)
    assert shared.music is None
    stretches = np.stack([tone(seed, 2) for seed in range(20)])[:count]
    assert stretches.shape[1] == 2 * RATE_HZ
    prints = Shared(BandsEncoder()).prints(stretches)
    np.testing.assert_allclose(prints, BandsEncoder().prints(stretches), rtol=1e-4, atol=1e-6)

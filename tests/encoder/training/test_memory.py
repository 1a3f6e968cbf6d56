"""What is remembered, what of it counts as the same, and what the loss makes of it."""

import math

import pytest
import torch

from encoder.training.loss import contrastive_loss
from encoder.training.memory import Memory, Seen

RATE_HZ = 16_000


def seen(*centres: int, turn: int = 0) -> Seen:
    """Windows at `centres` whose vectors and pictures are all different."""
    count = len(centres)
    vectors = torch.eye(16)[turn : turn + count]
    return Seen(vectors, vectors, torch.tensor(centres))


def test_nothing_is_remembered_at_first_or_without_size() -> None:
    memory = Memory(0, sample_rate_hz=RATE_HZ)
    memory.put(seen(0))
    assert memory.others(seen(0)) is None
    assert memory.state() == {}


def test_the_newest_stay() -> None:
    memory = Memory(3, sample_rate_hz=RATE_HZ)
    memory.put(seen(0, 100_000))
    memory.put(seen(200_000, 300_000, turn=2))
    others = memory.others(seen(900_000, turn=8))
    assert others is not None
    assert torch.equal(others[0], torch.eye(16)[1:4])
    assert not others[1].any()


def test_the_same_place_and_the_same_sound_are_known_again() -> None:
    memory = Memory(4, sample_rate_hz=RATE_HZ)
    memory.put(seen(0, 100_000, 200_000))
    near, far = 100_000 + RATE_HZ // 2 - 1, 200_000 + RATE_HZ // 2
    others = memory.others(seen(near, far, 900_000, turn=8))
    assert others is not None
    assert others[1].tolist() == [[False, True, False], [False] * 3, [False] * 3]
    alike = memory.others(seen(900_000, turn=1))
    assert alike is not None
    assert alike[1].tolist() == [[False, True, False]]


def test_it_can_be_laid_aside() -> None:
    memory, again = (Memory(4, sample_rate_hz=RATE_HZ) for _ in range(2))
    memory.put(seen(0, 100_000))
    again.load_state(memory.state())
    before, after = memory.others(seen(50, turn=8)), again.others(seen(50, turn=8))
    assert before is not None
    assert after is not None
    assert all(torch.equal(a, b) for a, b in zip(before, after, strict=True))


def test_the_loss_with_others_counted_by_hand() -> None:
    one = torch.eye(2)
    others = torch.tensor([[0.6, 0.8], [1.0, 0.0]])
    same = torch.tensor([[False, True], [False, False]])  # the second is the first pair's sound
    loss = contrastive_loss(one, one, temperature=1.0, others=(others, same))
    # A row: its partner (1), the other pair (0, 0), then those of the others that count.
    rows = [(1.0, 0.0, 0.0, 0.6), (1.0, 0.0, 0.0, 0.8, 0.0)]
    expected = [math.log(sum(math.exp(c) for c in row)) - 1 for row in rows]
    assert float(loss) == pytest.approx(sum(expected) / 2, abs=1e-6)

"""What is remembered, and what of it counts as the same."""

import torch

from encoder.training.memory import Memory, Seen

RATE_HZ = 16_000


def seen(*centres: int, turn: int = 0) -> Seen:
    """Windows at `centres` whose keys and pictures are all different."""
    count = len(centres)
    keys = torch.eye(16)[turn : turn + count]
    return Seen(keys, keys, torch.tensor(centres))


def test_nothing_is_remembered_at_first() -> None:
    memory = Memory(4, sample_rate_hz=RATE_HZ)
    assert memory.others(seen(0)) is None
    assert memory.state() == {}


def test_who_remembers_nothing_has_nothing_to_hold_against() -> None:
    memory = Memory(0, sample_rate_hz=RATE_HZ)
    memory.put(seen(0, 100_000))
    assert memory.others(seen(900_000, turn=8)) is None


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

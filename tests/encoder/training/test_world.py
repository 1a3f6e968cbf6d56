"""Sharing out a step's shards (that two processes train like one: see test_train)."""

import pytest

from encoder.errors import TrainingError
from encoder.training.world import World


def test_every_shard_is_made_once_and_in_order() -> None:
    shares = [list(World(rank=rank, size=4).share(8)) for rank in range(4)]
    assert [shard for share in shares for shard in share] == list(range(8))
    assert {len(share) for share in shares} == {2}


def test_an_uneven_share_is_refused() -> None:
    with pytest.raises(TrainingError, match="3 shards a step cannot be shared evenly by 2"):
        World(size=2).share(3)

"""What is held out of whose plays."""

import numpy as np
import pytest

from catalog.datasets import Listening
from catalog.errors import TasteError
from catalog.taste.splits import LEAST_ITEMS, plays_of, split_plays


def listening(counts: list[int], *, items: int = 40, seed: int = 0) -> Listening:
    """Users with so many items each."""
    rng = np.random.default_rng(seed)
    chosen = [np.sort(rng.choice(items, count, replace=False)) for count in counts]
    return Listening(
        [f"u{i}" for i in range(len(counts))],
        [f"i{i}" for i in range(items)],
        np.repeat(np.arange(len(counts)), counts).astype(np.int32),
        np.concatenate(chosen).astype(np.int32),
        rng.integers(1, 9, sum(counts)).astype(np.float32),
    )


def test_the_parts_have_no_pair_in_common_and_make_up_all() -> None:
    plays = plays_of(listening([3, 5, 10, 40]))
    split = split_plays(plays, seed=4)
    whole = split.training + split.validation + split.test
    assert (whole != plays).nnz == 0
    assert split.training.nnz + split.validation.nnz + split.test.nnz == plays.nnz
    assert np.diff(split.test.indptr).tolist() == [0, 1, 2, 8]
    assert np.diff(split.validation.indptr).tolist() == [0, 1, 1, 4]
    assert LEAST_ITEMS == 5


def test_a_seed_gives_the_same_parts_and_another_others() -> None:
    plays = plays_of(listening([20] * 5))
    one, same, other = (split_plays(plays, seed=seed).test for seed in (1, 1, 2))
    assert (one != same).nnz == 0
    assert (one != other).nnz > 0


def test_every_item_is_held_out_as_likely_as_any_other() -> None:
    plays = plays_of(listening([40] * 200))
    counts = np.bincount(split_plays(plays, seed=3).test.indices, minlength=40)
    assert counts.sum() == 200 * 8
    assert counts.min() > 15  # 40 expected, of 200 users; the spread is 6
    assert counts.max() < 70


@pytest.mark.parametrize("bad", [0, -1, np.nan, np.inf])
def test_plays_that_are_none_are_refused(bad: float) -> None:
    data = listening([5])
    data.plays[2] = bad
    with pytest.raises(TasteError, match="no numbers above 0"):
        plays_of(data)


def test_no_listening_is_refused() -> None:
    nothing = np.empty(0, np.int32)
    with pytest.raises(TasteError, match="no listening data"):
        plays_of(Listening([], [], nothing, nothing, np.empty(0, np.float32)))

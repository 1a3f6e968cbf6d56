"""Which songs are one recording."""

import numpy as np
import pytest

from catalog.groups import (
    LEAST_SEGMENTS,
    SAME_COSINE,
    SAME_PRINTS,
    group_of_each,
    lasts_alike,
    prints_agree,
)
from tests.catalog.making import random_prints

SILENCE = np.zeros((9, 4), np.float32)


def at_cosine(cosine):
    return [cosine, float(np.sqrt(1 - cosine**2))]


@pytest.mark.parametrize(
    ("cosine", "other_s", "same"),
    [
        (SAME_COSINE + 0.001, 100.0, True),
        (SAME_COSINE - 0.001, 100.0, False),
        (1.0, 100.4, True),
        (1.0, 100.6, False),
        (1.0, 99.4, False),
    ],
)
def test_both_sound_and_length_must_agree(cosine, other_s, same):
    styles = np.array([[1, 0], at_cosine(cosine)], np.float32)
    assert group_of_each(styles, [100.0, other_s], [3, 8], [SILENCE] * 2) == (
        [3, 3] if same else [3, 8]
    )


def test_links_make_chains_whatever_the_order():
    angles = np.radians([0, 8, 16, 90])
    styles = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    for order in ([0, 1, 2, 3], [2, 0, 3, 1], [3, 2, 1, 0]):
        ids = [10 + i for i in order]
        groups = group_of_each(styles[order], [5.0] * 4, ids, [SILENCE] * 4)
        assert dict(zip(ids, groups, strict=True)) == {10: 10, 11: 10, 12: 10, 13: 13}


def test_long_recordings_may_differ_by_more():
    assert lasts_alike(3600, 3606)
    assert not lasts_alike(36, 36.6)


def spoiled(prints, cosine, *, seed=7):
    """Unit prints each at `cosine` to its own."""
    other = random_prints(len(prints), seed=seed, dimension=prints.shape[1])
    other -= np.einsum("md,md->m", other, prints)[:, None] * prints
    other /= np.linalg.norm(other, axis=1, keepdims=True)
    return (cosine * prints + np.sqrt(1 - cosine**2) * other).astype(np.float32)


@pytest.mark.parametrize("shift", [-2, -1, 0, 1, 2])
@pytest.mark.parametrize("over", [-0.02, 0.02])
def test_prints_agree_at_one_place_or_the_next(shift, over):
    song = random_prints(60, seed=1, dimension=128)
    copy = spoiled(song, SAME_PRINTS + over)
    one, other = (song[shift:], copy) if shift > 0 else (song, copy[-shift:])
    assert prints_agree(one, other) is (over > 0 and abs(shift) < 2)


def test_prints_agree_where_both_are_heard_and_for_most_of_the_song():
    song = random_prints(60, seed=1, dimension=128)
    copy = song.copy()
    copy[:25] = random_prints(25, seed=2, dimension=128)
    assert prints_agree(song, copy)
    copy[:35] = random_prints(35, seed=2, dimension=128)
    assert not prints_agree(song, copy)
    copy[:35] = 0
    assert prints_agree(song, copy)
    few = song[:LEAST_SEGMENTS]
    assert prints_agree(few, few)
    assert not prints_agree(few[1:], few[1:])
    assert not prints_agree(song, song[:0])


def test_a_copy_of_poor_quality_is_known_by_its_prints():
    """Its style is not near enough; another piece of the same length and style is another."""
    song = random_prints(60, seed=1, dimension=128)
    other = random_prints(60, seed=2, dimension=128)
    styles = np.array([[1, 0], at_cosine(0.95), at_cosine(0.95)], np.float32)
    prints = [song, spoiled(song, 0.9), other]
    styles[2, 1] *= -1
    assert group_of_each(styles, [60.0] * 3, [3, 5, 8], prints) == [3, 3, 8]
    assert group_of_each(styles, [60.0, 61.0, 60.0], [3, 5, 8], prints) == [3, 5, 8]

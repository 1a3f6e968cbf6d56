"""Which songs are one recording."""

import numpy as np
import pytest

from catalog.groups import SAME_COSINE, group_of_each, lasts_alike


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
    assert group_of_each(styles, [100.0, other_s], [3, 8]) == ([3, 3] if same else [3, 8])


def test_links_make_chains_whatever_the_order():
    angles = np.radians([0, 8, 16, 90])
    styles = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    for order in ([0, 1, 2, 3], [2, 0, 3, 1], [3, 2, 1, 0]):
        ids = [10 + i for i in order]
        groups = group_of_each(styles[order], [5.0] * 4, ids)
        assert dict(zip(ids, groups, strict=True)) == {10: 10, 11: 10, 12: 10, 13: 13}


def test_long_recordings_may_differ_by_more():
    assert lasts_alike(3600, 3606)
    assert not lasts_alike(36, 36.6)

"""How near songs are to likes, and one scale for scores of any kind."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from catalog.taste.closeness import NEAREST_LIKES, ROWS_AT_ONCE, beaten_share, closeness
from encoder.files import unit


def test_likes_of_two_kinds_do_not_blur_into_what_lies_between() -> None:
    one, other = np.eye(2, dtype=np.float32)
    likes = np.stack([one] * NEAREST_LIKES + [other] * NEAREST_LIKES)
    between = unit(one + other)
    near_one, middle = closeness(np.stack([unit(one + 0.2 * other), between]), likes)
    assert near_one > middle  # the mean of all likes would prefer the middle
    assert likes.mean(axis=0) @ between > likes.mean(axis=0) @ unit(one + 0.2 * other)


def test_it_is_the_mean_cosine_with_the_nearest_in_parts_of_any_size() -> None:
    rng = np.random.default_rng(0)
    vectors = unit(rng.normal(size=(ROWS_AT_ONCE + 5, 4)).astype(np.float32))
    likes = unit(rng.normal(size=(7, 4)).astype(np.float32))
    by_hand = np.sort(vectors @ likes.T, axis=1)[:, -NEAREST_LIKES:].mean(axis=1)
    np.testing.assert_allclose(closeness(vectors, likes), by_hand, atol=1e-6)
    two = likes[:2]  # fewer likes than are looked at
    np.testing.assert_allclose(closeness(vectors, two), (vectors @ two.T).mean(axis=1), atol=1e-6)


@given(st.lists(st.integers(-3, 3), min_size=2, max_size=30))
def test_a_share_is_of_the_others_that_are_beaten(scores: list[int]) -> None:
    shares = beaten_share(np.array(scores, np.float32))
    for place, score in enumerate(scores):
        others = scores[:place] + scores[place + 1 :]
        beaten = sum((score > o) + (score == o) / 2 for o in others) / len(others)
        assert abs(shares[place] - beaten) < 1e-12


def test_one_score_alone_has_nothing_to_beat() -> None:
    assert beaten_share(np.array([0.3], np.float32)).tolist() == [1.0]

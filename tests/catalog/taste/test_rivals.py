"""Methods that score items for users, and how they are judged."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from catalog.taste import rivals

PLAYS = csr_matrix(np.array([[3, 0, 1, 0], [5, 2, 0, 0], [0, 4, 0, 0], [0, 9, 0, 0]], np.float32))
EVERYBODY = np.arange(4)


def test_popularity_counts_listeners_and_not_plays() -> None:
    scores = rivals.popularity(PLAYS)(np.array([0, 3]))
    assert scores.tolist() == [[2, 3, 1, 0]] * 2


def test_item_neighbours_are_those_by_cosine() -> None:
    weights = np.log1p(PLAYS.toarray())
    lengths = np.linalg.norm(weights, axis=0)
    unit = weights / np.where(lengths > 0, lengths, 1)
    expected = weights @ (unit.T @ unit)
    found = rivals.item_neighbours(PLAYS, k=4)(EVERYBODY)
    np.testing.assert_allclose(found, expected, atol=1e-5)
    of_one = rivals.item_neighbours(PLAYS, k=1)(EVERYBODY)  # an item is its own nearest
    np.testing.assert_allclose(of_one, weights, atol=1e-5)


def test_products_and_directions_and_likes() -> None:
    users = np.array([[1, 0], [0, 2]], np.float32)
    items = np.array([[5, 0], [3, 4], [0, 0]], np.float32)
    both = np.array([0, 1])
    assert rivals.by_product(users, items)(both).tolist() == [[5, 3, 0], [0, 8, 0]]
    by_direction = rivals.by_direction(users, items)(both)
    np.testing.assert_allclose(by_direction, [[1, 0.6, 0], [0, 1.6, 0]], atol=1e-6)
    plays = csr_matrix(np.array([[7, 0, 0], [1, 9, 0]], np.float32))
    by_likes = rivals.by_likes(plays, items)(both)
    np.testing.assert_allclose(by_likes[0], [1, 0.6, 0], atol=1e-6)
    np.testing.assert_allclose(by_likes[1], [1.6, 1.6, 0], atol=1e-6)


def test_a_perfect_score_is_judged_perfect_and_what_is_known_does_not_count() -> None:
    held = csr_matrix(np.array([[0, 1, 0, 0], [0, 0, 0, 2], [0, 0, 0, 0], [0, 0, 1, 1]]))
    known = csr_matrix(np.array([[1, 0, 0, 0], [0, 1, 1, 0], [1, 1, 1, 1], [0, 0, 0, 0]]))
    knowing = rivals.by_product(
        np.eye(4, dtype=np.float32), (held + 9 * known).toarray().T.astype(np.float32)
    )
    found = rivals.judged(knowing, held=held, known=known, k=2, seed=0)
    assert (found.users, found.map, found.recall, found.ndcg, found.auc) == (3, 1, 1, 1, 1)
    fooled = rivals.judged(knowing, held=held, known=None, k=2, seed=0)
    assert fooled.map < 1


def test_chance_is_judged_as_chance_on_as_many_users_as_are_asked_for() -> None:
    rng = np.random.default_rng(0)
    held = csr_matrix((rng.random((300, 40)) < 0.1).astype(np.float32))
    score = rivals.random_scores(40, seed=3)
    found = rivals.judged(score, held=held, known=None, k=10, seed=0, most_users=250)
    assert found.users == 250
    assert found.auc == pytest.approx(0.5, abs=0.05)
    assert found.recall == pytest.approx(0.25, abs=0.08)

"""Factorisation against the normal equations of the paper, written out for dense matrices."""

from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from catalog.taste.als import AlsSettings, confidence, factorise, fold_in

SETTINGS = AlsSettings(factors=3, regularization=0.7, alpha=2.0, eps=4.0, iterations=60, seed=5)
Dense = Any


@pytest.fixture
def plays() -> csr_matrix:
    rng = np.random.default_rng(1)
    return csr_matrix(rng.poisson(0.8, (9, 7)) * rng.integers(1, 50, (9, 7)), dtype=np.float32)


def dense_half_step(other: Dense, plays: Dense) -> Dense:
    """Each row's vector: (Y^T C Y + lambda I)^-1 Y^T C p, equation 4 of Hu et al., C in full."""
    sure = np.where(plays > 0, 1 + SETTINGS.alpha * np.log(1 + plays / SETTINGS.eps), 1.0)
    rows = []
    for weight, wanted in zip(sure, plays > 0, strict=True):
        normal = other.T @ np.diag(weight) @ other
        normal += SETTINGS.regularization * np.eye(other.shape[1])
        rows.append(np.linalg.inv(normal) @ other.T @ np.diag(weight) @ wanted)
    return np.array(rows)


def loss(users: Dense, items: Dense, plays: Dense) -> float:
    sure = np.where(plays > 0, 1 + SETTINGS.alpha * np.log(1 + plays / SETTINGS.eps), 1.0)
    missed = ((plays > 0) - users @ items.T) ** 2
    size = (users**2).sum() + (items**2).sum()
    return float((sure * missed).sum() + SETTINGS.regularization * size)


def test_confidence_is_that_of_the_paper(plays: csr_matrix) -> None:
    sure = confidence(plays, SETTINGS).toarray()
    dense = plays.toarray()
    expected = np.where(dense > 0, 1 + 2 * np.log(1 + dense / 4), 0)
    np.testing.assert_allclose(sure, expected, rtol=1e-6)


def test_it_settles_where_both_sides_solve_their_equations(plays: csr_matrix) -> None:
    users, items = (side.astype(np.float64) for side in factorise(plays, SETTINGS))
    dense = plays.toarray().astype(np.float64)
    np.testing.assert_allclose(items, dense_half_step(users, dense.T), atol=1e-4)
    np.testing.assert_allclose(users, dense_half_step(items, dense), atol=2e-3)
    rng = np.random.default_rng(0)
    least = loss(users, items, dense)
    for _ in range(20):  # no small step makes it less
        step = 0.02 * rng.normal(size=users.shape)
        assert loss(users + step, items, dense) > least


def test_it_is_as_good_as_dense_least_squares_from_the_same_start(plays: csr_matrix) -> None:
    dense = plays.toarray().astype(np.float64)
    items = np.random.default_rng(2).random((7, 3)) * 0.01
    for _ in range(60):
        users = dense_half_step(items, dense)
        items = dense_half_step(users, dense.T)
    mine = factorise(plays, SETTINGS)
    assert loss(mine[0], mine[1], dense) == pytest.approx(loss(users, items, dense), rel=0.02)


def test_folding_in_gives_the_exact_vectors_also_of_who_played_nothing(plays: csr_matrix) -> None:
    items = np.random.default_rng(3).normal(size=(7, 3)).astype(np.float32)
    some = plays.tolil()
    some[2] = 0
    some = some.tocsr()
    some.eliminate_zeros()
    found = fold_in(items, some, SETTINGS)
    np.testing.assert_allclose(found, dense_half_step(items, some.toarray()), atol=1e-5)
    assert not found[2].any()


def test_a_seed_gives_the_same_vectors_and_steps_are_told(plays: csr_matrix) -> None:
    steps: list[int] = []
    one = factorise(plays, SETTINGS, on_step=steps.append)
    same = factorise(plays, SETTINGS)
    assert steps == list(range(1, 61))
    for a, b in zip(one, same, strict=True):
        assert (a == b).all()
    other = factorise(plays, SETTINGS.model_copy(update={"seed": 6}))
    assert (one[1] != other[1]).any()

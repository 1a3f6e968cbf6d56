"""Principal directions: orthonormal, the best there are, and the same each time."""

import numpy as np
import pytest

from catalog import projection
from catalog.prints import stored_prints, unit_prints
from catalog.projection import principal_directions
from tests.catalog.making import random_prints


def flat_prints(count, *, seed):
    """Prints of 8 numbers that vary most along three known axes."""
    rng = np.random.default_rng(seed)
    scales = np.array([0.01, 5, 0.01, 2, 0.01, 1, 0.01, 0.01])
    return stored_prints((rng.normal(size=(count, 8)) * scales).astype(np.float32))


def test_the_axes_of_most_moment_come_first_and_point_one_way():
    prints = flat_prints(3000, seed=1)
    found = principal_directions(prints, np.arange(3000), dimension=3)
    np.testing.assert_allclose(found.T @ found, np.eye(3), atol=1e-6)
    wanted = np.eye(8)[[1, 3, 5]].T
    np.testing.assert_allclose(found, wanted, atol=0.05)
    again = principal_directions(prints.copy(), np.arange(3000), dimension=3)
    assert found.tobytes() == again.tobytes()


@pytest.mark.parametrize("dimension", [8, 50])
def test_all_dimensions_keep_every_cosine(dimension):
    prints = stored_prints(random_prints(200, seed=2, dimension=8))
    found = principal_directions(prints, np.arange(200), dimension=dimension)
    assert found.shape == (8, 8)
    unit = unit_prints(prints)
    narrow = unit @ found
    np.testing.assert_allclose(narrow @ narrow.T, unit @ unit.T, atol=1e-5)


def test_only_the_rows_named_are_looked_at():
    prints = np.concatenate(
        [flat_prints(50, seed=3), stored_prints(random_prints(50, seed=4, dimension=8))]
    )
    one = principal_directions(prints, np.arange(50), dimension=2)
    np.testing.assert_array_equal(
        one, principal_directions(prints[:50], np.arange(50), dimension=2)
    )
    assert principal_directions(prints, np.zeros(0, np.int64), dimension=2).shape == (8, 2)


def test_a_large_catalog_is_sampled_evenly(monkeypatch):
    monkeypatch.setattr(projection, "CHUNK_ROWS", 10)
    monkeypatch.setattr(projection, "MOST_CHUNKS", 4)
    prints = np.zeros((1000, 4), np.int8)
    prints[:, 0] = 1
    prints[990:] = [0, 0, 0, 1]  # the last chunk looked at
    found = principal_directions(prints, np.arange(1000), dimension=2)
    np.testing.assert_allclose(found, np.eye(4)[[0, 3]].T, atol=1e-6)

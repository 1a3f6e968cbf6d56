"""Prints as int8: direction is all that is kept, and nearly all of it is."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from catalog.prints import LARGEST, inverse_lengths, stored_prints, unit_prints
from tests.catalog.making import random_prints

ANY_PRINTS = arrays(
    np.float32,
    array_shapes(min_dims=2, max_dims=2, max_side=12),
    elements=st.floats(-1, 1, width=32).map(lambda value: value if abs(value) > 1e-30 else 0.0),
)


@given(prints=ANY_PRINTS)
def test_a_row_is_scaled_to_the_range_and_read_at_length_1(prints):
    stored = stored_prints(prints)
    assert stored.dtype == np.int8
    largest = np.abs(stored.astype(int)).max(axis=1)
    assert (largest == np.where(prints.any(axis=1), LARGEST, 0)).all()
    lengths = np.linalg.norm(unit_prints(stored), axis=1)
    np.testing.assert_allclose(lengths, prints.any(axis=1), atol=1e-6)


@given(prints=ANY_PRINTS, gain=st.sampled_from([0.25, 2.0, 1024.0]))
def test_only_the_direction_counts(prints, gain):
    np.testing.assert_array_equal(stored_prints(prints * np.float32(gain)), stored_prints(prints))


def test_the_loss_of_direction_is_small():
    prints = random_prints(2000, seed=1, dimension=128)
    cosines = np.einsum("md,md->m", prints, unit_prints(stored_prints(prints)))
    assert cosines.min() > 1 - 2e-4
    assert cosines.mean() > 1 - 5e-5


def test_silence_and_what_is_not_finite_are_zeros():
    prints = np.array([[0, 0], [np.nan, 1], [np.inf, 1], [-3, 3]], np.float32)
    stored = stored_prints(prints)
    assert stored.tolist() == [[0, 0], [0, 0], [0, 0], [-127, 127]]
    assert unit_prints(stored)[:3].tolist() == [[0, 0]] * 3
    assert inverse_lengths(prints[:1]).tolist() == [0]


def test_no_prints_are_no_rows():
    assert stored_prints(np.zeros((0, 4), np.float32)).shape == (0, 4)
    assert unit_prints(np.zeros((0, 4), np.int8)).shape == (0, 4)

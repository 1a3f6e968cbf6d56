"""Vectors on disk: what is written is read, and a damaged file is said to be."""

import os

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from catalog.errors import StoreError
from catalog.vectors import VectorFile
from tests.catalog.making import files_of_at_most

rows = arrays(
    np.float32,
    st.tuples(st.integers(0, 6), st.just(4)),
    elements=st.floats(-1, 1, width=32),
)


@given(parts=st.lists(rows, max_size=5))
def test_what_is_written_is_read(tmp_path_factory, parts):
    file = VectorFile(tmp_path_factory.mktemp("v") / "sub" / "style.f32", dimension=4)
    count = 0
    for part in parts:
        file.write(count, part)
        count += len(part)
    np.testing.assert_array_equal(file.rows(count), np.concatenate([np.zeros((0, 4)), *parts]))


def test_rows_that_no_one_committed_are_written_over(tmp_path):
    file = VectorFile(tmp_path / "style.f32", dimension=2)
    file.write(0, np.ones((3, 2), np.float32))
    file.write(1, np.full((1, 2), 7, np.float32))  # a writer was killed after row 0 counted
    assert file.rows(2).tolist() == [[1, 1], [7, 7]]
    assert file.path.stat().st_size == 2 * 2 * 4


def test_numbers_are_little_endian_float32(tmp_path):
    file = VectorFile(tmp_path / "style.f32", dimension=1)
    file.write(0, np.array([[1.0]], np.float32))
    assert file.path.read_bytes() == b"\x00\x00\x80\x3f"


def test_a_file_cut_off_is_refused_for_reading_and_for_writing(tmp_path):
    file = VectorFile(tmp_path / "style.f32", dimension=2)
    file.write(0, np.ones((3, 2), np.float32))
    os.truncate(file.path, 20)
    with pytest.raises(StoreError, match="20 bytes, expected at least 24 for 3 rows"):
        file.rows(3)
    with pytest.raises(StoreError, match="cut off"):
        file.write(3, np.ones((1, 2), np.float32))
    assert file.path.stat().st_size == 20


def test_a_row_of_another_length_is_refused(tmp_path):
    with pytest.raises(StoreError, match=r"shape \(1, 3\), expected \(n, 2\)"):
        VectorFile(tmp_path / "v", dimension=2).write(0, np.ones((1, 3), np.float32))


def test_a_full_disk_keeps_what_was_there_and_no_half_row(tmp_path):
    file = VectorFile(tmp_path / "style.f32", dimension=4)
    file.write(0, np.ones((5, 4), np.float32))
    with files_of_at_most(6 * 16 + 3), pytest.raises(StoreError, match="stored before are safe"):
        file.write(5, np.ones((2, 4), np.float32))
    assert file.path.stat().st_size == 5 * 16
    file.write(5, np.ones((2, 4), np.float32))
    assert file.rows(7).shape == (7, 4)


def test_a_missing_file_is_an_error_that_says_how_to_mend_it(tmp_path):
    with pytest.raises(StoreError, match="missing; `nowhear add --rebuild`"):
        VectorFile(tmp_path / "style.f32", dimension=2).rows(1)


@pytest.mark.parametrize("value", [0.0, 7.0, np.nan, np.inf])
def test_rows_that_were_written_over_are_refused(tmp_path, value):
    file = VectorFile(tmp_path / "style.f32", dimension=2)
    rows = np.array([[1, 0], [0, 1], [value, value]], np.float32)
    file.check_unit(rows, np.array([1, 0]))
    with pytest.raises(StoreError, match=r"row 2 is no vector of length 1.*--rebuild"):
        file.check_unit(rows, np.array([0, 2]))

"""Leads by register: worked out by hand, and what must hold of any."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from encoder.peaks import BANDS
from realtime.registers import REGISTERS, Met, leads, members

CONTRASTS = st.floats(-2, 2.5, width=32)


def met(means: object, *, counts: int = 16) -> Met:
    """Every register has `counts` peaks that meet `means` `(REGISTERS, n)` on average."""
    values = np.array(means, np.float64).reshape(REGISTERS, -1)
    return Met(counts * values, np.full_like(values, counts))


def test_leads_are_of_the_registers_that_are_ahead() -> None:
    own = met([1.5, 0.1, -0.5])
    in_time = met([[0.0, 0.5], [0.3, 0.3], [0.2, 0.4]])  # spread 0.25, none, and 0.1
    in_pitch = met([[0.1, 0.1], [0.0, 0.0], [0.0, 0.0]])
    ahead_of_mean, ahead_of_best = leads(own, in_time, in_pitch)
    assert ahead_of_mean == pytest.approx((1.5 - 0.25) / 0.25)  # the others are behind
    assert ahead_of_best == pytest.approx((1.5 - 0.5) * 4)
    two = leads(met([1.5, 1.5, -0.5]), met([0.25, 0.25, 0.3]), in_pitch)
    assert two[1] == pytest.approx(np.hypot(1.25, 1.25) * 4)


def test_a_few_peaks_that_agree_by_chance_are_no_measure() -> None:
    even = met(np.zeros((REGISTERS, 5)))  # what is moved does not vary at all
    ahead_of_mean, _ = leads(met([0.3, 0, 0]), even, met(np.zeros(REGISTERS)))
    assert ahead_of_mean == pytest.approx(0.3 / 0.02**0.5)


def test_nothing_moved_is_no_lead_over_something() -> None:
    nowhere = Met(np.zeros((REGISTERS, 0)), np.zeros((REGISTERS, 0)))
    assert leads(met([0, 0, 0]), nowhere, nowhere) == (0, 0)
    assert leads(met([1, 0, 0]), nowhere, nowhere)[1] == pytest.approx(4)


@given(
    arrays(np.float32, REGISTERS, elements=CONTRASTS),
    arrays(np.float32, (REGISTERS, 7), elements=CONTRASTS),
    arrays(np.float32, (REGISTERS, 4), elements=CONTRASTS),
    st.permutations(range(REGISTERS)),
)
def test_a_register_that_is_drowned_takes_nothing_away(
    own: np.ndarray, in_time: np.ndarray, in_pitch: np.ndarray, order: list[int]
) -> None:
    found = leads(met(own), met(in_time), met(in_pitch))
    assert all(np.isfinite(found))
    assert min(found) >= 0
    reordered = leads(met(own[order]), met(in_time[order]), met(in_pitch[order]))
    assert reordered == pytest.approx(found)
    drowned = own.copy()
    drowned[0] = in_time[0].min()  # meets no more there than anywhere
    less = leads(met(drowned), met(in_time), met(in_pitch))
    alone = leads(met([-2, *own[1:]]), met(in_time), met(in_pitch))
    assert less[1] == pytest.approx(alone[1])
    assert max(less[0] - found[0], less[1] - found[1]) <= 1e-9


@given(arrays(np.int64, st.integers(1, 40), elements=st.integers(-5, BANDS + 5)))
def test_every_band_is_in_one_register(bands: np.ndarray) -> None:
    member = members(bands)
    assert member.sum(axis=0).tolist() == [1] * len(bands)
    assert (np.diff(member.argmax(axis=0)[np.argsort(bands)]) >= 0).all()


def test_what_is_met_is_summed_by_register() -> None:
    contrast = np.array([[1, 2], [3, 0], [5, 6]], np.float32)
    heard = np.array([[True, True], [True, False], [True, True]])
    found = Met.of(members(np.array([0, 10, 160])), contrast, heard)
    assert found.means.tolist() == [[2, 2], [0, 0], [5, 6]]
    assert found.mean.tolist() == [2, 0, 5.5]
    assert found.whole.tolist() == [3, 4]
    assert found.among(np.array([False, True])).whole.tolist() == [4]

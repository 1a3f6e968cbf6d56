"""Wilson's interval against published values."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.evaluation.counting import Share, wilson


@pytest.mark.parametrize(
    ("hits", "trials", "low", "high"),
    [
        # Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in
        # Medicine 1998, table I: the score method without continuity correction.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_published_values(hits: int, trials: int, low: float, high: float) -> None:
    assert wilson(hits, trials) == pytest.approx((low, high), abs=5e-5)


@given(st.integers(0, 5000), st.integers(1, 5000))
def test_the_share_lies_within_and_ends_mirror(hits: int, trials: int) -> None:
    hits = min(hits, trials)
    low, high = wilson(hits, trials)
    assert 0 <= low <= hits / trials + 1e-12
    assert hits / trials - 1e-12 <= high <= 1
    mirrored = wilson(trials - hits, trials)
    assert mirrored == pytest.approx((1 - high, 1 - low))


def test_a_share_as_text() -> None:
    assert str(Share(9, 10)) == "90.0 (59.6-98.2)"
    assert str(Share(0, 0)) == "-"
    assert math.isnan(Share(0, 0).percent)
    assert wilson(0, 0) == (0, 1)

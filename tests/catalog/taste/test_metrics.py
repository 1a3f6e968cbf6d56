"""Figures of rankings against what is worked out by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.taste.metrics import (
    RankingFigures,
    auc,
    average_precision,
    ndcg_at,
    ranks_of,
    recall_at,
)

RNG = np.random.default_rng(0)


def test_known_answers() -> None:
    ranks = np.array([2, 3, 6])  # of 8 items
    assert average_precision(ranks) == pytest.approx((1 / 2 + 2 / 3 + 3 / 6) / 3)
    assert recall_at(ranks, 3) == pytest.approx(2 / 3)
    most = 1 + 1 / math.log2(3) + 1 / 2
    assert ndcg_at(ranks, 5) == pytest.approx((1 / math.log2(3) + 1 / 2) / most)
    assert auc(ranks, 8) == pytest.approx(10 / 15)  # others above: 1, 1 and 3 of 5 each


def test_the_best_and_the_worst_ranking() -> None:
    best, worst = np.arange(1, 4), np.arange(8, 11)
    assert (average_precision(best), recall_at(best, 3), ndcg_at(best, 3)) == (1, 1, 1)
    assert (auc(best, 10), auc(worst, 10)) == (1, 0)
    assert (recall_at(worst, 5), ndcg_at(worst, 5)) == (0, 0)
    assert math.isnan(auc(best, 3))


@given(st.lists(st.integers(0, 4), min_size=2, max_size=12), st.data())
def test_auc_is_that_of_all_pairs_and_ranks_hold_ties_together(
    scores: list[int], data: st.DataObject
) -> None:
    places = st.integers(0, len(scores) - 1)
    relevant = np.array(sorted(data.draw(st.sets(places, min_size=1, max_size=len(scores) - 1))))
    values = np.array(scores, np.float64)
    ranks = ranks_of(values, relevant, rng=np.random.default_rng(1))
    assert len(set(ranks.tolist())) == len(relevant)
    for rank, score in zip(ranks, sorted(values[relevant], reverse=True), strict=True):
        assert np.sum(values > score) < rank <= np.sum(values >= score)
    broken = values + 1e-3 * np.random.default_rng(2).permutation(len(scores))  # no ties
    others = np.setdiff1d(np.arange(len(scores)), relevant)
    pairs = [broken[r] > broken[o] for r in relevant for o in others]
    found = auc(ranks_of(broken, relevant, rng=RNG), len(scores))
    assert found == pytest.approx(np.mean(pairs))


def test_scores_that_say_nothing_rank_by_chance() -> None:
    scores = np.zeros(50)
    found = [auc(ranks_of(scores, np.array([0, 1, 2]), rng=RNG), 50) for _ in range(2000)]
    assert np.mean(found) == pytest.approx(0.5, abs=0.02)  # five standard errors: 0.019


def test_means_over_users_and_users_without_others() -> None:
    rankings = [(np.array([1]), 4), (np.array([4]), 4), (np.array([1, 2]), 2)]
    found = RankingFigures.of(rankings, k=2)
    assert found.users == 3
    assert found.map == pytest.approx((1 + 1 / 4 + 1) / 3)
    assert found.recall == pytest.approx(2 / 3)
    assert found.auc == 0.5  # of the first two
    assert math.isnan(RankingFigures.of([], k=2).map)

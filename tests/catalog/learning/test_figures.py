"""Figures with known answers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.learning.figures import (
    judge_classes,
    judge_labels,
    nearest_votes,
    pr_auc,
    roc_auc,
)


def test_confusion_recall_and_accuracy() -> None:
    guesses, truth = [0, 0, 1, 2, 1, 0], np.array([0, 0, 0, 2, 1, 1])
    figures = judge_classes(np.eye(4)[guesses], truth, ["a", "b", "c", "d"])
    assert figures.confusion.tolist() == [[2, 1, 0, 0], [1, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 0]]
    assert figures.accuracy == pytest.approx(4 / 6)
    np.testing.assert_allclose(figures.recall, [2 / 3, 1 / 2, 1, np.nan])
    assert figures.balanced_accuracy == pytest.approx((2 / 3 + 1 / 2 + 1) / 3)
    told = figures.as_json()
    assert told["recall"] == {"a": 0.6667, "b": 0.5, "c": 1.0, "d": None}
    assert told["tracks"] == 6


def by_pairs(told: np.ndarray, has: np.ndarray) -> float:
    """The area as its definition says: all pairs of one that has it and one that has not."""
    pairs = told[has][:, None] - told[~has][None]
    return float((pairs > 0).mean() + (pairs == 0).mean() / 2)


def by_places(told: np.ndarray, has: np.ndarray) -> float:
    """Average precision of scores that all differ: mean precision at each one that has it."""
    right = has[np.argsort(-told)]
    return float(np.mean((np.cumsum(right) / np.arange(1, len(right) + 1))[right]))


@given(
    st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=2, max_size=25).filter(
        lambda rows: len({has for _, has in rows}) == 2
    )
)
def test_the_area_is_the_share_of_pairs_in_order(rows: list[tuple[int, bool]]) -> None:
    told, has = np.array([row[0] for row in rows], float), np.array([row[1] for row in rows])
    assert roc_auc(told, has) == pytest.approx(by_pairs(told, has))
    distinct = told + np.arange(len(told)) * 1e-3
    assert pr_auc(distinct, has) == pytest.approx(by_places(distinct, has))


def test_labels_are_judged_each_on_its_own_where_they_are_known() -> None:
    told = np.array([[0.9, 0.1, 0.5], [0.8, 0.9, 0.5], [0.1, 0.8, 0.5], [0.2, 0.2, 0.5]])
    truth = np.array([[1, 0, 1], [1, 1, 1], [0, 0, np.nan], [0, np.nan, 1]])
    figures = judge_labels(told, truth, ["a", "b", "c"])
    assert figures.roc_auc[0] == 1
    assert figures.roc_auc[1] == 1
    assert np.isnan(figures.roc_auc[2])  # all that are known have it
    assert figures.positives.tolist() == [2, 1, 3]
    assert figures.tracks.tolist() == [4, 3, 3]
    assert figures.mean_roc_auc == 1
    assert figures.as_json()["tags"][2]["roc_auc"] is None
    nothing = judge_labels(told[:0], truth[:0], ["a", "b", "c"])
    assert np.isnan(nothing.mean_roc_auc)


def test_votes_of_the_nearest() -> None:
    styles = np.array([[1, 0], [0.9, 0.1], [0, 1], [0.1, 0.9], [5, 5]], np.float32)
    truth = np.array([0, 0, 1, 1, 2])
    asked = np.array([[3, 0.1], [0.1, 3]], np.float32)  # lengths say nothing
    votes = nearest_votes(styles, truth, asked, neighbours=3)
    assert votes.argmax(axis=1).tolist() == [0, 1]
    np.testing.assert_allclose(votes.sum(axis=1), 1, rtol=1e-5)
    np.testing.assert_allclose(votes[0], [2 / 3, 0, 1 / 3], atol=1e-3)
    # One vote each: the nearest decides.
    assert nearest_votes(styles, truth, asked, neighbours=5)[0].argmax() == 0
    assert nearest_votes(styles[[0, 2]], truth[[0, 2]], asked, neighbours=9)[1].argmax() == 1


def test_votes_of_labels_count_those_that_are_known() -> None:
    styles = np.array([[1, 0], [1, 0.1], [0, 1]], np.float32)
    truth = np.array([[1, np.nan], [0, np.nan], [0, 1.0]])
    votes = nearest_votes(styles, truth, styles[:1], neighbours=2)
    np.testing.assert_allclose(votes, [[0.5, 0]], atol=1e-3)

"""Counts of literal trials, and the threshold in hindsight."""

from realtime.evaluation.counting import Share
from realtime.evaluation.summary import Cell, naming_no_outsider, summarise

from .making import trial

RIGHT = trial(named=True, right=True, position_right=True, score=0.9)
MISPLACED = trial(named=True, right=True, position_right=False, score=0.8)
WRONG = trial(named=True, right=False, score=0.6)
UNSURE = trial(named=False, right=True, position_right=True, score=0.5)
NOTHING = trial()
FALSE_NAME = trial(outsider=True, named=True, score=0.7)
REJECTED = trial(outsider=True, named=False, score=0.3)


def test_what_is_counted_in_which_share() -> None:
    trials = [RIGHT, RIGHT, MISPLACED, WRONG, UNSURE, NOTHING, FALSE_NAME, REJECTED, REJECTED]
    assert summarise(trials) == [
        Cell(
            "nowhear", "clean", 5.0,
            right=Share(3, 6), placed=Share(2, 3), wrong=Share(1, 6), outsiders=Share(1, 3),
        )
    ]  # fmt: skip


def test_cells_come_in_the_order_of_the_trials() -> None:
    trials = [
        trial(condition="mp3", length_s=1.0),
        trial(condition="mp3", length_s=2.0),
        trial(condition="clean", length_s=1.0),
        trial(condition="mp3", length_s=1.0, system="other"),
        trial(condition="mp3", length_s=1.0),
    ]
    keys = [(cell.system, cell.condition, cell.length_s) for cell in summarise(trials)]
    assert keys == [
        ("nowhear", "mp3", 1.0), ("nowhear", "mp3", 2.0), ("nowhear", "clean", 1.0),
        ("other", "mp3", 1.0),
    ]  # fmt: skip
    assert summarise(trials)[0].right == Share(0, 2)


def test_a_threshold_in_hindsight_lies_at_the_best_outsider_of_each_length() -> None:
    five = [RIGHT, MISPLACED, WRONG, UNSURE, NOTHING, FALSE_NAME, REJECTED]
    two = trial(length_s=2.0, named=False, right=True, position_right=True, score=0.2)
    strict = naming_no_outsider([*five, two], "nowhear", called="strict")
    assert [found.named for found in strict] == [
        True,
        True,
        False,
        False,
        False,
        False,
        False,
        True,
    ]
    assert {found.system for found in strict} == {"strict"}
    (at_five, at_two) = summarise(strict)
    assert (at_five.right, at_five.outsiders) == (Share(2, 5), Share(0, 2))
    assert at_two.right == Share(1, 1)


def test_it_holds_for_one_system_alone() -> None:
    other = trial(system="other", outsider=True, named=True, score=5.0)
    assert naming_no_outsider([RIGHT, other], "nowhear", called="strict")[0].named

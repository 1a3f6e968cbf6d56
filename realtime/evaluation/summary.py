"""Counts trials by system, condition and length."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from .counting import Share
from .trials import Trial

__all__ = ["Cell", "naming_no_outsider", "summarise"]


@dataclass(frozen=True)
class Cell:
    """What a system did with the queries of one length under one condition.

    - `right`, `wrong`: songs of the catalog named right and wrong, of all queries from them.
    - `placed`: positions right, of those named right.
    - `outsiders`: outsiders that were given a name, of all queries from outsiders.
    """

    system: str
    condition: str
    length_s: float
    right: Share
    placed: Share
    wrong: Share
    outsiders: Share


def summarise(trials: Sequence[Trial]) -> list[Cell]:
    """One cell for every system, condition and length, in the order in which they come up."""
    groups: dict[tuple[str, str, float], list[Trial]] = {}
    for trial in trials:
        groups.setdefault((trial.system, trial.condition, trial.length_s), []).append(trial)
    return [_cell(key, group) for key, group in groups.items()]


def naming_no_outsider(trials: Sequence[Trial], system: str, *, called: str) -> list[Trial]:
    """The trials of `system` as they would be at a threshold that names no outsider.

    There is one for each length: the highest score of an outsider's answer, under any condition.
    It is set on what it is measured on, so it flatters the system; that is what it is for.
    """
    of_system = [trial for trial in trials if trial.system == system]
    highest: dict[float, float] = {}
    for trial in of_system:
        if trial.outsider and trial.score is not None:
            best = highest.get(trial.length_s, trial.score)
            highest[trial.length_s] = max(best, trial.score)
    return [
        replace(
            trial,
            system=called,
            named=trial.score is not None
            and trial.score > highest.get(trial.length_s, float("-inf")),
        )
        for trial in of_system
    ]


def _cell(key: tuple[str, str, float], trials: Sequence[Trial]) -> Cell:
    inside = [trial for trial in trials if not trial.outsider]
    outside = [trial for trial in trials if trial.outsider]
    right = [trial for trial in inside if trial.named and trial.right]
    return Cell(
        *key,
        right=Share(len(right), len(inside)),
        placed=Share(sum(bool(trial.position_right) for trial in right), len(right)),
        wrong=Share(sum(trial.named and not trial.right for trial in inside), len(inside)),
        outsiders=Share(sum(trial.named for trial in outside), len(outside)),
    )

"""What was measured, as markdown for people and as JSON for programs."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from .conditions import CONDITIONS
from .live import quantile
from .programmes import LiveFigures
from .summary import Cell, naming_no_outsider, summarise
from .trials import Trial

__all__ = ["Report", "as_json", "as_markdown"]

SYSTEM = "nowhear"
"""Name of the system that is measured; all others stand beside it."""

_NO_OUTSIDER = "at a threshold that names no outsider"


@dataclass(frozen=True)
class Report:
    """A finished measurement: `facts` says how it was made, `live` is None when not asked for."""

    facts: Mapping[str, str]
    trials: Sequence[Trial]
    live: LiveFigures | None = None
    sample_rate_hz: int = 16_000

    def cells(self) -> list[Cell]:
        """The counts, other systems than ours also with a threshold in hindsight."""
        others = dict.fromkeys(t.system for t in self.trials if t.system != SYSTEM)
        more = [
            trial
            for other in others
            for trial in naming_no_outsider(self.trials, other, called=f"{other} {_NO_OUTSIDER}")
        ]
        return summarise([*self.trials, *more])


def as_markdown(report: Report) -> str:
    """Tables: songs named right by length, and outsiders named, for each system; ours in full, and
    live."""
    cells = report.cells()
    parts = [_table(("how", "was measured"), list(report.facts.items()))]
    for system in dict.fromkeys(cell.system for cell in cells):
        own = [cell for cell in cells if cell.system == system]
        parts += [f"## {system}: songs named right, percent", _by_length(own, _right)]
        if any(cell.outsiders.trials for cell in own):
            parts += [f"## {system}: outsiders named, of so many", _by_length(own, _outsiders)]
    ours = [cell for cell in cells if cell.system == SYSTEM]
    for length_s in dict.fromkeys(cell.length_s for cell in ours):
        parts += [
            f"## {SYSTEM}: queries of {length_s:g} s, percent (95 % interval)",
            _in_full([cell for cell in ours if cell.length_s == length_s]),
        ]
    if report.live is not None:
        parts += ["## live", *_live(report.live, report.sample_rate_hz)]
    return "\n\n".join(parts) + "\n"


def as_json(report: Report) -> str:
    """Facts, counts and every single trial, with its score: thresholds can be studied from it."""
    document: dict[str, Any] = {
        "facts": dict(report.facts),
        "cells": [_cell_json(cell) for cell in report.cells()],
        "live": None if report.live is None else asdict(report.live),
        "trials": [asdict(trial) for trial in report.trials],
    }
    return json.dumps(document, ensure_ascii=True, allow_nan=False)


def _by_length(cells: Sequence[Cell], figure: Callable[[Cell], str]) -> str:
    lengths = list(dict.fromkeys(cell.length_s for cell in cells))
    found = {(cell.condition, cell.length_s): figure(cell) for cell in cells}
    rows = [
        (_title(condition), *(found.get((condition, length_s), "-") for length_s in lengths))
        for condition in dict.fromkeys(cell.condition for cell in cells)
    ]
    return _table(("condition", *(f"{length_s:g} s" for length_s in lengths)), rows)


def _in_full(cells: Sequence[Cell]) -> str:
    head = (
        "condition", "queries", "named right", "position right, of these", "named wrong",
        "outsiders named", "of these, percent",
    )  # fmt: skip
    rows = [
        (
            _title(cell.condition),
            str(cell.right.trials),
            str(cell.right),
            str(cell.placed),
            str(cell.wrong),
            _outsiders(cell),
            str(cell.outsiders),
        )
        for cell in cells
    ]
    return _table(head, rows)


def _live(live: LiveFigures, sample_rate_hz: int) -> list[str]:
    def seconds(values: Sequence[int | None], share: float) -> str:
        at = quantile(values, share)
        return "never" if at is None else f"{at / sample_rate_hz:.2f} s"

    named = [timing.named for timing in live.timings]
    changed = [timing.changed for timing in live.timings if timing.knew_before]
    rows = [
        ("songs played, with noise 5 dB below", str(len(named))),
        ("named right while they played", str(sum(n is not None for n in named))),
        ("song's start to first right name, median", seconds(named, 0.5)),
        ("the same, 90 %", seconds(named, 0.9)),
        ("changes from a song that was named", str(len(changed))),
        ("change to the old name gone, median", seconds(changed, 0.5)),
        ("the same, 90 %", seconds(changed, 0.9)),
        ("wrong names meanwhile", str(sum(timing.wrong for timing in live.timings))),
    ]
    false = [
        (
            kind,
            f"{n.seconds / 3600:.2f}",
            str(n.count),
            "-" if math.isnan(n.per_hour) else f"{n.per_hour:.2f}",
        )
        for kind, n in live.false_names.items()
    ]
    return [
        _table(("", ""), rows),
        _table(("sound", "hours", "false names", "an hour"), false),
    ]


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A markdown table, its first column to the left and the others to the right."""
    rule = ["---", *("--:" for _ in head[1:])]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (head, rule, *rows))


def _title(condition: str) -> str:
    known = CONDITIONS.get(condition)
    return condition if known is None else known.title


def _right(cell: Cell) -> str:
    return f"{cell.right.percent:.1f}" if cell.right.trials else "-"


def _outsiders(cell: Cell) -> str:
    share = cell.outsiders
    return f"{share.hits} of {share.trials}" if share.trials else "-"


def _cell_json(cell: Cell) -> dict[str, Any]:
    shares = {
        name: {"hits": share.hits, "trials": share.trials, "interval": share.interval}
        for name, share in (
            ("right", cell.right),
            ("position", cell.placed),
            ("wrong", cell.wrong),
            ("outsiders", cell.outsiders),
        )
    }
    return {
        "system": cell.system,
        "condition": cell.condition,
        "length_s": cell.length_s,
        **shares,
    }

"""The picture of a report: songs named right, by condition and by length."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from realtime.errors import EvaluationError

from .conditions import CONDITIONS
from .summary import Cell

__all__ = ["check_matplotlib", "draw"]

USUAL_LENGTH_S = 5.0
"""The bars are of the length nearest to this one."""

_INCHES_A_CONDITION = 0.42
_DPI = 120


def check_matplotlib() -> None:
    """Raises `EvaluationError` when there is no matplotlib."""
    try:
        import matplotlib  # noqa: F401
    except ImportError as error:
        raise EvaluationError(
            "a plot needs matplotlib: pip install 'nowhear[eval]', or leave --plot out"
        ) from error


def draw(cells: Sequence[Cell], path: Path) -> None:
    """Bars with Wilson intervals for every condition and system; a table by length beside them.

    The ending of `path` says the format. Raises `EvaluationError`: it cannot be written.
    """
    from matplotlib.figure import Figure  # without pyplot: no window, no global state

    length_s = min((cell.length_s for cell in cells), key=lambda s: abs(s - USUAL_LENGTH_S))
    conditions = list(dict.fromkeys(cell.condition for cell in cells))
    own = [cell for cell in cells if cell.system == cells[0].system]
    figure = Figure(figsize=(13, 2 + _INCHES_A_CONDITION * len(conditions)), layout="constrained")
    bars, table = figure.subplots(1, 2, width_ratios=(3, 2))
    _bars(bars, [cell for cell in cells if cell.length_s == length_s], conditions)
    bars.set_title(f"queries of {length_s:g} s, 95 % intervals")
    _table(table, own, conditions)
    table.set_title(f"{cells[0].system} by length")
    figure.legend(*bars.get_legend_handles_labels(), loc="outside lower center", ncols=3)
    try:
        figure.savefig(path, dpi=_DPI)
    except (OSError, ValueError) as error:
        raise EvaluationError(f"{path}: the plot cannot be written: {error}") from error


def _bars(axes: Any, cells: Sequence[Cell], conditions: Sequence[str]) -> None:
    systems = list(dict.fromkeys(cell.system for cell in cells))
    height = 0.8 / len(systems)
    for number, system in enumerate(systems):
        own = [cell for cell in cells if cell.system == system and cell.right.trials]
        places = [conditions.index(cell.condition) + number * height for cell in own]
        percents = [cell.right.percent for cell in own]
        ends = [cell.right.interval for cell in own]
        errors = [
            [max(0.0, p - low) for p, (low, _) in zip(percents, ends, strict=True)],
            [max(0.0, high - p) for p, (_, high) in zip(percents, ends, strict=True)],
        ]
        axes.barh(places, percents, height, xerr=errors, label=system, ecolor="0.4")
    middle = 0.4 - height / 2
    axes.set_yticks([place + middle for place in range(len(conditions))])
    axes.set_yticklabels([_title(condition) for condition in conditions])
    rows = (len(conditions) - 0.5 + middle, middle - 0.5)  # as high as those of the table
    axes.set(xlabel="songs named right, percent", xlim=(0, 101), ylim=rows)


def _table(axes: Any, cells: Sequence[Cell], conditions: Sequence[str]) -> None:
    """Percents as a coloured table: a row for each condition, a column for each length."""
    lengths = sorted({cell.length_s for cell in cells})
    percents = [[math.nan] * len(lengths) for _ in conditions]
    for cell in cells:
        row, column = conditions.index(cell.condition), lengths.index(cell.length_s)
        percents[row][column] = cell.right.percent
        if cell.right.trials:
            text = f"{cell.right.percent:.0f}"
            axes.text(column, row, text, ha="center", va="center", fontsize="small")
    axes.imshow(percents, cmap="RdYlGn", vmin=0, vmax=100, aspect="auto")
    axes.set_xticks(range(len(lengths)), [f"{length:g} s" for length in lengths])
    axes.set_yticks([])


def _title(condition: str) -> str:
    known = CONDITIONS.get(condition)
    return condition if known is None else known.title

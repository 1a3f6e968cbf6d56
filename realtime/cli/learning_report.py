"""What `train genre` and `train tags` print for people."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from realtime.cli.common import print_rows, stdout

if TYPE_CHECKING:
    from catalog.learning.comparing import Outcome
    from catalog.learning.figures import ClassFigures, LabelFigures
    from catalog.learning.material import Material


def print_lesson(material: Material, outcomes: list[Outcome], *, model: Path) -> None:
    """Counts, the methods side by side, and the best of them kind by kind."""
    from catalog.learning.comparing import best
    from catalog.learning.lesson import as_json

    told = as_json(material, outcomes)
    counts = ", ".join(f"{count} {split}" for split, count in told["tracks"].items())
    stdout.print(f"{counts}; {len(material.names)} kinds", markup=False)
    for why, count in told["left_out"].items():
        stdout.print(f"left out: {count}, {why}", markup=False)
    stdout.print()
    _print_methods(outcomes)
    chosen = best(outcomes)
    stdout.print(f"\ntest, {chosen.method}:", markup=False)
    if material.of_tags:
        _print_labels(chosen.test)  # type: ignore[arg-type]
    else:
        _print_classes(chosen.test)  # type: ignore[arg-type]
    stdout.print(f"\nkept: {model}", markup=False)


def _print_methods(outcomes: list[Outcome]) -> None:
    from catalog.learning.figures import ClassFigures

    rows = []
    for outcome in outcomes:
        cells = [outcome.method]
        for figures in (outcome.validation, outcome.test):
            if isinstance(figures, ClassFigures):
                cells += [_figure(figures.accuracy), _figure(figures.balanced_accuracy)]
            else:
                cells += [_figure(figures.mean_roc_auc), _figure(figures.mean_pr_auc)]
        rows.append(cells)
    classes = isinstance(outcomes[0].test, ClassFigures)
    heads = ("accuracy", "mean recall") if classes else ("ROC-AUC", "PR-AUC")
    every = ["method", *(f"{split} {head}" for split in ("validation", "test") for head in heads)]
    print_rows(every, rows, right=range(1, 5))


def _print_classes(figures: ClassFigures) -> None:
    """Recall and confusion; a row is the truth, a column what was told."""
    heads = [
        "genre",
        "tracks",
        "recall",
        *(str(column + 1) for column in range(len(figures.names))),
    ]
    rows = [
        [
            f"{row + 1} {name}",
            str(int(figures.confusion[row].sum())),
            _figure(figures.recall[row]),
            *(str(count) if count else "." for count in figures.confusion[row].tolist()),
        ]
        for row, name in enumerate(figures.names)
    ]
    print_rows(heads, rows, right=range(1, len(heads)))


def _print_labels(figures: LabelFigures) -> None:
    columns = (figures.names, figures.positives, figures.tracks, figures.roc_auc, figures.pr_auc)
    rows = [
        [name, f"{positives} of {tracks}", _figure(roc), _figure(pr)]
        for name, positives, tracks, roc, pr in zip(*columns, strict=True)
    ]
    print_rows(["tag", "tracks", "ROC-AUC", "PR-AUC"], rows, right=(1, 2, 3))


def _figure(value: float) -> str:
    return "-" if value != value else f"{value:.3f}"

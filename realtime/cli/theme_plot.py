"""The picture of how well each number of themes fits."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from catalog.errors import LearningError, MissingExtraError

if TYPE_CHECKING:
    from catalog.theme_file import Themes

ENDINGS = (".png", ".svg", ".pdf")
_SIZE_INCHES = (10, 6)
_DPI = 120
_MEASURES = (
    ("silhouette", "Silhouette (more is better)"),
    ("davies_bouldin", "Davies-Bouldin (less is better)"),
    ("calinski_harabasz", "Calinski-Harabasz (more is better)"),
    ("stability", "Stability: two halves divide all alike (1: the same)"),
)


def check_plot(path: Path) -> None:
    """Raises `MissingExtraError`: there is no matplotlib. `typer.BadParameter`: the ending of
    `path` is none that can be drawn."""
    if path.suffix.lower() not in ENDINGS:
        raise typer.BadParameter(f"{path.name}: expected a name that ends in {', '.join(ENDINGS)}")
    try:
        import matplotlib  # noqa: F401
    except ImportError as error:
        raise MissingExtraError(
            "a plot needs matplotlib: pip install 'nowhear[eval]', or leave --plot out"
        ) from error


def draw(themes: Themes, path: Path) -> None:
    """Four curves over the number of themes, with a line at the number that was taken.

    Raises `LearningError`: no number was judged, or the file cannot be written.
    """
    from matplotlib.figure import Figure  # without pyplot: no window, no global state

    figures = themes.facts.figures
    if not figures:
        raise LearningError(f"{path}: nothing to draw: too few songs to compare numbers of themes")
    counts = [one.count for one in figures]
    figure = Figure(figsize=_SIZE_INCHES, layout="constrained")
    for axes, (name, title) in zip(figure.subplots(2, 2, sharex=True).flat, _MEASURES, strict=True):
        spread = [one.spread if name == "stability" else 0.0 for one in figures]
        axes.errorbar(counts, [getattr(one, name) for one in figures], spread, marker="o")
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.axvline(len(themes.themes), linestyle=":", color="gray")
        axes.set_title(title, fontsize="medium")
    figure.supxlabel("number of themes")
    what = "songs" if themes.facts.data is None else f"tracks of {themes.facts.data}"
    figure.suptitle(f"{themes.facts.rows} {what} divided by {themes.facts.by}")
    try:
        figure.savefig(path, dpi=_DPI)
    except OSError as error:
        raise LearningError(f"{path}: the plot cannot be written: {error.strerror}") from error

"""How far scikit-learn and UMAP are, read from what they print: nothing else tells it."""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout

Report = Callable[[float], None]
"""Is told how much of the work is done, 0 to 1."""


class _Reader(io.StringIO):
    """A text file that finds in what is written to it how far the work is."""

    def __init__(self, pattern: str, found: Callable[[re.Match[str]], None]) -> None:
        super().__init__()
        self._pattern, self._found = re.compile(pattern), found

    def write(self, text: str) -> int:
        """Looks at the text, and keeps none of it."""
        match = self._pattern.search(text)
        if match is not None:
            self._found(match)
        return len(text)


@contextmanager
def reading_iterations(report: Report | None, *, total: int) -> Iterator[None]:
    """Within, `report` hears of the iterations (of `total`) that scikit-learn prints. All that is
    printed meanwhile, by whatever thread, is lost."""
    if report is None:
        yield
        return
    reader = _Reader(
        r"Iteration (\d+): error", lambda match: report(min(1.0, int(match[1]) / total))
    )
    with redirect_stdout(reader):
        yield


def bar_of(report: Report | None) -> dict[str, object]:
    """What UMAP hands to its progress bar, so that `report` hears of it."""
    if report is None:
        return {"disable": True}

    def tell(match: re.Match[str]) -> None:
        with contextlib.suppress(ZeroDivisionError):
            report(int(match[1]) / int(match[2]))

    return {
        "disable": False,
        "file": _Reader(r"(\d+)/(\d+)", tell),
        "bar_format": "{n_fmt}/{total_fmt}",
    }

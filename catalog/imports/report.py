"""What an import read, and what it could not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

MOST_PROBLEMS = 100
"""Problems told one by one; the others are counted."""

Progress = Callable[[float, float | None, str | None], None]
"""Is told how much is done, of how much (None: unknown), and which file is being read."""


@dataclass(frozen=True)
class Problem:
    """A row that could not be read as it stands. `line` counts from 1, and is None for a file as a
    whole; in a database it is the row's number."""

    file: Path
    line: int | None
    reason: str


@dataclass
class Report:
    """Grows while an import runs.

    - `rows`: rows (lines, records, files of one song) that were read well.
    - `unreadable`: rows that were left out; `mended`: rows whose text was in another encoding than
      it should be, and was put right.
    - `notes`: what else was left out or found, with how often.
    """

    dataset: str
    rows: int = 0
    unreadable: int = 0
    mended: int = 0
    problems: list[Problem] = field(default_factory=list)
    notes: Counter[str] = field(default_factory=Counter)
    files: list[Path] = field(default_factory=list)

    def bad(self, file: Path, line: int | None, reason: str) -> None:
        """A row was left out."""
        self.unreadable += 1
        self._tell(file, line, reason)

    def was_mended(self, file: Path, line: int) -> None:
        """A row was in another encoding."""
        self.mended += 1
        self._tell(file, line, "not in UTF-8, or twice; read as what it most likely is")

    def warn(self, file: Path, reason: str) -> None:
        """A file is not what it should be; no row was lost."""
        self._tell(file, None, reason)

    def _tell(self, file: Path, line: int | None, reason: str) -> None:
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(Problem(file, line, reason))
        else:
            self.notes["more problems, not told one by one"] += 1

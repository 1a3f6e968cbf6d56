"""A report of many lines, each shown when it is known."""

from collections.abc import Iterable
from pathlib import Path

__all__ = ["show"]


def show(lines: Iterable[str], *, out: Path | None) -> None:
    """Print the lines as they come, and write them all to `out` at the end, if there is one."""
    text = ""
    for line in lines:
        print(line, flush=True)
        text += line + "\n"
    if out:
        out.write_text(text)

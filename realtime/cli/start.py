"""Where the program begins: imports nothing of weight before Ctrl-C is looked after."""

from __future__ import annotations

import sys

INTERRUPTED = 130


def main() -> None:
    """`realtime.cli.main.main` on the process's arguments; Ctrl-C while its modules load, which
    takes most of a second, ends with 130 and no traceback."""
    try:
        from realtime.cli.main import main as run

        run()
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        sys.exit(INTERRUPTED)

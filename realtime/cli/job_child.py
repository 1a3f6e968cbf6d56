"""The process of a job: `python -m realtime.cli.job_child COMMAND...` is `nowhear COMMAND...`.

It gives way to whoever listens, and ends when its standard input does: so none outlives the daemon
that began it, however that ended.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time

NICENESS = 10
"""Listening comes first."""

LAST_S = 5.0
"""So long may a command take to end by itself, in seconds; what is stored stays."""


def main() -> None:
    """Runs the command of this process's arguments."""
    with contextlib.suppress(OSError):
        os.nice(NICENESS)
    # A daemon that was started in the background of a shell ignores this signal, and so would we.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    from realtime.cli.start import main as run

    run()


def _end_with_parent() -> None:
    # Not by `sys.stdin`, whose lock this thread would hold when the program ends.
    with contextlib.suppress(OSError):
        while os.read(0, 1):
            pass
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(LAST_S)
    os._exit(128 + signal.SIGINT)


if __name__ == "__main__":
    sys.argv[0] = "nowhear"
    main()

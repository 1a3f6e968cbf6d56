"""Messages as JSON lines on standard output, for pipes."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from typing import BinaryIO

from realtime.capture import DropQueue
from realtime.messages import Level, Message, encode

WAITING_LINES = 4096
"""Lines kept for a reader that is slow; when there are more, the oldest are dropped."""

LAST_S = 1.0  # so long may the last lines take at the end
CHECK_S = 0.25


class JsonLines:
    """Writes messages to `stream` from a thread of its own, so that no reader holds up the rest.

    `levels`: also the ten a second that tell how loud it is. `broken` is called when nobody reads
    any more.
    """

    def __init__(self, stream: BinaryIO, *, levels: bool, broken: Callable[[], None]) -> None:
        self._stream = stream
        self._levels = levels
        self._broken = broken
        self.failure: OSError | ValueError | None = None
        """Why the lines ended early; None while they can be written."""
        self._lines = DropQueue[bytes](capacity=WAITING_LINES, size=lambda _line: 1)
        self._thread = threading.Thread(target=self._write, name="json-lines", daemon=True)
        self._thread.start()

    def put(self, message: Message) -> None:
        """Takes a message at once."""
        if self._levels or not isinstance(message, Level):
            self._lines.put(encode(message).encode() + b"\n")

    def catch_up(self, stop: threading.Event) -> None:
        """Returns when all lines were taken for writing, or `stop` is set."""
        while not self._lines.wait_until_empty(CHECK_S) and not stop.is_set():
            pass

    def close(self) -> None:
        """Writes what still waits, for `LAST_S` at most."""
        self._lines.close()
        self._thread.join(LAST_S)

    def _write(self) -> None:
        try:
            while (lines := self._lines.take()) is not None:
                self._stream.write(b"".join(lines))
                self._stream.flush()
        except (OSError, ValueError) as error:  # a closed pipe, a full disk
            self.failure = error
            self._lines.close()
            # Python would say so once more when it flushes standard output at its end.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            self._broken()

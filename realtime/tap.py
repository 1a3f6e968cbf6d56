"""What listens in on the daemon's messages beside its clients."""

from __future__ import annotations

import threading
from typing import Protocol

from .messages import ServerMessage


class Tap(Protocol):
    """Gets every message beside the clients, such as a printer of JSON lines."""

    def put(self, message: ServerMessage) -> None:
        """Takes a message at once; on the event loop."""
        ...

    def catch_up(self, stop: threading.Event) -> None:
        """Returns when no backlog is left, or `stop` is set; not on the event loop."""
        ...

"""Threads beside an event loop: what fails in one is told, and none holds up the end."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import Any

JOIN_S = 0.4
"""So long may a thread take to end. One that waits for a device or the network is left behind, and
ends with the program."""

LOOP_WAIT_S = 0.25
"""How soon a thread that waits for a busy event loop notices that it is to end."""


class Threads:
    """Threads that report to the event loop they were made on; `failed` is called there."""

    def __init__(self, failed: Callable[[Exception], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._failed = failed
        self._threads: list[tuple[threading.Thread, float]] = []

    def start(self, work: Callable[..., None], *args: object, patience_s: float = JOIN_S) -> None:
        """Runs `work` in a thread of its own; what it raises goes to `failed`.

        `join` waits for it for `patience_s`, in seconds.
        """

        def run() -> None:
            try:
                work(*args)
            except Exception as error:  # noqa: BLE001 - see above
                self.call(self._failed, error)

        thread = threading.Thread(target=run, name=work.__name__.strip("_"), daemon=True)
        self._threads.append((thread, patience_s))
        thread.start()

    def call(self, work: Callable[..., Any], *args: object) -> None:
        """Has the event loop call `work`, soon; from any thread."""
        with contextlib.suppress(RuntimeError):  # the loop has ended, and all with it
            self._loop.call_soon_threadsafe(work, *args)

    def call_and_wait(self, work: Callable[..., Any], *args: object, halt: threading.Event) -> None:
        """As `call`, and returns once it is done, or `halt` is set; not on the event loop."""
        done = threading.Event()

        def run() -> None:
            try:
                work(*args)
            finally:
                done.set()

        self.call(run)
        while not done.wait(LOOP_WAIT_S) and not halt.is_set():
            pass

    def join(self) -> None:
        """Waits for all to end, for each as long as `start` was told."""
        for thread, patience_s in self._threads:
            thread.join(patience_s)

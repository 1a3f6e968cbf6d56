"""Writes what is to be kept to the catalog, from a thread of its own, so that nobody waits."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from catalog.errors import CatalogError

from .capture import DropQueue
from .logs import logger

T = TypeVar("T")

LAST_S = 5.0  # so long may what still waits take at the end


class Writing(Generic[T]):
    """Hands items to `write`, all that wait at once; `name` says in the log what they are.

    When `capacity` items wait for a disk or another writer, the oldest are dropped. What cannot be
    written is logged and dropped; while it goes on for one reason, once.
    """

    def __init__(self, write: Callable[[list[T]], None], *, name: str, capacity: int) -> None:
        self._write, self._name = write, name
        self._waiting = DropQueue[T](capacity=capacity, size=lambda _: 1)
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    def put(self, item: T) -> None:
        """Takes an item at once."""
        self._waiting.put(item)

    def close(self) -> None:
        """Writes what still waits, for `LAST_S` at most."""
        self._waiting.close()
        self._thread.join(LAST_S)

    def _work(self) -> None:
        trouble: str | None = None
        while (items := self._waiting.take()) is not None:
            try:
                self._write(items)
                trouble = None
            except CatalogError as error:
                if str(error) != trouble:
                    logger(self._name).warning("the %s was not written: %s", self._name, error)
                trouble = str(error)

"""The bounded queue between the thread that hears and the thread that recognizes.

`put` never waits: when the queue is full it drops what has waited longest, counts it, and takes the
new. So a machine that is too slow hears the newest sound, at most the queue's length late, and a
drain gives one unbroken stretch of it; to drop the newest would leave every ranking late by the
whole queue for good. A dropped block shows as a gap, since blocks carry their positions.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class DropQueue(Generic[T]):
    """Holds items of at most `capacity` in all; `size` says how much one item counts.

    One item larger than the capacity is still taken, alone. Any thread may call any method.

    >>> queue = DropQueue(capacity=3, size=len)
    >>> [queue.put(text) for text in ("ab", "c", "d")]
    [0, 0, 1]
    >>> queue.take(), queue.dropped, queue.dropped_size
    (['c', 'd'], 1, 2.0)
    """

    def __init__(self, *, capacity: float, size: Callable[[T], float]) -> None:
        self._capacity = capacity
        self._size = size
        self._items: deque[T] = deque()
        self._held = 0.0
        self._closed = False
        self._changed = threading.Condition()
        self.dropped = 0
        self.dropped_size = 0.0

    def put(self, item: T) -> int:
        """Takes an item at once; returns how many older ones that pushed out."""
        size = self._size(item)
        before = self.dropped
        with self._changed:
            if self._closed:
                return 0
            while self._items and self._held + size > self._capacity:
                oldest = self._size(self._items.popleft())
                self._held -= oldest
                self.dropped += 1
                self.dropped_size += oldest
            self._append(item, size)
            return self.dropped - before

    def put_patiently(self, item: T) -> None:
        """Takes an item once there is room for it: for a source that can wait, such as a file."""
        size = self._size(item)
        with self._changed:
            self._changed.wait_for(
                lambda: self._closed or not self._items or self._held + size <= self._capacity
            )
            if not self._closed:
                self._append(item, size)

    def _append(self, item: T, size: float) -> None:
        self._items.append(item)
        self._held += size
        self._changed.notify_all()

    def take(self, timeout_s: float | None = None) -> list[T] | None:
        """All that waits, once something does; None at the end.

        An empty list when nothing came within `timeout_s`.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._items or self._closed, timeout=timeout_s)
            if not self._items and self._closed:
                return None
            items = list(self._items)
            self._items.clear()
            self._held = 0.0
            self._changed.notify_all()
            return items

    def wait_until_empty(self, timeout_s: float) -> bool:
        """Whether all that was put has been taken, waiting for it at most `timeout_s`."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._items, timeout=timeout_s)

    def close(self) -> None:
        """No more comes: `take` gives what still waits, then None; those who wait are let go."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

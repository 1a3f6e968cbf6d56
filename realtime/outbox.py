"""What waits to be sent to one client: at most one message a topic, the newest. Pure.

Because a message carries the whole state of its topic, the newest one replaces an older one that
has not been sent yet. So a client that falls behind costs one message a topic, however long it is
stuck, and what it gets when it reads on is right.
"""

from __future__ import annotations

from collections.abc import Set


class Outbox:
    """The waiting messages of one client, as encoded text.

    Topics leave in the order in which they began to wait: a topic that changes often keeps its
    place in the line and can never starve another.

    >>> outbox = Outbox()
    >>> outbox.put("level", "quiet")
    >>> outbox.put("tags", "jazz")
    >>> outbox.put("level", "loud")
    >>> outbox.take(), outbox.take(), outbox.take()
    ('loud', 'jazz', None)
    """

    def __init__(self) -> None:
        # A dict keeps the place of a key whose value is replaced.
        self._waiting: dict[str, str] = {}
        self._replaced = 0

    def __len__(self) -> int:
        """Number of topics that wait."""
        return len(self._waiting)

    @property
    def replaced(self) -> int:
        """How many messages were replaced by newer ones before they could be sent."""
        return self._replaced

    def put(self, topic: str, text: str) -> None:
        """Let the newest message of a topic wait, in place of an older one."""
        self._replaced += topic in self._waiting
        self._waiting[topic] = text

    def take(self) -> str | None:
        """The message whose topic has waited longest; None when nothing waits."""
        if not self._waiting:
            return None
        return self._waiting.pop(next(iter(self._waiting)))

    def keep(self, topics: Set[str]) -> None:
        """Drop what waits for any other topic."""
        self._waiting = {t: text for t, text in self._waiting.items() if t in topics}

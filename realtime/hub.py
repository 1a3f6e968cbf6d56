"""Fan-out: one message in, one outbox a client out. Nobody who publishes ever waits.

A message is encoded once for all clients. The newest of each topic is kept, so that a client that
comes late has the current state at once. All of it runs on the event loop's thread.
"""

from __future__ import annotations

import asyncio
from typing import TypeVar

from .messages import TOPICS, Hello, Message, ServerMessage, Topic, encode
from .outbox import Outbox

M = TypeVar("M", bound=Message)

ALL_TOPICS: frozenset[Topic] = frozenset(TOPICS)


class Subscription:
    """One client's end of a hub; made by `Hub.attach`."""

    def __init__(self) -> None:
        self.topics = ALL_TOPICS
        self.outbox = Outbox()
        self._ready = asyncio.Event()
        self._closed = False

    def put(self, topic: Topic, text: str) -> None:
        """Let a message wait for this client, if it wants the topic."""
        if topic in self.topics and not self._closed:
            self.outbox.put(topic, text)
            self._ready.set()

    def close(self) -> None:
        """Nothing comes any more; `next` gives what still waits, then None."""
        self._closed = True
        self._ready.set()

    async def next(self) -> str | None:
        """The next message to send, as text, once there is one; None when the hub has closed."""
        while (text := self.outbox.take()) is None:
            if self._closed:
                return None
            self._ready.clear()
            await self._ready.wait()
        return text


class Hub:
    """Hands every message to all who are attached, and keeps the newest of each topic.

    >>> from realtime.messages import Tags
    >>> hub = Hub()
    >>> hub.publish(Tags(at_s=2.0, tags=()))
    >>> hub.newest(Tags).at_s
    2.0
    """

    def __init__(self) -> None:
        self._subscriptions: set[Subscription] = set()
        self._newest: dict[Topic, tuple[ServerMessage, str]] = {}
        self._closed = False
        self._end = asyncio.Event()

    @property
    def clients(self) -> int:
        """How many are attached."""
        return len(self._subscriptions)

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._closed

    def publish(self, message: ServerMessage) -> None:
        """Hand a message to all clients; returns at once, however slow they are."""
        text = encode(message)
        self._newest[message.type] = (message, text)
        for subscription in self._subscriptions:
            subscription.put(message.type, text)

    def newest(self, kind: type[M]) -> M | None:
        """The newest message of a kind; None before the first."""
        for message, _ in self._newest.values():
            if isinstance(message, kind):
                return message
        return None

    def attach(self, hello: Hello) -> Subscription:
        """A new client: `hello` waits for it, then the current state of every topic."""
        subscription = Subscription()
        subscription.put("hello", encode(hello))
        self._put_current(subscription, ALL_TOPICS - {"hello"})
        if self._closed:
            subscription.close()
        self._subscriptions.add(subscription)
        return subscription

    def detach(self, subscription: Subscription) -> None:
        """The client is gone; what waits for it is dropped."""
        self._subscriptions.discard(subscription)

    def subscribe(self, subscription: Subscription, topics: frozenset[Topic]) -> None:
        """From now on only these topics (and `hello`); the current state of new ones comes."""
        wanted: frozenset[Topic] = topics | {"hello"}
        new = wanted - subscription.topics
        subscription.topics = wanted
        subscription.outbox.keep(wanted)
        self._put_current(subscription, new)

    def close(self) -> None:
        """Every client gets what still waits for it, and then its end."""
        self._closed = True
        self._end.set()
        for subscription in self._subscriptions:
            subscription.close()

    async def wait_closed(self) -> None:
        """Returns once `close` has been called."""
        await self._end.wait()

    def _put_current(self, subscription: Subscription, topics: frozenset[Topic]) -> None:
        for topic in TOPICS:
            if topic in topics and topic in self._newest:
                subscription.put(topic, self._newest[topic][1])

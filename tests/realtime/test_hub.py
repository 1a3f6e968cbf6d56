"""The hub: encoded once, late joiners, subscriptions, closing."""

import asyncio

import pytest

from realtime import hub as hub_module
from realtime.hub import Hub, Subscription
from realtime.messages import Level, Message, Similar, Status, encode
from tests.helpers.messages import hello, level, matched, one_of_each, similar, status, tags
from tests.helpers.schema import assert_valid
from tests.helpers.serving import in_loop


async def waiting(subscription: Subscription) -> list[str]:
    """What can be sent at once, as message types."""
    texts = [await subscription.next() for _ in range(len(subscription.outbox))]
    return [assert_valid(text)["type"] for text in texts if text is not None]


@in_loop
async def test_a_late_joiner_gets_hello_and_the_newest_state() -> None:
    hub = Hub()
    for number in range(3):
        for message in reversed(one_of_each(number)):
            hub.publish(message)
    subscription = hub.attach(hello())
    texts = [await subscription.next() for _ in range(6)]
    expected = [hello(), status(2), level(2), matched(2), similar(2), tags(2)]
    assert texts == [encode(message) for message in expected]


@in_loop
async def test_a_message_is_encoded_once_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    hub = Hub()
    subscriptions = [hub.attach(hello()) for _ in range(50)]
    assert hub.clients == 50
    encoded: list[str] = []

    def counting(message: Message) -> str:
        encoded.append(encode(message))
        return encoded[-1]

    monkeypatch.setattr(hub_module, "encode", counting)
    hub.publish(tags())
    for subscription in subscriptions:
        assert await subscription.next() == encode(hello())
        assert await subscription.next() is encoded[0]
    assert len(encoded) == 1


@in_loop
async def test_next_waits_for_a_message() -> None:
    hub = Hub()
    subscription = hub.attach(hello())
    await subscription.next()
    waiter = asyncio.create_task(subscription.next())
    await asyncio.sleep(0)
    assert not waiter.done()
    hub.publish(level(7))
    assert await waiter == encode(level(7))


@in_loop
async def test_only_subscribed_topics_come_and_new_ones_with_their_state() -> None:
    hub = Hub()
    for message in one_of_each(1):
        hub.publish(message)
    subscription = hub.attach(hello())
    hub.subscribe(subscription, frozenset({"tags"}))
    assert await waiting(subscription) == ["hello", "tags"]

    hub.publish(level(2))
    assert await waiting(subscription) == []

    hub.subscribe(subscription, frozenset({"level", "tags"}))
    assert [await subscription.next()] == [encode(level(2))]
    hub.publish(hello())
    assert await waiting(subscription) == ["hello"]


@in_loop
async def test_who_has_left_gets_nothing() -> None:
    hub = Hub()
    subscription = hub.attach(hello())
    await waiting(subscription)
    hub.detach(subscription)
    hub.detach(subscription)
    assert hub.clients == 0
    hub.publish(level())
    assert len(subscription.outbox) == 0


@in_loop
async def test_closing_gives_what_waits_and_then_the_end() -> None:
    hub = Hub()
    hub.publish(level(1))
    subscription = hub.attach(hello())
    idle = hub.attach(hello())
    await waiting(idle)
    end = asyncio.create_task(idle.next())
    await asyncio.sleep(0)
    hub.close()
    hub.publish(tags())  # too late
    assert await waiting(subscription) == ["hello", "level"]
    assert await subscription.next() is None
    assert await end is None
    late = hub.attach(hello())
    assert await late.next() == encode(hello())


def test_the_newest_of_a_kind_is_kept() -> None:
    hub = Hub()
    assert hub.newest(Status) is None
    hub.publish(status(1))
    hub.publish(level(4))
    hub.publish(level(5))
    assert hub.newest(Level) == level(5)
    assert hub.newest(Status) == status(1)
    assert hub.newest(Similar) is None

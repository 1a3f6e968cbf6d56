"""The queue between hearing and recognizing: it never makes the source wait, and loses in sight."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.capture import DropQueue

WAIT_S = 30.0
"""No wait here takes so long unless something is wrong."""


def queue(capacity: float = 3) -> DropQueue[str]:
    return DropQueue(capacity=capacity, size=len)


def test_takes_all_that_waits_in_order() -> None:
    waiting = queue()
    for text in ("a", "b", "c"):
        assert waiting.put(text) == 0
    assert waiting.take() == ["a", "b", "c"]
    assert waiting.take(0) == []


@given(st.lists(st.text("x", min_size=1, max_size=6), max_size=30), st.integers(1, 12))
def test_when_full_the_oldest_go_and_are_counted(texts: list[str], capacity: int) -> None:
    waiting = queue(capacity)
    told = sum(waiting.put(text) for text in texts)
    held = waiting.take(0) or []
    assert held == texts[len(texts) - len(held) :]  # the newest, unbroken
    assert sum(map(len, held)) <= capacity or len(held) == 1
    assert waiting.dropped == told == len(texts) - len(held)
    assert waiting.dropped_size == sum(map(len, texts)) - sum(map(len, held))


def test_room_comes_back_with_taking() -> None:
    waiting = queue()
    waiting.put("abc")
    waiting.take()
    assert waiting.put("def") == 0


def test_one_item_larger_than_the_queue_is_taken_alone() -> None:
    waiting = queue()
    waiting.put("ab")
    assert waiting.put("abcdef") == 1
    assert waiting.take() == ["abcdef"]


def test_the_end_comes_after_what_waits() -> None:
    waiting = queue()
    waiting.put("a")
    waiting.close()
    assert waiting.put("b") == 0
    assert waiting.take() == ["a"]
    assert waiting.take() is None
    assert waiting.take() is None


def in_thread(work) -> threading.Thread:  # type: ignore[no-untyped-def]
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def test_a_taker_waits_for_the_first_item() -> None:
    waiting = queue()
    taken: list[list[str] | None] = []
    taker = in_thread(lambda: taken.append(waiting.take()))
    waiting.put("a")
    taker.join(WAIT_S)
    assert taken == [["a"]]


def test_closing_lets_go_of_those_who_wait() -> None:
    waiting = queue(1)
    waiting.put("a")
    results: list[object] = []
    patient = in_thread(lambda: results.append(waiting.put_patiently("b")))
    waiting.close()
    patient.join(WAIT_S)
    assert results == [None]
    assert waiting.take() == ["a"]  # "b" came too late


@pytest.mark.parametrize("capacity", [1, 3, 7])
def test_a_patient_source_loses_nothing(capacity: int) -> None:
    waiting = queue(capacity)
    texts = [str(number) for number in range(500)]

    def fill() -> None:
        for text in texts:
            waiting.put_patiently(text)
        waiting.close()

    filler = in_thread(fill)
    taken: list[str] = []
    while (items := waiting.take(WAIT_S)) is not None:
        assert sum(map(len, items)) <= max(capacity, 3)
        taken += items
    filler.join(WAIT_S)
    assert taken == texts
    assert waiting.dropped == 0


def test_it_says_when_all_was_taken() -> None:
    waiting = queue()
    assert waiting.wait_until_empty(0)
    waiting.put("a")
    assert not waiting.wait_until_empty(0)
    waiting.take()
    assert waiting.wait_until_empty(0)

"""Threads beside a loop: their failures are told there, and none holds up the end."""

from __future__ import annotations

import asyncio
import threading

from realtime.threads import Threads
from tests.helpers.serving import in_loop


@in_loop
async def test_what_a_thread_raises_is_told_on_the_loop() -> None:
    told: asyncio.Future[tuple[Exception, str]] = asyncio.get_running_loop().create_future()
    threads = Threads(lambda error: told.set_result((error, threading.current_thread().name)))

    def breaks(word: str) -> None:
        raise ZeroDivisionError(word)

    threads.start(breaks, "a bug")
    error, name = await told
    assert isinstance(error, ZeroDivisionError)
    assert str(error) == "a bug"
    assert name == threading.current_thread().name


@in_loop
async def test_one_that_does_not_end_is_left_behind() -> None:
    go_on, ended = threading.Event(), threading.Event()

    def waits() -> None:
        go_on.wait()
        ended.set()

    threads = Threads(lambda _: None)
    threads.start(waits)
    await asyncio.to_thread(threads.join)
    assert not ended.is_set()
    go_on.set()
    assert await asyncio.to_thread(ended.wait)


def test_after_the_loop_has_ended_nothing_is_called_and_nothing_raised() -> None:
    called: list[int] = []

    async def make() -> Threads:
        return Threads(lambda _: None)

    threads = asyncio.run(make())
    threads.call(called.append, 1)
    assert called == []


@in_loop
async def test_a_thread_waits_for_what_the_loop_does() -> None:
    threads, halt, said = Threads(lambda _: None), threading.Event(), list[str]()

    def work() -> None:
        threads.call_and_wait(said.append, "on the loop", halt=halt)
        said.append("then")

    threads.start(work, patience_s=5)
    await asyncio.to_thread(threads.join)
    assert said == ["on the loop", "then"]


def test_a_thread_waits_no_more_for_a_loop_once_it_is_to_end() -> None:
    async def make() -> Threads:
        return Threads(lambda _: None)

    threads, halt = asyncio.run(make()), threading.Event()
    halt.set()
    threads.call_and_wait(print, "never", halt=halt)

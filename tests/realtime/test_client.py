"""The client against the real server: typed messages, reconnection, refusals."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.asyncio.server import ServerConnection, serve

from realtime import client as client_module
from realtime.client import Client, Connection, retry_after
from realtime.errors import ProtocolError
from realtime.hub import Hub
from realtime.messages import encode
from tests.helpers.messages import hello, level, one_of_each, similar, tags
from tests.helpers.schema import assert_valid_from_client
from tests.helpers.serving import in_loop, serving, until

TOKEN = "correct-horse-battery"
QUICK = {"retry_s": 0.01, "retry_max_s": 0.05}


@asynccontextmanager
async def saying(*texts: str) -> AsyncIterator[str]:
    """A websocket server that says these texts to whoever comes, and then waits; its address."""

    async def handler(connection: ServerConnection) -> None:
        for text in texts:
            await connection.send(text)
        await connection.wait_closed()

    async with serve(handler, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        yield f"ws://127.0.0.1:{port}/ws"


@in_loop
async def test_it_iterates_over_typed_messages() -> None:
    hub = Hub()
    for message in one_of_each(1):
        hub.publish(message)
    async with serving(hub) as server, Client(server.url) as client:
        heard = [await anext(client) for _ in range(1 + len(one_of_each()))]
        assert heard == [hello(), *one_of_each(1)]
        hub.publish(level(2))
        assert await anext(client) == level(2)


@in_loop
async def test_it_comes_back_when_the_server_does() -> None:
    seen: list[Connection] = []
    async with serving() as server:
        port = server.port
        client = Client(server.url, on_connection=seen.append, **QUICK)
        assert await anext(client) == hello()
        waiting = asyncio.create_task(anext(client))
    # The server has closed with 1001; the client knocks until there is one again.
    await until(lambda: len([c for c in seen if c.state == "lost"]) >= 3)
    hub = Hub()
    hub.publish(tags(9))
    async with serving(hub, port=port):
        assert await waiting == hello()
        assert await anext(client) == tags(9)
        await client.close()
    states = [connection.state for connection in seen]
    assert states[:3] == ["connecting", "live", "lost"]
    assert states[-2:] == ["connecting", "live"]
    lost = [connection for connection in seen if connection.state == "lost"]
    assert lost[0].detail == "closed by the server (1001: nowhear is ending)"
    assert lost[1].detail == "nothing listens there"
    assert all(one.retry_s is not None and 0.005 <= one.retry_s <= 0.05 for one in lost)


@in_loop
async def test_it_waits_for_a_server_that_is_not_there_yet() -> None:
    async with serving() as server:
        port = server.port
    lost = asyncio.Event()
    client = Client(
        f"127.0.0.1:{port}",
        on_connection=lambda c: lost.set() if c.state == "lost" else None,
        **QUICK,
    )
    waiting = asyncio.create_task(anext(client))
    await lost.wait()
    async with serving(port=port):
        assert await waiting == hello()
        await client.close()


@in_loop
async def test_without_reconnecting_a_loss_is_an_error() -> None:
    async with serving() as server:
        client = Client(server.url, reconnect=False)
        assert await anext(client) == hello()
    with pytest.raises(ConnectionError, match=r"closed by the server \(1001"):
        await anext(client)
    with pytest.raises(ConnectionError, match="nothing listens there"):
        await anext(client)


@in_loop
async def test_closing_ends_the_iteration_wherever_it_is() -> None:
    async with serving() as server:
        url = server.url
        async with Client(url) as client:
            assert await anext(client) == hello()
            listening = asyncio.create_task(anext(client, None))
            await asyncio.sleep(0)
            await client.close()
            assert await listening is None
    lost = asyncio.Event()
    client = Client(
        url,
        retry_s=3600,
        retry_max_s=3600,
        on_connection=lambda c: lost.set() if c.state == "lost" else None,
    )
    knocking = asyncio.create_task(anext(client, None))
    await lost.wait()
    await client.close()
    assert await knocking is None


@in_loop
async def test_chosen_topics_hold_after_a_reconnection() -> None:
    hub = Hub()
    async with serving(hub) as server, Client(server.url, topics=["tags"], **QUICK) as client:
        for number in (1, 2):
            assert await anext(client) == hello()
            (subscription,) = hub._subscriptions
            await until(lambda s=subscription: s.topics == {"hello", "tags"})
            hub.publish(level(number))
            hub.publish(tags(number))
            heard = []
            while tags(number) not in heard:
                heard.append(await anext(client))
            assert level(number) not in heard
            assert server._uvicorn is not None
            for connection in server._uvicorn.websockets():
                connection.transport.abort()


@in_loop
async def test_topics_can_be_chosen_anew() -> None:
    hub = Hub()
    async with serving(hub) as server, Client(server.url, topics=["tags"]) as client:
        assert await anext(client) == hello()
        await until(lambda: "level" not in next(iter(hub._subscriptions)).topics)
        hub.publish(level(3))
        hub.publish(tags(3))
        assert await anext(client) == tags(3)
        await client.subscribe({"level"})
        assert await anext(client) == level(3)


@in_loop
async def test_what_it_sends_fits_the_schema() -> None:
    sent: asyncio.Queue[str | bytes] = asyncio.Queue()

    async def handler(connection: ServerConnection) -> None:
        sent.put_nowait(await connection.recv())
        await connection.send(encode(hello()))

    async with serve(handler, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        async with Client(f"127.0.0.1:{port}", topics=["level", "similar"]) as client:
            await anext(client)
    message = assert_valid_from_client(await sent.get())
    assert sorted(message["topics"]) == ["level", "similar"]


@in_loop
async def test_what_a_newer_server_says_is_passed_over() -> None:
    newer = json.loads(encode(tags(4)))
    newer["mood"] = "blue"
    newer["tags"][0]["source"] = "head 2"
    news = '{"v": 1, "type": "themes", "themes": []}'
    async with saying(encode(hello()), news, json.dumps(newer)) as url, Client(url) as client:
        assert await anext(client) == hello()
        assert await anext(client) == tags(4)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"v": 2, "type": "hello"}', "speaks protocol version 2, this client speaks 1"),
        ('{"type": "hello"}', "speaks protocol version None"),
        ("[1]", "speaks protocol version None"),
        ("good day", "expected JSON, got 'good day'"),
        ('{"v": 1, "type": "tags", "at_s": -1, "tags": []}', "tags.at_s: Input should be greater"),
    ],
)
def test_another_protocol_is_refused(text: str, message: str) -> None:
    @in_loop
    async def test() -> None:
        async with saying(text) as url, Client(url, **QUICK) as client:
            with pytest.raises(ProtocolError, match=message):
                await anext(client)

    test()


@in_loop
async def test_the_token_goes_as_a_header_or_out_of_the_address() -> None:
    async with serving(token=TOKEN) as server:
        for client in (
            Client(server.url, token=TOKEN),
            Client(f"{server.url}?token={TOKEN}"),
        ):
            async with client:
                assert await anext(client) == hello()
                assert TOKEN not in client.url
        async with Client(server.url, **QUICK) as client:
            with pytest.raises(ProtocolError, match="HTTP 401: a token is needed"):
                await anext(client)
        async with Client(server.url, token=TOKEN + "x", **QUICK) as client:
            with pytest.raises(ProtocolError, match="HTTP 401: the token is wrong"):
                await anext(client)


@in_loop
async def test_a_server_of_another_kind_is_named(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<!doctype html>")
    async with (
        serving(page=tmp_path) as server,
        Client(f"{server.url}elsewhere/", **QUICK) as client,
    ):
        with pytest.raises(ProtocolError, match=r"elsewhere/ws refused .* HTTP 40"):
            await anext(client)


@in_loop
async def test_the_example_of_the_module_runs_as_written() -> None:
    hub = Hub()
    hub.publish(similar(3))
    async with serving(hub) as server:
        example = re.findall(r"(?:^    .*\n)+", client_module.__doc__ or "", re.MULTILINE)[0]
        assert ":8765/" in example
        program = f"async def example():\n{example}".replace(":8765/", f":{server.port}/")
        printed: asyncio.Queue[tuple[object, ...]] = asyncio.Queue()
        names = {"Client": Client, "print": lambda *words: printed.put_nowait(words)}
        exec(program, names)
        running = asyncio.create_task(names["example"]())  # type: ignore[operator]
        assert await printed.get() == (0.9, "Fjord")
        running.cancel()
        await asyncio.wait([running])


@pytest.mark.parametrize(
    "address", ["", "ftp://127.0.0.1", "http://", "127.0.0.1:port", "[::1", "http://x:99999"]
)
def test_an_address_that_is_none(address: str) -> None:
    with pytest.raises(ProtocolError, match="is no address of a nowhear, expected such as ws://"):
        Client(address)


@pytest.mark.parametrize(
    ("address", "websocket"),
    [
        ("localhost:8765", "ws://localhost:8765/ws"),
        ("radio.local", "ws://radio.local/ws"),
        ("[::1]:8765", "ws://[::1]:8765/ws"),
        ("http://127.0.0.1:8765/", "ws://127.0.0.1:8765/ws"),
        ("ws://127.0.0.1:8765/ws", "ws://127.0.0.1:8765/ws"),
        ("wss://radio.example/hall/ws", "wss://radio.example/hall/ws"),
        (" https://radio.example/hall ", "wss://radio.example/hall/ws"),
    ],
)
def test_the_ways_to_write_an_address(address: str, websocket: str) -> None:
    assert Client(address).url == websocket


@given(st.integers(0, 100_000), st.floats(0, 1), st.floats(0.01, 10), st.floats(10, 100))
def test_waits_grow_to_a_bound(losses: int, draw: float, first: float, longest: float) -> None:
    wait = retry_after(losses, first_s=first, longest_s=longest, draw=draw)
    later = retry_after(losses + 1, first_s=first, longest_s=longest, draw=draw)
    assert first / 2 <= wait <= later <= longest


@pytest.mark.parametrize("token", ["ein-Schlüssel-Wort", "a-long-secret-word\n", "\N{KEY}" * 16])
def test_a_token_that_no_header_holds_is_refused_at_once(token: str) -> None:
    with pytest.raises(ProtocolError, match="the token is wrong: it holds other") as refused:
        Client("ws://127.0.0.1:1/ws", token=token)
    assert token not in str(refused.value)  # it may be a secret with a slip

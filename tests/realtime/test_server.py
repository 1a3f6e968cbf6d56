"""The real server on loopback: fan-out to many, slow clients, bounds, access, closing."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidMessage, InvalidStatus

from realtime import server as server_module
from realtime.answers import answer, json_body
from realtime.binding import bind
from realtime.errors import ServerError
from realtime.hub import Hub
from realtime.messages import SourceState
from realtime.server import WRITE_BUFFER_BYTES
from tests.helpers.messages import hello, level, number_of, one_of_each, similar, status, tags
from tests.helpers.schema import SCHEMA, assert_valid, assert_valid_from_client
from tests.helpers.serving import (
    connect_and_never_read,
    fetch,
    in_loop,
    serving,
    socket_url,
    until,
)

TOKEN = "correct-horse-battery"
LONG_TITLE = "Nocturne " * 2000  # 18 kB: a few fill every buffer on the way


async def closed_with(client: ClientConnection) -> tuple[int | None, str | None]:
    """The close code and reason that the server gives (1006: none), whatever comes before."""
    with suppress(ConnectionClosed):
        async for _ in client:
            pass
    return client.close_code, client.close_reason


async def hear_until(
    client: ClientConnection,
    number: int,
    *,
    read: Callable[[str | bytes], dict[str, Any]] = assert_valid,
) -> dict[str, float]:
    """Listens until every topic's newest state has come; its number by topic."""
    newest: dict[str, float] = {}
    while len(newest) < len(one_of_each()) or min(newest.values()) < number:
        message = read(await client.recv())
        if message["type"] == "hello":
            continue
        at_s = number_of(message)
        assert at_s >= newest.get(message["type"], 0), "an older state came after a newer one"
        newest[message["type"]] = at_s
    return newest


# Fan-out


@in_loop
async def test_180_clients_are_right_while_20_never_read() -> None:
    hub, last = Hub(), 40
    async with serving(hub) as server:
        stuck = [await connect_and_never_read(server) for _ in range(20)]
        clients = [await connect(socket_url(server), compression=None) for _ in range(180)]
        await until(lambda: hub.clients == 200)
        # All get the same texts, so that a few stand for all before the slow schema check.
        reads = [assert_valid] * 5 + [json.loads] * 175
        listening = [
            asyncio.create_task(hear_until(client, last, read=read))
            for client, read in zip(clients, reads, strict=True)
        ]
        for number in range(last + 1):
            for message in one_of_each(number, title=LONG_TITLE):
                hub.publish(message)
            await asyncio.sleep(0)
        for heard in await asyncio.gather(*listening):
            assert set(heard.values()) == {last}

        # Those that never read hold their buffers and one message a topic, no more.
        assert hub.clients == 200
        behind = [s for s in hub._subscriptions if s.outbox.replaced > 0 and len(s.outbox) > 0]
        assert len(behind) >= len(stuck)
        assert all(len(s.outbox) <= len(SCHEMA["oneOf"]) for s in hub._subscriptions)
        assert server._uvicorn is not None
        most = WRITE_BUFFER_BYTES + len(LONG_TITLE) + 1024
        for connection in server._uvicorn.websockets():
            assert connection.transport.get_write_buffer_size() <= most
        await asyncio.gather(*(client.close() for client in clients))
        for one in stuck:
            one.close()


@in_loop
async def test_who_reads_again_gets_the_newest_state() -> None:
    hub, last = Hub(), 100
    async with (
        serving(hub) as server,
        connect(socket_url(server), compression=None, max_queue=1) as client,
    ):
        await until(lambda: hub.clients == 1)
        (subscription,) = hub._subscriptions
        number = 0
        while number < last or subscription.outbox.replaced == 0:
            number += 1
            for message in one_of_each(number, title=LONG_TITLE):
                hub.publish(message)
            await asyncio.sleep(0)
        assert set((await hear_until(client, number)).values()) == {number}


@in_loop
async def test_a_late_joiner_gets_hello_and_the_current_state() -> None:
    hub = Hub()
    for number in (1, 2):
        for message in one_of_each(number):
            hub.publish(message)
    async with serving(hub) as server, connect(socket_url(server)) as client:
        heard = [assert_valid(await client.recv()) for _ in range(6)]
    kinds = [message["type"] for message in heard]
    assert kinds == ["hello", "status", "level", "match", "similar", "tags"]
    assert [message.get("at_s") for message in heard[2:]] == [2, 2, 2, 2]


@in_loop
async def test_a_client_chooses_its_topics() -> None:
    hub = Hub()
    hub.publish(tags(1))
    async with serving(hub) as server, connect(socket_url(server)) as client:
        assert assert_valid(await client.recv())["type"] == "hello"
        assert assert_valid(await client.recv())["type"] == "tags"
        wish = '{"type": "subscribe", "topics": ["similar"]}'
        assert_valid_from_client(wish)
        await client.send('{"type": "wave", "from": "a newer client"}')  # passed over
        await client.send(wish)
        (subscription,) = hub._subscriptions
        await until(lambda: subscription.topics == {"hello", "similar"})
        hub.publish(level(2))
        hub.publish(tags(2))
        hub.publish(similar(2))
        assert assert_valid(await client.recv())["type"] == "similar"


# Bounds


@pytest.mark.parametrize(
    ("message", "code", "reason"),
    [
        (b"\x00\x01", 1003, "expected text"),
        ("{", 1007, "expected JSON"),
        ("[" * 4000, 1007, "expected JSON"),
        ('["subscribe"]', 1007, "expected a JSON object with a type"),
        ('{"topics": []}', 1007, "expected a JSON object with a type"),
        ('{"type": "subscribe", "topics": ["news"]}', 1007, "subscribe: topics"),
        ('{"type": "subscribe", "topics": 3}', 1007, "subscribe: topics"),
        ('{"type": "subscribe", "v": 2, "topics": []}', 1007, "subscribe: v"),
        ("x" * 5000, 1009, ""),
    ],
)
def test_what_a_client_may_not_send(message: str | bytes, code: int, reason: str) -> None:
    @in_loop
    async def test() -> None:
        hub = Hub()
        async with serving(hub) as server, connect(socket_url(server)) as client:
            await client.send(message)
            got_code, got_reason = await closed_with(client)
            assert got_code == code
            assert reason in (got_reason or "")
            await until(lambda: hub.clients == 0)

    test()


@in_loop
async def test_clients_beyond_the_bound_are_told_to_come_later() -> None:
    hub = Hub()
    async with serving(hub, max_clients=2) as server:
        url = socket_url(server)
        async with connect(url) as first, connect(url) as second:
            await first.recv()
            await second.recv()
            async with connect(url) as third:
                assert await closed_with(third) == (
                    1013,
                    "2 clients are connected, no more are taken",
                )
            assert hub.clients == 2
        await until(lambda: hub.clients == 0)
        async with connect(url) as again:
            assert assert_valid(await again.recv())["type"] == "hello"


@in_loop
async def test_a_client_that_answers_no_ping_is_cut() -> None:
    hub = Hub()
    async with serving(hub, ping_s=0.1) as server:
        stuck = await connect_and_never_read(server)
        await until(lambda: hub.clients == 1)
        await fill(hub)
        await until(lambda: hub.clients == 0)
        assert server._uvicorn is not None
        assert server._uvicorn.websockets() == []
        stuck.close()


@in_loop
async def test_a_client_that_vanishes_is_forgotten() -> None:
    hub = Hub()
    async with serving(hub) as server:
        for _ in range(2):
            client = await connect_and_never_read(server)
            await until(lambda: hub.clients == 1)
            client.close()
            hub.publish(level())
            await until(lambda: hub.clients == 0)


async def fill(hub: Hub) -> None:
    """Publishes more than the way to a client that never reads can hold."""
    for number in range(50):
        hub.publish(similar(number, title=LONG_TITLE))
        await asyncio.sleep(0)


@in_loop
async def test_a_stuck_client_that_closes_its_half_is_cut() -> None:
    hub = Hub()
    async with serving(hub) as server:
        stuck = await connect_and_never_read(server)
        await until(lambda: hub.clients == 1)
        await fill(hub)
        stuck.shutdown(socket.SHUT_WR)
        assert server._uvicorn is not None
        await until(lambda: server._uvicorn.websockets() == [])
        await until(lambda: hub.clients == 0)
        stuck.close()


@in_loop
async def test_a_stuck_client_that_says_goodbye_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "REQUEST_S", 0.05)
    hub = Hub()
    async with serving(hub) as server:
        stuck = await connect_and_never_read(server)
        await until(lambda: hub.clients == 1)
        await fill(hub)
        stuck.send(b"\x88\x82\x00\x00\x00\x00\x03\xe8")  # close 1000, masked with zeros
        assert server._uvicorn is not None
        await until(lambda: server._uvicorn.websockets() == [])
        await until(lambda: hub.clients == 0)
        stuck.close()


@in_loop
async def test_a_connection_that_asks_nothing_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "REQUEST_S", 0.05)
    async with serving() as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"GET / HTTP/1.1\r\nHost: loc")  # and no more
        with suppress(ConnectionResetError):
            assert await reader.read() == b""
        writer.close()


@in_loop
async def test_half_a_second_request_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "REQUEST_S", 0.05)
    async with serving() as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"GET /schema.json HTTP/1.1\r\nHost: localhost\r\n\r\nGET /schema")
        with suppress(ConnectionResetError):
            assert (await reader.read()).startswith(b"HTTP/1.1 200")
        writer.close()


@in_loop
async def test_an_upgrade_with_too_long_a_line_is_cut() -> None:
    async with serving() as server:
        with pytest.raises((InvalidMessage, ConnectionResetError)):
            await connect(socket_url(server), additional_headers={"X-Long": "x" * 20_000})


@in_loop
async def test_pings_of_a_client_that_never_reads_do_not_pile_up() -> None:
    hub, ping = Hub(), b"\x89\xfd\0\0\0\0" + b"x" * 125
    async with serving(hub) as server:
        stuck = await connect_and_never_read(server)
        await until(lambda: hub.clients == 1)
        with suppress(ConnectionError):
            while hub.clients:
                await asyncio.get_running_loop().sock_sendall(stuck, ping * 100)
        await until(lambda: hub.clients == 0)
        stuck.close()


@in_loop
async def test_empty_fragments_do_not_pile_up() -> None:
    hub = Hub()
    async with serving(hub) as server:
        client = await connect_and_never_read(server)
        await until(lambda: hub.clients == 1)
        wish = b'{"type":"subscribe","topics":[]}'
        start, empty = b"\x01\x80\0\0\0\0", b"\x00\x80\0\0\0\0"
        await asyncio.get_running_loop().sock_sendall(client, start + empty * 5000)
        assert server._uvicorn is not None
        (connection,) = server._uvicorn.websockets()
        await until(lambda: connection.curr_msg_data_type == "text")
        end = b"\x80" + bytes([0x80 | len(wish)]) + bytes(4) + wish
        await asyncio.get_running_loop().sock_sendall(client, end)
        most = 0
        (subscription,) = hub._subscriptions
        while subscription.topics != {"hello"}:
            most = max(most, len(connection.frames))
            await asyncio.sleep(0)
        assert most <= 1
        client.close()


@in_loop
async def test_text_that_is_no_utf8_is_refused_without_a_traceback(
    caplog: pytest.LogCaptureFixture,
) -> None:
    hub = Hub()
    async with serving(hub) as server, connect(socket_url(server)) as client:
        await client.send(b"\xff", text=True)
        await client.send(b"\xff", text=True)
        assert (await closed_with(client))[0] == 1007
        await until(lambda: hub.clients == 0)
    assert caplog.records == []


# Closing


@in_loop
async def test_stopping_closes_with_1001_and_cuts_who_never_reads() -> None:
    hub = Hub()
    async with serving(hub) as server:
        stuck = [await connect_and_never_read(server) for _ in range(20)]
        clients = [await connect(socket_url(server), compression=None) for _ in range(10)]
        await until(lambda: hub.clients == 30)
        for number in range(30):
            hub.publish(similar(number, title=LONG_TITLE))
            await asyncio.sleep(0)
        closing = [asyncio.create_task(closed_with(client)) for client in clients]
        async with asyncio.timeout(10):
            await server.stop()
        assert await asyncio.gather(*closing) == [(1001, "nowhear is ending")] * 10
        assert hub.clients == 0
        for one in stuck:
            one.close()
        with pytest.raises(OSError, match="Connect call failed"):
            await connect(socket_url(server))
        await server.stop()  # once more does no harm


@in_loop
async def test_stopping_cuts_a_connection_that_says_nothing() -> None:
    async with serving() as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        assert server._uvicorn is not None
        connections = server._uvicorn.server_state.connections
        await until(lambda: len(connections) == 1)
        await server.stop()
        with suppress(ConnectionResetError):  # cut or ended: it is gone either way
            assert await reader.read() == b""
        writer.close()


@in_loop
async def test_the_port_is_free_again_after_a_stop() -> None:
    async with serving() as server:
        port = server.port
    async with serving(port=port) as server, connect(socket_url(server)) as client:
        assert assert_valid(await client.recv())["type"] == "hello"


# Access


@in_loop
async def test_a_foreign_page_may_not_connect(caplog: pytest.LogCaptureFixture) -> None:
    async with serving(origins=("https://radio.example",)) as server:
        url = socket_url(server)
        with pytest.raises(InvalidStatus) as refused:
            await connect(url, origin="http://evil.example")  # type: ignore[arg-type]
        assert refused.value.response.status_code == 403
        assert b"server.origins" in (refused.value.response.body or b"")
        assert caplog.records == []  # nothing is wrong with the server
        for origin in (server.url.rstrip("/"), "https://radio.example", None):
            async with connect(url, origin=origin) as client:  # type: ignore[arg-type]
                assert assert_valid(await client.recv())["type"] == "hello"


@in_loop
async def test_a_name_that_was_pointed_at_this_machine_is_refused() -> None:
    async with serving() as server:
        for path in ("/", "/healthz", "/songs/1/audio"):
            answer = await fetch(server, path, headers={"Host": f"evil.example:{server.port}"})
            assert answer.status == 421
            assert b"expected a name of this machine" in answer.body
        with pytest.raises(InvalidStatus) as refused:
            await connect(socket_url(server), additional_headers={"Host": "evil.example"})
        assert refused.value.response.status_code in (400, 421)


@in_loop
async def test_the_token_opens_websocket_and_audio(tmp_path: Path) -> None:
    song = tmp_path / "song.mp3"
    song.write_bytes(b"sound")
    async with serving(token=TOKEN, host="0.0.0.0", audio_path=lambda _: song) as server:
        url, bearer = socket_url(server), {"Authorization": f"Bearer {TOKEN}"}
        with pytest.raises(InvalidStatus) as refused:
            await connect(url)
        assert refused.value.response.status_code == 401
        assert refused.value.response.headers["WWW-Authenticate"] == "Bearer"
        for address, headers in ((f"{url}?token={TOKEN}", {}), (url, bearer)):
            async with connect(address, additional_headers=headers) as client:
                assert assert_valid(await client.recv())["type"] == "hello"

        assert (await fetch(server, "/songs/1/audio")).status == 401
        assert (await fetch(server, "/songs/1/audio?token=wrong")).status == 401
        assert (await fetch(server, f"/songs/1/audio?token={TOKEN}")).body == b"sound"
        assert (await fetch(server, "/songs/1/audio", headers=bearer)).body == b"sound"
        # The page cannot show a token before it is loaded, and tells nothing.
        assert (await fetch(server, "/schema.json")).status == 200
        assert (await fetch(server, "/healthz")).status == 503


async def _say_method(request: Request) -> Response:
    sent = await json_body(request, limit=20) if request.method == "POST" else None
    return answer({"method": request.method, "sent": sent})


API = [Route("/api/said", _say_method, methods=["GET", "POST", "PUT", "DELETE"])]
WRITING = ("POST", "PUT", "DELETE")


@in_loop
async def test_the_api_asks_for_the_token() -> None:
    async with serving(token=TOKEN, host="0.0.0.0", api=API) as server:
        for method in ("GET", *WRITING):
            for address in ("/api/said", "/api/said?token=wrong", "/api/none"):
                assert (await fetch(server, address, method=method)).status == 401
        bearer = {"Authorization": f"Bearer {TOKEN}"}
        assert (await fetch(server, "/api/said", headers=bearer)).status == 200
        assert (await fetch(server, f"/api/said?token={TOKEN}", method="PUT")).status == 200


@in_loop
async def test_another_sites_page_may_change_nothing() -> None:
    async with serving(api=API, origins=("https://radio.example",)) as server:
        ours = server.url.rstrip("/")
        for method in WRITING:
            for origin in ("https://evil.example", "null", f"http://127.0.0.1:{server.port + 1}"):
                refusal = await fetch(
                    server, "/api/said", method=method, headers={"Origin": origin}, body=b"1"
                )
                assert refusal.status == 403
                assert "Origin" in json.loads(refusal.body)["error"]
            for headers in ({}, {"Origin": ours}, {"Origin": "https://radio.example"}):
                said = await fetch(server, "/api/said", method=method, headers=headers, body=b"1")
                assert json.loads(said.body)["method"] == method
        # What only reads is kept from other sites by the browser, which shows them no answer.
        read = await fetch(server, "/api/said", headers={"Origin": "https://evil.example"})
        assert read.status == 200
        assert "access-control-allow-origin" not in read.headers


@in_loop
async def test_the_api_says_in_json_what_is_wrong() -> None:
    async with serving(api=API) as server:
        for path, method, body, status, words in (
            ("/api/none", "GET", None, 404, "/api/none"),
            ("/api/", "GET", None, 404, "/api/"),
            ("/api/said", "PATCH", None, 405, "Method Not Allowed"),
            ("/api/said", "POST", b"{", 400, "no JSON"),
            ("/api/said", "POST", b"\xff", 400, "no JSON"),
            ("/api/said", "POST", b"[" * 20, 400, "no JSON"),
            ("/api/said", "POST", b"1" * 21, 413, "20 bytes"),
        ):
            said = await fetch(server, path, method=method, body=body)
            assert said.status == status
            assert words in json.loads(said.body)["error"]
        with pytest.raises(InvalidStatus) as refused:
            await connect(server.url.replace("http", "ws", 1) + "api/none")
        assert refused.value.response.status_code == 403


# Binding


@in_loop
async def test_a_port_that_is_taken_is_named() -> None:
    async with serving() as server:
        with pytest.raises(ServerError, match=rf"127\.0\.0\.1:{server.port} is taken .*--port"):
            async with serving(port=server.port):
                pass


@in_loop
async def test_addresses_that_are_not_ours_are_named() -> None:
    with pytest.raises(ServerError, match=r"192\.0\.2\.1 is not an address of this machine"):
        await bind("192.0.2.1", 0)
    with pytest.raises(ServerError, match=r"cannot listen on '999\.1\.1\.1': no such address"):
        await bind("999.1.1.1", 0)


@in_loop
async def test_every_address_of_a_name_gets_the_same_port() -> None:
    sockets = await bind("localhost", 0)
    ports = {one.getsockname()[1] for one in sockets}
    for one in sockets:
        one.close()
    assert len(ports) == 1
    assert ports != {0}


@in_loop
async def test_the_address_of_the_page() -> None:
    async with serving() as server:
        assert server.url == f"http://127.0.0.1:{server.port}/"
        assert server.port != 0
    async with serving(host="0.0.0.0", token=TOKEN) as server:
        assert server.url == f"http://127.0.0.1:{server.port}/"
    if socket.has_ipv6:
        try:
            async with serving(host="::1") as server:
                assert server.url == f"http://[::1]:{server.port}/"
        except ServerError:
            pytest.skip("no IPv6 on this machine")


def test_an_open_address_without_a_token_is_refused() -> None:
    @in_loop
    async def test() -> None:
        async with serving(host="0.0.0.0"):
            pass

    with pytest.raises(ServerError, match="no token is set"):
        test()


# Health and schema


@pytest.mark.parametrize(
    ("state", "code"), [("starting", 503), ("listening", 200), ("lost", 503), ("ended", 200)]
)
def test_health(state: SourceState, code: int) -> None:
    @in_loop
    async def test() -> None:
        hub = Hub()
        async with serving(hub) as server:
            before = await fetch(server, "/healthz")
            assert before.status == 503
            assert json.loads(before.body)["source"] == "starting"
            hub.publish(status(12, state=state))
            answer = await fetch(server, "/healthz")
        assert answer.status == code
        assert answer.headers["content-type"] == "application/json"
        assert json.loads(answer.body) == {
            "name": "nowhear",
            "ok": code == 200,
            "version": hello().version,
            "source": state,
            "detail": status(state=state).detail,
            "songs": 24,
            "uptime_s": 12,
        }

    test()


@in_loop
async def test_the_schema_is_published() -> None:
    async with serving() as server:
        answer = await fetch(server, "/schema.json")
    assert answer.headers["content-type"] == "application/schema+json"
    assert json.loads(answer.body) == SCHEMA

"""https and wss on the one port, with a certificate of the test's own."""

from __future__ import annotations

import asyncio
import http.client
import ssl
from pathlib import Path

import pytest
from websockets.asyncio.client import connect

from realtime.client import Client, Connection
from realtime.doctor import ask_health, check_access
from realtime.errors import ServerError, SettingsError
from realtime.hub import Hub
from realtime.messages import Hello
from realtime.settings import ServerSettings, load_settings
from realtime.tls import check_tls, trusting
from tests.helpers.certificates import Certificate, make_certificate
from tests.helpers.messages import similar, status
from tests.helpers.schema import assert_valid
from tests.helpers.serving import in_loop, serving


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return make_certificate(tmp_path_factory.mktemp("tls"))


@in_loop
async def test_all_is_served_over_tls(own: Certificate) -> None:
    hub = Hub()
    hub.publish(status())
    hub.publish(similar(3, title="Nocturne " * 2000))
    tls = trusting(own.cert)
    async with serving(hub, tls_cert=own.cert, tls_key=own.key) as server:
        assert server.url == f"https://127.0.0.1:{server.port}/"

        def ask() -> int:
            connection = http.client.HTTPSConnection("localhost", server.port, context=tls)
            connection.request("GET", "/healthz")
            try:
                return connection.getresponse().status
            finally:
                connection.close()

        assert await asyncio.to_thread(ask) == 200
        address = f"wss://localhost:{server.port}/ws"
        origin = f"https://localhost:{server.port}"
        async with connect(address, ssl=tls, origin=origin) as client:
            kinds = [assert_valid(await client.recv())["type"] for _ in range(3)]
            assert kinds == ["hello", "status", "similar"]
            await server.stop()
            await client.wait_closed()
            assert client.close_code == 1001


@in_loop
async def test_our_client_trusts_what_it_is_told_to(own: Certificate) -> None:
    async with serving(tls_cert=own.cert, tls_key=own.key) as server:
        url = f"https://localhost:{server.port}/"
        async with Client(url, tls=trusting(own.cert), reconnect=False) as client:
            assert isinstance(await anext(client), Hello)
        # By number the name is another one.
        numbered = f"https://127.0.0.1:{server.port}/"
        async with Client(numbered, tls=trusting(own.cert, any_name=True)) as client:
            assert isinstance(await anext(client), Hello)
        for address, tls in ((url, trusting(None)), (numbered, trusting(own.cert))):
            states: list[Connection] = []
            client = Client(address, tls=tls, reconnect=False, on_connection=states.append)
            with pytest.raises(ConnectionError, match="its certificate is not trusted"):
                await anext(client)
            assert states[-1].state == "lost"


@in_loop
async def test_who_speaks_no_tls_gets_nothing(own: Certificate) -> None:
    async with serving(tls_cert=own.cert, tls_key=own.key) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert b"HTTP" not in await reader.read()
        writer.close()
    async with serving() as server:
        client = Client(f"https://localhost:{server.port}/", reconnect=False)
        with pytest.raises(ConnectionError, match="no TLS there"):
            await anext(client)


@in_loop
async def test_doctor_finds_a_daemon_behind_tls(own: Certificate) -> None:
    hub = Hub()
    hub.publish(status())
    async with serving(hub, tls_cert=own.cert, tls_key=own.key) as server:
        settings = ServerSettings(port=server.port, tls_cert=own.cert, tls_key=own.key)
        health = await asyncio.to_thread(ask_health, settings)
        assert health is not None
        assert health["ok"]
        assert await asyncio.to_thread(ask_health, ServerSettings(port=server.port)) is None


def test_what_is_no_certificate_is_refused(own: Certificate, tmp_path: Path) -> None:
    check_tls(ServerSettings(tls_cert=own.cert, tls_key=own.key))
    other = make_certificate(tmp_path, name="other")
    junk = tmp_path / "junk.pem"
    junk.write_text("no certificate")
    for cert, key, words in (
        (tmp_path / "none.pem", own.key, "none.pem: cannot be read"),
        (own.cert, tmp_path, "cannot be read"),
        (own.cert, other.key, "belong together"),
        (own.key, own.cert, "belong together"),
        (junk, own.key, "belong together"),
    ):
        settings = ServerSettings(tls_cert=cert, tls_key=key)
        with pytest.raises(ServerError, match=words):
            check_tls(settings)
        access = check_access(settings)
        assert access.state == "failed"
        assert access.mend is not None
    with pytest.raises(ServerError, match="no certificate in PEM"):
        trusting(junk)
    assert trusting(None).verify_mode == ssl.CERT_REQUIRED


@in_loop
async def test_a_server_does_not_start_with_it(own: Certificate, tmp_path: Path) -> None:
    with pytest.raises(ServerError, match="cannot be read"):
        async with serving(tls_cert=own.cert, tls_key=tmp_path / "none"):
            pass


def test_a_certificate_needs_its_key(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text("server:\n  tls_cert: own.pem\n")
    with pytest.raises(SettingsError, match="tls_key is missing"):
        load_settings(config)
    config.write_text("server:\n  tls_cert: own.pem\n  tls_key: own.key\n")
    server = load_settings(config).server
    assert (server.tls_cert, server.tls_key) == (tmp_path / "own.pem", tmp_path / "own.key")
    assert server.scheme == "https"
    assert ServerSettings().scheme == "http"

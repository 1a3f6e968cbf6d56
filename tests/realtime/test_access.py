"""Who may talk to the server."""

import pytest

from realtime.access import Access, is_loopback
from realtime.errors import ServerError, SettingsError
from realtime.settings import ServerSettings

TOKEN = "correct-horse-battery"
LOCAL = Access(ServerSettings())
OPEN = Access(ServerSettings(host="0.0.0.0", token=TOKEN, origins=("https://radio.example",)))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "localhost", "LocalHost."])
def test_loopback_needs_no_token(host: str) -> None:
    assert is_loopback(host)
    assert Access(ServerSettings(host=host)).check_token(None, None) is None


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.9", "radio.local", "", "127.0.0.1.x"])
def test_any_other_address_demands_one(host: str) -> None:
    assert not is_loopback(host)
    with pytest.raises(ServerError, match=r"no token is set; give one .*`--token`"):
        Access(ServerSettings(host=host))
    Access(ServerSettings(host=host, token=TOKEN))


@pytest.mark.parametrize(
    ("authorization", "query", "status"),
    [
        (f"Bearer {TOKEN}", None, None),
        (f"bearer  {TOKEN}", None, None),
        (None, TOKEN, None),
        (None, None, 401),
        ("Basic abc", None, 401),
        ("Bearer", None, 401),
        (f"Bearer {TOKEN}x", None, 401),
        (f"Bearer {TOKEN}x", TOKEN, 401),  # what the header says counts
        (None, TOKEN[:-1], 401),
        (None, "", 401),
        (None, "ключ", 401),
    ],
)
def test_the_token(authorization: str | None, query: str | None, status: int | None) -> None:
    refusal = OPEN.check_token(authorization, query)
    assert (refusal and refusal.status) == status


def test_a_token_that_is_set_is_demanded_on_loopback_too() -> None:
    refusal = Access(ServerSettings(token=TOKEN)).check_token(None, None)
    assert refusal is not None
    assert refusal.status == 401


@pytest.mark.parametrize(
    ("origin", "host", "fits"),
    [
        (None, "127.0.0.1:8765", True),
        ("http://127.0.0.1:8765", "127.0.0.1:8765", True),
        ("http://LOCALHOST:8765", "localhost:8765", True),
        ("http://[::1]:8765", "[::1]:8765", True),
        ("https://music.example", "music.example", True),  # behind a proxy with TLS
        ("http://127.0.0.1:8766", "127.0.0.1:8765", False),
        ("http://127.0.0.1", "127.0.0.1:8765", False),
        ("http://localhost:8765", "127.0.0.1:8765", False),
        ("http://evil.example", "127.0.0.1:8765", False),
        ("http://127.0.0.1:8765.evil.example", "127.0.0.1:8765", False),
        ("http://127.0.0.1:8765@evil.example", "127.0.0.1:8765", False),
        ("null", "127.0.0.1:8765", False),
        ("", "127.0.0.1:8765", False),
        ("file://", "127.0.0.1:8765", False),
        ("http://127.0.0.1:x", "127.0.0.1:8765", False),
        ("http://127.0.0.1:8765", None, False),
    ],
)
def test_the_origin(origin: str | None, host: str | None, fits: bool) -> None:
    refusal = LOCAL.check_origin(origin, host)
    assert (refusal is None) == fits
    assert refusal is None or refusal.status == 403


def test_origins_in_the_settings_may_connect() -> None:
    assert OPEN.check_origin("https://radio.example", "10.0.0.9:8765") is None
    assert OPEN.check_origin("https://radio.example:443", "10.0.0.9:8765") is None
    assert OPEN.check_origin("http://radio.example", "10.0.0.9:8765") is not None
    with pytest.raises(SettingsError, match=r"server.origins: 'radio.example' is no origin"):
        Access(ServerSettings(origins=("radio.example",)))


@pytest.mark.parametrize(
    ("host", "fits"),
    [
        ("127.0.0.1:8765", True),
        ("localhost", True),
        ("localhost:9000", True),  # a forwarded port
        ("[::1]:8765", True),
        ("evil.example:8765", False),
        ("127.0.0.1.evil.example", False),
        ("evil.example/127.0.0.1", False),
        ("127.0.0.1@evil.example", False),
        ("", False),
        (None, False),
        ("[::1", False),
    ],
)
def test_the_host_is_this_machine(host: str | None, fits: bool) -> None:
    refusal = LOCAL.check_host(host)
    assert (refusal is None) == fits
    assert refusal is None or refusal.status == 421


def test_an_open_address_takes_any_host_and_a_proxied_one_its_own() -> None:
    assert OPEN.check_host("radio.local:8765") is None
    proxied = Access(ServerSettings(origins=("https://radio.example",)))
    assert proxied.check_host("radio.example") is None
    assert proxied.check_host("evil.example") is not None

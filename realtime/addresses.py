"""Addresses of a server, as people write them, made into what a client opens. Pure."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit, urlunsplit

from .errors import ProtocolError

EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}
SCHEMES = {"http": "ws", "https": "wss", "ws": "ws", "wss": "wss"}
WEBSOCKET_NAME = "ws"


class Address(NamedTuple):
    """Where a server's websocket is, and the token that stood in its address."""

    websocket: str
    token: str | None


def read_address(text: str) -> Address:
    """The websocket that belongs to an address of a page, a websocket, or just `host:port`.

    >>> read_address("127.0.0.1:8765").websocket
    'ws://127.0.0.1:8765/ws'
    >>> read_address("https://radio.example/hall/?token=a-long-secret-word")
    Address(websocket='wss://radio.example/hall/ws', token='a-long-secret-word')

    Raises `ProtocolError`: it is no such address.
    """
    text = text.strip()
    try:
        parts = urlsplit(text if "://" in text else f"ws://{text}")
        usable = parts.scheme in SCHEMES and parts.hostname and parts.port != 0
    except ValueError:  # a port that is no number, half an IPv6 address
        usable = False
    if not usable:
        raise ProtocolError(
            f"{text!r} is no address of a nowhear, expected such as ws://127.0.0.1:8765/ws, "
            "http://127.0.0.1:8765/ or 127.0.0.1:8765"
        )
    path = parts.path
    if not path.endswith(f"/{WEBSOCKET_NAME}"):
        path = f"{path.rstrip('/')}/{WEBSOCKET_NAME}"
    tokens = parse_qs(parts.query).get("token")
    websocket = urlunsplit((SCHEMES[parts.scheme], parts.netloc, path, "", ""))
    return Address(websocket, tokens[0] if tokens else None)


def fits_a_header(token: str) -> bool:
    """Whether a token can be sent as `Authorization: Bearer TOKEN` and arrives unchanged.

    >>> fits_a_header("correct-horse-battery"), fits_a_header("Schlüssel"), fits_a_header(" a ")
    (True, False, False)
    """
    return token.isascii() and token.isprintable() and token == token.strip()


def reached_at(host: str) -> str:
    """Where this machine itself finds a server that listens on `host`.

    >>> reached_at("0.0.0.0"), reached_at("radio.local")
    ('127.0.0.1', 'radio.local')
    """
    return EVERYWHERE.get(host, host)


def server_url(host: str, port: int, *, scheme: str = "http") -> str:
    """Address of a server that listens on `host`, with a `/` at its end.

    >>> server_url("::", 8765)
    'http://[::1]:8765/'
    """
    host = reached_at(host)
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}/"

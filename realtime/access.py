"""Who may talk to the server: decisions over header values, without a socket. Pure.

Three dangers, three checks:

- Another site's page in the user's browser opens our websocket, or sends something that would
  change what we keep: a browser says so in `Origin`.
- Such a page points a name of its own at 127.0.0.1 (DNS rebinding), so that its `Origin` looks like
  ours: on a loopback address the `Host` must be a name of this machine.
- Somebody else on the network: on any other address everything that tells of the music (websocket,
  audio, the API) demands a token. The page, `/healthz` and `/schema.json` load without: a browser
  cannot put a header on a page that it opens, and they hold no secret.
"""

from __future__ import annotations

import hmac
import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from .errors import ServerError, SettingsError
from .settings import ServerSettings

DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}


@dataclass(frozen=True)
class Refusal:
    """A request that is not served: its HTTP status, and why, for a person."""

    status: int
    reason: str


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach `host`.

    >>> [is_loopback(host) for host in ("127.0.0.1", "localhost", "::1", "0.0.0.0", "radio.local")]
    [True, True, True, False, False]
    """
    host = host.rstrip(".").lower()
    if host == "localhost" or host.endswith(".localhost"):  # RFC 6761, section 6.3
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Access:
    """The checks of one server."""

    def __init__(self, settings: ServerSettings) -> None:
        self._token = settings.token
        self._origins = frozenset(_read_origin(origin) for origin in settings.origins)
        self._hosts = {host for _, host, _ in self._origins} | {settings.host.lower()}
        self._loopback = is_loopback(settings.host)
        if not self._loopback and self._token is None:
            raise ServerError(
                f"{settings.host} can be reached by other machines, and no token is set; give one "
                "of at least 16 characters (`--token`, or `server.token` in config.yaml), or "
                "listen on 127.0.0.1"
            )

    def check_host(self, host: str | None) -> Refusal | None:
        """None when the request was meant for this machine, by its `Host` header."""
        if not self._loopback:
            return None
        name = _host_and_port(host or "")[0]
        if is_loopback(name) or name in self._hosts:
            return None
        return Refusal(421, f"Host is {host!r}, expected a name of this machine such as localhost")

    def check_origin(self, origin: str | None, host: str | None) -> Refusal | None:
        """None when the page that asks is ours or allowed; programs send no `Origin`."""
        if origin is None:
            return None
        try:
            scheme, name, port = _read_origin(origin)
        except SettingsError:
            return Refusal(403, f"Origin is {origin!r}, expected scheme://host:port")
        if (scheme, name, port) in self._origins:
            return None
        our_name, our_port = _host_and_port(host or "")
        if (name, port) == (our_name, our_port or DEFAULT_PORTS[scheme]):
            return None
        return Refusal(
            403,
            f"Origin is {origin!r}, which is not this server ({host}); "
            "add it to `server.origins` in config.yaml if it may connect",
        )

    def check_token(self, authorization: str | None, query: str | None) -> Refusal | None:
        """None when the token is right, or none is set.

        It comes as `Authorization: Bearer TOKEN` or in the query as `token=TOKEN`, since a browser
        cannot put headers on a websocket or on `<audio>`.
        """
        if self._token is None:
            return None
        scheme, _, bearer = (authorization or "").partition(" ")
        shown = bearer.strip() if scheme.lower() == "bearer" else query
        if shown is None:
            return Refusal(
                401, "a token is needed: `Authorization: Bearer TOKEN` or `?token=TOKEN`"
            )
        # In constant time, so that a guesser cannot measure how much of it was right.
        if hmac.compare_digest(shown.encode(), self._token.encode()):
            return None
        return Refusal(401, "the token is wrong")


def _read_origin(origin: str) -> tuple[str, str, int]:
    """Scheme, host and port; raises `SettingsError`.

    >>> _read_origin("https://Radio.example")
    ('https', 'radio.example', 443)
    """
    try:
        parts = urlsplit(origin)
        port = parts.port
    except ValueError:  # such as a port that is no number
        parts, port = urlsplit(""), None
    rest = parts.path.strip("/") or parts.query or parts.fragment or parts.username
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname or rest:
        raise SettingsError(
            f"server.origins: {origin!r} is no origin, expected scheme://host:port such as "
            "'https://radio.example'"
        )
    return parts.scheme, parts.hostname, port or DEFAULT_PORTS[parts.scheme]


def _host_and_port(host: str) -> tuple[str, int | None]:
    """Name and port of a `Host` header; the name is empty when it cannot be read."""
    try:
        parts = urlsplit(f"//{host}")
        return (parts.hostname or "", parts.port) if parts.netloc == host else ("", None)
    except ValueError:
        return "", None

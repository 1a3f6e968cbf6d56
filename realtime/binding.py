"""Listening sockets, bound before there is a server: what is wrong with them is ours to say."""

from __future__ import annotations

import asyncio
import errno
import socket

from .addresses import EVERYWHERE
from .errors import ServerError

ELSEWHERE = ("192.0.2.1", 9)
"""An address that belongs to nobody (RFC 5737): which way would lead there?"""

BACKLOG = 128
"""Connections that may wait to be taken."""


def seen_at(host: str) -> str | None:
    """Where other devices find a server that listens on every address, as `host` says.

    None: `host` is one address, or this machine has no way to others. Nothing is sent.
    """
    if host not in EVERYWHERE:
        return None
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as way:
        try:
            way.connect(ELSEWHERE)
            return str(way.getsockname()[0])
        except OSError:
            return None


async def bind(host: str, port: int) -> list[socket.socket]:
    """Listening sockets on every address of `host`, all on one port (a free one for 0).

    Raises `ServerError` that names address and port and says what to do.
    """
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
    except (OSError, UnicodeError) as error:
        raise ServerError(
            f"cannot listen on {host!r}: no such address ({error}); use 127.0.0.1, 0.0.0.0, or an "
            "address of this machine"
        ) from error
    sockets: list[socket.socket] = []
    try:
        for family, _, _, _, address in found:
            if sockets:  # "localhost" has an address of each family; both get the same port
                port = sockets[0].getsockname()[1]
            sockets.append(_listen(family, (address[0], port, *address[2:])))
    except OSError as error:
        # Names often have an IPv6 address on machines that do not do IPv6.
        if not (sockets and error.errno in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)):
            for one in sockets:
                one.close()
            raise ServerError(_why_not(host, port, error)) from error
    return sockets


def _listen(family: int, address: tuple[object, ...]) -> socket.socket:
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        # A port whose last connections still linger may be taken again at once.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind(address)
        # At once, so that a port taken in this moment is noticed here and not in uvicorn.
        listener.listen(BACKLOG)
        listener.setblocking(False)
    except OSError:
        listener.close()
        raise
    return listener


def _why_not(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"{host}:{port} is taken by another program, perhaps another nowhear "
            "(`nowhear doctor` says); end that one, or choose another port with `--port`"
        )
    if error.errno == errno.EACCES:
        return f"{host}:{port} may not be used by this user; choose a port of 1024 or above"
    if error.errno == errno.EADDRNOTAVAIL:
        return (
            f"{host} is not an address of this machine; use 127.0.0.1, 0.0.0.0 for all, or one of "
            "its own"
        )
    return f"cannot listen on {host}:{port}: {error.strerror or error}"

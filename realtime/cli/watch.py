"""`nowhear watch`: what a nowhear hears, live in the terminal, or as JSON lines."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.live import Live

from realtime.addresses import server_url
from realtime.cli.common import (
    FAILED,
    CatalogOption,
    ConfigOption,
    ends_cleanly,
    settings_from,
    stderr,
    stdout,
)
from realtime.cli.watch_view import View
from realtime.client import Client, Connection
from realtime.errors import ProtocolError
from realtime.messages import ServerMessage, Similar, encode
from realtime.tls import trusting

TOKEN_VARIABLE = "NOWHEAR_TOKEN"

UrlArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="URL",
        help="Address of the page or the websocket, or HOST:PORT. "
        "\\[default: the server of this machine's settings]",
        show_default=False,
    ),
]
OnceOption = Annotated[
    bool,
    typer.Option("--once", help="Print the first ranking and end; fail if nobody answers."),
]
LinesOption = Annotated[
    bool,
    typer.Option("--json", help="One message a line, as JSON; also when output is not a terminal."),
]
TokenOption = Annotated[
    str | None,
    typer.Option(
        "--token",
        metavar="SECRET",
        envvar=TOKEN_VARIABLE,
        help="For a server that demands one; better from the environment, which `ps` hides.",
        show_default=False,
    ),
]
CertificateOption = Annotated[
    Path | None,
    typer.Option(
        "--tls-cert",
        metavar="FILE",
        help="Certificate (PEM) to trust beside the system's, for a server with one of its own.",
        show_default=False,
    ),
]


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(watch)


@ends_cleanly
def watch(
    url: UrlArgument = None,
    once: OnceOption = False,
    as_json: LinesOption = False,
    token: TokenOption = None,
    tls_cert: CertificateOption = None,
    catalog: CatalogOption = None,
    config: ConfigOption = None,
) -> None:
    """Show which song a nowhear hears and what sounds like it, live, until Ctrl-C.

    It waits for a server that is not there yet, and comes back when one restarts.

    \b
    [bold]Examples[/bold]
      nowhear watch
      nowhear watch radio.local:8765 --token SECRET
      nowhear watch --once
      nowhear watch --json | jq 'select(.type == "match") | .song.title'
    """
    server = settings_from(config, catalog).server
    lines = as_json or not sys.stdout.isatty()
    show = Lines() if lines else Once() if once else Screen()
    try:
        client = Client(
            url or server_url(server.host, server.port, scheme=server.scheme),
            token=token or server.token,
            reconnect=not once,
            on_connection=show.connection,
            tls=trusting(tls_cert or server.tls_cert, any_name=url is None),
        )
    except ProtocolError as error:
        raise typer.BadParameter(str(error), param_hint="URL") from error
    try:
        asyncio.run(_watch(client, show, once=once))
    except KeyboardInterrupt:
        return  # the way it is meant to be ended
    except BrokenPipeError:
        # The reader has gone, as in `nowhear watch | head`. Python would complain once more when
        # it flushes standard output at its end, so that gets somewhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except ConnectionError as error:
        stderr.print(f"nowhear: {error}", markup=False)
        raise typer.Exit(FAILED) from None


async def _watch(client: Client, show: Lines | Once | Screen, *, once: bool) -> None:
    task = asyncio.current_task()
    assert task is not None
    # As from `timeout` or a service manager: the terminal is to be left as it was.
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    with show, contextlib.suppress(asyncio.CancelledError):
        async with client:
            async for message in client:
                if not once:
                    show.message(message)
                elif isinstance(message, Similar) and message.songs:
                    show.message(message)
                    break


class Lines:
    """JSON lines on standard output; the connection on standard error, when it changes."""

    def __init__(self) -> None:
        self._told: str | None = None

    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None: ...

    def message(self, message: ServerMessage) -> None:
        sys.stdout.write(encode(message) + "\n")
        sys.stdout.flush()

    def connection(self, connection: Connection) -> None:
        if connection.state == "live":
            if self._told is not None:
                stderr.print("nowhear: connected")
            self._told = None
        elif connection.retry_s is not None and connection.detail != self._told:
            stderr.print(f"nowhear: {connection.detail}; trying again", markup=False)
            self._told = connection.detail


class Once(Lines):
    """The first ranking as a table."""

    def message(self, message: ServerMessage) -> None:
        view = View()
        view.take(message)
        stdout.print(view.ranking())


class Screen:
    """A live view in the terminal."""

    def __init__(self) -> None:
        self._view = View()
        self._live = Live(self._view.render(), console=stdout, auto_refresh=False)

    def __enter__(self) -> None:
        self._live.start(refresh=True)

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def message(self, message: ServerMessage) -> None:
        self._view.take(message)
        self._live.update(self._view.render(), refresh=True)

    def connection(self, connection: Connection) -> None:
        self._view.connection = connection
        self._live.update(self._view.render(), refresh=True)

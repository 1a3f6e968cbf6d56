"""What `listen` and `demo` share: a daemon from settings and a source, run to its end."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from pydantic import ValidationError

from catalog.errors import CatalogError, ManifestError
from catalog.settings import CatalogSettings
from catalog.songs import one_line
from encoder.embedding import Encoder, load_encoder
from realtime.addresses import server_url
from realtime.app import Daemon
from realtime.binding import seen_at
from realtime.cli.common import stderr
from realtime.cli.json_lines import JsonLines
from realtime.errors import RealtimeError, SettingsError, SourceError
from realtime.loading import Loading
from realtime.logs import start_logging
from realtime.messages import Source as SourceInfo
from realtime.settings import ListenSettings, ServerSettings, Settings
from realtime.sources import portaudio
from realtime.sources.base import RateHz, Source
from realtime.sources.microphone import Microphone
from realtime.tls import check_tls

_KINDS = {"microphone": "microphone", "file": "file", "stream": "stream", "stdin": "input"}


def serving_at(settings: Settings, **given: Any) -> Settings:
    """The settings with the server's options over them, None where one was not given.

    Raises `SettingsError`.
    """
    update = {key: value for key, value in given.items() if value is not None}
    try:
        server = ServerSettings.model_validate({**settings.server.model_dump(), **update})
    except ValidationError as error:
        first = error.errors()[0]
        where = "".join(f"--{part}: " for part in first["loc"][:1])
        raise SettingsError(f"{where}{first['msg']}") from error
    return settings.model_copy(update={"server": server})


def begin_loading(settings: Settings) -> Loading:
    """The encoder, loading from now on in its own thread."""

    def load() -> Encoder:
        return load_encoder(settings.encoder)

    return Loading(load)


def has_all(settings: CatalogSettings, files: Sequence[Path]) -> bool:
    """Whether the catalog already holds as many songs as there are files.

    Raises `ManifestError`: another version of nowhear made it.
    """
    from catalog.catalog import Catalog

    try:
        with Catalog.open(settings, None) as opened:
            return opened.count >= len(files)
    except ManifestError:
        raise
    except CatalogError:
        return False


def working_microphone(settings: ListenSettings, *, rate_hz: RateHz) -> Microphone | None:
    """The default capture device, if there is one that can be opened."""
    with contextlib.suppress(SourceError):
        device = portaudio.choose(portaudio.devices(), None)
        portaudio.open_stream(device, lambda _frames, _overrun: None).close()
        return Microphone(None, rate_hz=rate_hz, settings=settings)
    return None


def run(
    settings: Settings,
    source: Source,
    loading: Loading,
    *,
    fast: bool = False,
    once: bool = False,
    json: bool = False,
    levels: bool = False,
) -> None:
    """Listens until SIGTERM, Ctrl-C or, with `once`, the end of the source."""
    from realtime.version import program_version

    start_logging(settings.log)
    source.check()
    check_tls(settings.server)  # here too, for it takes seconds until the server would say so

    async def listen() -> None:
        daemon = Daemon(
            settings,
            source=source,
            loading=loading,
            version=program_version(),
            fast=fast,
            once=once,
            ready=lambda url: _tell(url, source.info, settings.server),
        )
        with _until_signalled(daemon), _json_lines(daemon, wanted=json, levels=levels):
            await daemon.run()

    asyncio.run(listen())


def _tell(url: str, source: SourceInfo, server: ServerSettings) -> None:
    # The page hands on the token that stands in its own address.
    secret = "" if server.token is None else f"?{urlencode({'token': server.token})}"
    stderr.print(f"the page is at {url}{secret}", markup=False)
    if (others := seen_at(server.host)) is not None:
        there = urlsplit(url)
        away = server_url(others, there.port or 0, scheme=there.scheme)
        stderr.print(f"for other devices it is at {away}{secret}", markup=False)
    live = "" if source.live else " as if it were live"
    stderr.print(f"listening to {_KINDS[source.kind]} {one_line(source.name)}{live}", markup=False)


@contextlib.contextmanager
def _until_signalled(daemon: Daemon) -> Iterator[None]:
    """The first Ctrl-C or SIGTERM stops the daemon properly; a second one ends it at once."""
    loop = asyncio.get_running_loop()

    def stop() -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
        daemon.stop()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)
    yield


@contextlib.contextmanager
def _json_lines(daemon: Daemon, *, wanted: bool, levels: bool) -> Iterator[None]:
    """Every message on standard output too, if wanted; without a reader the daemon ends.

    Raises `RealtimeError` when they could not be written, unless the reader had seen enough.
    """
    if not wanted:
        yield
        return
    loop = asyncio.get_running_loop()

    def broken() -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(daemon.stop)

    lines = JsonLines(sys.stdout.buffer, levels=levels, broken=broken)
    daemon.tap = lines
    try:
        yield
    finally:
        lines.close()
    if lines.failure is not None and not isinstance(lines.failure, BrokenPipeError):
        raise RealtimeError(f"standard output cannot be written: {lines.failure}")

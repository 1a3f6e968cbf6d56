"""Checks of everything that nowhear stands on, each with how to mend what it finds.

`diagnose` is lazy: a check runs when its result is asked for, so that a person sees them come.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from catalog.catalog import Catalog
from catalog.errors import CatalogError, NoCatalogError
from encoder.embedding import EncoderSpec
from encoder.errors import DeviceError, EncoderError

from .access import Access
from .addresses import reached_at
from .binding import bind
from .errors import RealtimeError, ServerError, SourceError
from .page_files import BUILT_PAGE, is_built
from .routes import HEALTH_PATH
from .settings import ServerSettings, Settings
from .sources.portaudio import Device, Stream, choose, devices
from .tls import check_tls, trusting_anyone

State = Literal["ok", "warning", "failed"]

OLDEST_PYTHON = (3, 11)
TOO_NEW_PYTHON = (3, 13)  # annoy 1.17.3 has open reports of crashes from there on
HEALTH_TIMEOUT_S = 2.0
LOW_DISK_BYTES = 1 << 30
NO_DISK_BYTES = 64 << 20
FINGERPRINT_DIGITS = 16


@dataclass(frozen=True)
class Check:
    """What one check found: `failed` keeps nowhear from working, a `warning` a part of it."""

    name: str
    state: State
    detail: str
    mend: str | None = None


def diagnose(settings: Settings) -> Iterator[Check]:
    """All checks, in the order in which one would mend."""
    yield check_python(sys.version_info[:3])
    yield from check_capture()
    yield from check_libraries()
    spec, weights = check_weights(settings)
    yield weights
    yield check_catalog(settings, spec)
    yield check_disk(settings.catalog.directory)
    yield check_access(settings.server)
    yield check_port(settings.server)
    yield check_page(BUILT_PAGE)


def check_python(version: tuple[int, int, int]) -> Check:
    """Whether this Python is one that all parts are known to run on.

    >>> check_python((3, 13, 0)).state
    'failed'
    """
    found = ".".join(map(str, version))
    if OLDEST_PYTHON <= version[:2] < TOO_NEW_PYTHON:
        return Check("python", "ok", found)
    return Check("python", "failed", found, "use Python 3.11 or 3.12")


def check_capture(
    list_devices: Callable[[], list[Device]] = devices,
    open_stream: Callable[..., Any] = Stream,
) -> Iterator[Check]:
    """PortAudio, and a capture device that opens; without one, files and streams still play."""
    try:
        found = list_devices()
    except SourceError as error:
        yield Check("portaudio", "failed", str(error), "sudo apt-get install libportaudio2")
        return
    yield Check("portaudio", "ok", "loads and lists devices")
    try:
        device = choose(found, None)
        open_stream(device, lambda *_: None).close()
    except SourceError as error:
        mend = "connect a microphone, or close the program that holds it; `nowhear devices` lists"
        yield Check("capture device", "warning", str(error), mend)
        return
    others = f", and {len(found) - 1} more" if len(found) > 1 else ""
    detail = f"{device.index}: {device.name}, {device.rate_hz} Hz{others}"
    yield Check("capture device", "ok", detail)


def check_libraries() -> Iterator[Check]:
    """FFmpeg, torch and CUDA."""
    from encoder.about import describe  # loads torch

    try:
        about = describe()
    except EncoderError as error:
        yield Check("torch", "failed", str(error), "pip install --force-reinstall nowhear")
        return
    yield Check("ffmpeg", "ok", f"PyAV {about.pyav}: {', '.join(about.ffmpeg)}")
    yield Check("torch", "ok", f"torch {about.torch}, torchaudio {about.torchaudio}")
    if about.gpus:
        yield Check("cuda", "ok", f"CUDA {about.cuda}: {', '.join(about.gpus)}")
    else:
        built = "this torch is built without CUDA" if about.cuda is None else "no GPU is found"
        yield Check("cuda", "ok", f"{built}; the processor is used, which is enough to listen")


def check_weights(settings: Settings) -> tuple[EncoderSpec | None, Check]:
    """Loads the encoder and runs it once; its spec, for the catalog's check."""
    from encoder.embedding import load_encoder

    try:
        spec = load_encoder(settings.encoder).spec
    except DeviceError as error:
        return None, Check("weights", "failed", str(error), "set encoder.device to auto")
    except EncoderError as error:
        mend = "install nowhear again, or take encoder.weights out of config.yaml"
        return None, Check("weights", "failed", str(error), mend)
    detail = f"{spec.name}, fingerprint {spec.fingerprint[:FINGERPRINT_DIGITS]}"
    return spec, Check("weights", "ok", detail)


def check_catalog(settings: Settings, spec: EncoderSpec | None) -> Check:
    """Songs, vectors and index belong together and to this encoder."""
    try:
        with Catalog.open(settings.catalog, spec) as catalog:
            info = catalog.info()
    except NoCatalogError as error:
        return Check("catalog", "warning", str(error), "nowhear add PATH...")
    except CatalogError as error:
        return Check("catalog", "failed", str(error), "nowhear add --reindex builds the index anew")
    detail = f"{info.directory}: {info.songs} songs, index generation {info.generation}"
    if info.waiting:
        mend = "nowhear add --reindex goes on with it"
        return Check("catalog", "warning", f"{detail}, {info.waiting} to be embedded again", mend)
    if info.songs == 0:
        return Check(
            "catalog", "warning", f"{detail}: nothing can be ranked", "nowhear add PATH..."
        )
    return Check("catalog", "ok", detail)


def check_disk(
    folder: Path, *, free_bytes: Callable[[Path], int] = lambda path: shutil.disk_usage(path).free
) -> Check:
    """Room where the catalog is, or will be."""
    there = next(path for path in (folder, *folder.parents) if path.exists())
    free = free_bytes(there)
    detail = f"{free / (1 << 30):.1f} GiB free at {there}"
    mend = "make room, or put the catalog elsewhere with --catalog DIR"
    if free < NO_DISK_BYTES:
        return Check("disk", "failed", detail, mend)
    if free < LOW_DISK_BYTES:
        return Check("disk", "warning", detail, mend)
    return Check("disk", "ok", detail)


def check_access(server: ServerSettings) -> Check:
    """The address may be listened on with these settings."""
    try:
        Access(server)
    except RealtimeError as error:
        return Check("access", "failed", str(error), "set server.token, or server.host: 127.0.0.1")
    try:
        check_tls(server)
    except ServerError as error:
        return Check("access", "failed", str(error), "mend server.tls_cert and server.tls_key")
    who = "with the token" if server.token else "from this machine"
    return Check("access", "ok", f"{server.host}, reached {who} by {server.scheme}")


def check_port(server: ServerSettings) -> Check:
    """The port is free, or held by a nowhear that answers."""
    where = f"{server.host}:{server.port}"
    try:
        for one in asyncio.run(bind(server.host, server.port)):
            one.close()
    except ServerError as error:
        health = ask_health(server)
        if health is None:
            return Check("port", "failed", str(error), "end the other program, or set server.port")
        return _running(where, health)
    return Check("port", "ok", f"{where} is free")


def _running(where: str, health: dict[str, Any]) -> Check:
    about = f"nowhear {health.get('version')} listens on {where}"
    if health.get("ok"):
        return Check("port", "ok", f"{about}: {health.get('songs')} songs")
    state = f"{about}, but its source is {health.get('source')}"
    reason = f": {health['detail']}" if health.get("detail") else ""
    return Check("port", "warning", state + reason, "its log says more; it tries again by itself")


def ask_health(server: ServerSettings) -> dict[str, Any] | None:
    """What the nowhear on that port says of itself; None when it is none."""
    host, port = reached_at(server.host), server.port
    connection = http.client.HTTPConnection(host, port, timeout=HEALTH_TIMEOUT_S)
    if server.scheme == "https":
        connection = http.client.HTTPSConnection(
            host, port, timeout=HEALTH_TIMEOUT_S, context=trusting_anyone()
        )
    try:
        connection.request("GET", HEALTH_PATH)
        health = json.loads(connection.getresponse().read())
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        connection.close()
    return health if isinstance(health, dict) and health.get("name") == "nowhear" else None


def check_page(page: Path) -> Check:
    """The page is built."""
    if is_built(page):
        return Check("page", "ok", str(page))
    mend = "python hatch_build.py, or make setup; `nowhear watch` works without"
    return Check("page", "warning", f"{page} holds no built page", mend)


def failed(checks: Iterable[Check]) -> bool:
    """Whether any of them keeps nowhear from working."""
    return any(check.state == "failed" for check in checks)

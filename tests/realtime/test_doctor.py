"""Each check against a thing that is right and one that is not."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from catalog.catalog import Catalog
from encoder.settings import EncoderSettings
from realtime import doctor
from realtime.errors import SourceError
from realtime.settings import ServerSettings, Settings
from realtime.sources.portaudio import Device
from tests.catalog.making import SPEC, random_songs, settings_at
from tests.helpers.messages import status
from tests.helpers.serving import ServerThread

MICROPHONE = Device(2, "USB microphone", 1, 48_000, "ALSA", default=True)
LINE_IN = Device(0, "Line in", 2, 44_100, "ALSA", default=False)


class OpenStream:
    """A device that opens, and is closed again."""

    closed = False

    def __init__(self, device: Device, callback: Callable[..., None]) -> None:
        assert device == MICROPHONE
        callback()  # takes whatever PortAudio hands over

    def close(self) -> None:
        OpenStream.closed = True


@pytest.mark.parametrize(
    ("version", "state"),
    [((3, 10, 9), "failed"), ((3, 11, 0), "ok"), ((3, 12, 9), "ok"), ((3, 13, 0), "failed")],
)
def test_python(version: tuple[int, int, int], state: str) -> None:
    assert doctor.check_python(version).state == state


def test_a_capture_device_is_opened_and_let_go() -> None:
    library, device = doctor.check_capture(lambda: [LINE_IN, MICROPHONE], OpenStream)
    assert (library.state, device.state) == ("ok", "ok")
    assert device.detail == "2: USB microphone, 48000 Hz, and 1 more"
    assert OpenStream.closed


def test_no_capture_device_is_a_warning() -> None:
    library, device = doctor.check_capture(list)
    assert (library.state, device.state) == ("ok", "warning")
    assert "there is no capture device" in device.detail


def test_a_device_that_is_held_by_another_is_a_warning() -> None:
    def busy(_device: Device, _callback: object) -> None:
        raise SourceError("device 2 (USB microphone) cannot be opened: Device unavailable")

    _, device = doctor.check_capture(lambda: [MICROPHONE], busy)
    assert device.state == "warning"
    assert "Device unavailable" in device.detail
    assert device.mend is not None


def test_no_portaudio_fails() -> None:
    def missing() -> list[Device]:
        raise SourceError("the PortAudio library cannot be loaded")

    (library,) = doctor.check_capture(missing)
    assert library.state == "failed"
    assert library.mend == "sudo apt-get install libportaudio2"


def test_libraries_are_named_with_their_versions() -> None:
    found = {check.name: check for check in doctor.check_libraries()}
    assert set(found) == {"ffmpeg", "torch", "cuda"}
    assert "libavcodec" in found["ffmpeg"].detail
    assert {check.state for check in found.values()} == {"ok"}


def test_weights_that_ship_are_whole() -> None:
    spec, check = doctor.check_weights(Settings())
    assert check.state == "ok"
    assert spec is not None
    assert spec.fingerprint[:16] in check.detail


@pytest.mark.parametrize("content", [None, b"", b"not weights at all"])
def test_weights_that_are_not_fail(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "own.safetensors"
    if content is not None:
        path.write_bytes(content)
    spec, check = doctor.check_weights(Settings(encoder=EncoderSettings(weights=path)))
    assert spec is None
    assert check.state == "failed"
    assert str(path) in check.detail


def test_the_catalog(tmp_path: Path) -> None:
    settings = Settings(catalog=settings_at(tmp_path / "songs"))
    nothing = doctor.check_catalog(settings, SPEC)
    assert (nothing.state, nothing.mend) == ("warning", "nowhear add PATH...")

    with Catalog.open(settings.catalog, SPEC, create=True) as catalog:
        empty = doctor.check_catalog(settings, SPEC)
        assert empty.state == "warning"
        assert "nothing can be ranked" in empty.detail
        catalog.insert(random_songs(3))
        catalog.publish(force=True)
    whole = doctor.check_catalog(settings, SPEC)
    assert whole.state == "ok"
    assert "3 songs, index generation 1" in whole.detail

    for index in (tmp_path / "songs" / "index").rglob("manifest.json"):
        index.write_text("{}")
    damaged = doctor.check_catalog(settings, SPEC)
    assert damaged.state == "failed"
    assert damaged.mend is not None


def test_a_catalog_of_another_encoder_fails(tmp_path: Path) -> None:
    settings = Settings(catalog=settings_at(tmp_path))
    with Catalog.open(settings.catalog, SPEC, create=True) as catalog:
        catalog.insert(random_songs(1))
    check = doctor.check_catalog(settings, replace(SPEC, fingerprint="c" * 64))
    assert check.state == "failed"
    assert "b" * 16 in check.detail
    assert "c" * 16 in check.detail


@pytest.mark.parametrize(
    ("free", "state"), [(100 << 30, "ok"), (512 << 20, "warning"), (1 << 20, "failed")]
)
def test_the_disk(tmp_path: Path, free: int, state: str) -> None:
    asked: list[Path] = []

    def free_bytes(path: Path) -> int:
        asked.append(path)
        return free

    check = doctor.check_disk(tmp_path / "not" / "made" / "yet", free_bytes=free_bytes)
    assert check.state == state
    assert asked == [tmp_path]


def test_the_real_disk(tmp_path: Path) -> None:
    assert "GiB free" in doctor.check_disk(tmp_path).detail


def test_an_open_address_without_a_token_fails() -> None:
    assert doctor.check_access(ServerSettings(host="0.0.0.0")).state == "failed"
    assert doctor.check_access(ServerSettings(host="0.0.0.0", token="x" * 16)).state == "ok"
    assert doctor.check_access(ServerSettings()).state == "ok"


def test_a_free_port() -> None:
    check = doctor.check_port(ServerSettings(port=0))
    assert (check.state, check.detail) == ("ok", "127.0.0.1:0 is free")


def test_a_port_held_by_a_nowhear() -> None:
    with ServerThread() as server:
        settings = ServerSettings(port=server.port)
        assert doctor.check_port(settings).state == "warning"  # its source has not begun
        server.publish(status(5))
        check = doctor.check_port(settings)
        assert check.state == "ok"
        assert f"nowhear 0.1.0 listens on 127.0.0.1:{server.port}: 24 songs" in check.detail
        server.publish(status(6, state="lost"))
        check = doctor.check_port(settings)
        assert check.state == "warning"
        assert "its source is lost: looking for the device again" in check.detail


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-something\r\n",
        b'HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n{"name": "gate"}',
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]",
        b"",
    ],
)
def test_a_port_held_by_another_program_fails(answer: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        port = listener.getsockname()[1]
        check = doctor.check_port(ServerSettings(port=port))
        thread.join()
    assert check.state == "failed"
    assert f"127.0.0.1:{port} is taken" in check.detail


def test_the_page(tmp_path: Path) -> None:
    assert doctor.check_page(tmp_path).state == "warning"
    (tmp_path / "index.html").write_text("<!doctype html>")
    assert doctor.check_page(tmp_path).state == "ok"


def test_only_a_failure_fails() -> None:
    good, bad = doctor.Check("a", "warning", "b"), doctor.Check("a", "failed", "b")
    assert not doctor.failed([good])
    assert doctor.failed([good, bad])

"""Network streams from a server on loopback that breaks off and comes back."""

import http.server
import threading
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from catalog.demo import demo_clips
from encoder.decode import decode
from encoder.errors import DecodeError
from realtime.errors import SourceError
from realtime.settings import ListenSettings
from realtime.sources.stream import StreamSource, without_secrets
from tests.realtime.sources.listening import RATE_HZ, Heard, listen, rate_hz

CLIP = demo_clips()[0]  # Opus in Ogg
SETTINGS = ListenSettings(retry_s=0.001, retry_max_s=0.002)


class Station:
    """Serves the clip; `plan` says for each connection how much of it, and whether that is all.

    A number ends the answer there, as a station that goes off the air; -n breaks the connection
    off after n bytes of an answer that was announced as longer; None gives the whole clip.
    """

    def __init__(self) -> None:
        self.plan: list[int | None] = []
        self.asked: list[str] = []
        music = CLIP.read_bytes()
        station = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                station.asked.append(self.path)
                if self.path.startswith("/list"):
                    self._answer(f"[playlist]\nFile1={station.url}/live\n".encode())
                    return
                share = station.plan.pop(0) if station.plan else None
                if share is None:
                    self._answer(music, length=len(music))
                else:
                    self._answer(music[: abs(share)], length=len(music) if share < 0 else None)

            def _answer(self, body: bytes, *, length: int | None = None) -> None:
                self.send_response(200)
                self.send_header("content-type", "application/ogg")
                if length is not None:
                    self.send_header("content-length", str(length))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def station() -> Iterator[Station]:
    opened = Station()
    yield opened
    opened.close()


def source(address: str, *, once: bool = False) -> StreamSource:
    return StreamSource(address, rate_hz=rate_hz, settings=SETTINGS, fast=True, once=once)


def lost(times: int) -> Callable[[Heard], bool]:
    return lambda heard: heard.states.count("lost") == times


def test_once_gives_the_whole_stream(station: Station) -> None:
    heard = listen(source(f"{station.url}/live", once=True))
    expected = np.concatenate(list(decode(CLIP, sample_rate_hz=RATE_HZ)))
    np.testing.assert_array_equal(heard.samples, expected)
    assert heard.states == ["listening", "listening"]
    assert heard.reports[-1].detail == "the stream ended"


@pytest.mark.parametrize("share", [60_000, -60_000])
def test_once_a_stream_that_breaks_off_has_ended(station: Station, share: int) -> None:
    station.plan = [share]
    heard = listen(source(f"{station.url}/live", once=True))
    assert len(heard.blocks) > 0
    assert str(heard.reports[-1].detail).startswith("the stream broke off: ")
    assert len(station.asked) == 1


@pytest.mark.parametrize("share", [60_000, -60_000])
def test_a_stream_that_breaks_off_is_connected_to_again(station: Station, share: int) -> None:
    station.plan = [share, None]
    heard = listen(source(f"{station.url}/live"), lost(2))
    assert heard.states == ["listening", "lost", "listening", "lost"]
    assert str(heard.reports[1].detail).endswith("; connecting again")
    whole = sum(map(len, decode(CLIP, sample_rate_hz=RATE_HZ)))
    assert whole < len(heard.samples) < 2 * whole
    assert len(heard.gaps) == 1  # so that no window spans the break


def test_a_station_that_is_down_is_tried_until_it_is_up(station: Station) -> None:
    station.plan = [0, 0, None]
    heard = listen(source(f"{station.url}/live"), lambda heard: len(heard.blocks) > 0)
    assert heard.states[:3] == ["lost", "lost", "listening"]


def test_a_playlist_leads_to_its_stream(station: Station) -> None:
    heard = listen(source(f"{station.url}/list.pls?x=1"), lambda heard: len(heard.blocks) > 0)
    assert heard.states == ["listening"]
    assert [path.partition("?")[0] for path in station.asked] == ["/list.pls", "/live"]


def test_once_a_failure_is_told_without_secrets() -> None:
    with pytest.raises(DecodeError) as caught:
        listen(source("http://me:secret@127.0.0.1:1/live?token=secret", once=True))
    assert str(caught.value).startswith("http://127.0.0.1:1/live: cannot be decoded: ")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("address", ["file:///etc/passwd", "concat://a", "gopher://a/b", "http://"])
def test_addresses_of_other_kinds_are_refused(address: str) -> None:
    with pytest.raises(SourceError, match="is no address of a stream, expected one of http, "):
        source(address)


def test_info_shows_no_secret() -> None:
    info = source("https://me:pw@radio.example:8000/live?token=1").info
    assert info.model_dump() == {
        "kind": "stream",
        "name": "https://radio.example:8000/live",
        "live": True,
    }
    assert without_secrets("rtsp://a@b@host/x") == "rtsp://host/x"

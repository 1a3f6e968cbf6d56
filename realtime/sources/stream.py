"""A network stream, such as a radio station: connected to again when it breaks off."""

from __future__ import annotations

import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit

from encoder.decode import Decoder
from encoder.errors import DecodeError

from ..errors import SourceError
from ..messages import Source as SourceInfo
from ..settings import ListenSettings
from .base import Emit, Pace, Positions, RateHz, Report, SourceReport, in_pieces, pauses
from .playlists import is_playlist, playlist_addresses

TIMEOUT_S = 10.0
"""Longest wait for a connection and for each read: a station that is silent in this way is gone."""

LIVE_SPEED = 1.005
"""Stations send some seconds at once and then at their own clock. Played faster by this, which
nobody can hear, a sender whose clock is ahead of ours never makes us fall behind it."""

SCHEMES = ("http", "https", "rtmp", "rtmps", "rtp", "rtsp", "rtsps", "srt", "tcp", "udp")
_PLAYLIST_BYTES = 64 * 1024


def is_address(text: str) -> bool:
    """Whether `text` is an address (`scheme://...`) and no path."""
    return "://" in text


class StreamSource:
    """Sound from an address that FFmpeg opens, or from the first entry of a playlist there.

    A stream that breaks off or ends is connected to again, with growing pauses, until `stop`; the
    lost time becomes a gap. With `once` its end is the end. Unless `fast`, it runs at the pace of
    real time, since a server may send a whole file at once.

    Raises `SourceError` for an address of an unknown kind.
    """

    def __init__(
        self,
        address: str,
        *,
        rate_hz: RateHz,
        settings: ListenSettings,
        fast: bool = False,
        once: bool = False,
    ) -> None:
        if urlsplit(address).scheme.lower() not in SCHEMES or not urlsplit(address).netloc:
            raise SourceError(
                f"{without_secrets(address)!r} is no address of a stream, expected one of "
                f"{', '.join(SCHEMES)}, then ://HOST/..."
            )
        self._address = address
        self._rate_hz = rate_hz
        self._settings = settings
        self._fast = fast
        self._once = once
        self._positions = Positions()
        self._last_s: float | None = None  # when the newest sound came in

    @property
    def info(self) -> SourceInfo:
        """Names the address, without user, password and query."""
        return SourceInfo(kind="stream", name=without_secrets(self._address), live=True)

    def check(self) -> None:
        """Nothing: a station that is down now may be up in a minute."""

    def run(self, emit: Emit, report: Report, stop: threading.Event) -> None:
        """Plays until `stop`; with `once` to the end of the stream.

        Raises `DecodeError` when `once` is set and nothing could be heard.
        """
        rate_hz = self._rate_hz()
        waits = self._pauses()
        while not stop.is_set():
            heard_before = self._positions.end
            trouble = "ended"
            try:
                self._play(rate_hz, emit, report, stop)
            except DecodeError as error:
                if self._once and self._positions.end == heard_before:
                    raise DecodeError(f"{self.info.name}: {error}") from error
                trouble = str(error)
            if stop.is_set():
                return
            if self._once:
                # FFmpeg calls the end of an answer of unknown length an error, so this may be both.
                report(SourceReport("listening", f"the stream {trouble}"))
                return
            if self._positions.end > heard_before:
                waits = self._pauses()
            pause_s = next(waits)
            report(SourceReport("lost", f"the stream {trouble}; connecting again"))
            stop.wait(pause_s)

    def _pauses(self) -> Iterator[float]:
        return pauses(self._settings.retry_s, self._settings.retry_max_s)

    def _play(self, rate_hz: int, emit: Emit, report: Report, stop: threading.Event) -> None:
        pace: Pace | None = None
        address = stream_address(self._address)
        with Decoder(address, sample_rate_hz=rate_hz, timeout_s=TIMEOUT_S) as decoder:
            for samples in in_pieces(decoder.blocks(), rate_hz=rate_hz):
                if pace is None:  # the first samples of this connection
                    self._go_on(rate_hz)
                    origin, pace = self._positions.end, Pace(speed=LIVE_SPEED)
                    report(SourceReport("listening"))
                block = self._positions.block(samples)
                if not self._fast:
                    pace.wait((block.end - origin) / rate_hz, stop)
                if stop.is_set():
                    return
                self._last_s = time.monotonic()
                emit(block, arrived_s=self._last_s)

    def _go_on(self, rate_hz: int) -> None:
        """After a break, leaves out the time that went by."""
        if self._last_s is not None:
            self._positions.skip(round((time.monotonic() - self._last_s) * rate_hz))


def stream_address(address: str) -> str:
    """The address itself, or that of the first stream in the playlist there.

    Raises `DecodeError`: the playlist cannot be fetched or holds no stream.
    """
    if not is_playlist(address) or urlsplit(address).scheme not in ("http", "https"):
        return address
    try:
        with urllib.request.urlopen(address, timeout=TIMEOUT_S) as answer:
            text = answer.read(_PLAYLIST_BYTES).decode("utf-8", "replace")
    except (OSError, ValueError) as error:
        cause = error.reason if isinstance(error, urllib.error.URLError) else error
        raise DecodeError(f"has a playlist that cannot be fetched: {cause}") from error
    found = playlist_addresses(text, base=address)
    if not found:
        raise DecodeError("has a playlist without an http address")
    return found[0]


def without_secrets(address: str) -> str:
    """The address without user, password, query and fragment.

    >>> without_secrets("https://me:secret@radio.example:8000/live?token=1")
    'https://radio.example:8000/live'
    """
    parts = urlsplit(address)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))

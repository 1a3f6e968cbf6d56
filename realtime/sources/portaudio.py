"""PortAudio through sounddevice: capture devices, and one open stream. Imported nowhere else.

sounddevice is imported when it is first needed: it loads the system's PortAudio library, which may
be missing, and the rest of nowhear works without.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import NoDeviceError, SourceError

MOST_CHANNELS = 2
BLOCK_S = 0.02
"""Sound in one callback: short beside the 0.1 s of a level hop, long beside a thread's wake-up."""

BUFFER_S = 0.1
"""Asked of the device: so long may Python be busy elsewhere before sound is lost. More would delay
the sound, which ALSA hands over by the third of a buffer (measured: 0.1 gives 40 ms, 0.4 120)."""

Callback = Callable[[NDArray[np.float32], bool], None]

# PortAudio is one library instance for the process, and not safe to use from two threads.
_library = threading.RLock()


@dataclass(frozen=True)
class Device:
    """A capture device as PortAudio lists it."""

    index: int
    name: str
    channels: int
    rate_hz: int  # its default sample rate
    host_api: str
    default: bool


def devices() -> list[Device]:
    """All capture devices. Raises `SourceError` without the PortAudio library."""
    with _library:
        sd = _sounddevice()
        try:
            apis = sd.query_hostapis()
            found = sd.query_devices()
        except sd.PortAudioError as error:
            raise SourceError(f"PortAudio cannot list devices: {_words(error)}") from error
        return [
            Device(
                index=int(entry["index"]),
                name=str(entry["name"]),
                channels=int(entry["max_input_channels"]),
                rate_hz=round(entry["default_samplerate"]),
                host_api=str(apis[entry["hostapi"]]["name"]),
                default=int(entry["index"]) == int(sd.default.device[0]),
            )
            for entry in found
            if entry["max_input_channels"] > 0
        ]


def choose(found: list[Device], wanted: str | None) -> Device:
    """The device of that number or name (or part of it, letter case aside); None: the default.

    A full name wins over a part, and of several the default, then the first. Raises `NoDeviceError`
    that names what there is.

    >>> pair = [Device(0, "Line In", 2, 44100, "ALSA", False), Device(3, "USB", 1, 48000, "ALSA",
    ...     True)]
    >>> choose(pair, "line").index, choose(pair, "3").index, choose(pair, None).index
    (0, 3, 3)
    """
    if not found:
        raise NoDeviceError(
            "there is no capture device; connect one, or give --input FILE, URL or -"
        )
    if wanted is None:
        fits = [device for device in found if device.default] or found
    elif wanted.isdecimal():
        fits = [device for device in found if device.index == int(wanted)]
    else:
        key = wanted.casefold()
        fits = [device for device in found if device.name.casefold() == key]
        fits = fits or [device for device in found if key in device.name.casefold()]
    if not fits:
        names = ", ".join(f"{device.index} ({device.name})" for device in found)
        raise NoDeviceError(f"no capture device {wanted!r}; there are: {names}")
    return next((device for device in fits if device.default), fits[0])


class Stream:
    """An open, running capture stream; close it.

    `callback` gets frames `(n, channels)` float32, which are its own to keep, and whether the
    device reports that sound before them was lost. It runs in PortAudio's thread and must not wait.

    Raises `SourceError` when the device cannot be opened.
    """

    def __init__(self, device: Device, callback: Callback) -> None:
        self.channels = min(device.channels, MOST_CHANNELS)
        self.rate_hz = device.rate_hz

        def copy_over(frames: Any, _count: int, _time: Any, status: Any) -> None:
            callback(frames.copy(), bool(status.input_overflow))

        with _library, _quiet():
            sd = _sounddevice()
            try:
                self._stream = sd.InputStream(
                    device=device.index,
                    channels=self.channels,
                    samplerate=self.rate_hz,
                    blocksize=round(BLOCK_S * self.rate_hz),
                    dtype="float32",
                    latency=BUFFER_S,
                    callback=copy_over,
                )
                self._stream.start()
            except (sd.PortAudioError, ValueError) as error:
                raise SourceError(
                    f"device {device.index} ({device.name}) cannot be opened: {_words(error)}"
                ) from error

    @property
    def active(self) -> bool:
        """False when the device has stopped by itself."""
        with _library:
            return bool(self._stream.active)

    def close(self) -> None:
        """Lets go of the device; one that is gone makes no difference."""
        with _library, _quiet(), contextlib.suppress(_sounddevice().PortAudioError):
            self._stream.abort(ignore_errors=True)
            self._stream.close(ignore_errors=True)


def open_stream(device: Device, callback: Callback) -> Stream:
    """A running stream of that device; see `Stream`."""
    return Stream(device, callback)


def restart() -> None:
    """Starts PortAudio anew: it lists the devices of the moment it was started, and no newer one.

    No stream may be open.
    """
    with _library, _quiet():
        sd = _sounddevice()
        with contextlib.suppress(sd.PortAudioError):
            sd._terminate()
        try:
            sd._initialize()
        except sd.PortAudioError as error:
            raise SourceError(f"PortAudio cannot be started: {_words(error)}") from error


def _sounddevice() -> ModuleType:
    try:
        with _quiet():
            import sounddevice
    except OSError as error:
        raise SourceError(
            f"the PortAudio library cannot be loaded ({error}); install it: "
            "sudo apt-get install libportaudio2"
        ) from error
    except ImportError as error:
        raise SourceError(f"sounddevice cannot be imported: {error}") from error
    library: ModuleType = sounddevice
    return library


def _words(error: Exception) -> str:
    """PortAudio's own words, on one line."""
    return " ".join(str(error).split())


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keeps ALSA and JACK, probed by PortAudio, from writing pages onto standard error.

    They write to the file descriptor, so it is set aside for these few milliseconds.
    """
    sys.stderr.flush()
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)

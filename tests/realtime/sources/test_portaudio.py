"""Which device is meant; the devices themselves are tested with a real one, end to end."""

import pytest

from realtime.errors import NoDeviceError
from realtime.sources.portaudio import Device, choose, devices


def device(index: int, name: str, *, default: bool = False) -> Device:
    return Device(index, name, channels=2, rate_hz=48_000, host_api="ALSA", default=default)


FOUND = [
    device(0, "USB Audio: Line"),
    device(2, "usb audio"),
    device(5, "HDA Intel: Mic", default=True),
    device(7, "HDA Intel: Mic 2"),
]


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        (None, 5),
        ("0", 0),
        ("7", 7),
        ("USB AUDIO", 2),  # a whole name before a part of one
        ("line", 0),
        ("intel", 5),  # of several, the default
        ("mic 2", 7),
    ],
)
def test_the_device_that_is_meant(wanted: str | None, index: int) -> None:
    assert choose(FOUND, wanted).index == index


def test_without_a_default_the_first_is_taken() -> None:
    assert choose(FOUND[:2], None).index == 0


@pytest.mark.parametrize("wanted", ["1", "bluetooth", "99"])
def test_an_unknown_one_is_refused_with_those_there_are(wanted: str) -> None:
    with pytest.raises(NoDeviceError) as caught:
        choose(FOUND, wanted)
    assert wanted in str(caught.value)
    assert "0 (USB Audio: Line), 2 (usb audio), 5 (HDA Intel: Mic)" in str(caught.value)


def test_without_devices_it_says_what_else_can_be_heard() -> None:
    with pytest.raises(NoDeviceError, match="no capture device; connect one, or give --input FILE"):
        choose([], None)


def test_the_library_lists_devices_that_can_capture() -> None:
    for found in devices():  # none on most machines that run tests
        assert found.channels > 0
        assert found.rate_hz > 0

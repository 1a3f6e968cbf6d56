"""The microphone against an audio system that fails on cue; a real one is heard end to end."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pytest

from realtime.errors import NoDeviceError, SourceError
from realtime.settings import ListenSettings
from realtime.sources.microphone import FIRST_S, Microphone
from realtime.sources.portaudio import Callback, Device
from tests.realtime.sources.listening import RATE_HZ, Heard, listen, rate_hz

NATIVE_HZ = 48_000
CHANNELS = 2
CHUNK = 960  # 20 ms
RATIO = NATIVE_HZ // RATE_HZ
SETTINGS = ListenSettings(retry_s=0.001, retry_max_s=0.002, queue_s=1.0)
MIC = Device(3, "Null Mic", CHANNELS, NATIVE_HZ, "ALSA", default=True)


class Clock:
    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


@dataclass
class FakeStream:
    channels: int = CHANNELS
    rate_hz: int = NATIVE_HZ
    active: bool = True
    closed: bool = False

    def close(self) -> None:
        self.closed = True


Opening = Callable[["FakeSystem", Callback], None]
"""What happens when the device is opened for the n-th time."""


@dataclass
class FakeSystem:
    """One device, whose openings go as written."""

    openings: list[Opening]
    clock: Clock = field(default_factory=Clock)
    streams: list[FakeStream] = field(default_factory=list)
    callbacks: list[Callback] = field(default_factory=list)
    restarts: int = 0
    found: list[Device] = field(default_factory=lambda: [MIC])

    def devices(self) -> list[Device]:
        return self.found

    def open_stream(self, device: Device, callback: Callback) -> FakeStream:
        assert device is MIC
        opening = self.openings[len(self.streams)]
        self.streams.append(FakeStream())
        self.callbacks.append(callback)
        opening(self, callback)
        return self.streams[-1]

    def restart(self) -> None:
        assert all(stream.closed for stream in self.streams)
        self.restarts += 1


def sounding(chunks: int, *, stops: bool = True, overrun_at: int | None = None) -> Opening:
    """The device gives so many chunks of a rising signal, 20 ms each, then stops."""

    def opening(system: FakeSystem, callback: Callback) -> None:
        for number in range(chunks):
            system.clock.now_s += CHUNK / NATIVE_HZ
            callback(np.full((CHUNK, CHANNELS), 0.25, np.float32), number == overrun_at)
        system.streams[-1].active = not stops

    return opening


def failing(system: FakeSystem, _: Callback) -> None:
    system.streams[-1].closed = True
    raise SourceError("device 3 (Null Mic) cannot be opened: Device unavailable")


def microphone(system: FakeSystem, wanted: str | None = None) -> Microphone:
    return Microphone(wanted, rate_hz=rate_hz, settings=SETTINGS, system=system, clock=system.clock)


def lost(times: int) -> Callable[[Heard], bool]:
    return lambda heard: heard.states.count("lost") == times


def test_what_the_device_gives_arrives_at_the_encoders_rate() -> None:
    system = FakeSystem([sounding(25)])
    heard = listen(microphone(system), lost(1))
    expected = 25 * CHUNK // RATIO
    assert expected - 32 <= len(heard.samples) <= expected  # the last few wait for look-ahead
    assert heard.gaps == []
    np.testing.assert_allclose(heard.samples[100:], 0.25, atol=1e-3)
    assert heard.arrivals_s[0] == pytest.approx(1000.02)
    assert system.streams[0].closed


def test_the_encoder_may_come_later_than_the_sound() -> None:
    system = FakeSystem([sounding(10)])
    opened: list[int] = []

    def late() -> int:
        opened.append(len(system.streams))
        return RATE_HZ

    source = Microphone(None, rate_hz=late, settings=SETTINGS, system=system, clock=system.clock)
    heard = listen(source, lost(1))
    assert opened == [1]  # the device was open before the rate was asked for
    assert len(heard.samples) > 0


def test_a_device_that_stops_is_told_and_found_again() -> None:
    system = FakeSystem([sounding(10), sounding(10)])
    heard = listen(microphone(system), lost(2))
    assert heard.states == ["listening", "lost", "listening", "lost"]
    assert heard.reports[1].detail == ("device 3 (Null Mic) has stopped; looking for it again")
    assert system.restarts >= 1


def test_the_time_away_is_a_gap() -> None:
    def back_after_ten_seconds(system: FakeSystem, callback: Callback) -> None:
        system.clock.now_s += 10.0
        sounding(10)(system, callback)

    system = FakeSystem([sounding(10), back_after_ten_seconds])
    heard = listen(microphone(system), lost(2))
    assert len(heard.gaps) == 1
    # As long as the device was away, to within what the resampler held back.
    assert heard.gaps[0] == pytest.approx(10.0 * RATE_HZ, abs=32)


def test_a_device_that_cannot_be_opened_is_tried_until_it_can() -> None:
    system = FakeSystem([failing, failing, sounding(5)])
    heard = listen(microphone(system), lost(3))
    assert heard.states == ["lost", "lost", "listening", "lost"]
    assert "Device unavailable; looking for it again" in str(heard.reports[0].detail)


def test_a_device_that_is_unplugged_is_looked_for() -> None:
    system = FakeSystem([])
    system.found = []
    heard = listen(microphone(system), lost(2))
    assert "no capture device" in str(heard.reports[0].detail)
    assert system.restarts >= 1  # new devices are only seen after that


def test_a_device_that_just_falls_silent_is_noticed() -> None:
    def silent(_system: FakeSystem, _callback: Callback) -> None:
        class Hurrying(Clock):
            def __call__(self) -> float:
                self.now_s += FIRST_S
                return self.now_s

        source._clock = Hurrying()

    system = FakeSystem([silent])
    source = microphone(system)
    heard = listen(source, lost(1))
    assert heard.reports[0].detail == (
        "device 3 (Null Mic) gave no sound for 5 s; looking for it again"
    )
    assert system.streams[0].closed


def test_overruns_of_the_device_are_counted_over_all_openings() -> None:
    system = FakeSystem([sounding(5, overrun_at=2), sounding(5, overrun_at=4)])
    heard = listen(microphone(system), lost(2))
    assert heard.reports[-1].overruns == 2


def test_when_our_own_queue_is_full_the_loss_is_a_gap_and_counted() -> None:
    system = FakeSystem([sounding(1, stops=False)])

    def flood(heard: Heard) -> bool:
        if len(heard.blocks) == 1 and not flooded:
            flooded.append(True)
            sounding(150)(system, system.callbacks[0])  # 3 s into a queue of 1 s
        return "lost" in heard.states

    flooded: list[bool] = []
    heard = listen(microphone(system), flood)
    assert heard.gaps == [pytest.approx(2.0 * RATE_HZ, abs=32)]
    assert heard.reports[-1].overruns == 1


def test_values_that_are_not_finite_do_not_get_through() -> None:
    def poisoned(system: FakeSystem, callback: Callback) -> None:
        callback(np.full((CHUNK, CHANNELS), np.nan, np.float32), False)
        system.streams[-1].active = False

    heard = listen(microphone(FakeSystem([poisoned])), lost(1))
    assert np.isfinite(heard.samples).all()


def test_told_to_stop_it_lets_go_of_the_device() -> None:
    system = FakeSystem([sounding(1000, stops=False)])
    heard = listen(microphone(system), lambda heard: len(heard.blocks) == 3)
    assert system.streams[0].closed
    assert "lost" not in heard.states


def test_info_names_the_device_once_it_is_known() -> None:
    source = microphone(FakeSystem([]), "null")
    assert source.info.name == "null"
    source.check()
    assert source.info.model_dump() == {"kind": "microphone", "name": "Null Mic", "live": True}


def test_check_refuses_a_device_that_is_not_there() -> None:
    with pytest.raises(NoDeviceError, match="no capture device 'usb'; there are: 3"):
        microphone(FakeSystem([]), "usb").check()

"""Devices over loopback: real websockets, the real server, and for naming the real network."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from catalog.catalog import Catalog
from catalog.plays import Plays
from encoder.embedding import Embeddings, Encoder
from realtime import messages as m
from realtime.blocks import Block
from realtime.calibration import Calibration, Odds
from realtime.device import SILENT_S
from realtime.device_messages import LARGEST_FRAME
from realtime.events import message_of
from realtime.opening import recognizer_over
from realtime.settings import MatchSettings, ServerSettings, Settings
from tests.catalog.making import SPEC, BandsEncoder, made_catalog, new_song, settings_at, tone
from tests.helpers.devices import Device, as_frame, taking_devices
from tests.helpers.naming import INSIDERS, OUTSIDERS, decoded
from tests.helpers.serving import in_loop, until

RATE_HZ = SPEC.sample_rate_hz
FRAME = RATE_HZ // 4
THREADS = "recognize"  # names of the threads of devices


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A catalog of three songs that `BandsEncoder` made; song 1 sounds like `tone(1)`."""
    unsure = Calibration(SPEC.prints.fingerprint, odds=Odds({}, -9.0), by_prints=Odds({}, -9.0))
    unsure.write(tmp_path / "calibration.json")
    styles = [BandsEncoder().embed(tone(seed, 1)[np.newaxis]).style[0] for seed in (1, 2, 3)]
    made_catalog(tmp_path, [new_song(f"{n}.wav", style) for n, style in enumerate(styles, 1)])
    return Settings(
        match=MatchSettings(calibration=tmp_path / "calibration.json"),
        catalog=settings_at(tmp_path),
        server=ServerSettings(port=0, max_devices=2),
    )


def listening_threads() -> int:
    return sum(thread.name == THREADS for thread in threading.enumerate())


def alone(encoder: Encoder, settings: Settings, samples: NDArray[np.float32]) -> list[Any]:
    """What a recognizer says of the samples by itself, as messages."""
    with Catalog.open(settings.catalog, encoder.spec) as catalog:
        recognizer = recognizer_over(
            catalog,
            encoder,
            songs=catalog.get,
            settings=settings,
            places=lambda ids: {song: (float(song), 0.0, 0.0) for song in ids},
        )
        heard = np.frombuffer(as_frame(samples), "<i2").astype(np.float32) / np.float32(32768)
        events = [*recognizer.feed(Block(heard, 0)), *recognizer.finish()]
    made = [message_of(event, sample_rate_hz=encoder.spec.sample_rate_hz) for event in events]
    return [json.loads(m.encode(message)) for message in made if message is not None]


def timeless(message: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in message.items() if key != "latency_ms"}


def approximate(value: Any) -> Any:
    """Equal to what is so but for rounding: windows in batches of other sizes differ a little."""
    if isinstance(value, dict):
        return {key: approximate(one) for key, one in timeless(value).items()}
    if isinstance(value, list):
        return [approximate(one) for one in value]
    return pytest.approx(value, abs=2e-3) if isinstance(value, float) else value


def assert_same(device: Device, expected: list[Any]) -> None:
    """What the device heard is what was expected, but for states replaced by newer ones."""
    for kind in ("level", "match", "similar", "tags", "place"):
        came = device.of(kind)
        due = [message for message in expected if message["type"] == kind]
        for message in came:
            there = [one for one in due if one["at_s"] == message["at_s"]]
            assert any(timeless(message) == approximate(one) for one in there), message
        assert came[-1]["at_s"] == due[-1]["at_s"]


@pytest.mark.parametrize("clip", [INSIDERS[2], OUTSIDERS[0]], ids=["known", "unknown"])
@in_loop
async def test_a_clip_is_heard_as_the_recognizer_alone_hears_it(
    named_clips: tuple[Settings, Encoder], clip: Path
) -> None:
    settings, encoder = named_clips
    settings = settings.model_copy(update={"server": ServerSettings(port=0)})
    samples = decoded(clip)[: 12 * encoder.spec.sample_rate_hz]
    async with taking_devices(settings, encoder) as hall, hall.device() as device:
        await device.play(samples, frame=3200)
        await device.say("end")
        assert await device.closed() == (1000, "")
    assert_same(device, alone(encoder, settings, samples))
    named = {match["song"]["song"] for match in device.of("match") if match["song"] is not None}
    with Catalog.open(settings.catalog, encoder.spec) as catalog:
        paths = [song.path for song in catalog.get(sorted(named)).values()]
    assert paths == ([clip] if clip in INSIDERS else [])
    with Plays(settings.catalog) as plays:
        assert not plays.find()


@in_loop
async def test_a_device_hears_of_its_own_sound_alone(settings: Settings) -> None:
    samples = np.concatenate([np.zeros(RATE_HZ, np.float32), tone(1, 6)])
    async with taking_devices(settings, BandsEncoder()) as hall:
        watcher = hall.daemon.attach(m.Hello.model_construct())
        async with hall.device() as device, hall.device() as other:
            await device.play(samples, frame=FRAME)
            await other.play(tone(2, 6), frame=FRAME)
            for one in (device, other):
                await one.say("end")
                assert await one.closed() == (1000, "")
        assert len(watcher.outbox) == 1  # hello
    assert_same(device, alone(BandsEncoder(), settings, samples))
    for one, title in ((device, "1.wav"), (other, "2.wav")):
        hello, status, *_ = one.heard
        assert hello["source"] == {"kind": "device", "name": "this phone", "live": True}
        assert hello["version"] == "9.9"
        assert (status["type"], status["state"]) == ("status", "listening")
        assert one.of("similar")[-1]["songs"][0]["title"] == title
        last = one.of("status")[-1]
        assert last["state"] == "ended"
        assert last["heard_s"] == pytest.approx(7 if one is device else 6)
        assert last["latency"]["count"] >= 4
        assert last["catalog"]["songs"] == 3


@in_loop
async def test_what_a_device_had_to_skip_is_a_gap(settings: Settings) -> None:
    async with taking_devices(settings, BandsEncoder()) as hall, hall.device() as device:
        await device.play(tone(1, 3), frame=FRAME)
        hall.clock.now_s += 2
        await device.say("skip", samples=2 * RATE_HZ)
        await device.play(tone(1, 3), frame=FRAME)
        await device.say("end")
        assert await device.closed() == (1000, "")
    last = device.of("status")[-1]
    assert (last["heard_s"], last["dropped_s"], last["dropped_blocks"]) == (6, 2, 1)
    assert device.of("level")[-1]["at_s"] == pytest.approx(8)
    assert not [level for level in device.of("level") if 3 < level["at_s"] <= 5]


@in_loop
async def test_no_more_devices_than_the_settings_say(settings: Settings) -> None:
    async with taking_devices(settings, BandsEncoder()) as hall:
        async with hall.device() as one, hall.device(begin=False):
            await one.read_until("credit")
            async with hall.device(begin=False) as third:
                assert await third.closed() == (
                    1013,
                    "2 devices listen already, no more are taken",
                )
            await one.play(tone(1, 1), frame=FRAME)  # the others hear on
        await until(lambda: listening_threads() == 0)
        async with hall.device() as again:
            await again.read_until("credit")


@pytest.mark.parametrize(
    ("first", "code", "reason"),
    [
        (b"\0\0", 1008, "expected `begin` first"),
        ("{", 1007, "JSON"),
        ('{"v":1,"type":"begin","rate_hz":44100,"name":"x"}', 1007, "rate_hz is 44100"),
        ('{"v":1,"type":"end"}', 1008, "expected `begin` first"),
        ("x" * 5000, 1007, "JSON"),  # longer than `/ws` takes, shorter than a frame
        ("x" * (2 * LARGEST_FRAME + 1), 1009, ""),
    ],
)
@in_loop
async def test_a_wrong_beginning_is_refused(
    settings: Settings, first: str | bytes, code: int, reason: str
) -> None:
    async with (
        taking_devices(settings, BandsEncoder()) as hall,
        hall.device(begin=False) as device,
    ):
        await device.socket.send(first)
        closed = await device.closed()
        assert closed[0] == code
        assert reason in closed[1]
        assert device.heard == []


@pytest.mark.parametrize(
    ("then", "code", "reason"),
    [
        (b"", 1007, "got 0 bytes"),
        (bytes(3), 1007, "got 3 bytes"),
        (bytes(2 * LARGEST_FRAME + 2), 1009, ""),
        ('{"v":1,"type":"sing"}', 1007, "sing"),
        ('{"v":1,"type":"begin","rate_hz":8000,"name":"x"}', 1008, "begun already"),
        ('{"v":1,"type":"skip","samples":800000}', 1008, "more than time has passed"),
    ],
)
@in_loop
async def test_what_cannot_be_sound_is_refused(
    settings: Settings, then: str | bytes, code: int, reason: str
) -> None:
    async with taking_devices(settings, BandsEncoder()) as hall, hall.device() as device:
        await device.read_until("credit")
        await device.socket.send(then)
        closed = await device.closed()
        assert closed[0] == code
        assert reason in closed[1]
        await until(lambda: listening_threads() == 0)


@in_loop
async def test_who_sends_faster_than_the_credit_is_closed(settings: Settings) -> None:
    async with taking_devices(settings, BandsEncoder()) as hall, hall.device() as device:
        credit = (await device.read_until("credit"))["samples"]
        assert credit == 5 * RATE_HZ
        for _ in range(0, credit + 1, FRAME):
            await device.socket.send(bytes(2 * FRAME))
        code, reason = await device.closed()
        assert code == 1008
        assert "too fast" in reason


@in_loop
async def test_credit_keeps_the_pace_however_quick_the_recognizer_is(settings: Settings) -> None:
    async with taking_devices(settings, BandsEncoder()) as hall, hall.device() as device:
        await device.read_until("credit")
        for _ in range(20):  # five seconds of sound at once, in no time at all
            await device.socket.send(bytes(2 * FRAME))
        while not any(level["at_s"] == pytest.approx(5) for level in device.of("level")):
            await device.read()
        assert device.credit == 5 * RATE_HZ  # no more, though all is recognized
        hall.clock.now_s += 1
        assert (await device.read_until("credit"))["samples"] == 1.5 * RATE_HZ


@in_loop
async def test_a_device_that_falls_silent_is_sent_away(settings: Settings) -> None:
    async with taking_devices(settings, BandsEncoder()) as hall, hall.device() as device:
        await device.play(tone(1, 1), frame=FRAME)
        while not device.of("similar"):  # after the last frame, which was one window's end
            await device.read()
        hall.clock.now_s += SILENT_S + 1
        assert await device.closed() == (1008, "no sound came for 30 s")


@in_loop
async def test_a_device_that_vanishes_is_forgotten(settings: Settings) -> None:
    async with taking_devices(settings, BandsEncoder()) as hall:
        for _ in range(2 * settings.server.max_devices):
            async with hall.device() as device:
                await device.play(tone(1, 3), frame=FRAME)
                device.socket.transport.abort()
            await until(lambda: listening_threads() == 0 and hall.devices.count == 0)


@in_loop
async def test_the_end_of_the_server_is_the_devices_too(settings: Settings) -> None:
    async with taking_devices(settings, BandsEncoder()) as hall:
        async with hall.device() as device, hall.device(begin=False) as silent:
            await device.play(tone(1, 3), frame=FRAME)
            await hall.server.stop()
            for one in (device, silent):
                assert await one.closed() == (1001, "nowhear is ending")
        assert listening_threads() == 0


class Held(BandsEncoder):
    """An encoder that waits to be let go."""

    def __init__(self) -> None:
        self.go = threading.Event()

    def embed(self, windows: NDArray[np.float32]) -> Embeddings:
        self.go.wait()
        return super().embed(windows)


@in_loop
async def test_a_slow_recognizer_gives_no_credit(settings: Settings) -> None:
    encoder = Held()
    async with taking_devices(settings, encoder) as hall, hall.device() as device:
        await device.read_until("credit")
        for _ in range(20):
            hall.clock.now_s += 0.25
            await device.socket.send(as_frame(tone(1, 0.25)))
        for _ in range(3):  # one a second, by which credit would have come
            hall.clock.now_s += 1
            await device.read_until("status")
        assert device.credit < 6 * RATE_HZ  # for less than the second before the first window
        encoder.go.set()
        await device.read_until("credit")
        await device.say("end")
        assert (await device.closed())[0] == 1000


class Broken(BandsEncoder):
    """An encoder that fails."""

    def embed(self, windows: NDArray[np.float32]) -> Embeddings:
        raise MemoryError(f"no room for {len(windows)}")


@in_loop
async def test_a_recognizer_that_fails_ends_its_device_only(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    async with (
        taking_devices(settings, Broken()) as hall,
        hall.device() as device,
        hall.device() as other,
    ):
        await other.read_until("credit")
        await device.play(tone(1, 2), frame=FRAME)
        code, reason = await device.closed()
        assert code == 1011
        assert "the log of nowhear says more" in reason
        await other.play(np.zeros(RATE_HZ, np.float32), frame=FRAME)
        await other.say("end")
        assert await other.closed() == (1000, "")
    assert "no room" in caplog.text


@in_loop
async def test_it_asks_for_the_token_and_for_a_page_of_ours(settings: Settings) -> None:
    server = ServerSettings(port=0, host="0.0.0.0", token="correct-horse-battery")
    settings = settings.model_copy(update={"server": server})
    async with taking_devices(settings, BandsEncoder()) as hall:
        address = f"ws://127.0.0.1:{hall.server.port}/listen"
        for query in ("", "?token=wrong"):
            with pytest.raises(InvalidStatus):
                await connect(address + query)
        with pytest.raises(InvalidStatus):
            await connect(f"{address}?token={server.token}", origin="https://evil.example")
        async with connect(f"{address}?token={server.token}"):
            pass

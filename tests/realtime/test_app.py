"""The daemon, put together for real but for the encoder, which is a small one."""

import asyncio
import json
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from websockets.asyncio.client import connect

from catalog.catalog import Catalog
from catalog.evening import Evening
from catalog.jobs import Jobs
from catalog.map_building import build_map
from catalog.map_file import map_folder, open_map
from catalog.plays import Plays
from encoder.embedding import Embeddings, Encoder
from encoder.errors import DecodeError, WeightsError
from realtime import messages as m
from realtime.app import Daemon
from realtime.blocks import Block
from realtime.calibration import Calibration, Odds
from realtime.errors import ServerError
from realtime.loading import Loading
from realtime.messages import Message, encode
from realtime.settings import ListenSettings, MatchSettings, ServerSettings, Settings
from realtime.sources.base import Emit, Report, SourceReport
from tests.catalog.making import SPEC, BandsEncoder, made_catalog, new_song, settings_at, tone
from tests.helpers.naming import INSIDERS, decoded
from tests.helpers.schema import assert_valid
from tests.helpers.serving import in_loop

RATE_HZ = SPEC.sample_rate_hz
BLOCK = RATE_HZ // 10


def sound(seconds: float, *, seed: int = 1) -> NDArray[np.float32]:
    return tone(seed, seconds)


def silence(seconds: float) -> NDArray[np.float32]:
    return np.zeros(round(seconds * RATE_HZ), np.float32)


@dataclass
class Played:
    """A source that plays samples, all at once, and then does `then` (by default: ends)."""

    samples: NDArray[np.float32]
    then: Callable[[Report, threading.Event], object] | None = None
    info: m.Source = m.Source(kind="file", name="played.wav", live=False)  # noqa: RUF009

    def check(self) -> None:
        pass

    def run(self, emit: Emit, report: Report, stop: threading.Event) -> None:
        report(SourceReport("listening"))
        for start in range(0, len(self.samples), BLOCK):
            if stop.is_set():
                return
            block = Block(self.samples[start : start + BLOCK], start)
            emit(block, arrived_s=time.monotonic())
        if self.then is not None:
            self.then(report, stop)


def stays(_: Report, stop: threading.Event) -> None:
    """The source goes on without sound."""
    stop.wait()


@dataclass
class Tape:
    """Keeps every message, each held against the schema."""

    messages: list[Message] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def put(self, message: Message) -> None:
        assert_valid(encode(message))
        self.messages.append(message)
        self.changed.set()

    def catch_up(self, stop: threading.Event) -> None:
        pass

    def of(self, kind: type) -> list:  # type: ignore[type-arg]
        return [message for message in self.messages if isinstance(message, kind)]

    async def until(self, done: Callable[[], object]) -> None:
        while not done():
            self.changed.clear()
            await self.changed.wait()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A catalog of three songs, of which song 1 sounds like `sound(seed=1)`."""
    encoder = BandsEncoder()
    songs = []
    for seed in (1, 2, 3):
        windows = sound(3, seed=seed).reshape(3, SPEC.window_samples)
        songs.append(new_song(f"{seed}.wav", encoder.embed(windows).style.mean(axis=0)))
    made_catalog(tmp_path, songs)
    return tmp_path


def settings(folder: Path, **listen: object) -> Settings:
    """With a calibration, which names nothing, for the prints of `BandsEncoder`."""
    unsure = Calibration(SPEC.prints.fingerprint, odds=Odds({}, -9.0), by_prints=Odds({}, -9.0))
    unsure.write(folder / "calibration.json")
    return Settings(
        match=MatchSettings(calibration=folder / "calibration.json"),
        catalog=settings_at(folder),
        listen=ListenSettings.model_validate(listen),
        server=ServerSettings(port=0),
    )


def daemon(
    given: Settings,
    source: Played,
    *,
    load: Callable[[], Encoder] = BandsEncoder,
    fast: bool = True,
    once: bool = True,
    ready: Callable[[str], None] | None = None,
) -> tuple[Daemon, Tape]:
    made = Daemon(
        given,
        source=source,
        loading=Loading(load),
        version="9.9",
        fast=fast,
        once=once,
        ready=ready,
    )
    tape = Tape()
    made.tap = tape
    return made, tape


@asynccontextmanager
async def running(
    given: Settings, source: Played, **options: object
) -> AsyncIterator[tuple[Daemon, Tape, str]]:
    """A daemon that runs inside the block and is stopped at its end."""
    url: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    options = {"once": False, **options}
    made, tape = daemon(given, source, ready=url.set_result, **options)  # type: ignore[arg-type]
    task = asyncio.create_task(made.run())
    await asyncio.wait({task, url}, return_when=asyncio.FIRST_COMPLETED)
    if task.done():
        task.result()
    try:
        yield made, tape, await url
    finally:
        made.stop()
        await task


@in_loop
async def test_from_sound_to_ranking_to_the_end(folder: Path) -> None:
    made, tape = daemon(settings(folder), Played(np.concatenate([silence(2), sound(8)])))
    await made.run()
    rankings = tape.of(m.Similar)
    assert rankings[0].at_s == pytest.approx(3.0)  # one window of 1 s after the sound begins
    assert rankings[-1].songs[0].title == "1.wav"
    assert len(rankings[-1].songs) == 3
    assert rankings[-1].songs[0].audio == f"/songs/{rankings[-1].songs[0].song}/audio"
    assert len(tape.of(m.Level)) == 100
    assert len(tape.of(m.Tags)) == len(rankings)
    last = tape.messages[-1]
    assert isinstance(last, m.Status)
    assert last.state == "ended"
    assert last.heard_s == pytest.approx(10.0)
    assert (last.dropped_blocks, last.dropped_s, last.overruns) == (0, 0, 0)
    assert last.catalog.songs == 3
    assert last.latency is not None
    assert last.latency.count == len(rankings)
    assert rankings[-1].latency_ms is not None


@in_loop
async def test_what_is_heard_has_a_place_and_the_evening_is_kept(folder: Path) -> None:
    given = settings(folder)
    with Catalog.open(given.catalog, SPEC) as catalog:
        stored = build_map(catalog, given.map).map
    assert stored is not None
    programme = np.concatenate([silence(2), sound(14), silence(3)])
    made, tape = daemon(given, Played(programme))
    await made.run()
    places, rankings = tape.of(m.Place), tape.of(m.Similar)
    assert [place.at_s for place in places] == [ranking.at_s for ranking in rankings]
    assert [place.xyz is None for place in places] == [not one.songs for one in rankings]
    # Song 1 is what sounds, and it lies there.
    heard = next(place.xyz for place in reversed(places) if place.xyz is not None)
    assert heard == pytest.approx(stored.map.places([1])[1], abs=0.05)

    with Evening(given.catalog, given.evening) as evening:
        moments = [json.loads(one) for one in evening.find()]
    assert [moment["xyz"] is None for moment in moments] == [False, False, False, True]
    assert moments[0]["similar"][0]["title"] == "1.wav"
    assert moments[0]["tags"][0]["tag"] in SPEC.tags
    assert all(moment["state"] in ("sound", "unknown") for moment in moments[:3])


@in_loop
async def test_a_catalog_without_a_map_gets_one_while_it_is_listened_to(folder: Path) -> None:
    given = settings(folder)
    place = map_folder(given.catalog)
    async with running(given, Played(sound(2), then=stays)) as (_, tape, _url):
        await tape.until(lambda: open_map(place) is not None)
    stored = open_map(place)
    assert stored is not None
    assert len(stored.map) == 3


@in_loop
async def test_the_song_that_plays_is_named_and_noted(
    named_clips: tuple[Settings, Encoder],
) -> None:
    given, encoder = named_clips
    given = given.model_copy(update={"server": ServerSettings(port=0)})
    clip = decoded(INSIDERS[0])[: 12 * encoder.spec.sample_rate_hz]
    begun = datetime.now(UTC)
    made, tape = daemon(given, Played(clip), load=lambda: encoder)
    await made.run()
    matches = tape.of(m.Match)
    assert matches[0].state == "sound"
    named = [match for match in matches if match.song is not None]
    assert len(named) >= 7  # once a second
    for match in named:
        assert match.position_s == pytest.approx(match.at_s, abs=0.25)
    assert matches[-1].state == "silence"  # the source has ended
    with Plays(given.catalog) as plays:
        (play,) = plays.find(since=begun)
    song = named[0].song
    assert song is not None
    assert (play.song, play.title) == (song.song, song.title)
    assert (play.source_kind, play.source_name) == ("file", "played.wav")
    assert play.end_s == pytest.approx(12, abs=0.5)
    assert begun <= play.started_at <= play.ended_at <= datetime.now(UTC)


@in_loop
@pytest.mark.parametrize("noted", [True, False])
async def test_a_song_that_plays_when_it_is_stopped_is_noted_if_wanted(
    named_clips: tuple[Settings, Encoder], noted: bool
) -> None:
    given, encoder = named_clips
    update = {"server": ServerSettings(port=0), "match": MatchSettings(history=noted)}
    given = given.model_copy(update=update)
    clip = decoded(INSIDERS[1])[: 8 * encoder.spec.sample_rate_hz]
    begun = datetime.now(UTC)
    source = Played(clip, then=stays)
    async with running(given, source, load=lambda: encoder) as (_, tape, _url):
        await tape.until(lambda: any(match.song for match in tape.of(m.Match)))
    with Plays(given.catalog) as plays:
        assert len(plays.find(since=begun)) == noted


@in_loop
async def test_a_client_gets_the_current_state_and_a_proper_close(folder: Path) -> None:
    played = Played(sound(5), then=stays)
    with Jobs(settings(folder).catalog) as queue:  # without a job nothing is told of any
        queue.cancel(queue.add(["map", "build"]).id)
    async with running(settings(folder), played) as (made, tape, url):
        await tape.until(lambda: len(tape.of(m.Similar)) >= 4)
        seen: dict[str, dict[str, object]] = {}
        async with connect(url.replace("http", "ws", 1) + "ws") as client:
            while set(m.TOPICS) - seen.keys():
                message = assert_valid(await client.recv())
                seen.setdefault(message["type"], message)
            await tape.until(lambda: tape.of(m.Status)[-1].clients == 1)
            made.stop()
            async for _ in client:  # ends with a proper close, and raises without one
                pass
            assert client.close_code == 1001
    assert [job["state"] for job in seen["jobs"]["jobs"]] == ["cancelled"]
    hello = seen["hello"]
    assert hello["version"] == "9.9"
    assert hello["source"] == {"kind": "file", "name": "played.wav", "live": False}
    assert hello["encoder"] == {
        "name": SPEC.name,
        "fingerprint": SPEC.fingerprint,
        "window_s": 1.0,
        "tags": list(SPEC.tags),
    }


@in_loop
async def test_without_a_catalog_all_but_the_ranking_comes_and_songs_appear(tmp_path: Path) -> None:
    folder = tmp_path
    async with running(settings(folder), Played(sound(4), then=stays)) as (_, tape, _url):
        await tape.until(lambda: tape.of(m.Tags) and tape.of(m.Similar))
        assert all(message.songs == () for message in tape.of(m.Similar))
        assert tape.of(m.Tags)[0].tags
        assert "no catalog here" in tape.of(m.Status)[-1].detail
        made_catalog(folder, [new_song("late.wav", np.ones(SPEC.style_dim, np.float32))])
        await tape.until(lambda: tape.of(m.Status)[-1].catalog.songs == 1)
        assert tape.of(m.Status)[-1].detail is None


@in_loop
async def test_songs_that_are_added_meanwhile_are_ranked(folder: Path) -> None:
    go_on = threading.Event()
    first, second = Played(sound(3)), sound(6)[3 * RATE_HZ :]

    @dataclass
    class InTwoParts(Played):
        def run(self, emit: Emit, report: Report, stop: threading.Event) -> None:
            first.run(emit, report, stop)
            go_on.wait()
            for start in range(0, len(second), BLOCK):
                block = Block(second[start : start + BLOCK], 3 * RATE_HZ + start)
                emit(block, arrived_s=time.monotonic())

    source = InTwoParts(first.samples)
    async with running(settings(folder), source) as (_, tape, _url):
        try:
            await tape.until(lambda: tape.of(m.Similar))
            assert {row.title for row in tape.of(m.Similar)[-1].songs} == {
                "1.wav",
                "2.wav",
                "3.wav",
            }
            style = BandsEncoder().embed(sound(1)[np.newaxis]).style[0]
            style[0] += 0.5 * np.abs(style).max()  # near the others, and no copy of one
            with Catalog.open(settings_at(folder), SPEC, write=True) as catalog:
                catalog.insert([new_song("new.wav", style)])
            await tape.until(lambda: tape.of(m.Status)[-1].catalog.songs == 4)
        finally:
            go_on.set()
        await tape.until(lambda: "new.wav" in {row.title for row in tape.of(m.Similar)[-1].songs})


@in_loop
async def test_a_source_that_fails_is_told_and_does_not_end_the_daemon(folder: Path) -> None:
    def fails(_report: Report, _stop: threading.Event) -> None:
        raise DecodeError("played.wav: broke off")

    async with running(settings(folder), Played(sound(2), then=fails)) as (made, tape, _url):
        await tape.until(lambda: tape.of(m.Status)[-1].state == "ended")
        assert tape.of(m.Status)[-1].detail == "played.wav: broke off"
        assert tape.of(m.Similar)  # what was heard before counts
    made, tape = daemon(settings(folder), Played(sound(2), then=fails), once=True)
    with pytest.raises(DecodeError, match="broke off"):
        await made.run()
    assert tape.of(m.Similar)


@in_loop
async def test_clients_are_told_of_a_lost_device(folder: Path) -> None:
    def loses(report: Report, stop: threading.Event) -> None:
        report(SourceReport("lost", "device gone; looking for it again", overruns=3))
        stop.wait()

    async with running(settings(folder), Played(sound(1), then=loses)) as (_, tape, _url):
        await tape.until(lambda: tape.of(m.Status)[-1].state == "lost")
        assert tape.of(m.Status)[-1].detail == "device gone; looking for it again"
        assert tape.of(m.Status)[-1].overruns == 3


@in_loop
async def test_too_slow_it_drops_the_oldest_and_says_so(folder: Path) -> None:
    go_on = threading.Event()

    class Slow(BandsEncoder):
        def embed(self, windows: NDArray[np.float32]) -> Embeddings:
            go_on.wait()
            return super().embed(windows)

    def lets_go(_report: Report, _stop: threading.Event) -> None:
        go_on.set()

    # Sixty seconds at once, of which the queue keeps the newest five.
    played = Played(sound(60), then=lets_go)
    made, tape = daemon(settings(folder, queue_s=5.0), played, load=Slow, fast=False)
    await made.run()
    last = tape.of(m.Status)[-1]
    assert last.heard_s == pytest.approx(60)
    assert last.dropped_s > 0
    assert last.dropped_s == pytest.approx(last.dropped_blocks * BLOCK / RATE_HZ)
    kept = [level.at_s for level in tape.of(m.Level)]
    assert kept[-1] == pytest.approx(60)  # the newest is heard
    assert len(kept) == pytest.approx(10 * (60 - last.dropped_s))
    assert tape.of(m.Similar)[-1].at_s == pytest.approx(60, abs=0.5)


@in_loop
async def test_without_an_encoder_it_does_not_start(folder: Path) -> None:
    def fails() -> BandsEncoder:
        raise WeightsError("cannot read the weights file")

    @dataclass
    class Waiting(Played):
        loading: Loading | None = None

        def run(self, *_: object) -> None:
            assert self.loading is not None
            self.loading.rate_hz()

    loading = Loading(fails)
    made = Daemon(
        settings(folder),
        source=Waiting(sound(1), loading=loading),
        loading=loading,
        version="9.9",
    )
    with pytest.raises(WeightsError, match="cannot read the weights file"):
        await made.run()


@in_loop
async def test_it_can_be_stopped_while_the_encoder_loads(folder: Path) -> None:
    go_on = threading.Event()

    def load() -> BandsEncoder:
        go_on.wait()
        return BandsEncoder()

    made, tape = daemon(settings(folder), Played(silence(0), then=stays), load=load)
    task = asyncio.create_task(made.run())
    await asyncio.sleep(0)
    made.stop()
    await task
    assert tape.messages == []
    go_on.set()


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        yield taken.getsockname()[1]


@in_loop
async def test_a_port_that_is_taken_is_named(folder: Path, taken_port: int) -> None:
    given = settings(folder).model_copy(update={"server": ServerSettings(port=taken_port)})
    made, _ = daemon(given, Played(sound(1), then=stays), once=False)
    with pytest.raises(ServerError, match=f"{taken_port} is taken .*`--port`"):
        await made.run()


@in_loop
async def test_a_bug_in_a_thread_is_not_hidden(folder: Path) -> None:
    class Broken(BandsEncoder):
        def embed(self, _: NDArray[np.float32]) -> Embeddings:
            raise ZeroDivisionError("a bug")

    made, _ = daemon(settings(folder), Played(sound(3), then=stays), load=Broken, once=False)
    with pytest.raises(ZeroDivisionError, match="a bug"):
        await made.run()

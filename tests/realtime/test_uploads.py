"""Files sent to a real server: named as on the command line, bounded, and kept nowhere."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pytest
from starlette.routing import Route

from catalog.catalog import Catalog
from encoder.embedding import Encoder
from realtime import uploads as uploads_module
from realtime.hub import Hub
from realtime.identify import Identification, Identifier
from realtime.live_catalog import LiveCatalog
from realtime.server import Server
from realtime.settings import ServerSettings, Settings
from realtime.uploads import IDENTIFY_PATH, WAITING, Uploads
from tests.catalog.making import write_wav
from tests.helpers.naming import INSIDERS, OUTSIDERS, RATE_HZ, decoded, in_noise
from tests.helpers.serving import Answer, fetch, in_loop, serving, until

HOME = (0.25, -0.5, 1.0)
LIMIT = 1 << 20
REPEATS = "ellinas-pulse"  # of this clip any of several exact repeats is right


@asynccontextmanager
async def taking_files(
    settings: Settings, encoder: Encoder, *, daemon: Hub | None = None
) -> AsyncIterator[tuple[Server, Uploads]]:
    """A server that identifies files inside the block; every song lies at `HOME`."""
    daemon = daemon or Hub()
    server = ServerSettings(port=0, max_upload_bytes=LIMIT)
    settings = settings.model_copy(update={"server": server})
    with closing(LiveCatalog(settings.catalog, encoder.spec)) as catalog:
        uploads = Uploads(
            catalog=catalog,
            encoder=encoder,
            settings=settings,
            places=lambda ids: dict.fromkeys(ids, HOME),
            daemon=daemon,
        )
        api = [Route(IDENTIFY_PATH, uploads.endpoint, methods=["GET", "POST"])]
        async with serving(daemon, api=api, **server.model_dump()) as running:
            yield running, uploads


async def send(server: Server, body: bytes, *, name: str = "") -> tuple[int, dict[str, Any]]:
    said: Answer = await fetch(
        server, f"{IDENTIFY_PATH}?name={quote(name)}", method="POST", body=body
    )
    return said.status, json.loads(said.body)


@in_loop
async def test_clips_are_named(named_clips: tuple[Settings, Encoder]) -> None:
    settings, encoder = named_clips
    with Catalog.open(settings.catalog, encoder.spec) as catalog:
        ids = {song.path: song.id for song in catalog.songs()}
    async with taking_files(settings, encoder) as (server, _):
        for clip in (*INSIDERS[::2], *OUTSIDERS):
            status, said = await send(server, clip.read_bytes(), name=clip.name)
            assert status == 200
            assert said["file"] == clip.name
            assert said["xyz"] == list(HOME)
            assert len(said["similar"]) == settings.listen.similar
            scores = [row["score"] for row in said["similar"]]
            assert scores == sorted(scores, reverse=True)
            if clip in OUTSIDERS:
                assert said["match"] is None
                continue
            assert said["match"]["song"] == ids[clip]
            if clip.stem != REPEATS:
                assert said["match"]["position"] == pytest.approx(0, abs=0.25)
            assert said["match"]["rate"] == pytest.approx(1, abs=0.01)
            assert said["match"]["song"] not in {row["song"] for row in said["similar"]}
            path = said["match"]["audio"]
            assert path == f"/songs/{said['match']['song']}/audio"
            assert "path" not in said["match"]


@in_loop
async def test_it_says_what_identify_says(
    named_clips: tuple[Settings, Encoder], tmp_path: Path
) -> None:
    """A recording of the middle of a song, through noise, at another rate and in stereo."""
    settings, encoder = named_clips
    sound = in_noise(decoded(INSIDERS[1])[5 * RATE_HZ : 13 * RATE_HZ], snr_db=10, seed=1)
    file = tmp_path / "take.wav"
    write_wav(file, sound, rate_hz=RATE_HZ)
    with Catalog.open(settings.catalog, encoder.spec) as catalog:
        alone: Identification = Identifier(encoder, catalog, settings).identify_file(file)
    async with taking_files(settings, encoder) as (server, _):
        status, said = await send(server, file.read_bytes(), name="a\nb.wav")
    assert status == 200
    assert said["file"] == "a\\nb.wav"
    assert alone.match is not None
    assert said["match"]["song"] == alone.match.song.id
    assert said["match"]["title"] == alone.match.song.title
    assert said["match"]["position"] == pytest.approx(alone.match.position_s, abs=0.01)
    assert [row["song"] for row in said["similar"]] == [row.song.id for row in alone.similar]
    assert said["duration_s"] == pytest.approx(8)


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (b"", 400, "empty"),
        (b"no audio at all" * 100, 400, "talk.mp3: cannot be decoded"),
        (b"#EXTM3U\n#EXTINF:9,\nfile:///etc/hostname\n", 400, "cannot be decoded"),
        (b"ffconcat version 1.0\nfile other.wav\n", 400, "cannot be decoded"),
        (bytes(LIMIT + 1), 413, f"more than {LIMIT} bytes"),
    ],
)
@in_loop
async def test_what_is_no_recording_is_refused(
    named_clips: tuple[Settings, Encoder], body: bytes, status: int, words: str
) -> None:
    async with taking_files(*named_clips) as (server, uploads):
        came, said = await send(server, body, name="talk.mp3")
        assert came == status
        assert words in said["error"]
        assert uploads.count == 0


@in_loop
async def test_a_file_too_short_or_too_long_is_refused(
    named_clips: tuple[Settings, Encoder], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads_module, "LONGEST_S", 1.0)
    async with taking_files(*named_clips) as (server, _):
        for seconds, words in ((0.01, "expected at least"), (2, "nowhear identify --all")):
            file = tmp_path / "sound.wav"
            write_wav(file, np.zeros(round(seconds * RATE_HZ), np.float32), rate_hz=RATE_HZ)
            status, said = await send(server, file.read_bytes())
            assert status == 400
            assert words in said["error"]


@in_loop
async def test_a_body_without_a_length_is_bounded_too(
    named_clips: tuple[Settings, Encoder],
) -> None:
    async with taking_files(*named_clips) as (server, _):
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        head = f"POST {IDENTIFY_PATH} HTTP/1.1\r\nHost: localhost\r\n"
        writer.write(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode())
        for _ in range(17):
            writer.write(b"10000\r\n" + bytes(1 << 16) + b"\r\n")
        answer = await reader.readline()
        assert b" 413 " in answer
        writer.close()


@in_loop
async def test_it_tells_its_bounds(named_clips: tuple[Settings, Encoder]) -> None:
    async with taking_files(*named_clips) as (server, _):
        said = json.loads((await fetch(server, IDENTIFY_PATH)).body)
        assert said == {"max_bytes": LIMIT, "max_s": 3600}


def begun_upload(server: Server, *, length: int) -> socket.socket:
    """A client that says how much it will send, and sends nothing yet."""
    client = socket.create_connection(("127.0.0.1", server.port))
    head = f"POST {IDENTIFY_PATH} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n"
    client.sendall(head.encode())
    return client


@in_loop
async def test_only_a_few_files_wait(named_clips: tuple[Settings, Encoder]) -> None:
    async with taking_files(*named_clips) as (server, uploads):
        clients = [begun_upload(server, length=1000) for _ in range(1 + WAITING)]
        await until(lambda: uploads.count == 1 + WAITING)
        status, said = await send(server, INSIDERS[0].read_bytes())
        assert status == 429
        assert "try again" in said["error"]
        for client in clients:
            client.close()
        await until(lambda: uploads.count == 0)
        assert (await send(server, INSIDERS[0].read_bytes()))[0] == 200


@in_loop
async def test_who_sends_nothing_is_given_up(
    named_clips: tuple[Settings, Encoder], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads_module, "STALL_S", 0.05)
    async with taking_files(*named_clips) as (server, uploads):
        client = begun_upload(server, length=1000)
        await until(lambda: uploads.count == 1)
        await until(lambda: uploads.count == 0)
        client.close()


@in_loop
async def test_the_end_of_the_server_gives_up_what_is_being_identified(
    named_clips: tuple[Settings, Encoder], tmp_path: Path
) -> None:
    file = tmp_path / "long.wav"
    write_wav(file, np.tile(decoded(INSIDERS[0])[: RATE_HZ // 2], 60), rate_hz=RATE_HZ)
    daemon = Hub()
    async with taking_files(*named_clips, daemon=daemon) as (server, uploads):
        answered = asyncio.create_task(send(server, file.read_bytes()))
        await until(lambda: uploads.count == 1 or answered.done())
        daemon.close()
        status, said = await answered
        assert status == 503
        assert "ending" in said["error"]


@in_loop
async def test_without_a_catalog_nothing_can_be_named(
    named_clips: tuple[Settings, Encoder], tmp_path: Path
) -> None:
    settings, encoder = named_clips
    nowhere = settings.catalog.model_copy(update={"directory": tmp_path / "none"})
    settings = settings.model_copy(update={"catalog": nowhere})
    async with taking_files(settings, encoder) as (server, _):
        status, said = await send(server, INSIDERS[0].read_bytes())
        assert status == 503
        assert "no catalog here" in said["error"]

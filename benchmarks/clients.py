"""Clients served: how many messages reach them, and how late, on this machine's loopback.

    python benchmarks/clients.py

For each number of clients, a real server publishes what a live daemon does (levels ten times a
second, ranking, tags and status once) for some seconds, and clients in processes of their own note
when each `level` arrives. A delay runs from just before `publish` to the client's `recv`; both read
the machine's monotonic clock. One in ten of the clients connects and never reads. Prints a table.

Server and clients share the machine's cores, so the delays hold the clients' work as well.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import resource
import statistics
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection

import numpy as np
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from realtime import messages as m
from realtime.hub import Hub
from realtime.server import Server
from realtime.settings import ServerSettings

LEVEL_S = 0.1
OTHERS_EVERY = 10  # levels between two of each other topic
STUCK_SHARE = 10  # one client in so many never reads
RECEIVE_BUFFER_BYTES = 4096
SPARE_FILES = 200

SOURCE = m.Source(kind="file", name="programme.wav", live=False)
CATALOG = m.CatalogState(songs=24, generation=1)
HELLO = m.Hello(
    version="benchmark",
    encoder=m.EncoderInfo(name="none", fingerprint="0" * 64, window_s=3, tags=("rock",) * 50),
    catalog=CATALOG,
    source=SOURCE,
)


@dataclass(frozen=True)
class Row:
    """What was measured with one number of clients."""

    clients: int
    stuck: int
    publish_us: float  # median time that one publish takes
    expected: int
    delivered: int
    rate: float  # messages of all topics that reach all clients together, a second
    delays_ms: list[float]
    server_cpu: float  # share of one core


def level(number: int, at_s: float) -> m.Level:
    bands = tuple((number + i) % 256 for i in range(m.LEVEL_BANDS))
    return m.Level(at_s=at_s, rms_dbfs=-20, peak_dbfs=-3, state="sound", bands=bands)


def others(at_s: float) -> list[m.ServerMessage]:
    """Ranking, tags and status of usual size."""
    songs = tuple(
        m.RankedSong(
            song=i,
            title="A title of usual length",
            artist="An artist",
            album="An album",
            genre="Rock",
            duration_s=200,
            score=0.9 - i / 100,
            audio=f"/songs/{i}/audio",
        )
        for i in range(5)
    )
    tags = tuple(m.TagScore(tag=f"tag {i}", probability=0.5) for i in range(8))
    status = m.Status(
        source=SOURCE,
        state="listening",
        detail=None,
        heard_s=at_s,
        dropped_s=0,
        dropped_blocks=0,
        overruns=0,
        latency=None,
        clients=0,
        catalog=CATALOG,
        uptime_s=at_s,
    )
    return [
        m.Similar(at_s=at_s, songs=songs, latency_ms=30.0),
        m.Tags(at_s=at_s, tags=tags),
        status,
    ]


async def listen(url: str, delays: list[float], counts: list[int]) -> None:
    """One client: notes when each level arrives, until the server closes."""
    async with connect(url, compression=None, proxy=None) as socket:
        try:
            while True:
                message = json.loads(await socket.recv())
                arrived = time.monotonic()
                counts[0] += 1
                if message["type"] == "level":
                    delays.append((arrived - message["at_s"]) * 1000)
        except ConnectionClosed:
            return


async def listen_all(url: str, clients: int) -> tuple[list[float], int]:
    delays: list[float] = []
    counts = [0]
    await asyncio.gather(*(listen(url, delays, counts) for _ in range(clients)))
    return delays, counts[0]


def client_process(url: str, clients: int, pipe: Connection) -> None:
    pipe.send(asyncio.run(listen_all(url, clients)))


async def never_read(port: int) -> asyncio.StreamWriter:
    """A websocket client that asks for the upgrade and then reads nothing."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=RECEIVE_BUFFER_BYTES)
    reader._transport.pause_reading()  # type: ignore[attr-defined]
    writer.write(
        f"GET /ws HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: Upgrade\r\n"
        "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n".encode()
    )
    return writer


async def measure(clients: int, *, seconds: float) -> Row:
    """Serve so many clients for so many seconds."""
    hub = Hub()
    settings = ServerSettings(port=0, max_clients=clients + 1, ping_s=3600)
    server = Server(hub, settings=settings, hello=lambda: HELLO, audio_path=lambda _: None)
    await server.start()
    stuck = [await never_read(server.port) for _ in range(clients // STUCK_SHARE)]
    ours, theirs = multiprocessing.Pipe()
    url = f"ws://127.0.0.1:{server.port}/ws"
    reading = clients - len(stuck)
    process = multiprocessing.get_context("spawn").Process(
        target=client_process, args=(url, reading, theirs)
    )
    process.start()
    while hub.clients < clients:
        await asyncio.sleep(0.05)
    took, count, cpu_s = await publish(hub, seconds=seconds)
    await server.stop()
    delays, received = await asyncio.to_thread(ours.recv)
    process.join()
    for writer in stuck:
        writer.close()
    return Row(
        clients=clients,
        stuck=len(stuck),
        publish_us=statistics.median(took) * 1e6,
        expected=count * reading,
        delivered=len(delays),
        rate=received / seconds,
        delays_ms=delays,
        server_cpu=cpu_s / seconds,
    )


async def publish(hub: Hub, *, seconds: float) -> tuple[list[float], int, float]:
    """Publishes on time; how long each took, how many levels, processor seconds used."""
    loop = asyncio.get_running_loop()
    begun, cpu = loop.time(), time.process_time()
    took: list[float] = []
    count = round(seconds / LEVEL_S)
    for number in range(count):
        await asyncio.sleep(max(0.0, begun + number * LEVEL_S - loop.time()))
        before = time.monotonic()
        batch: list[m.ServerMessage] = [level(number, before)]
        if number % OTHERS_EVERY == 0:
            batch += others(before)
        for message in batch:
            hub.publish(message)
        took.append((time.monotonic() - before) / len(batch))
    await asyncio.sleep(LEVEL_S * 2)  # what is under way arrives
    return took, count, time.process_time() - cpu


def table(rows: list[Row]) -> str:
    """The rows as a markdown table."""
    lines = [
        "| clients | of them never read | publish, µs (median) | levels delivered | "
        "messages/s in all | delay p50, ms | delay p99, ms | server, share of a core |",
        "|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for row in rows:
        p50, p99 = np.percentile(row.delays_ms, [50, 99])
        lines.append(
            f"| {row.clients} | {row.stuck} | {row.publish_us:.0f} | "
            f"{row.delivered / row.expected:.1%} | {row.rate:.0f} | {p50:.1f} | {p99:.1f} | "
            f"{row.server_cpu:.0%} |"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clients", type=int, nargs="+", default=[10, 100, 200, 500])
    parser.add_argument("--seconds", type=float, default=10.0, help="for each number of clients")
    options = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * max(options.clients) + SPARE_FILES
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, most), most))
    rows = [asyncio.run(measure(n, seconds=options.seconds)) for n in options.clients]
    print(f"`python benchmarks/clients.py`, {os.cpu_count()} cores, {options.seconds:g} s each:\n")
    print(table(rows))


if __name__ == "__main__":
    main()

"""Why two songs are alike, from real files."""

from __future__ import annotations

import asyncio
import socket
import threading
from dataclasses import replace

import numpy as np
import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request

from catalog.catalog import Catalog
from realtime.explore import why
from realtime.explore.asking import Desk
from realtime.explore.why import PassageMaker, why_routes
from tests.catalog.making import SPEC, BandsEncoder
from tests.helpers.exploring import Explored
from tests.helpers.serving import TIMEOUT_S, ServerThread


def test_tags_passages_and_cosine(explored: Explored) -> None:
    found = explored.get("/api/songs/2/why/5")
    with Catalog.open(explored.settings, SPEC) as catalog:
        cosine = float(catalog.style(2) @ catalog.style(5))
        tags = [catalog.tags(song) for song in (2, 5)]
    assert found["cosine"] == pytest.approx(cosine, abs=1e-5)
    for tag in found["tags"]:
        expected = [one[tag["tag"]] for one in tags]
        assert [tag["a"], tag["b"]] == pytest.approx(expected, abs=1e-4)
    strengths = [min(tag["a"], tag["b"]) for tag in found["tags"]]
    assert strengths == sorted(strengths, reverse=True)
    assert found["passages"]
    for passage in found["passages"]:
        assert set(passage) == {"a_s", "b_s", "length_s", "cosine"}
        assert passage["length_s"] == pytest.approx(3, abs=0.01)  # windows of the encoder: 1 s
        assert max(passage["a_s"], passage["b_s"]) + passage["length_s"] <= 4.2
    assert explored.get("/api/songs/2/why/5") == found
    mirrored = explored.get("/api/songs/5/why/2")["passages"]
    assert (mirrored[0]["a_s"], mirrored[0]["b_s"]) == (
        found["passages"][0]["b_s"],
        found["passages"][0]["a_s"],
    )


def test_a_file_that_has_gone(kept: Explored) -> None:
    with Catalog.open(kept.settings, SPEC) as catalog:
        catalog.song(2).path.unlink()
    found = kept.get("/api/songs/1/why/2")
    assert found["passages"] == []
    assert "the file of song 2 cannot be decoded: no such file" in found["note"]
    assert -1 <= found["cosine"] <= 1


def test_a_song_and_itself(explored: Explored) -> None:
    answer = explored.ask("/api/songs/2/why/2")
    assert (answer.status, answer.json()) == (400, {"error": "song 2 twice, expected two songs"})


class Counting(BandsEncoder):
    """Counts the windows that it embeds."""

    windows = 0

    def embed(self, windows):  # type: ignore[no-untyped-def]
        assert len(windows) == 1
        self.windows += 1
        return super().embed(windows)


def test_passages_are_made_once(explored: Explored) -> None:
    encoder = Counting()
    with Catalog.open(explored.settings, SPEC) as catalog:
        one, other, third = (catalog.song(song) for song in (1, 2, 3))

    async def ask() -> list[int]:
        maker = PassageMaker(encoder)
        counts = []
        for pair in ((one, other), (other, one), (one, third), (replace(one, id=7), other)):
            await maker.alike(*pair, gone=threading.Event())
            counts.append(encoder.windows)
        return counts

    counts = asyncio.run(ask())
    assert counts[0] == counts[1] > 0
    assert counts[1] < counts[2] < counts[3]


def test_too_many_at_once_are_sent_away(
    explored: Explored, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(why, "MOST_WAITING", 1)
    with Catalog.open(explored.settings, SPEC) as catalog:
        songs = [catalog.song(song) for song in (1, 2)]

    async def ask() -> list[object]:
        maker = PassageMaker(BandsEncoder())
        asked = (maker.alike(*songs, gone=threading.Event()) for _ in range(5))
        return list(await asyncio.gather(*asked, return_exceptions=True))

    answers = asyncio.run(ask())
    refused = [answer for answer in answers if isinstance(answer, HTTPException)]
    assert [answer.status_code for answer in refused] == [429] * 3
    assert sum(isinstance(answer, dict) for answer in answers) == 2


def test_what_takes_too_long_ends_with_what_there_is(
    explored: Explored, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(why, "PATIENCE_S", -np.inf)
    with Catalog.open(explored.settings, SPEC) as catalog:
        songs = [catalog.song(song) for song in (1, 2)]
    maker = PassageMaker(BandsEncoder())
    found = asyncio.run(maker.alike(*songs, gone=threading.Event()))
    assert found == {"passages": [], "note": "there was no time to compare all of both songs"}
    assert not maker._kept


class Waiting(BandsEncoder):
    """Embeds one window, and from then on waits to be told to go on."""

    def __init__(self) -> None:
        self.windows = 0
        self.begun, self.go_on = threading.Event(), threading.Event()

    def embed(self, windows):  # type: ignore[no-untyped-def]
        self.windows += 1
        self.begun.set()
        assert self.go_on.wait(TIMEOUT_S)
        return super().embed(windows)


def test_nobody_waits_so_no_window_is_embedded_any_more(explored: Explored) -> None:
    encoder, gone = Waiting(), threading.Event()
    with Catalog.open(explored.settings, SPEC) as catalog:
        songs = [catalog.song(song) for song in (1, 2)]

    async def ask() -> dict[str, object]:
        asked = asyncio.create_task(PassageMaker(encoder).alike(*songs, gone=gone))
        await asyncio.to_thread(encoder.begun.wait, TIMEOUT_S)
        gone.set()
        encoder.go_on.set()
        return await asked

    assert asyncio.run(ask())["passages"] == []
    assert encoder.windows == 1


def test_a_client_that_leaves_is_noticed(
    explored: Explored, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it asked for is given up, so that the next one need not wait for it."""
    encoder, noticed, watch = Waiting(), threading.Event(), why._watch

    async def watched(request: Request, gone: threading.Event) -> None:
        await watch(request, gone)
        noticed.set()

    monkeypatch.setattr(why, "_watch", watched)
    desk = Desk(lambda: explored.catalog.catalog, explored.settings)
    with ServerThread(api=why_routes(desk, encoder)) as server:
        with socket.create_connection(("127.0.0.1", server.port)) as client:
            client.sendall(b"GET /api/songs/1/why/2 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            assert encoder.begun.wait(TIMEOUT_S)
        assert noticed.wait(TIMEOUT_S)
        encoder.go_on.set()
    assert encoder.windows == 1

"""Audio of songs by id, with ranges, from the real server."""

from __future__ import annotations

import http.client
import os
from pathlib import Path

import pytest

from realtime import audio_files
from realtime.audio_files import MEDIA_TYPES
from tests.helpers.serving import Answer, fetch, in_loop, serving

SOUND = bytes(range(256)) * 40  # 10,240 bytes that differ wherever one looks


def get(
    path: Path | None, address: str = "/songs/7/audio", *, method: str = "GET", **headers: str
) -> Answer:
    """One request to a server whose song 7 has its file at `path`."""
    answers: list[Answer] = []

    @in_loop
    async def ask() -> None:
        async with serving(audio_path=lambda song: path if song == 7 else None) as server:
            answers.append(await fetch(server, address, method=method, headers=headers))

    ask()
    return answers[0]


@pytest.fixture
def song(tmp_path: Path) -> Path:
    path = tmp_path / "ein Lied.flac"
    path.write_bytes(SOUND)
    return path


def test_the_whole_file(song: Path) -> None:
    answer = get(song)
    assert answer.status == 200
    assert answer.body == SOUND
    assert answer.headers["content-type"] == "audio/flac"
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["cache-control"] == "private, no-cache"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert "content-disposition" not in answer.headers


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-99", 0, 100),
        ("bytes=100-", 100, 10_240),
        ("bytes=-100", 10_140, 10_240),
        ("bytes=-99999", 0, 10_240),
        ("bytes=10000-99999", 10_000, 10_240),
        ("bytes=10239-10239", 10_239, 10_240),
    ],
)
def test_a_range(song: Path, asked: str, start: int, end: int) -> None:
    answer = get(song, Range=asked)
    assert answer.status == 206
    assert answer.body == SOUND[start:end]
    assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/10240"
    assert answer.headers["content-length"] == str(end - start)


def test_several_ranges(song: Path) -> None:
    answer = get(song, Range="bytes=0-9,100-109")
    assert answer.status == 206
    assert answer.headers["content-type"].startswith("multipart/byteranges")
    assert SOUND[0:10] in answer.body
    assert SOUND[100:110] in answer.body


def test_a_range_beyond_the_end(song: Path) -> None:
    answer = get(song, Range="bytes=10240-")
    assert answer.status == 416
    assert answer.headers["content-range"].endswith("*/10240")


def test_a_changed_file_is_sent_whole(song: Path) -> None:
    etag = get(song).headers["etag"]
    assert get(song, Range="bytes=0-9", **{"If-Range": etag}).status == 206
    song.write_bytes(SOUND + b"more")
    answer = get(song, Range="bytes=0-9", **{"If-Range": etag})
    assert (answer.status, len(answer.body)) == (200, 10_244)


def test_head(song: Path) -> None:
    answer = get(song, method="HEAD")
    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["content-length"] == "10240"


def test_what_is_not_a_reading_is_refused(song: Path) -> None:
    assert get(song, method="POST").status == 405
    assert get(song, method="DELETE").status == 405
    assert song.exists()


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.mp3", "audio/mpeg"),
        ("a.MP3", "audio/mpeg"),
        ("a.flac", "audio/flac"),
        ("a.ogg", "audio/ogg"),
        ("a.opus", "audio/ogg"),
        ("a.m4a", "audio/mp4"),
        ("a.aac", "audio/aac"),
        ("a.wav", "audio/wav"),
        ("a.aiff", "audio/aiff"),
        ("a.aif", "audio/aiff"),
        ("a.wma", "audio/x-ms-wma"),
        ("a.html", "application/octet-stream"),
        ("a", "application/octet-stream"),
    ],
)
def test_the_content_type(tmp_path: Path, name: str, kind: str) -> None:
    path = tmp_path / name
    path.write_bytes(SOUND)
    answer = get(path, method="HEAD")
    assert answer.headers["content-type"] == kind
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert all(key == key.lower() for key in MEDIA_TYPES)


@pytest.mark.parametrize(
    "song_id",
    ["8", "0", "-7", "+7", "7.0", "7%00", "x", "", "9" * 18, "9" * 19, "9" * 5000, "٧", "7/../7"],
)
def test_an_id_that_is_none(song: Path, song_id: str) -> None:
    address = f"/songs/{song_id}/audio".encode().decode("latin-1")
    if not address.isascii():
        address = "/songs/%D9%A7/audio"
    assert get(song, address).status == 404


@pytest.mark.parametrize(
    "address",
    [
        "/songs/../../etc/passwd",
        "/songs/%2e%2e%2f%2e%2e%2fetc%2fpasswd/audio",
        "/songs/7/audio/../../../etc/passwd",
        "/songs//etc/passwd",
        "/songs/7",
    ],
)
def test_a_path_leads_nowhere(song: Path, address: str) -> None:
    answer = get(song, address)
    assert answer.status == 404
    assert b"root:" not in answer.body


def test_a_file_that_has_gone(song: Path) -> None:
    song.unlink()
    answer = get(song)
    assert answer.status == 404
    assert b"the file of song 7 has gone since it was added" in answer.body


def test_what_is_no_ordinary_file(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.mp3"
    os.mkfifo(pipe)
    for path in (tmp_path, pipe):
        answer = get(path)
        assert answer.status == 404
        assert b"is no ordinary file" in answer.body


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    loop = tmp_path / "loop.mp3"
    loop.symlink_to(loop)
    answer = get(loop)
    assert answer.status == 404
    assert b"the file of song 7 cannot be read: Too many levels" in answer.body


def test_a_name_in_any_script_and_bytes(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff\n\xe6\xad\x8c.mp3"))
    path.write_bytes(SOUND)
    assert get(path).body == SOUND


CHANGES = {
    "grown": lambda path: os.truncate(path, 3 * 2**20),
    "shrunk": lambda path: os.truncate(path, 1),
    "gone": lambda path: path.unlink(),
}


@pytest.mark.parametrize("asked", [None, "bytes=0-1048575", "bytes=0-1048574,1048575-1048575"])
@pytest.mark.parametrize("change", CHANGES)
def test_a_file_that_changes_while_it_is_sent(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    change: str,
    asked: str | None,
) -> None:
    path = tmp_path / "song.mp3"
    path.write_bytes(bytes(2**20 + 100))
    readable = audio_files._readable

    def changed(path: Path) -> os.stat_result | str:
        found = readable(path)
        CHANGES[change](path)
        return found

    monkeypatch.setattr(audio_files, "_readable", changed)
    headers = {} if asked is None else {"Range": asked}
    if change == "grown":
        answer = get(path, **headers)
        assert len(answer.body) == int(answer.headers["content-length"])
        assert caplog.records == []
    else:
        with pytest.raises((http.client.IncompleteRead, ConnectionError)):
            get(path, **headers)
        assert f"'{path}' changed while it was sent" in caplog.text
    assert "Traceback" not in caplog.text

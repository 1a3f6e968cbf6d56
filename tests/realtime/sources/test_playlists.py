"""Playlists of radio stations, and what they must not do."""

import pytest

from realtime.sources.playlists import is_playlist, playlist_addresses

PLS = """[playlist]
NumberOfEntries=2
File1=https://a.example/live
Title1=Station = A
File2 = http://b.example:8000/live?x=1
Version=2
"""
M3U = "\ufeff#EXTM3U\r\n#EXTINF:-1,Station\r\nhttp://a.example/live\r\n\r\nhttp://b.example/\r\n"


def test_pls() -> None:
    expected = ["https://a.example/live", "http://b.example:8000/live?x=1"]
    assert playlist_addresses(PLS) == expected
    assert playlist_addresses(PLS.replace("\n", "\r\n").replace("File", "file")) == expected


def test_m3u() -> None:
    assert playlist_addresses(M3U) == ["http://a.example/live", "http://b.example/"]


@pytest.mark.parametrize(
    "entry", ["/etc/passwd", "file:///etc/passwd", "concat:a|b", "ftp://a.example/x", "../x.mp3"]
)
def test_nothing_but_http_is_taken(entry: str) -> None:
    assert playlist_addresses(f"{entry}\n") == []
    assert playlist_addresses(f"[playlist]\nFile1={entry}\n") == []


@pytest.mark.parametrize("text", ["", "\n\n", "#EXTM3U\n", "[playlist]\nTitle1=x\n", "\x00\xff"])
def test_an_empty_one_gives_nothing(text: str) -> None:
    assert playlist_addresses(text) == []


@pytest.mark.parametrize(
    ("name", "yes"),
    [("radio.m3u", True), ("RADIO.PLS", True), ("live.m3u8", False), ("song.mp3", False)],
)
def test_known_by_name(name: str, yes: bool) -> None:
    assert is_playlist(name) is yes
    assert is_playlist(f"http://a.example/{name}?sid=1#x") is yes

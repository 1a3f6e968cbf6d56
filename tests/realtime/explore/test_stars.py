"""Stars and playlists over HTTP: kept over restarts, and had as files that hold no surprise."""

from __future__ import annotations

import csv
import io
import threading
from pathlib import Path
from typing import Any

import pytest

from catalog.catalog import Catalog
from tests.catalog.making import SPEC
from tests.helpers.exploring import Explored, exploring
from tests.helpers.serving import Answer


def ids(answer: Any) -> list[int]:
    return [row["song"] for row in answer["songs"]]


def changed(answer: Answer) -> list[int]:
    assert answer.status == 200, answer
    return ids(answer.json())


def test_stars_are_kept_in_order_and_over_a_restart(kept: Explored) -> None:
    assert kept.get("/api/stars") == {"songs": []}
    assert changed(kept.ask("/api/stars/4", method="PUT")) == [4]
    assert changed(kept.ask("/api/stars/2", method="PUT")) == [4, 2]
    assert changed(kept.ask("/api/stars/2", method="PUT")) == [4, 2]
    assert changed(kept.ask("/api/stars/5", method="PUT")) == [4, 2, 5]
    order = {"songs": [5, 3, 4]}
    assert changed(kept.ask("/api/stars", method="PUT", body=order)) == [5, 4, 2]
    assert changed(kept.ask("/api/stars/4", method="DELETE")) == [5, 2]
    assert changed(kept.ask("/api/stars/4", method="DELETE")) == [5, 2]
    assert kept.get("/api/songs/5")["starred"] is True
    assert kept.get("/api/songs/4")["starred"] is False
    with exploring(kept.settings) as again:
        assert ids(again.get("/api/stars")) == [5, 2]
        assert "gone" not in again.get("/api/stars")["songs"][0]


def test_a_starred_song_that_has_gone_says_so(kept: Explored) -> None:
    kept.ask("/api/stars/3", method="PUT")
    with Catalog.open(kept.settings, SPEC, write=True) as catalog:
        catalog.remove([3])
    (row,) = kept.get("/api/stars")["songs"]
    assert (row["song"], row["title"], row["gone"]) == (3, "tune 2", True)


def test_stars_that_come_all_at_once_are_all_kept(kept: Explored) -> None:
    answers: list[int] = []

    def star(song: int) -> None:
        answers.append(kept.ask(f"/api/stars/{song}", method="PUT").status)

    threads = [threading.Thread(target=star, args=[song]) for song in [1, 2, 3, 4, 5] * 3]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(answers) == {200}
    assert sorted(ids(kept.get("/api/stars"))) == [1, 2, 3, 4, 5]


def test_playlists_are_made_changed_and_removed(kept: Explored) -> None:
    made = kept.ask("/api/playlists", method="POST", body={"name": " Späti ", "songs": [3, 1, 3]})
    assert made.status == 201
    playlist = made.json()
    assert (playlist["name"], ids(playlist)) == ("Späti", [3, 1, 3])
    place = f"/api/playlists/{playlist['id']}"
    change = {"name": "Zwei", "songs": [2]}
    answer = kept.ask(place, method="PUT", body=change)
    assert (answer.status, ids(answer.json())) == (200, [2])
    with exploring(kept.settings) as again:
        assert again.get("/api/playlists") == {"playlists": [answer.json()]}
    assert kept.ask(place, method="DELETE").status == 200
    assert kept.get("/api/playlists") == {"playlists": []}
    for method in ("PUT", "DELETE"):
        assert kept.ask(place, method=method, body=change).status == 404


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b"7", b"\xff", b"[" * 100_000, {}, {"name": "x"}, {"songs": []},
        {"name": "", "songs": []}, {"name": " ", "songs": []}, {"name": "x" * 201, "songs": []},
        {"name": "a\nb", "songs": []}, {"name": 1, "songs": []}, {"name": "x", "songs": 1},
        {"name": "x", "songs": ["1"]}, {"name": "x", "songs": [True]},
        {"name": "x", "songs": [1.0]}, {"name": "x", "songs": [-1]},
        {"name": "x", "songs": [2**31]}, {"name": "x", "songs": [None]},
        {"name": "x", "songs": [], "more": 1}, {"name": "x", "songs": [1] * 5001},
        b'{"name": "\\ud800", "songs": []}',
    ],
)  # fmt: skip
def test_a_playlist_that_is_none_is_refused(explored: Explored, body: Any) -> None:
    answer = explored.ask("/api/playlists", method="POST", body=body)
    assert answer.status == 400
    assert answer.json()["error"]
    assert explored.get("/api/playlists") == {"playlists": []}


def test_what_is_not_there_cannot_be_kept(explored: Explored) -> None:
    body = {"name": "x", "songs": [1, 99]}
    answer = explored.ask("/api/playlists", method="POST", body=body)
    assert (answer.status, "no song 99" in answer.json()["error"]) == (404, True)
    for song in ("99", "x", "-1", "9" * 30):
        assert explored.ask(f"/api/stars/{song}", method="PUT").status == 404
    long = explored.ask("/api/playlists", method="POST", body=b" " * 300_000)
    assert long.status == 413
    assert explored.ask("/api/stars/1", method="POST").status == 405


def test_another_sites_page_changes_nothing(explored: Explored) -> None:
    for path, method in (
        ("/api/stars/1", "PUT"),
        ("/api/playlists", "POST"),
        ("/api/path", "POST"),
    ):
        answer = explored.ask(path, method=method, body={}, Origin="http://evil.example")
        assert answer.status == 403
    assert explored.get("/api/stars") == {"songs": []}


def test_a_list_as_a_file_for_this_machine(kept: Explored) -> None:
    for song in (2, 1):
        kept.ask(f"/api/stars/{song}", method="PUT")
    answer = kept.ask("/api/stars/export?format=m3u8")
    assert answer.headers["content-type"] == "audio/x-mpegurl; charset=utf-8"
    assert 'filename="Favourites.m3u8"' in answer.headers["content-disposition"]
    paths = [line for line in answer.body.decode().splitlines() if not line.startswith("#")]
    with Catalog.open(kept.settings, None) as catalog:
        assert paths == [str(catalog.song(2).path), str(catalog.song(1).path)]
    assert all(Path(path).is_file() for path in paths)
    table = list(
        csv.DictReader(io.StringIO(kept.ask("/api/stars/export?format=csv").body.decode()))
    )
    assert [(row["song"], row["path"]) for row in table] == [("2", paths[0]), ("1", paths[1])]
    as_json = kept.get("/api/stars/export?format=json")
    assert [row["path"] for row in as_json["songs"]] == paths
    for wrong in ("", "?format=", "?format=xspf"):
        refusal = kept.ask(f"/api/stars/export{wrong}")
        assert (refusal.status, "m3u8, csv, json" in refusal.json()["error"]) == (400, True)


def test_a_list_as_a_file_for_another_machine_holds_no_path(kept: Explored) -> None:
    """One that comes under another name, as through a proxy, does not see this machine's files."""
    body = {"name": "Für „später“ 🎵", "songs": [2, 1]}
    with exploring(kept.settings, token="s" * 16, origins=("https://radio.example",)) as guarded:
        key = {"Authorization": "Bearer " + "s" * 16}
        number = guarded.ask("/api/playlists", method="POST", body=body, **key).json()["id"]
        place = f"/api/playlists/{number}/export?format="
        far = {"Host": "radio.example"}
        answer = guarded.ask(place + "m3u8&token=" + "s" * 16, **far)
        assert f"http://radio.example/songs/2/audio?token={'s' * 16}\n" in answer.body.decode()
        assert "filename*=UTF-8''F%C3%BCr" in answer.headers["content-disposition"]
        for kind in ("m3u8", "csv", "json"):
            answer = guarded.ask(place + kind, **far, **key)
            assert answer.status == 200
            assert "http://radio.example/songs/2/audio" in answer.body.decode()
            assert "token" not in answer.body.decode()
            assert str(kept.settings.directory.parent) not in answer.body.decode()
        assert guarded.ask("/api/playlists/99/export?format=csv", **key).status == 404

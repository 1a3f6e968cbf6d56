"""Songs for somebody and the comparison of lists over HTTP, on real sound files."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from catalog.catalog import Catalog
from catalog.plays import PlayRecord, Plays
from catalog.taste.model import TasteModel, model_folder
from catalog.taste.recommend import recommend
from tests.catalog.making import SPEC
from tests.helpers.exploring import Explored

NOW = datetime(2026, 11, 21, 20, tzinfo=UTC)


def played(song: int, *, hours_ago: int = 0) -> PlayRecord:
    at = NOW - timedelta(hours=hours_ago)
    return PlayRecord(
        song=song, title=f"tune {song}", artist=None, source_kind="file", source_name="x",
        started_at=at, ended_at=at + timedelta(minutes=1), start_s=0.0, end_s=60.0,
        position_from_s=0.0, position_to_s=60.0, rate=1.0, confidence=1.0,
    )  # fmt: skip


def ids(rows: list[dict[str, Any]]) -> list[int]:
    return [row["song"] for row in rows]


def save_model(kept: Explored, liked_with: dict[int, list[float]]) -> None:
    """A taste model whose items are songs of the catalog."""
    vectors = np.array(list(liked_with.values()), np.float32)
    keys = tuple(map(str, liked_with))
    counts = np.ones(len(keys), np.int32)
    TasteModel("own", keys, vectors, counts).save(kept.settings)


def test_without_stars_and_history_there_is_nothing_to_go_by(kept: Explored) -> None:
    assert kept.get("/api/foryou") == {
        "blend": 0.5,
        "from": {"stars": 0, "plays": 0},
        "model": None,
        "note": None,
        "songs": [],
    }


def test_songs_for_you_are_those_near_what_is_starred_and_played(kept: Explored) -> None:
    assert kept.ask("/api/stars/2", method="PUT").status == 200
    with Plays(kept.settings) as plays:
        for song in (4, 4, 77):  # the last has left the catalog
            plays.add(played(song))
    found = kept.get("/api/foryou?n=2&blend=0.25")
    assert (found["blend"], found["from"]) == (0.25, {"stars": 1, "plays": 2})
    with Catalog.open(kept.settings, SPEC) as catalog:
        wanted = recommend(catalog, [2, 4], blend=0.25, count=2)
    assert ids(found["songs"]) == [one.song.id for one in wanted]
    assert not {2, 4} & set(ids(found["songs"]))
    first = found["songs"][0]
    assert first["content"] == pytest.approx(wanted[0].content, abs=1e-4)
    assert first["taste"] is None
    assert set(first) > {"title", "artist", "audio", "score"}


@pytest.mark.parametrize(
    "query", ["blend=1.1", "blend=-0.1", "blend=x", "blend=nan", "n=0", "n=101"]
)
def test_a_wrong_question_is_told_what_was_expected(kept: Explored, query: str) -> None:
    answer = kept.ask(f"/api/foryou?{query}")
    assert answer.status == 400
    assert "expected" in answer.json()["error"]


def test_a_model_is_taken_up_when_it_is_published(kept: Explored) -> None:
    kept.ask("/api/stars/1", method="PUT")
    assert kept.get("/api/foryou")["model"] is None
    save_model(kept, {1: [1, 0], 2: [0, 1], 3: [-1, 0], 4: [1, 0.1], 5: [0, -1]})
    by_taste = kept.get("/api/foryou?blend=1&n=1")
    assert by_taste["model"] == "own"
    assert ids(by_taste["songs"]) == [4]  # who likes 1 likes 4, and no other so much
    assert by_taste["songs"][0]["taste"] == pytest.approx(0.995, abs=1e-3)
    save_model(kept, {1: [1, 0], 2: [0, 1], 3: [1, 0.1], 4: [-1, 0], 5: [0, -1]})
    assert ids(kept.get("/api/foryou?blend=1&n=1")["songs"]) == [3]


def test_a_model_that_cannot_be_read_is_told_and_sound_decides(kept: Explored) -> None:
    kept.ask("/api/stars/1", method="PUT")
    save_model(kept, {1: [1, 0], 2: [0, 1]})
    (file,) = model_folder(kept.settings, "own").glob("*/model.json")
    file.write_text("{}")
    found = kept.get("/api/foryou")
    assert "not a taste model" in found["note"]
    assert found["model"] is None
    assert len(found["songs"]) == 4


def compared(kept: Explored, a: Any, b: Any) -> Any:
    answer = kept.ask("/api/compat", method="POST", body={"a": a, "b": b})
    assert answer.status == 200, answer
    return answer.json()


def test_equal_lists_go_together(kept: Explored) -> None:
    found = compared(kept, {"name": "A", "songs": [1, 2]}, {"name": "B", "songs": [1, 2]})
    assert found["score"] == pytest.approx(1)
    assert ids(found["shared"]) == [1, 2]
    assert found["a"] == {"name": "A", "songs": 2, "not_found": []}
    assert (found["for_a"], found["for_b"]) == ([], [])


def test_each_gets_songs_of_the_other(kept: Explored) -> None:
    found = compared(kept, {"name": "A", "songs": [1, 2]}, {"name": "B", "songs": [2, 4, 99]})
    assert 0 <= found["score"] < 1
    assert 0 <= found["percentile"] <= 1
    assert ids(found["shared"]) == [2]
    assert ids(found["for_a"]) == [4]
    assert ids(found["for_b"]) == [1]
    assert found["b"]["songs"] == 2
    assert found["b"]["not_found"] == ["song 99"]
    assert found == compared(
        kept, {"name": "A", "songs": [1, 2]}, {"name": "B", "songs": [2, 4, 99]}
    )


def test_lists_come_as_files_too(kept: Explored) -> None:
    m3u = kept.ask("/api/stars/1", method="PUT") and kept.ask("/api/stars/export?format=m3u8")
    text = "artist,title\n,tune 0\nNobody,Nowhere\n"
    found = compared(
        kept,
        {"name": "stars.m3u8", "text": m3u.body.decode(), "format": "m3u8"},
        {"name": "theirs.csv", "text": text, "format": "csv"},
    )
    assert (found["a"]["songs"], found["b"]["songs"]) == (1, 1)
    assert ids(found["shared"]) == [1]
    (missing,) = found["b"]["not_found"]
    assert "Nowhere" in missing


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({}, "a is missing"),
        ({"a": {"name": "x", "songs": [1]}, "b": {"name": "x"}}, "text is missing"),
        ({"a": {"name": "x", "songs": [1]}, "b": {"name": "x", "songs": ["1"]}}, "expected ids"),
        ({"a": {"name": "x", "songs": [1]}, "b": {"name": "x", "songs": [99]}}, "none of the"),
        (
            {"a": {"name": "x", "songs": [1]}, "b": {"name": "x", "text": "", "format": "pdf"}},
            "format is 'pdf', expected m3u8, csv, json",
        ),
        ({"a": {"name": "x" * 201, "songs": []}, "b": {"name": "", "songs": []}}, "name has 201"),
    ],
)
def test_what_cannot_be_compared_is_refused(kept: Explored, body: Any, reason: str) -> None:
    answer = kept.ask("/api/compat", method="POST", body=body)
    assert answer.status == 400
    assert reason in answer.json()["error"]

"""Paths over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from tests.helpers.exploring import Explored


def test_a_path_has_its_ends_and_its_length(explored: Explored) -> None:
    answer = explored.ask("/api/path", method="POST", body={"from": 3, "to": 9, "length": 6})
    assert answer.status == 200
    songs = [row["song"] for row in answer.json()["songs"]]
    assert (songs[0], songs[-1], len(set(songs))) == (3, 9, 6)


def test_a_path_longer_than_the_catalog_has_all_songs(explored: Explored) -> None:
    answer = explored.ask("/api/path", method="POST", body={"from": 1, "to": 2, "length": 50})
    songs = [row["song"] for row in answer.json()["songs"]]
    assert (songs[0], songs[-1]) == (1, 2)
    assert sorted(songs) == list(range(1, 13))


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"from": 1, "to": 1, "length": 3}, 400),
        ({"from": 1, "to": 2, "length": 2}, 400),
        ({"from": 1, "to": 2, "length": 51}, 400),
        ({"from": 1, "to": 2}, 400),
        ({"from": "1", "to": 2, "length": 3}, 400),
        ({"from": True, "to": 2, "length": 3}, 400),
        ({"from": -1, "to": 2, "length": 3}, 400),
        ([], 400),
        ({"from": 1, "to": 99, "length": 3}, 404),
    ],
)
def test_a_path_that_cannot_be(explored: Explored, body: Any, status: int) -> None:
    answer = explored.ask("/api/path", method="POST", body=body)
    assert answer.status == status
    assert answer.json()["error"]

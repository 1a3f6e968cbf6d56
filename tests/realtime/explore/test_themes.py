"""Themes over HTTP, and what was learnt of a song."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from catalog.catalog import Catalog
from catalog.kept_attributes import ATTRIBUTES, Attributes, Guess, SongGuess
from catalog.settings import ThemeSettings
from catalog.theme_building import build_themes
from tests.catalog.attributing import KNOWN, attributed_catalog
from tests.catalog.making import SPEC
from tests.helpers.exploring import Explored, exploring

ROW = {"song", "title", "artist", "album", "genre", "duration_s", "audio"}


def test_without_themes_there_are_none(explored: Explored) -> None:
    assert explored.get("/api/themes") == {"by": None, "data": None, "themes": []}
    refused = explored.ask("/api/themes/0/songs")
    assert (refused.status, refused.json()) == (404, {"error": "no theme 0 in this catalog"})


def test_themes_their_profile_and_their_songs(tmp_path: Path) -> None:
    settings = attributed_catalog(tmp_path)
    with Catalog.open(settings, SPEC) as catalog:
        made = build_themes(catalog, ThemeSettings(), count=3)
    with exploring(settings) as explored:
        found = explored.get("/api/themes")
        assert (found["by"], found["data"]) == ("attributes", None)
        themes = found["themes"]
        assert [theme["name"] for theme in themes] == list(made.names)
        assert sum(theme["songs"] for theme in themes) == KNOWN
        for number, theme in enumerate(themes):
            assert theme["theme"] == number
            assert [trait["name"] for trait in theme["profile"]] == list(ATTRIBUTES)
            assert set(theme["profile"][0]) == {"name", "value", "mean", "score"}
            assert all(set(song) == ROW for song in theme["typical"])
            page = explored.get(f"/api/themes/{number}/songs?limit=2&offset=1")
            assert page["total"] == theme["songs"]
            every = explored.get(f"/api/themes/{number}/songs?limit=1000")["songs"]
            assert page["songs"] == every[1:3]
            assert theme["typical"][0] == every[0]
        assert explored.ask("/api/themes/3/songs").status == 404
        assert explored.ask("/api/themes/x/songs").status == 404
        for query in ("limit=1001", "limit=-1", "offset=x"):
            assert explored.ask(f"/api/themes/0/songs?{query}").status == 400


def test_what_is_known_and_what_was_learnt_of_a_song(tmp_path: Path) -> None:
    settings = attributed_catalog(tmp_path)
    with exploring(settings) as explored:
        before = explored.get(f"/api/songs/{KNOWN + 1}")
        assert (before["attributes"], before["told"], before["probable_genre"]) == (
            None,
            False,
            None,
        )
        values = np.full(len(ATTRIBUTES), 0.25, np.float32)
        with Attributes(settings) as kept:
            genre = Guess("Jazz", 0.61234)
            kept.keep_songs([SongGuess(KNOWN + 1, KNOWN, 1, values, genre)])
        after = explored.get(f"/api/songs/{KNOWN + 1}")
        assert after["attributes"] == dict.fromkeys(ATTRIBUTES, 0.25)
        assert after["told"] is True
        assert after["probable_genre"] == {"genre": "Jazz", "probability": 0.6123}
        assert after["song"]["genre"] is None
        known = explored.get("/api/songs/1")
        assert known["told"] is False
        assert set(known["attributes"]) == set(ATTRIBUTES)

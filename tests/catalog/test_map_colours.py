"""What songs are coloured by: genres however they are written, and the strongest tag."""

from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from catalog.map_colours import genres_of, strongest_tags
from catalog.map_file import NO_GENRE, NO_TAG


def test_the_commonest_spelling_names_a_genre() -> None:
    names, places = genres_of(["hip hop", "Hip  Hop", "Hip Hop", None, " ", "Jazz", "HIP HOP "])
    assert names == ("Hip Hop", "Jazz")
    assert places.tolist() == [0, 0, 0, NO_GENRE, NO_GENRE, 1, 0]


@given(st.lists(st.none() | st.sampled_from(["Folk", "folk", "Jazz", "Ö", "ö", "", "  a  b "])))
def test_genres_stand_by_how_many_songs_they_have(genres: list[str | None]) -> None:
    names, places = genres_of(genres)
    counts = Counter(places[places != NO_GENRE].tolist())
    assert list(counts.values()) == [counts[place] for place in counts]
    assert [counts[place] for place in range(len(names))] == sorted(counts.values(), reverse=True)
    for genre, place in zip(genres, places.tolist(), strict=True):
        key = " ".join((genre or "").casefold().split())
        assert (names[place].casefold() if place != NO_GENRE else "") == key


def test_the_strongest_tag_is_that_of_the_songs_own_row() -> None:
    tags = np.array([[0.1, 0.9, 0.2], [0.5, 0.1, 0.1], [0.1, 0.2, 0.8]], np.float32)
    assert strongest_tags(tags, np.array([2, 0, 1])).tolist() == [2, 1, 0]
    assert strongest_tags(tags[:, :0], np.array([0, 1])).tolist() == [NO_TAG, NO_TAG]
    many = np.zeros((1, 300), np.float32)
    many[0, 290] = 1
    assert strongest_tags(many, np.array([0])).tolist() == [NO_TAG]

"""Recommendations: by sound, by taste, never by popularity unless asked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from catalog.catalog import Catalog
from catalog.errors import TasteError
from catalog.reader import CatalogReader
from catalog.taste.model import TasteModel
from catalog.taste.recommend import MOST_LIKES, evenly, recommend
from tests.catalog.making import DIMENSION, made_catalog, new_song, random_songs

AXES = np.eye(DIMENSION, dtype=np.float32)


def leaning(one: int, other: int, share: float) -> NDArray[np.float32]:
    """A style between two axes."""
    return np.asarray((1 - share) * AXES[one] + share * AXES[other], np.float32)


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[CatalogReader]:
    """Songs 1 to 6 go from the first axis to the second, 7 to 9 lie apart."""
    styles = [leaning(0, 1, share) for share in (0, 0.25, 0.4, 0.6, 0.8, 1)]
    styles += [AXES[5], AXES[7], AXES[9]]
    songs = [
        new_song(f"{i}.mp3", style, duration_s=60.0 + 20 * i) for i, style in enumerate(styles)
    ]
    with Catalog.open(made_catalog(tmp_path, songs), None) as opened:
        yield opened


def model_of(
    vectors: dict[int, list[float]], listeners: dict[int, int] | None = None
) -> TasteModel:
    counts = [(listeners or {}).get(song, 1) for song in vectors]
    return TasteModel(
        "own",
        tuple(map(str, vectors)),
        np.array(list(vectors.values()), np.float32),
        np.array(counts, np.int32),
        songs={song: line for line, song in enumerate(vectors)},
    )


def ids(catalog: CatalogReader, likes: list[int], **how: object) -> list[int]:
    return [found.song.id for found in recommend(catalog, likes, **how)]  # type: ignore[arg-type]


def test_by_sound_the_nearest_come_first(catalog: CatalogReader) -> None:
    assert ids(catalog, [1], count=4) == [2, 3, 4, 5]
    found = recommend(catalog, [1], count=1)[0]
    assert found.score == 1.0
    assert found.content == pytest.approx(0.75 / np.hypot(0.75, 0.25), abs=1e-6)
    assert found.taste is None


def test_likes_and_what_is_excluded_are_never_recommended(catalog: CatalogReader) -> None:
    assert sorted(ids(catalog, [1, 6], exclude=[2])) == [3, 4, 5, 7, 8, 9]


def test_only_those_among_which_is_asked(catalog: CatalogReader) -> None:
    assert ids(catalog, [1], among=[9, 5, 1]) == [5, 9]
    assert ids(catalog, [1], among=[1]) == []


def test_taste_ranks_otherwise_and_the_blend_goes_between(catalog: CatalogReader) -> None:
    taste = model_of({1: [1, 0], 9: [2, 0.1], 8: [1, 0.5], 2: [0, 1], 3: [-1, 0]})
    assert ids(catalog, [1], model=taste, blend=1, among=[9, 8, 2, 3]) == [9, 8, 2, 3]
    assert ids(catalog, [1], model=taste, blend=0, among=[9, 8, 2, 3])[:2] == [2, 3]
    scores = {found.song.id: found for found in recommend(catalog, [1], model=taste, blend=0.5)}
    assert scores[9].taste == pytest.approx(2 / np.hypot(2, 0.1), abs=1e-6)
    assert scores[4].taste is None  # unknown to the model: judged by its sound
    assert min(found.score for found in scores.values()) >= 0


def test_a_popular_song_gets_no_bonus(catalog: CatalogReader) -> None:
    plain = {1: [1.0, 0.0], 2: [0.6, 0.8], 8: [0.8, 0.6], 9: [0.0, 1.0]}
    loud = {song: [100 * x for x in v] if song == 9 else v for song, v in plain.items()}
    how = {"blend": 1.0, "among": [2, 8, 9]}
    modest = recommend(catalog, [1], model=model_of(plain), **how)  # type: ignore[arg-type]
    famous = model_of(loud, {9: 1_000_000})
    assert recommend(catalog, [1], model=famous, **how) == modest  # type: ignore[arg-type]
    assert [found.song.id for found in modest] == [8, 2, 9]
    # The same vectors by their dot products would have put it first.
    assert np.argmax(famous.factors[1:] @ [0.9, 0.1]) == 2
    asked = ids(catalog, [1], model=famous, by_popularity=True, among=[2, 8, 9])
    assert asked[0] == 9


def test_popularity_must_be_known_when_it_is_asked_for(catalog: CatalogReader) -> None:
    with pytest.raises(TasteError, match="taste fit"):
        recommend(catalog, [1], by_popularity=True)


def test_likes_that_are_no_songs_here_count_by_their_vectors(catalog: CatalogReader) -> None:
    taste = model_of({7: [1, 0], 8: [0, 1]})
    abroad = np.array([[0, 3]], np.float32)
    found = recommend(catalog, [], model=taste, blend=0.5, taste_likes=abroad, count=2)
    assert [one.song.id for one in found] == [8, 7]
    assert found[0].content is None


@pytest.mark.parametrize("likes", [[], [77, 78]])
def test_without_a_like_that_is_known_nothing_is_made_up(
    catalog: CatalogReader, likes: list[int]
) -> None:
    with pytest.raises(TasteError, match=f"any of the {len(likes)} songs"):
        recommend(catalog, likes)


def test_a_blend_out_of_range_is_refused(catalog: CatalogReader) -> None:
    with pytest.raises(TasteError, match=r"blend is 1\.5, expected 0 .* to 1"):
        recommend(catalog, [1], blend=1.5)


def test_other_copies_of_a_like_are_left_out_and_one_copy_is_enough(tmp_path: Path) -> None:
    prints = np.eye(10, dtype=np.float32)[:4]
    apart = np.eye(10, dtype=np.float32)[5:9]
    songs = [
        new_song("a.mp3", AXES[0], prints=prints),
        new_song("copy of a.mp3", AXES[0], prints=prints),
        new_song("b.mp3", leaning(0, 1, 0.3), duration_s=200, prints=apart),
        new_song("copy of b.mp3", leaning(0, 1, 0.3), duration_s=200, prints=apart),
        new_song("c.mp3", AXES[4], duration_s=400),
    ]
    with Catalog.open(made_catalog(tmp_path, songs), None) as opened:
        assert ids(opened, [1]) == [3, 5]


def test_more_candidates_are_looked_up_where_many_fall_away(tmp_path: Path) -> None:
    songs = random_songs(60)
    with Catalog.open(made_catalog(tmp_path, songs), None) as opened:
        assert len(ids(opened, [1], count=59)) == 59
        assert ids(opened, [1], count=2) == ids(opened, [1], count=40)[:2]


def test_an_empty_catalog_has_nothing_to_recommend(tmp_path: Path) -> None:
    with Catalog.open(made_catalog(tmp_path, []), None) as opened:
        assert recommend(opened, [1]) == []


def test_a_great_many_likes_are_taken_evenly() -> None:
    many = evenly(range(10 * MOST_LIKES), MOST_LIKES)
    assert len(many) == MOST_LIKES
    assert (many[0], many[-1]) == (0, 10 * MOST_LIKES - 1)
    assert max(np.diff(many)) <= 12

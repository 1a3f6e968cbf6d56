"""What there is to learn: genres and tags as datasets write them, the rare and the unknown."""

import numpy as np
import pytest

from catalog.datasets import Track
from catalog.errors import LearningError
from catalog.learning.material import genre_material, genre_of, tag_material


def track(number: int, genre: str | None = None, **more: object) -> Track:
    values: dict[str, object] = {"artist": f"artist {number}", "genre": genre} | more
    return Track("fma", f"{number:06}", **values)  # type: ignore[arg-type]


def test_genres_are_counted_whatever_their_spelling() -> None:
    tracks = [track(n, ("Hip-Hop", "hip-hop ", "HIP-HOP", "Folk")[n % 4]) for n in range(12)]
    tracks += [track(20, "Rare"), track(21), track(22, " ")]
    material = genre_material(tracks, least=3)
    assert material.names == ("Folk", "HIP-HOP")  # as often as the others, and first by name
    assert len(material.tracks) == 12
    assert material.y.tolist() == [int(n % 4 != 3) for n in range(12)]
    assert material.left_out == {"no genre": 2, "genres of fewer than 3 tracks": 1}
    assert not material.of_tags


def test_one_genre_is_the_main_one_and_of_several_none_is() -> None:
    assert genre_of(track(1, genres=("Rock",))) == "Rock"
    assert genre_of(track(1, genres=("Rock", "Pop"))) is None
    assert genre_of(track(1, "Pop", genres=("Rock", "Pop"))) == "Pop"


def test_tags_are_the_commonest_and_a_track_lacks_those_it_does_not_have() -> None:
    tracks = [track(n) for n in range(5)]
    tags = [
        ("000000", "Rock", 100.0),
        ("000000", "sad", 3.0),
        ("000001", "rock", 50.0),
        ("000001", "live", 0.0),
        ("000002", "sad", 100.0),
        ("000003", "live", 100.0),
        ("000009", "rock", 100.0),  # of no track that is known
        ("000009", "sad", 100.0),
    ]
    material = tag_material(tracks, tags, most=2, least=1)
    assert [name.casefold() for name in material.names] == ["rock", "sad"]
    assert [t.key for t in material.tracks] == ["000000", "000001", "000002", "000003"]
    assert material.y.tolist() == [[1, 1], [1, 0], [0, 1], [0, 0]]
    assert material.left_out == {"no tag": 1}
    assert material.of_tags
    heavy = tag_material(tracks, tags, most=9, least=1, least_weight=50.0)
    assert [t.key for t in heavy.tracks] == ["000000", "000002", "000003"]
    assert len(tag_material(tracks, tags, most=9, least=2).names) == 2


def test_splits_come_along_when_tracks_are_left_out() -> None:
    splits = ("training", "validation", "test")
    tracks = [track(n, ("a", "b")[n // 3 % 2], split=splits[n % 3]) for n in range(12)]
    material = genre_material(tracks, least=1)
    material.require()
    kept = material.where(np.arange(12) % 3 != 2, reason="quiet")
    assert kept.left_out == {"quiet": 4}
    assert [t.split for t in kept.tracks] == ["training", "validation"] * 4
    assert kept.divided.split.tolist() == [0, 1] * 4
    with pytest.raises(LearningError, match=r"0 test tracks of 2 kinds.*4 left out: quiet"):
        kept.require()


def test_nothing_is_refused_with_what_to_do() -> None:
    with pytest.raises(LearningError, match="2 left out: no genre"):
        genre_material([track(1), track(2)]).require()
    with pytest.raises(LearningError, match="nowhear datasets"):
        genre_material([]).require()

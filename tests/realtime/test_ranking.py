"""Ranking: order, spread over groups and artists, and steadiness."""

from dataclasses import dataclass

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from realtime.ranking import rank

STEADINESS = 0.01


@dataclass(frozen=True)
class Tune:
    artist: str | None
    group: int


def alone(count: int) -> dict[int, Tune]:
    """Songs that share neither artist nor group."""
    return {song: Tune(artist=None, group=song) for song in range(count)}


def ids(ranked: list[tuple[int, float]]) -> list[int]:
    return [song for song, _ in ranked]


def rank_all(
    scores: dict[int, float], songs: dict[int, Tune], **options: object
) -> list[tuple[int, float]]:
    settings: dict[str, object] = {"k": 5, "per_artist": 0, **options}
    return rank(list(scores), list(scores.values()), songs, **settings)  # type: ignore[arg-type]


def test_no_hits_give_no_songs() -> None:
    assert rank([], [], {}, k=5, per_artist=2) == []
    assert rank([-1, -1], [-1.0, -1.0], {}, k=5, per_artist=2) == []


def test_takes_the_arrays_of_a_search_and_gives_its_scores() -> None:
    songs = np.array([3, 1, 2, -1], np.int64)
    scores = np.array([0.25, 0.75, 0.5, -1], np.float32)
    ranked = rank(songs, scores, alone(4), k=5, per_artist=0)
    assert ranked == [(1, 0.75), (2, 0.5), (3, 0.25)]
    assert all(type(song) is int and type(score) is float for song, score in ranked)


def test_equal_scores_stand_in_order_of_id() -> None:
    assert ids(rank_all({3: 0.5, 1: 0.5, 2: 0.5}, alone(4))) == [1, 2, 3]


def test_unknown_songs_and_scores_that_are_no_numbers_are_passed_over() -> None:
    assert ids(rank_all({0: float("nan"), 1: 0.1, 9: 0.9}, alone(2))) == [1]


def test_one_song_of_a_near_duplicate_group() -> None:
    songs = {1: Tune(None, 1), 2: Tune(None, 1), 3: Tune(None, 3)}
    assert ids(rank_all({1: 0.8, 2: 0.9, 3: 0.7}, songs)) == [2, 3]


def test_the_kept_one_of_a_group_stays_while_the_other_is_not_clearly_better() -> None:
    songs = {1: Tune(None, 1), 2: Tune(None, 1), 3: Tune(None, 3)}
    options = {"previous": [1, 3], "steadiness": STEADINESS}
    assert ids(rank_all({1: 0.9, 2: 0.905, 3: 0.7}, songs, **options)) == [1, 3]
    assert ids(rank_all({1: 0.9, 2: 0.915, 3: 0.7}, songs, **options)) == [2, 3]


def test_an_artist_is_capped_whatever_the_letter_case() -> None:
    songs = {
        1: Tune("Ärger  Trio", 1),
        2: Tune("ÄRGER trio", 2),
        3: Tune("ärger Trio ", 3),
        4: Tune("other", 4),
    }
    scores = {1: 0.9, 2: 0.8, 3: 0.7, 4: 0.6}
    assert ids(rank_all(scores, songs, per_artist=2)) == [1, 2, 4]
    assert ids(rank_all(scores, songs, per_artist=1)) == [1, 4]
    assert ids(rank_all(scores, songs, per_artist=0)) == [1, 2, 3, 4]


def test_unknown_artists_are_not_capped() -> None:
    songs = {1: Tune(None, 1), 2: Tune("", 2), 3: Tune("  ", 3), 4: Tune(None, 4)}
    scores = {1: 0.9, 2: 0.8, 3: 0.7, 4: 0.6}
    assert ids(rank_all(scores, songs, per_artist=1)) == [1, 2, 3, 4]


def test_excluded_songs_are_not_ranked() -> None:
    assert ids(rank_all({0: 0.9, 1: 0.8}, alone(2), exclude={0})) == [1]


def test_a_song_changes_places_only_when_it_is_clearly_better() -> None:
    options = {"previous": [0, 1], "steadiness": STEADINESS}
    assert ids(rank_all({0: 0.5, 1: 0.509}, alone(2), **options)) == [0, 1]
    assert ids(rank_all({0: 0.5, 1: 0.511}, alone(2), **options)) == [1, 0]


def test_a_newcomer_pushes_out_the_last_only_when_it_is_clearly_better() -> None:
    options = {"previous": [0, 1], "steadiness": STEADINESS, "k": 2}
    assert ids(rank_all({0: 0.5, 1: 0.4, 2: 0.409}, alone(3), **options)) == [0, 1]
    assert ids(rank_all({0: 0.5, 1: 0.4, 2: 0.411}, alone(3), **options)) == [0, 2]


def test_a_free_place_is_taken_without_a_margin() -> None:
    options = {"previous": [0], "steadiness": STEADINESS}
    assert ids(rank_all({0: 0.5, 1: 0.499}, alone(2), **options)) == [0, 1]


SCORES = st.lists(
    st.floats(-1, 1, allow_subnormal=False), min_size=1, max_size=12, unique=True
).map(lambda values: dict(enumerate(values)))


@given(scores=SCORES, k=st.integers(1, 12), data=st.data())
def test_without_steadiness_it_is_a_plain_sort(
    scores: dict[int, float], k: int, data: st.DataObject
) -> None:
    previous = data.draw(st.permutations(sorted(scores)))
    plain = sorted(scores, key=lambda song: -scores[song])[:k]
    ranked = rank_all(scores, alone(12), k=k, previous=previous, steadiness=0.0)
    assert ids(ranked) == plain


@given(scores=SCORES, k=st.integers(1, 12), data=st.data())
def test_noise_smaller_than_the_steadiness_never_changes_the_order(
    scores: dict[int, float], k: int, data: st.DataObject
) -> None:
    songs = alone(12)
    first = ids(rank_all(scores, songs, k=k))
    previous = first
    for _ in range(4):
        # Two songs differ by less than the steadiness when each moves by less than half of it.
        noise = st.floats(-0.499 * STEADINESS, 0.499 * STEADINESS)
        noisy = {song: score + data.draw(noise) for song, score in scores.items()}
        previous = ids(rank_all(noisy, songs, k=k, previous=previous, steadiness=STEADINESS))
        assert previous == first


@given(
    before=SCORES,
    now=st.lists(st.floats(-1, 1), min_size=12, max_size=12),
    steps=st.integers(1, 12),
)
def test_no_song_stands_above_one_that_beats_it_clearly(
    before: dict[int, float], now: list[float], steps: int
) -> None:
    songs = alone(12)
    previous = ids(rank_all(before, songs, k=steps))
    steadiness = 0.2
    ranked = rank_all(dict(enumerate(now)), songs, k=12, previous=previous, steadiness=steadiness)
    for place, (_, score) in enumerate(ranked):
        assert all(below <= score + steadiness for _, below in ranked[place:])
    assert dict(ranked) == dict(enumerate(now))

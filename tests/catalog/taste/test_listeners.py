"""Made-up listeners play what they like, and what is famous."""

import numpy as np
import pytest

from catalog.taste.listeners import ListenerSettings, made_up_listening
from encoder.files import unit

SOUNDS = np.random.default_rng(7).normal(size=(90, 12)).astype(np.float32)
KEYS = [f"song {number}" for number in range(90)]
ARTISTS = [f"artist {number // 3}" for number in range(90)]


def settings(**more: object) -> ListenerSettings:
    return ListenerSettings.model_validate({"users": 400, "songs_each": 15, "seed": 2, **more})


def test_plays_are_as_many_as_asked_for_and_come_from_the_chances() -> None:
    made = made_up_listening(KEYS, SOUNDS, ARTISTS, settings())
    found = made.listening
    assert made.chances.sum(axis=1) == pytest.approx(15, rel=1e-4)
    played = np.zeros((400, 90), np.bool_)
    played[found.user, found.item] = True
    assert played.sum() == len(found.plays)
    expected = -np.expm1(-made.chances)
    assert played.sum() == pytest.approx(expected.sum(), rel=0.05)
    likely = expected > 0.5
    assert played[likely].mean() == pytest.approx(expected[likely].mean(), abs=0.05)
    assert found.plays.min() == 1


def test_a_seed_gives_the_same_listeners() -> None:
    one, same, other = (
        made_up_listening(KEYS, SOUNDS, ARTISTS, settings(seed=seed)) for seed in (1, 1, 2)
    )
    assert (one.chances == same.chances).all()
    assert (one.listening.plays == same.listening.plays).all()
    assert (one.songs != other.songs).any()


def test_what_is_heard_settles_as_much_as_it_is_told_to() -> None:
    twice = np.concatenate([SOUNDS[:45], SOUNDS[:45]])
    apart = [f"artist {number}" for number in range(90)]  # two that sound alike, by two artists
    cosines = []
    for heard in (0.0, 0.5, 1.0):
        songs = made_up_listening(KEYS, twice, apart, settings(heard=heard)).songs
        cosines.append(float(np.mean(np.sum(songs[:45] * songs[45:], axis=1))))
    assert abs(cosines[0]) < 0.2
    assert cosines[1] == pytest.approx(0.5, abs=0.2)
    assert cosines[2] == pytest.approx(1, abs=1e-5)


def test_songs_of_an_artist_are_nearer_to_each_other() -> None:
    songs = made_up_listening(KEYS, SOUNDS, ARTISTS, settings(heard=0.0)).songs
    by_artist = unit(songs).reshape(30, 3, -1)
    within = np.mean(np.sum(by_artist[:, 0] * by_artist[:, 1], axis=1))
    between = np.mean(np.sum(by_artist[:-1, 0] * by_artist[1:, 1], axis=1))
    assert within > between + 0.2


def test_fame_has_nothing_to_do_with_taste() -> None:
    plain, famous = (
        made_up_listening(KEYS, SOUNDS, ARTISTS, settings(popularity=p)) for p in (0.0, 2.0)
    )
    assert (plain.songs == famous.songs).all()
    counts = [np.bincount(made.listening.item, minlength=90) for made in (plain, famous)]
    assert counts[1].std() > 1.5 * counts[0].std()

"""Which queries are put to which system: shared out, drawn by seed, the same for all."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from realtime.evaluation.conditions import chosen
from realtime.evaluation.judging import Judge
from realtime.evaluation.recordings import Bank
from realtime.evaluation.running import Plan, queries, run, shares
from realtime.evaluation.spoiling import Workshop
from realtime.evaluation.trials import Answer, Identify, QueriedSong, System

from .making import RATE_HZ, LoudnessEncoder, noise, song

Samples = NDArray[np.float32]

SOUNDS = {song(number).path: noise(30 * RATE_HZ, number) for number in (1, 2)}
SOUNDS[Path("/elsewhere/3.ogg")] = noise(30 * RATE_HZ, 3)
SOUNDS[Path("/elsewhere/short.ogg")] = noise(2 * RATE_HZ, 4)
WORKSHOP = Workshop(RATE_HZ, {"noise": Bank([noise(20 * RATE_HZ, 9)])}, {})
PLAN = Plan(chosen(["clean", "noise-5"]), lengths_s=(1.0, 3.0), queries=3, seed=5)


def drawn(plan: Plan, count: int = 3) -> list[tuple[str, int, Samples]]:
    found = queries(SOUNDS[song(1).path], "1.ogg", count, plan, WORKSHOP)
    return [(q.condition.name, q.start, q.spoiled.query(RATE_HZ)) for q in found]


def same(one: list[tuple[str, int, Samples]], other: list[tuple[str, int, Samples]]) -> bool:
    alike = [a[:2] == b[:2] and np.array_equal(a[2], b[2]) for a, b in zip(one, other, strict=True)]
    return all(alike)


def test_places_are_shared_out_evenly() -> None:
    songs = [QueriedSong(Path(f"/{number}"), number) for number in range(5)]
    given = shares(songs, 13, seed=1)
    assert sorted(count for _, count in given) == [2, 2, 3, 3, 3]
    assert [song for song, _ in given] == songs
    assert shares(songs, 13, seed=1) == given
    assert len(shares(songs, 2, seed=1)) == 2
    assert len({tuple(shares(songs, 2, seed=seed)) for seed in range(30)}) > 3
    assert shares([], 5, seed=1) == []


def test_all_conditions_are_asked_at_the_same_places() -> None:
    found = drawn(PLAN)
    assert [name for name, _, _ in found] == ["clean", "noise-5"] * 3
    starts = [start for _, start, _ in found]
    assert starts[::2] == starts[1::2]
    assert len(set(starts)) == 3


def test_a_seed_draws_the_same_queries_and_another_does_not() -> None:
    assert same(drawn(PLAN), drawn(PLAN))
    other = Plan(PLAN.conditions, PLAN.lengths_s, PLAN.queries, seed=6)
    assert not same(drawn(PLAN), drawn(other))


def test_fewer_conditions_or_places_leave_the_rest_as_it_is() -> None:
    alone = Plan(chosen(["noise-5"]), PLAN.lengths_s, PLAN.queries, PLAN.seed)
    assert same(drawn(alone), drawn(PLAN)[1::2])
    assert same(drawn(PLAN, count=2), drawn(PLAN)[:4])


def test_a_song_too_short_for_the_queries_gives_none() -> None:
    short = SOUNDS[Path("/elsewhere/short.ogg")]
    assert list(queries(short, "short.ogg", 3, PLAN, WORKSHOP)) == []


class Ear:
    """A system that answers song 1 at 2 s, unless it is struck, and notes what it was asked."""

    def __init__(self) -> None:
        self.heard: list[Samples] = []

    def without(self, struck: frozenset[int]) -> Identify:
        def identify(samples: Samples) -> Answer | None:
            self.heard.append(samples)
            return None if 1 in struck else Answer(1, 2.0, 1.0, 0.5, 0.8, named=True)

        return identify


@pytest.fixture
def trials() -> Callable[..., list[object]]:
    def measure(*songs: QueriedSong, ear: Ear | None = None) -> list[object]:
        read = SOUNDS.__getitem__
        judge = Judge({1: song(1), 2: song(2)}, LoudnessEncoder(), read=read)
        system = System("ear", (ear or Ear()).without)
        return list(
            run(
                [(one, 2) for one in songs],
                PLAN,
                WORKSHOP,
                [system],
                judge,
                read=read,
                progress=lambda *_: None,
            )
        )

    return measure


def test_every_place_condition_and_length_is_one_trial(trials) -> None:  # type: ignore[no-untyped-def]
    ear = Ear()
    found = trials(QueriedSong(song(1).path, 1), ear=ear)
    assert [(t.condition, t.length_s) for t in found] == [
        ("clean", 1.0), ("clean", 3.0), ("noise-5", 1.0), ("noise-5", 3.0),
    ] * 2  # fmt: skip
    assert [len(samples) for samples in ear.heard] == [RATE_HZ, 3 * RATE_HZ] * 4
    assert all(t.right and t.named and not t.outsider for t in found)


def test_a_song_left_out_is_asked_for_twice(trials) -> None:  # type: ignore[no-untyped-def]
    ear = Ear()
    found = trials(QueriedSong(song(1).path, 1, frozenset({1})), ear=ear)
    assert [t.outsider for t in found] == [False, True] * 8
    assert [t.named for t in found] == [True, False] * 8
    np.testing.assert_array_equal(ear.heard[0], ear.heard[1])


def test_an_outsider_is_one(trials) -> None:  # type: ignore[no-untyped-def]
    found = trials(QueriedSong(Path("/elsewhere/3.ogg"), None))
    assert all(t.outsider and t.named and t.right is None for t in found)
    assert {t.song for t in found} == {"/elsewhere/3.ogg"}


def test_progress_counts_places() -> None:
    told: list[tuple[str, int, int]] = []
    read = SOUNDS.__getitem__
    run(
        [(QueriedSong(song(1).path, 1), 2), (QueriedSong(song(2).path, 2), 1)],
        PLAN,
        WORKSHOP,
        [],
        Judge({}, LoudnessEncoder(), read=read),
        read=read,
        progress=lambda *values: told.append(values),
    )
    assert told == [("places in songs", 2, 3), ("places in songs", 3, 3)]

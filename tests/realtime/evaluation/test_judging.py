"""When an answer is right: the song or its double, at the place or an exact repeat of it."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from realtime.evaluation.judging import Judge
from realtime.evaluation.trials import Answer, QueriedSong, Trial

from .making import RATE_HZ, LoudnessEncoder, noise, song, trial

Samples = NDArray[np.float32]
START = 4321


def bursts(seconds: int, seed: int) -> Samples:
    """Noise whose loudness changes ten times a second."""
    levels = np.repeat(np.random.default_rng(seed).uniform(0, 1, 10 * seconds), RATE_HZ // 10)
    return (noise(seconds * RATE_HZ, seed) * levels).astype(np.float32)


VERSE = bursts(20, 1)
SONG = np.concatenate([VERSE, bursts(10, 2), VERSE])  # the verse comes back after 30 s
SOUNDS = {song(1).path: SONG, song(2).path: SONG, song(3).path: bursts(50, 3)}


def judged(answer: Answer | None, *, of: QueriedSong | None = None, rate: float = 1.0) -> Trial:
    songs = {1: song(1), 2: song(2, group=1), 3: song(3)}
    judge = Judge(songs, LoudnessEncoder(), read=SOUNDS.__getitem__)
    asked = of or QueriedSong(song(1).path, 1)
    return judge.judge(trial(), answer, of=asked, clean=SONG, start=START, rate=rate)


def answer(number: int, position_s: float, *, named: bool = True) -> Answer:
    return Answer(number, position_s, rate=1.0, score=0.7, confidence=0.9, named=named)


def test_no_answer_leaves_the_trial_blank() -> None:
    assert judged(None) == trial()


@pytest.mark.parametrize(("off_s", "right"), [(0, True), (0.249, True), (-0.249, True)])
def test_a_position_within_a_quarter_second(off_s: float, right: bool) -> None:
    found = judged(answer(1, START / RATE_HZ + off_s))
    assert (found.named, found.right, found.position_right, found.repeat) == (
        True,
        True,
        right,
        False,
    )
    assert found.position_error_s == pytest.approx(off_s)
    assert (found.answer, found.score, found.confidence) == ("/music/album/1.ogg", 0.7, 0.9)


@pytest.mark.parametrize("off_s", [1.0, -2.0, 10.0, 45.0, -4.5, 1000.0])
def test_a_wrong_position(off_s: float) -> None:
    found = judged(answer(1, START / RATE_HZ + off_s))
    assert (found.right, found.position_right, found.repeat) == (True, False, False)


@pytest.mark.parametrize("off_s", [30.0, 30.2, 29.8])
def test_an_exact_repeat_is_a_right_position(off_s: float) -> None:
    found = judged(answer(1, START / RATE_HZ + off_s))
    assert (found.right, found.position_right, found.repeat) == (True, True, True)


@pytest.mark.parametrize("off_s", [29.0, 31.0])
def test_beside_the_repeat_is_wrong_again(off_s: float) -> None:
    assert judged(answer(1, START / RATE_HZ + off_s)).position_right is False


def test_a_near_duplicate_is_the_right_song() -> None:
    found = judged(answer(2, START / RATE_HZ + 30))
    assert (found.right, found.position_right, found.answer) == (True, True, "/music/album/2.ogg")


def test_another_song_is_wrong_wherever_it_is_placed() -> None:
    found = judged(answer(3, START / RATE_HZ))
    assert (found.named, found.right, found.position_right) == (True, False, None)
    assert found.position_error_s is None


def test_an_answer_that_was_not_given_is_judged_all_the_same() -> None:
    found = judged(answer(1, START / RATE_HZ, named=False))
    assert (found.named, found.right) == (False, True)


@pytest.mark.parametrize(
    "outsider",
    [QueriedSong(Path("/elsewhere/x.ogg"), None), QueriedSong(song(1).path, 1, frozenset({1, 2}))],
)
def test_of_an_outsider_nothing_is_right(outsider: QueriedSong) -> None:
    found = judged(answer(3, 1.0), of=outsider)
    assert (found.named, found.right, found.position_right) == (True, None, None)
    assert found.answer == "/music/album/3.ogg"

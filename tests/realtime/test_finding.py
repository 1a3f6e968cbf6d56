"""Prints of a recording in steps, and the answer that steps agree on."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from encoder.errors import AudioFormatError
from realtime.finding import Found, PrintSteps, find
from realtime.match import Match
from realtime.searching import PrintStep
from tests.realtime.fakes import PRINT_STRIDE, PRINT_WINDOW, FakeEncoder, FakeMatcher, Heard

RATE_HZ = 1000  # of the fake encoder
STEP = 10 * RATE_HZ
LINE, APART = 500, 5000


def sound(length, seed=0):
    return np.random.default_rng(seed).normal(0, 0.1, length).astype(np.float32)


def steps_of(samples, cuts=()):
    steps = PrintSteps(FakeEncoder())
    parts = np.split(samples, sorted(cuts))
    return [step for part in parts for step in steps.push(part)] + steps.finish()


def prints_of(samples, starts):
    """Prints of the windows that begin at `starts`, one by one."""
    windows = np.stack([samples[first : first + PRINT_WINDOW] for first in starts])
    return FakeEncoder().prints(windows)[:, 0]


@pytest.mark.parametrize("length", [PRINT_WINDOW, 9_000, STEP, STEP + 175, 25_130])
def test_every_window_on_the_grid_has_a_print_once(length):
    samples = sound(length)
    steps = steps_of(samples)
    starts = np.concatenate([step.starts for step in steps])
    assert starts.tolist() == list(range(0, length - PRINT_WINDOW + 1, PRINT_STRIDE))
    assert max(len(step.starts) for step in steps) <= STEP / PRINT_STRIDE
    prints = np.concatenate([step.prints for step in steps])
    np.testing.assert_array_equal(prints, prints_of(samples, starts))


@settings(max_examples=25)
@given(st.lists(st.integers(0, 12_000), max_size=12))
def test_cuts_change_nothing(cuts):
    samples = sound(12_000)
    for one, other in zip(steps_of(samples, cuts), steps_of(samples), strict=True):
        np.testing.assert_array_equal(one.starts, other.starts)
        np.testing.assert_array_equal(one.prints, other.prints)


def test_a_short_recording_stands_in_the_middle_of_its_window():
    samples = sound(120)
    (step,) = steps_of(samples)
    assert step.starts.tolist() == [-40]
    padded = np.pad(samples, (40, 40))
    np.testing.assert_array_equal(step.prints, prints_of(padded, [0]))


def test_silence_has_no_prints():
    assert steps_of(np.zeros(25_000, np.float32)) == []
    assert steps_of(np.zeros(0, np.float32)) == []
    samples = sound(3 * STEP)
    samples[5_000:26_000] *= 1e-4
    starts = np.concatenate([step.starts for step in steps_of(samples)])
    silent = range(5_000, 26_000 - PRINT_WINDOW, PRINT_STRIDE)
    assert not set(starts) & set(silent)
    assert {0, 4_975, 26_000} < set(starts)


def test_what_is_no_sound_is_refused():
    with pytest.raises(AudioFormatError, match="NaN"):
        steps_of(np.full(9, np.nan, np.float32))


class Scripted:
    """A matcher that answers as told."""

    def __init__(self, *answers):
        self.answers = list(answers)

    def match(self, steps):
        assert len(steps) == len(self.answers)
        return self.answers

    def clear(self):
        pass


def a_match(song=1, *, at, position, rate=1.0, confidence=0.999):
    return Match(
        song, at=at, since=0, position=position, rate=rate, score=0.7, confidence=confidence
    )


def found(*answers):
    nothing = PrintStep(np.zeros((1, 2), np.float32), np.zeros(1, np.int64))
    steps = [nothing] * len(answers)
    return find(steps, Scripted(*answers), threshold=0.99, line=LINE, apart=APART)


def test_one_step_says_where_the_recording_begins():
    answer = found(a_match(at=5000, position=25_500, rate=1.1))
    expected = Found(1, position=20_000, rate=1.1, score=0.7, confidence=0.999, agreeing=1, steps=1)
    assert answer == expected


def test_it_may_begin_before_the_song():
    assert found(a_match(at=5000, position=2000)).position == -3000


def test_nothing_found_and_nothing_heard():
    assert found(None, None) is None
    assert found() is None


def test_the_time_line_that_most_steps_lie_on_wins():
    answer = found(
        a_match(1, at=10_000, position=50_000, confidence=0.9999),
        a_match(2, at=20_000, position=20_000),
        a_match(2, at=30_000, position=80_000),  # the same song elsewhere speaks for nothing
        None,
        a_match(2, at=50_000, position=50_100, confidence=0.995),
    )
    assert (answer.song, answer.confidence) == (2, 0.999)
    assert (answer.agreeing, answer.steps) == (2, 5)
    assert answer.position == pytest.approx(-67, abs=1)
    assert answer.rate == pytest.approx(1 + 100 / 30_000)


def test_steps_that_are_not_sure_enough_are_passed_over_when_one_is():
    doubtful = [a_match(2, at=at, position=at, confidence=0.98) for at in (10_000, 20_000, 30_000)]
    sure = a_match(1, at=40_000, position=90_000)
    assert found(*doubtful, sure).song == 1
    answer = found(*doubtful)
    assert (answer.song, answer.confidence) == (2, 0.98)


@given(
    position=st.floats(-60_000, 300_000),
    rate=st.floats(0.9, 1.1),
    places=st.lists(st.integers(1, 60), min_size=2, max_size=8, unique=True),
    seed=st.integers(0, 99),
)
def test_a_line_is_found_again_through_wavering_steps(position, rate, places, seed):
    rng = np.random.default_rng(seed)
    answer = found(
        *(
            a_match(
                at=at,
                position=position + rate * at + rng.uniform(-50, 50),
                rate=rate + rng.uniform(-0.002, 0.002),
            )
            for at in (STEP * place for place in places)
        )
    )
    least = STEP * (max(places) - min(places))
    assert abs(answer.rate - rate) <= 100 / least + 1e-6
    middle = STEP * sum(places) / len(places)
    assert abs(answer.position + answer.rate * middle - position - rate * middle) <= 50 + 1e-3


def test_a_recording_of_two_songs_is_named_by_the_longer_one():
    programme = [
        Heard(3, start=0, end=24_000, position=9_000, rate=1.02),
        Heard(4, start=24_000, end=70_000, position=1_000),
    ]
    matcher = FakeMatcher(programme)
    answer = find(steps_of(sound(70_000)), matcher, threshold=0.9, line=LINE, apart=APART)
    assert answer.song == 4
    assert answer.position == pytest.approx(1_000 - 24_000, abs=1)
    assert len(matcher.batches) == 1
    assert matcher.clears == 2
    only = replace(programme[0], end=70_000)
    answer = find(
        steps_of(sound(70_000)), FakeMatcher([only]), threshold=0.9, line=LINE, apart=APART
    )
    assert (answer.song, answer.position) == (3, pytest.approx(9_000, abs=1))
    assert answer.rate == pytest.approx(1.02, abs=1e-4)

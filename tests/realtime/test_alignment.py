"""Lines through literal hits and literal prints: where they lie is known beforehand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.alignment import Hit, Line, Region, Scored, propose, strength

HOP = 8000
FIRST = 15_512.0  # middle of a song's first window
STRIDE = 2000


def hits_on(line: Line, moments: np.ndarray, *, weight: float = 1.0) -> Hit:
    """One hit a moment: the segment nearest to where `line` says."""
    there = np.array([line.position(at) for at in moments])
    segment = np.round((there - FIRST) / HOP)
    return Hit(
        at=moments.astype(np.float64),
        song=np.full(len(moments), line.song),
        there=FIRST + segment * HOP,
        weight=np.full(len(moments), weight),
    )


def joined(*hits: Hit) -> Hit:
    return Hit(
        *(np.concatenate([getattr(h, n) for h in hits]) for n in ("at", "song", "there", "weight"))
    )


def score(
    line: Line, prints: np.ndarray, at: np.ndarray, segments: np.ndarray, *, hop: int, first: float
) -> Scored:
    region = Region(line, prints, at, segments, hop=hop, first=first)
    return region.finely(region.roughly().line)


def song_of(rng: np.random.Generator, seconds: float) -> np.ndarray:
    """A song whose prints turn smoothly: one each STRIDE samples, `(n, 64)`, unit."""
    n = round(seconds * 16_000 / STRIDE)
    steps = rng.standard_normal((n + 16, 64))
    smooth = np.stack([steps[i : i + 10].sum(axis=0) for i in range(n)])
    return np.asarray(smooth / np.linalg.norm(smooth, axis=1, keepdims=True), np.float32)


def heard(song: np.ndarray, line: Line, moments: np.ndarray) -> np.ndarray:
    """Prints `(q, 64)` of the song played along `line`."""
    place = (np.array([line.position(at) for at in moments]) - FIRST) / STRIDE
    below = np.clip(np.floor(place).astype(int), 0, len(song) - 2)
    part = (place - below)[:, np.newaxis]
    prints = song[below] * (1 - part) + song[below + 1] * part
    return np.asarray(prints / np.linalg.norm(prints, axis=1, keepdims=True), np.float32)


@pytest.mark.parametrize("rate", [0.9, 0.96, 1.0, 1.04, 1.1])
def test_votes_find_the_line_among_stray_hits(rate: float) -> None:
    rng = np.random.default_rng(3)
    moments = np.arange(0, 80_000, 4000.0)
    line = Line(song=5, at=40_000.0, there=900_000.0, rate=rate)
    stray = Hit(
        at=np.repeat(moments, 20),
        song=rng.integers(0, 4, 400),
        there=FIRST + rng.integers(0, 400, 400) * HOP,
        weight=np.full(400, 0.5),
    )
    best = propose(joined(stray, hits_on(line, moments)), hop=HOP, most=5, per_song=2)[0]
    assert best.song == 5
    assert abs(best.position(38_000.0) - line.position(38_000.0)) <= HOP
    assert abs(best.rate - rate) <= 0.06


def test_a_song_that_repeats_itself_gives_a_line_for_each_place() -> None:
    moments = np.arange(0, 80_000, 4000.0)
    lines = [Line(1, 40_000.0, there, 1.0) for there in (400_000.0, 1_200_000.0)]
    found = propose(
        joined(*(hits_on(line, moments) for line in lines)), hop=HOP, most=9, per_song=2
    )
    assert len(found) == 2
    places = sorted(line.position(40_000.0) for line in found)
    assert places == pytest.approx([400_000, 1_200_000], abs=HOP)


def test_no_hits_no_lines() -> None:
    none = np.zeros(0)
    assert propose(Hit(none, none.astype(np.int64), none, none), hop=HOP, most=3, per_song=1) == []


@given(
    there=st.floats(200_000, 500_000),
    rate=st.floats(0.91, 1.09),
    aside=st.floats(-6000, 6000),
    seconds=st.integers(3, 8),
)
def test_the_exact_score_finds_place_and_rate(
    there: float, rate: float, aside: float, seconds: int
) -> None:
    song = song_of(np.random.default_rng(1), 60)
    moments = FIRST + np.arange(0, seconds * 16_000, STRIDE, dtype=np.float64)
    middle = float(moments.mean())
    truth = Line(1, middle, there, rate)
    guess = Line(1, middle, there + aside, 1.0)
    found = score(guess, heard(song, truth, moments), moments, song[::4], hop=HOP, first=FIRST)
    assert found.mean > 0.9
    # A rate is only as sure as the span is long: what it moves the ends by is what counts.
    for at in (moments[0], middle, moments[-1]):
        assert abs(found.line.position(at) - truth.position(at)) < 0.15 * 16_000


def test_another_song_scores_low() -> None:
    rng = np.random.default_rng(2)
    song, other = song_of(rng, 60), song_of(rng, 60)
    moments = FIRST + np.arange(0, 80_000, STRIDE, dtype=np.float64)
    line = Line(1, float(moments.mean()), 300_000.0, 1.0)
    found = score(line, heard(song, line, moments), moments, other[::4], hop=HOP, first=FIRST)
    assert found.mean < 0.6


def test_silence_in_a_song_says_nothing() -> None:
    song = song_of(np.random.default_rng(4), 60)
    moments = FIRST + np.arange(0, 80_000, STRIDE, dtype=np.float64)
    line = Line(1, float(moments.mean()), 300_000.0, 1.0)
    prints = heard(song, line, moments)
    segments = song[::4].copy()
    segments[36:38] = 0
    found = score(line, prints, moments, segments, hop=HOP, first=FIRST)
    whole = score(line, prints, moments, song[::4], hop=HOP, first=FIRST)
    assert len(found.cosines) == len(whole.cosines) - 2
    assert found.mean > 0.97
    nothing = score(line, prints, moments, np.zeros_like(segments), hop=HOP, first=FIRST)
    assert nothing.mean == -1


def test_a_line_beyond_the_song_has_no_score() -> None:
    song = song_of(np.random.default_rng(4), 10)
    moments = FIRST + np.arange(0, 80_000, STRIDE, dtype=np.float64)
    line = Line(1, float(moments.mean()), 9_000_000.0, 1.0)
    assert score(line, song[:40], moments, song[::4], hop=HOP, first=FIRST).mean == -1


@given(st.lists(st.floats(-1, 1, width=32), min_size=1, max_size=30))
def test_strength_lies_between_the_mean_and_what_a_wrong_line_has(cosines: list[float]) -> None:
    mean = float(np.mean(np.array(cosines, np.float32)))
    value = strength(np.array(cosines, np.float32))
    assert min(mean, 0.35) - 1e-6 <= value <= max(mean, 0.35) + 1e-6


@pytest.mark.parametrize("rate", [0.85, 1.15])
def test_no_rate_is_found_that_nobody_plays_at(rate: float) -> None:
    song = song_of(np.random.default_rng(5), 60)
    moments = FIRST + np.arange(0, 80_000, STRIDE, dtype=np.float64)
    middle = float(moments.mean())
    prints = heard(song, Line(1, middle, 300_000.0, rate), moments)
    found = score(Line(1, middle, 300_000.0, 1.0), prints, moments, song[::4], hop=HOP, first=FIRST)
    assert found.line.rate == pytest.approx(np.clip(rate, 0.9, 1.1))

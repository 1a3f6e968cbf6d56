"""Pairs of peaks: which are made, and that what is played faster or higher is looked up as the same
pairs."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from encoder.landmarks import LANDMARK_KEYS, Landmarks, heard_landmarks, song_landmarks
from encoder.peaks import BANDS, PEAK_TYPE, PEAKS_PER_SEGMENT
from tests.helpers.clips import RATE_HZ, clip, peaks_of

FEWEST_GAP, MOST_GAP, MOST_RISE = 2, 32, 30


def rows_of(peaks: list[tuple[int, int]], segments: int = 4) -> np.ndarray:
    """Peaks (frame, band) as a song stores them, in the order given."""
    rows = np.zeros((segments, PEAKS_PER_SEGMENT), PEAK_TYPE)
    for frame, band in peaks:
        row = rows[frame // 32]
        row[np.count_nonzero(row)] = frame % 32 * 256 + band + 1
    return rows


def pairs_of(landmarks: Landmarks) -> list[tuple[int, int, int, int]]:
    columns = (landmarks.frame, landmarks.band, landmarks.rise, landmarks.gap)
    return sorted(zip(*(column.tolist() for column in columns), strict=True))


def test_each_peak_of_a_song_goes_with_the_next_in_reach() -> None:
    # The second comes too soon after the first, the third is too high, the fourth is in reach.
    peaks = [(10, 50), (11, 50), (14, 81), (20, 55), (30, 40), (63, 40), (120, 9)]
    assert pairs_of(song_landmarks(rows_of(peaks))) == [
        (10, 50, 5, 10),
        (11, 50, 5, 9),
        (14, 81, -26, 6),
        (20, 55, -15, 10),
    ]


def test_what_is_heard_is_paired_more_richly() -> None:
    rows = peaks_of(clip(0)[: 20 * RATE_HZ], 36)
    song, heard = song_landmarks(rows), heard_landmarks(rows)
    assert np.unique(song.frame * BANDS + song.band, return_counts=True)[1].max() == 1
    partners = np.unique(heard.frame * BANDS + heard.band, return_counts=True)[1]
    assert partners.max() == 8
    assert len(heard.frame) > 5 * len(song.frame)
    for one in (song, heard):
        assert one.gap.min() >= FEWEST_GAP
        assert one.gap.max() <= MOST_GAP
        assert np.abs(one.rise).max() <= MOST_RISE


PAIR = st.tuples(
    st.integers(0, BANDS - 1),
    st.integers(-MOST_RISE, MOST_RISE),
    st.integers(FEWEST_GAP, MOST_GAP),
)


def landmarks(pairs: list[tuple[int, int, int]]) -> Landmarks:
    band, rise, gap = np.array(pairs, np.int64).reshape(-1, 3).T
    return Landmarks(np.arange(len(pairs)), band, rise, gap)


@given(st.lists(PAIR, unique=True, min_size=1, max_size=30))
def test_other_pairs_have_other_keys(pairs: list[tuple[int, int, int]]) -> None:
    keys = landmarks(pairs).keys()
    assert len(set(keys.tolist())) == len(pairs)
    assert keys.min() >= 0
    assert keys.max() < LANDMARK_KEYS


@given(PAIR, st.integers(-4, 4), st.integers(-1, 1))
def test_a_pair_played_faster_is_looked_up_as_the_one_it_is(
    pair: tuple[int, int, int], shift: int, late: int
) -> None:
    """As played: higher by `shift`, as much faster, and its second peak a frame off."""
    band, rise, gap = pair
    rate = 2 ** (shift / 36)
    heard = (band + shift, rise, round((gap + late) / rate))
    if not (0 <= heard[0] < BANDS and FEWEST_GAP <= heard[2] <= MOST_GAP):
        return
    keys, number = landmarks([heard, heard]).looked_up(rate=rate, shift=shift)
    own = landmarks([pair]).keys()[0]
    nearest = abs(round(heard[2] * rate) - gap)
    assert nearest <= 2
    if nearest <= 1:
        assert number[keys == own].tolist() == [0, 1]


def test_what_leaves_the_bands_or_the_gaps_is_not_looked_up() -> None:
    low, long = (1, 0, 10), (80, 0, MOST_GAP)
    keys, number = landmarks([low, long]).looked_up(rate=1.08, shift=4)
    assert len(keys) == 0
    assert len(number) == 0
    keys, number = landmarks([low, long]).looked_up(rate=1.0, shift=0)
    assert sorted(number.tolist()) == [0, 0, 0, 1, 1]


@pytest.mark.parametrize("segments", [0, 1, 3])
def test_silence_has_none(segments: int) -> None:
    rows = np.zeros((segments, PEAKS_PER_SEGMENT), PEAK_TYPE)
    assert len(song_landmarks(rows).frame) == 0
    assert len(heard_landmarks(rows).keys()) == 0


def test_damaged_rows_do_no_harm() -> None:
    rows = np.random.default_rng(1).integers(0, 65_536, (50, PEAKS_PER_SEGMENT)).astype(PEAK_TYPE)
    keys = song_landmarks(rows).keys()
    assert keys.min() >= 0
    assert keys.max() < LANDMARK_KEYS

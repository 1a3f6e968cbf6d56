"""Peaks of made signals whose peaks are known, and of real clips, however they are cut."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from encoder.embedding import PRINT_HOP_SAMPLES
from encoder.peaks import (
    BANDS,
    BANDS_PER_OCTAVE,
    FIRST_PEAK_SAMPLE,
    FRAME_HOP,
    FRAME_SAMPLES,
    LOWEST_HZ,
    PEAKS_PER_SEGMENT,
    SILENCE,
    bands_of,
    contrast,
    peaks_heard,
    unpacked,
)
from tests.helpers import clips
from tests.helpers.clips import RATE_HZ, peaks_of


@pytest.fixture(scope="module")
def clip() -> np.ndarray:
    return clips.clip(0)


def tones(*sounds: tuple[float, float]) -> np.ndarray:
    """12 s of faint noise in which 0.1 s of a tone of so many hertz stands at so many seconds."""
    samples = np.random.default_rng(0).standard_normal(12 * RATE_HZ) * 1e-4
    length = RATE_HZ // 10
    for second, hertz in sounds:
        first = round(second * RATE_HZ) - length // 2
        wave = np.sin(2 * np.pi * hertz * np.arange(length) / RATE_HZ)
        samples[first : first + length] += 0.3 * wave * np.hanning(length)
    return samples.astype(np.float32)


@pytest.mark.parametrize(("second", "hertz"), [(2.1, 440.0), (5.37, 1000.0), (8.0, 3700.0)])
def test_a_tone_is_the_strongest_peak_at_its_place_and_pitch(second: float, hertz: float) -> None:
    rows = peaks_of(tones((second, hertz)), 21)
    segment = int((second * RATE_HZ - FIRST_PEAK_SAMPLE) // PRINT_HOP_SAMPLES)
    at, bands = unpacked(rows[segment : segment + 1, :1])
    assert at[0] + segment * PRINT_HOP_SAMPLES == pytest.approx(second * RATE_HZ, abs=FRAME_HOP)
    found = LOWEST_HZ * 2 ** (bands[0] / BANDS_PER_OCTAVE)
    assert found == pytest.approx(hertz, rel=0.02)


@settings(max_examples=8, deadline=None)
@given(cuts=st.lists(st.integers(0, 40 * RATE_HZ), max_size=6))
def test_however_it_is_cut(cuts: list[int], clip: np.ndarray) -> None:
    samples = clip[: 40 * RATE_HZ]
    whole, cut = peaks_of(samples, 77), peaks_of(samples, 77, cuts)
    assert np.array_equal(whole, cut)


def test_what_is_heard_has_the_peaks_of_the_song(clip: np.ndarray) -> None:
    first = FIRST_PEAK_SAMPLE - FRAME_SAMPLES // 2  # there a segment's first frame begins
    heard = peaks_heard(bands_of(clip[first : first + 10 * RATE_HZ]))
    assert heard.shape == (20, PEAKS_PER_SEGMENT)  # the last, of 28 frames, is filled up
    stored = peaks_of(clip, 20)
    assert np.array_equal(heard[1:18], stored[1:18])  # at the edges the surroundings differ


def test_peaks_of_music_lie_in_their_segments(clip: np.ndarray) -> None:
    rows = peaks_of(clip, 40)
    assert rows.shape == (40, PEAKS_PER_SEGMENT)
    assert (rows > 0).mean() > 0.9
    for segment in (0, 17, 39):
        at, bands = unpacked(rows[segment : segment + 1])
        assert ((at >= FIRST_PEAK_SAMPLE) & (at < FIRST_PEAK_SAMPLE + PRINT_HOP_SAMPLES)).all()
        assert not (at % FRAME_HOP).any()
        assert ((bands >= 0) & (bands < BANDS)).all()


def test_each_peak_stands_out_where_it_is_stored_the_clearest_first(clip: np.ndarray) -> None:
    above = contrast(bands_of(np.pad(clip, FRAME_SAMPLES // 2)))  # frame 0 is about sample 0
    for segment, row in enumerate(peaks_of(clip, 40)):
        at, bands = unpacked(row[np.newaxis])
        met = above[bands, (at + segment * PRINT_HOP_SAMPLES) // FRAME_HOP]
        assert (met >= 0.5 - 1e-3).all()
        assert (np.diff(met) <= 1e-3).all()


def test_silence_and_what_lies_behind_the_end_have_none(clip: np.ndarray) -> None:
    assert not peaks_of(np.zeros(5 * RATE_HZ, np.float32), 6).any()
    short = peaks_of(clip[: 3 * RATE_HZ], 12)
    assert short[:4].any(axis=1).all()
    assert not short[6:].any()
    assert peaks_of(np.zeros(0, np.float32), 1).shape == (1, PEAKS_PER_SEGMENT)


def test_contrast_knows_no_gain(clip: np.ndarray) -> None:
    quiet = contrast(bands_of(clip[: 5 * RATE_HZ] * np.float32(0.1)))
    loud = contrast(bands_of(clip[: 5 * RATE_HZ]))
    assert np.abs(quiet - loud).max() < 0.05


def test_frames_that_lie_in_the_samples() -> None:
    assert bands_of(np.zeros(FRAME_SAMPLES - 1, np.float32)).shape == (BANDS, 0)
    assert contrast(bands_of(np.zeros(3, np.float32))).shape == (BANDS, 0)
    bands = bands_of(np.zeros(FRAME_SAMPLES + 3 * FRAME_HOP, np.float32))
    assert bands.shape == (BANDS, 4)
    assert bands == pytest.approx(SILENCE)
    assert not contrast(bands).any()

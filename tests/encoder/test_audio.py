"""The resampler against signals with known answers, and against itself however it is fed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from encoder.audio import FLOOR_DBFS, StreamResampler, rms_dbfs
from encoder.errors import AudioFormatError

OUT_HZ = 16_000


def resample(frames: np.ndarray, rate_hz: int, *, sizes: list[int] | None = None) -> np.ndarray:
    resampler = StreamResampler(rate_in_hz=rate_hz, channels=frames.shape[1], rate_out_hz=OUT_HZ)
    parts, at = [], 0
    for size in sizes or [len(frames)]:
        parts.append(resampler.push(frames[at : at + size]))
        at += size
    parts += [resampler.push(frames[at:]), resampler.flush()]
    return np.concatenate(parts)


def tone(frequency_hz: float, rate_hz: int, seconds: float = 0.5) -> np.ndarray:
    t = np.arange(int(rate_hz * seconds)) / rate_hz
    return np.sin(2 * np.pi * frequency_hz * t).astype(np.float32)[:, np.newaxis]


@settings(max_examples=30, deadline=None)
@given(
    rate_hz=st.sampled_from([8_000, 11_025, 16_000, 22_050, 44_100, 48_000, 96_000]),
    channels=st.sampled_from([1, 2, 6]),
    sizes=st.lists(st.integers(0, 700), min_size=1, max_size=30),
    seed=st.integers(0, 2**32 - 1),
)
def test_chopping_changes_nothing(rate_hz: int, channels: int, sizes: list[int], seed: int) -> None:
    noise = np.random.default_rng(seed).uniform(-0.5, 0.5, (5_000, channels)).astype(np.float32)
    np.testing.assert_array_equal(resample(noise, rate_hz, sizes=sizes), resample(noise, rate_hz))


@pytest.mark.parametrize("rate_hz", [8_000, 22_050, 44_100, 48_000, 96_000])
def test_a_tone_stays_where_it_is(rate_hz: int) -> None:
    resampled = resample(tone(440, rate_hz), rate_hz)
    assert len(resampled) == OUT_HZ // 2
    middle = slice(800, -800)  # the filter's edges aside
    np.testing.assert_allclose(resampled[middle], tone(440, OUT_HZ)[middle, 0], atol=1e-3)


def test_what_is_above_the_new_range_is_gone() -> None:
    resampled = resample(tone(11_000, 44_100), 44_100)
    assert rms_dbfs(resampled[800:-800]) < -60


def test_channels_are_averaged_and_never_clip() -> None:
    left = tone(440, OUT_HZ)
    np.testing.assert_allclose(resample(np.hstack([left, left]), OUT_HZ), left[:, 0], atol=1e-6)
    assert np.abs(resample(np.hstack([left, -left]), OUT_HZ)).max() < 1e-6
    for channels in range(1, 9):
        full = np.ones((1000, channels), np.float32)
        assert np.abs(resample(full, OUT_HZ)).max() <= 1 + 1e-6


def test_it_begins_anew_after_a_flush() -> None:
    resampler = StreamResampler(rate_in_hz=44_100, channels=1, rate_out_hz=OUT_HZ)
    first = np.concatenate([resampler.push(tone(440, 44_100)), resampler.flush()])
    second = np.concatenate([resampler.push(tone(440, 44_100)), resampler.flush()])
    np.testing.assert_array_equal(first, second)


def test_levels_with_known_answers() -> None:
    assert rms_dbfs(np.zeros(10, np.float32)) == FLOOR_DBFS
    assert rms_dbfs(np.zeros(0, np.float32)) == FLOOR_DBFS
    assert rms_dbfs(tone(1000, OUT_HZ)[:, 0]) == pytest.approx(-3.01, abs=0.01)


@pytest.mark.parametrize(("rate_hz", "channels"), [(0, 1), (44_100, 0), (44_100, 9)])
def test_what_cannot_be_is_refused(rate_hz: int, channels: int) -> None:
    with pytest.raises(AudioFormatError, match=r"expected|at least"):
        StreamResampler(rate_in_hz=rate_hz, channels=channels, rate_out_hz=OUT_HZ)


def test_frames_of_another_shape_are_refused() -> None:
    resampler = StreamResampler(rate_in_hz=44_100, channels=2, rate_out_hz=OUT_HZ)
    with pytest.raises(AudioFormatError, match=r"expected float32 \(n, 2\)"):
        resampler.push(np.zeros((5, 1), np.float32))

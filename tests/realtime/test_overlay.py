"""Laying real clips' peaks over the same clips, spoiled in known ways, and over others."""

import numpy as np
import pytest

from encoder.coding import filtered, resampled
from encoder.peaks import FRAME_HOP, PEAK_TYPE, PEAKS_PER_SEGMENT
from realtime.alignment import Line
from realtime.heard import Frames
from realtime.overlay import NOTHING_LAID, Ground, Overlaid
from tests.helpers.clips import RATE_HZ, clip, peaks_of

HEARD_S = 5
PLACE = 9 * RATE_HZ + 77  # where in the clip the query begins
FRAME_S = FRAME_HOP / RATE_HZ


@pytest.fixture(scope="module")
def song() -> np.ndarray:
    return clip(0)


@pytest.fixture(scope="module")
def rows(song: np.ndarray) -> np.ndarray:
    return rows_of(song)


def rows_of(samples: np.ndarray) -> np.ndarray:
    return peaks_of(samples, max(1, len(samples) // 8000 - 3))


def laid(heard: np.ndarray, rows: np.ndarray, *, off_s: float = 0.0, rate: float = 1.0) -> Overlaid:
    """Lays `rows` over 5 s from `PLACE` on, the line at its middle `off_s` beside the truth."""
    start = 3_000  # samples of the source before it
    frames = Frames.of(heard[: HEARD_S * RATE_HZ].astype(np.float32), start=start)
    ground = Ground(frames.contrast, first=float(frames.first * FRAME_HOP))
    middle = HEARD_S * RATE_HZ / 2
    there = PLACE + middle + off_s * RATE_HZ
    return ground.lay(Line(7, start + middle, there, rate), rows)


def begins_at(overlaid: Overlaid) -> float:
    """Where in the song what was heard begins, in seconds after `PLACE`."""
    assert overlaid.line is not None
    return (overlaid.line.position(3_000) - PLACE) / RATE_HZ


def test_a_song_as_it_is(song: np.ndarray, rows: np.ndarray) -> None:
    found = laid(song[PLACE:], rows)
    assert found.peaks > 100
    assert found.contrast > 1.2
    assert found.in_time_best < found.contrast
    assert abs(found.in_pitch) < 0.4
    assert begins_at(found) == pytest.approx(0, abs=1.5 * FRAME_S)
    assert found.line is not None
    assert found.line.rate == pytest.approx(1, abs=0.003)
    assert found.line.song == 7


@pytest.mark.parametrize(("off_s", "rate"), [(0.4, 1.0), (-0.45, 1.05), (0.2, 0.96)])
def test_a_line_that_is_off_is_put_right(
    song: np.ndarray, rows: np.ndarray, off_s: float, rate: float
) -> None:
    found = laid(song[PLACE:], rows, off_s=off_s, rate=rate)
    assert found.contrast > 1.2
    assert begins_at(found) == pytest.approx(0, abs=1.5 * FRAME_S)
    assert found.line is not None
    assert found.line.rate == pytest.approx(1, abs=0.003)


@pytest.mark.parametrize("speed", [0.92, 1.06])
def test_a_song_played_at_another_speed(song: np.ndarray, rows: np.ndarray, speed: float) -> None:
    """The line of prints is 3 % off in rate, which is 0.08 s at the ends."""
    heard = resampled(song[PLACE:], rate_in_hz=round(RATE_HZ * speed), rate_out_hz=RATE_HZ)
    off_s = HEARD_S / 2 * (speed - 1)  # the middle of what is heard is later in the song
    found = laid(heard, rows, off_s=off_s + 0.1, rate=speed + 0.03)
    assert found.contrast > 1.0
    assert found.line is not None
    assert found.line.rate == pytest.approx(speed, abs=0.004)
    assert begins_at(found) == pytest.approx(0, abs=3 * FRAME_S)


def test_a_song_at_another_tempo_keeps_its_pitch(song: np.ndarray, rows: np.ndarray) -> None:
    heard = filtered(song[PLACE:], "atempo", "1.06", sample_rate_hz=RATE_HZ)
    found = laid(heard, rows, off_s=HEARD_S / 2 * 0.06, rate=1.06)
    assert found.contrast > 0.7
    assert found.line is not None
    assert found.line.rate == pytest.approx(1.06, abs=0.006)


def test_noise_as_loud_as_the_song_leaves_most_of_it(song: np.ndarray, rows: np.ndarray) -> None:
    clean = song[PLACE : PLACE + HEARD_S * RATE_HZ]
    noise = np.random.default_rng(1).standard_normal(len(clean)) * clean.std()
    found = laid(clean + noise, rows)
    assert found.support > 5
    assert begins_at(found) == pytest.approx(0, abs=2 * FRAME_S)


def test_a_noise_that_fills_the_highs_leaves_what_the_lows_prove(
    song: np.ndarray, rows: np.ndarray
) -> None:
    clean = song[PLACE : PLACE + HEARD_S * RATE_HZ]
    noise = np.random.default_rng(1).standard_normal(len(clean)).astype(np.float32)
    high = filtered(noise, "highpass", "f=700:poles=2", sample_rate_hz=RATE_HZ)[: len(clean)]
    found = laid(clean + 4 * clean.std() / high.std() * high, rows)  # 12 dB louder
    quiet = laid(clean, rows)
    assert found.support < 0.65 * quiet.support
    assert found.leads[0] > 0.7 * quiet.leads[0]
    assert found.leads[1] > 0.5 * quiet.leads[1]


@pytest.mark.parametrize("other", [3, 9, 14, 20])
def test_another_song_meets_little(song: np.ndarray, other: int) -> None:
    found = laid(song[PLACE:], rows_of(clip(other)))
    assert found.contrast - max(found.in_time_best, 0) < 0.2
    assert found.support < 8
    assert max(found.leads) < 2


def test_a_drone_meets_as_much_elsewhere() -> None:
    """A steady chord is like another take of itself at any moment."""
    time = np.arange(30 * RATE_HZ) / RATE_HZ
    chord = sum(np.sin(2 * np.pi * hertz * time) for hertz in (300.0, 450.0, 660.0, 1400.0)) * 0.1
    first, second = np.random.default_rng(2).standard_normal((2, len(time))) * 1e-3
    found = laid(chord + first, rows_of((chord + second).astype(np.float32)))
    assert found.peaks > 50
    assert found.in_time > 0.3
    assert found.contrast - found.in_time_best < 0.1
    assert found.leads[1] < 2
    assert found.line is None


def test_peaks_that_meet_nothing_are_counted(rows: np.ndarray) -> None:
    noise = np.random.default_rng(7).standard_normal(HEARD_S * RATE_HZ).astype(np.float32)
    found = laid(0.1 * noise, rows)
    assert found.peaks > 50
    assert found.support < 5


def test_nothing_is_said_without_peaks_or_sound(song: np.ndarray, rows: np.ndarray) -> None:
    none = np.zeros((0, PEAKS_PER_SEGMENT), PEAK_TYPE)
    assert laid(song[PLACE:], none) is NOTHING_LAID
    assert laid(song[PLACE:], np.zeros((40, PEAKS_PER_SEGMENT), PEAK_TYPE)) is NOTHING_LAID
    assert laid(song[PLACE : PLACE + 500], rows) is NOTHING_LAID
    silent = laid(np.zeros(HEARD_S * RATE_HZ), rows)
    assert silent.contrast == 0
    assert silent.line is None


def test_a_line_beyond_the_song_meets_nothing(song: np.ndarray, rows: np.ndarray) -> None:
    assert laid(song[PLACE:], rows, off_s=10_000) is NOTHING_LAID
    assert laid(song[PLACE:], rows, off_s=-10_000) is NOTHING_LAID


def test_damaged_rows_do_no_harm(song: np.ndarray) -> None:
    damaged = np.random.default_rng(3).integers(0, 2**16, (40, PEAKS_PER_SEGMENT)).astype(PEAK_TYPE)
    assert laid(song[PLACE:], damaged).support < 8
    assert laid(song[PLACE:], np.full_like(damaged, 2**16 - 1)) is NOTHING_LAID


def test_the_begin_of_a_song_is_no_later_place(song: np.ndarray, rows: np.ndarray) -> None:
    """Its first 0.75 s have no peaks, so that more of them meet a begin that is set too late."""
    start, length = 3_000, 2 * RATE_HZ
    frames = Frames.of(song[:length], start=start)
    ground = Ground(frames.contrast, first=float(frames.first * FRAME_HOP))
    middle = start + length / 2
    for off_s in (-0.2, 0.15, 0.3):
        there = length / 2 + off_s * RATE_HZ
        found = ground.lay(Line(7, middle, there, 1.0), rows)
        assert found.line is not None
        assert abs(found.line.position(start)) < 0.05 * RATE_HZ

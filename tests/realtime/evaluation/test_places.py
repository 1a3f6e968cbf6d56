"""Where queries begin: in music, with room for the fastest playback, the same every time."""

import numpy as np
import pytest
from numpy.typing import NDArray

from realtime.evaluation.places import around, draw_place, last_start

RATE_HZ = 16_000
Samples = NDArray[np.float32]


def noise(seconds: float, level: float = 0.1) -> Samples:
    rng = np.random.default_rng(1)
    return (level * rng.standard_normal(round(seconds * RATE_HZ))).astype(np.float32)


def places(song: Samples, *lengths_s: float, count: int = 40) -> list[int | None]:
    lengths = [round(length * RATE_HZ) for length in lengths_s]
    rng = np.random.default_rng(7)
    return [draw_place(song, rng, lengths=lengths, sample_rate_hz=RATE_HZ) for _ in range(count)]


def test_places_are_spread_over_the_song_and_off_the_grid_of_hops() -> None:
    found = [place for place in places(noise(30), 1, 5) if place is not None]
    assert len(found) == 40
    assert max(found) - min(found) > 15 * RATE_HZ
    assert max(found) <= last_start(30 * RATE_HZ, 5 * RATE_HZ, sample_rate_hz=RATE_HZ)
    assert len({place % 2000 for place in found}) > 30


def test_a_seed_draws_the_same_places() -> None:
    assert places(noise(30), 2) == places(noise(30), 2)


def test_the_last_start_leaves_room_for_the_fastest_playback_and_its_filters() -> None:
    # 10 s at 1.08 are 10.8 s of the song, and 0.5 s after them: 18.7 of 30 s are left.
    assert last_start(30 * RATE_HZ, 10 * RATE_HZ, sample_rate_hz=RATE_HZ) == 18.7 * RATE_HZ


def test_a_song_that_is_too_short_has_no_place() -> None:
    assert places(noise(5.8), 5, count=1) == [None]
    assert places(noise(6.0), 5, count=1) != [None]


def test_quiet_and_silent_songs_have_no_place() -> None:
    assert places(noise(30, level=0.004), 5, count=1) == [None]  # -48 dBFS
    clicks = np.zeros(30 * RATE_HZ, np.float32)
    clicks[:: RATE_HZ // 2] = 1.0  # loud enough, and silent four fifths of the time
    assert places(clicks, 5, count=1) == [None]


def test_every_length_is_music() -> None:
    song = noise(30)
    song[: 15 * RATE_HZ] = 0
    found = places(song, 1, 10)
    # Nothing before 15 s, though the 10 s from 14.2 s on would be loud enough.
    assert all(place is not None and place >= 14.5 * RATE_HZ for place in found)


@pytest.mark.parametrize("start", [0, 100, 5 * RATE_HZ])
def test_a_stretch_holds_the_query_where_it_says(start: int) -> None:
    song = noise(30)
    stretch = around(song, start, longest=RATE_HZ, sample_rate_hz=RATE_HZ)
    end = round(1.08 * RATE_HZ + 0.5 * RATE_HZ)
    assert len(stretch.samples) == stretch.at + end
    np.testing.assert_array_equal(stretch.samples[stretch.at :], song[start : start + end])
    before = song[max(0, start - stretch.at) : start]
    np.testing.assert_array_equal(stretch.samples[stretch.at - len(before) : stretch.at], before)
    assert not stretch.samples[: stretch.at - len(before)].any()

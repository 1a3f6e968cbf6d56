"""Lines that pairs of peaks propose, on real clips spoiled in known ways."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from catalog.landmark_index import NO_LANDMARKS, LandmarkHits
from encoder.coding import resampled
from realtime.alignment import Line
from realtime.heard import NO_FRAMES, Frames
from realtime.landmarks import LandmarkLines, propose_by_landmarks
from tests.helpers.clips import RATE_HZ, clip, peaks_of
from tests.helpers.landmarks import landmarks_of

Search = Callable[[np.ndarray], LandmarkHits]

PLACE = 9 * RATE_HZ + 77  # where in a clip the query begins
START = 3_000  # samples of the source before it
CLIPS = {11: 0, 12: 1, 13: 2, 14: 3}


@pytest.fixture(scope="module")
def search(tmp_path_factory: pytest.TempPathFactory) -> Search:
    songs = {song: clip(number) for song, number in CLIPS.items()}
    rows = {song: peaks_of(sound, len(sound) // 8000 - 3) for song, sound in songs.items()}
    return landmarks_of(rows, tmp_path_factory.mktemp("landmarks"))


def heard(samples: np.ndarray, seconds: float = 5) -> Frames:
    return Frames.of(samples[: round(seconds * RATE_HZ)].astype(np.float32), start=START)


def off_s(line: Line, at_s: float, rate: float = 1.0) -> float:
    """How far the line is off, `at_s` after the query began."""
    there = line.position(START + at_s * RATE_HZ)
    return (there - PLACE) / RATE_HZ - at_s * rate


@pytest.mark.parametrize("song", CLIPS)
def test_a_song_through_noise_as_loud(song: int, search: Search) -> None:
    samples = clip(CLIPS[song])[PLACE:]
    noise = np.random.default_rng(1).standard_normal(len(samples)) * samples.std()
    line = propose_by_landmarks(heard(samples + noise), search, most=1)[0]
    assert line.song == song
    assert off_s(line, 2.5) == pytest.approx(0, abs=0.1)
    assert line.rate == pytest.approx(1, abs=0.03)


@pytest.mark.parametrize("speed", [0.94, 0.97, 1.03, 1.06])
def test_a_song_at_another_speed(speed: float, search: Search) -> None:
    samples = resampled(clip(0)[PLACE:], rate_in_hz=round(RATE_HZ * speed), rate_out_hz=RATE_HZ)
    lines = propose_by_landmarks(heard(samples), search, most=3)
    assert lines[0].song == 11
    assert lines[0].rate == pytest.approx(speed, abs=0.025)
    assert off_s(lines[0], 2.5, speed) == pytest.approx(0, abs=0.1)
    assert len({line.song for line in lines}) == len(lines) <= 3


def test_nothing_is_proposed_for_silence_or_without_songs(search: Search) -> None:
    assert propose_by_landmarks(NO_FRAMES, search, most=3) == []
    assert propose_by_landmarks(heard(np.zeros(5 * RATE_HZ)), search, most=3) == []
    found = propose_by_landmarks(heard(clip(0)), lambda _: NO_LANDMARKS, most=3)
    assert found == []


def test_lines_are_looked_for_anew_after_so_much_sound(search: Search) -> None:
    lookups: list[int] = []

    def counted(keys: np.ndarray) -> LandmarkHits:
        lookups.append(len(keys))
        return search(keys)

    lines = LandmarkLines(counted, most=2, every_s=1.0)
    frames = heard(clip(1)[PLACE:], seconds=8)
    ends = range(128, frames.bands.shape[1], 16)  # every 0.25 s from 2 s on
    songs, counts = [], []
    for end in ends:
        lines.hear(Frames(frames.first, frames.bands[:, :end]))
        songs.append({line.song for line in lines.lines})
        counts.append(len(lookups) // 9)  # once for each rate
    assert counts == [1 + number // 4 for number in range(len(ends))]
    assert all(12 in found for found in songs)
    lines.clear()
    assert lines.lines == []
    lines.hear(frames)
    assert len(lookups) // 9 == counts[-1] + 1


def test_none_wanted_none_looked_for() -> None:
    def never(keys: np.ndarray) -> LandmarkHits:
        raise AssertionError(keys)

    lines = LandmarkLines(never, most=0, every_s=0)
    lines.hear(heard(clip(0)))
    assert lines.lines == []


def test_index_files_are_written_where_they_are_looked_for(tmp_path: Path) -> None:
    landmarks_of({1: peaks_of(clip(0)[: 5 * RATE_HZ], 6)}, tmp_path)
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".npy", ".npy"]

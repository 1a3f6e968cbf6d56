"""Matching on made prints, against an exact search: the song, the place and the rate are known."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from catalog.landmark_index import NO_LANDMARKS
from catalog.search import NO_SONG
from catalog.segments import SegmentHits
from encoder.embedding import PrintSpec
from encoder.peaks import PEAK_TYPE, PEAKS_PER_SEGMENT
from realtime.calibration import FEATURES, LENGTH, Calibration, Curve, Odds
from realtime.heard import Frames
from realtime.landmarks import SearchLandmarks
from realtime.match import Match
from realtime.matching import Matcher
from realtime.searching import PrintStep
from realtime.sections import MatchSettings
from tests.helpers.clips import clip, peaks_of
from tests.helpers.landmarks import landmarks_of

RATE_HZ = 16_000
HOP = 8000
STRIDE = 2000
WINDOW = 31_024
DIMENSION = 64
SPEC = PrintSpec("made", "0" * 64, RATE_HZ, WINDOW, STRIDE, DIMENSION)

_STRENGTH = Odds(
    {
        "weakest_third": Curve((0.0, 1.0), (0.0, 30.0)),
        "ahead_of_next": Curve((-1.0, 0.1), (-40.0, 4.0)),
    },
    bias=-20.0,
)
BY_STRENGTH = Calibration("0" * 64, odds=_STRENGTH, by_prints=_STRENGTH)
"""Sure from cosines of about 0.6 and a lead of 0.1 on."""

NO_PEAKS = np.zeros((0, PEAKS_PER_SEGMENT), PEAK_TYPE)


class Songs:
    """Songs of smooth random prints every STRIDE samples, searched exactly."""

    def __init__(self, count: int, *, seconds: float = 60, groups: Mapping[int, int] | None = None):
        rng = np.random.default_rng(count)
        self.prints = {song: self._made(rng, seconds) for song in range(1, count + 1)}
        self.groups = groups or {}
        self.peaks: dict[int, np.ndarray] = {}
        self.search_landmarks: SearchLandmarks = lambda _: NO_LANDMARKS
        self.searches = 0

    @staticmethod
    def _made(rng: np.random.Generator, seconds: float) -> np.ndarray:
        n = round(seconds * RATE_HZ / STRIDE)
        steps = rng.standard_normal((n + 16, DIMENSION))
        smooth = np.stack([steps[i : i + 10].sum(axis=0) for i in range(n)])
        return np.asarray(smooth / np.linalg.norm(smooth, axis=1, keepdims=True), np.float32)

    def search(self, prints: np.ndarray, k: int) -> SegmentHits:
        self.searches += 1
        rows = [(song, i) for song, all_ in self.prints.items() for i in range(len(all_[::4]))]
        table = np.concatenate([all_[::4] for all_ in self.prints.values()])
        scores = prints @ table.T
        order = np.argsort(-scores, axis=1)[:, :k]
        pairs = np.array(rows)[order]
        return SegmentHits(
            songs=pairs[..., 0],
            segments=pairs[..., 1],
            scores=np.take_along_axis(scores, order, axis=1),
        )

    def prints_of(self, song: int) -> np.ndarray:
        return self.prints[song][::4]

    def groups_of(self, ids: Sequence[int]) -> dict[int, int]:
        return {song: self.groups.get(song, song) for song in ids}

    def matcher(self, calibration: Calibration = BY_STRENGTH) -> Matcher:
        return Matcher(
            SPEC,
            search=self.search,
            search_landmarks=self.search_landmarks,
            prints_of=self.prints_of,
            peaks_of=lambda song: self.peaks.get(song, NO_PEAKS),
            groups_of=self.groups_of,
            hop_samples=HOP,
            settings=MatchSettings(),
            calibration=calibration,
        )

    def played(
        self,
        song: int,
        *,
        start: int,
        position: int,
        seconds: float,
        rate: float = 1.0,
        noise: float = 0.0,
    ) -> PrintStep:
        """Prints of `song` from its sample `position`, heard from sample `start` of the source."""
        count = 1 + (round(seconds * RATE_HZ) - WINDOW) // STRIDE
        starts = start + STRIDE * np.arange(count)
        middle = position + rate * (starts - start + WINDOW / 2)
        place = (middle - WINDOW / 2) / STRIDE
        below = np.floor(place).astype(int)
        part = (place - below)[:, np.newaxis]
        rows = self.prints[song]
        prints = rows[below] * (1 - part) + rows[below + 1] * part
        rng = np.random.default_rng(9)
        prints = prints + noise * rng.standard_normal(prints.shape) / np.sqrt(DIMENSION)
        prints = prints / np.linalg.norm(prints, axis=1, keepdims=True)
        return PrintStep(prints.astype(np.float32), starts.astype(np.int64))


def cut(step: PrintStep, size: int) -> list[PrintStep]:
    return [
        PrintStep(step.prints[i : i + size], step.starts[i : i + size])
        for i in range(0, len(step.starts), size)
    ]


@pytest.mark.parametrize("rate", [0.92, 1.0, 1.08])
@pytest.mark.parametrize("noise", [0.0, 0.7])
def test_song_place_and_rate(rate: float, noise: float) -> None:
    songs = Songs(8)
    step = songs.played(3, start=5000, position=200_000, seconds=6, rate=rate, noise=noise)
    match = songs.matcher().match([step])[0]
    assert match is not None
    assert match.song == 3
    assert match.confidence > 0.9
    assert match.rate == pytest.approx(rate, abs=0.04 if noise else 0.02)
    assert match.at == step.starts[-1] + WINDOW
    assert match.position == pytest.approx(200_000 + rate * (match.at - 5000), abs=0.15 * RATE_HZ)
    assert match.since >= 5000


def test_what_is_in_no_song_is_not_sure() -> None:
    songs, others = Songs(8), Songs(9)
    step = others.played(3, start=0, position=200_000, seconds=8)
    match = songs.matcher().match([step])[0]
    assert match is None or match.confidence < 0.05


def test_steps_of_one_call_are_searched_at_once_and_as_if_alone() -> None:
    songs = Songs(5)
    steps = cut(songs.played(2, start=0, position=100_000, seconds=8), 2)
    together, alone = songs.matcher(), songs.matcher()
    all_at_once = together.match(steps)
    assert songs.searches == 1
    assert all_at_once == [alone.match([step])[0] for step in steps]
    assert all_at_once[-1] is not None
    assert all_at_once[-1].song == 2


def test_the_answer_is_one_that_a_span_gave() -> None:
    songs, others = Songs(6), Songs(7)
    one = cut(songs.played(1, start=0, position=50_000, seconds=12, noise=0.9), 2)
    steps = [*one, *cut(others.played(2, start=12 * RATE_HZ, position=80_000, seconds=6), 2)]
    answers, spans = songs.matcher().match(steps), songs.matcher().match_spans(steps)
    assert {len(matches) for matches in spans} >= {1, 2, 3}
    for answer, matches in zip(answers, spans, strict=True):
        assert (answer is None) == (not matches)
        if answer is not None:
            assert answer.confidence in [match.confidence for match in matches]
            assert [match.at for match in matches] == [answer.at] * len(matches)
            begins = [match.since for match in matches if match.song == 1]
            assert begins == sorted(begins, reverse=True)  # shortest first


def test_another_song_is_seen_soon() -> None:
    songs = Songs(6)
    matcher = songs.matcher()
    matcher.match(cut(songs.played(1, start=0, position=50_000, seconds=12), 2))
    begins = 12 * RATE_HZ - WINDOW + STRIDE
    steps = cut(songs.played(4, start=begins, position=80_000, seconds=6), 2)
    named = [
        match.at
        for match in matcher.match(steps)
        if match is not None and match.song == 4 and match.confidence > 0.9
    ]
    assert named
    assert named[0] - begins <= 4 * RATE_HZ


def test_a_song_that_has_given_way_to_unknown_music_is_matched_no_more() -> None:
    songs, others = Songs(6), Songs(7)
    matcher = songs.matcher()
    matcher.match(cut(songs.played(1, start=0, position=50_000, seconds=12), 2))
    begins = 12 * RATE_HZ - WINDOW + STRIDE
    steps = cut(others.played(2, start=begins, position=80_000, seconds=6), 2)
    late = [
        match.confidence
        for match in matcher.match(steps)
        if match is not None and match.at - begins > 4.5 * RATE_HZ
    ]
    assert max(late, default=0) < 0.05


def test_the_evidence_begins_where_the_song_does() -> None:
    songs, others = Songs(6), Songs(7)
    matcher = songs.matcher()
    matcher.match(cut(others.played(2, start=0, position=50_000, seconds=6), 2))
    begins = 6 * RATE_HZ - WINDOW + STRIDE
    match = matcher.match([songs.played(3, start=begins, position=80_000, seconds=8)])[0]
    assert match is not None
    assert match.song == 3
    assert match.since == pytest.approx(begins, abs=1.0 * RATE_HZ)


def test_copies_of_a_recording_are_no_rivals() -> None:
    def confidence(groups: Mapping[int, int]) -> float:
        songs = Songs(4, groups=groups)
        songs.prints[2] = songs.prints[1]
        match = songs.matcher().match([songs.played(1, start=0, position=90_000, seconds=6)])[0]
        assert match is not None
        assert match.song in (1, 2)
        return match.confidence

    assert confidence({2: 1}) > 0.9
    assert confidence({}) < confidence({2: 1})


def test_a_song_removed_since_the_search_is_passed_over() -> None:
    songs = Songs(4)
    known: Callable[[Sequence[int]], dict[int, int]] = songs.groups_of
    songs.groups_of = lambda ids: {s: g for s, g in known(ids).items() if s != 1}  # type: ignore[method-assign]
    match = songs.matcher().match([songs.played(1, start=0, position=90_000, seconds=6)])[0]
    assert match is None or (match.song != 1 and match.confidence < 0.05)


def test_a_song_removed_while_it_plays_is_passed_over_a_second_later() -> None:
    songs = Songs(4)
    known = songs.groups_of

    def groups_of(ids: Sequence[int]) -> dict[int, int]:
        return {song: group for song, group in known(ids).items() if song != 1 or not removed}

    songs.groups_of = groups_of  # type: ignore[method-assign]
    matcher, removed = songs.matcher(), False
    steps = cut(songs.played(1, start=0, position=90_000, seconds=12), 4)  # 0.5 s each
    playing = matcher.match(steps[:12])[-1]
    removed = True
    after = [matcher.match([step])[0] for step in steps[12:15]]
    assert playing is not None
    assert playing.song == 1
    assert after[-1] is None or after[-1].song != 1


def test_nothing_to_search_nothing_found() -> None:
    empty = SegmentHits(np.full((0, 5), -1), np.full((0, 5), -1), np.full((0, 5), -1, np.float32))

    def search(prints: np.ndarray, k: int) -> SegmentHits:
        return SegmentHits(
            *(
                np.full((len(prints), k), -1, a.dtype)
                for a in (empty.songs, empty.segments, empty.scores)
            )
        )

    songs = Songs(1)
    songs.search = search  # type: ignore[method-assign]
    matcher = songs.matcher()
    step = songs.played(1, start=0, position=90_000, seconds=4)
    assert matcher.match([step, PrintStep(step.prints[:0], step.starts[:0])]) == [None, None]


def test_what_was_cleared_counts_no_more() -> None:
    songs = Songs(4)
    matcher = songs.matcher()
    step = songs.played(1, start=0, position=90_000, seconds=6)
    first = matcher.match([step])
    matcher.clear()
    assert matcher.match([step]) == first
    assert isinstance(first[0], Match)


def test_peaks_tell_songs_apart_whose_prints_are_alike() -> None:
    songs = Songs(5, seconds=22)
    songs.prints[4] = songs.prints[3]
    clips = {song: clip(song) for song in (3, 4)}
    songs.peaks = {song: peaks_of(sound, 40) for song, sound in clips.items()}
    for playing, sound in clips.items():
        # The prints say 0.2 s too late, as prints do; the peaks know better.
        step = songs.played(playing, start=1000, position=83_200, seconds=6)
        frames = Frames.of(sound[80_000:176_000], start=1000)
        match = songs.matcher().match([replace(step, frames=frames)])[0]
        assert match is not None
        assert match.song == playing
        assert match.position == pytest.approx(80_000 + match.at - 1000, abs=400)
        assert match.rate == pytest.approx(1, abs=0.003)
        evidence = dict(zip(FEATURES, match.evidence, strict=True))
        assert evidence["peaks_ahead_in_time"] > 3
        assert evidence["peaks_ahead_of_next"] > 8
        assert match.placed


def test_a_texture_that_is_alike_at_all_moments_is_in_no_place() -> None:
    """A third of a second of a song over and over, as a drum roll is: it fits a third later too."""
    songs = Songs(5, seconds=22)
    sound = np.tile(clip(1)[80_000 : 80_000 + RATE_HZ // 3], 66)
    songs.peaks = {3: peaks_of(sound, 40)}
    step = songs.played(3, start=1000, position=80_000, seconds=6)
    match = songs.matcher().match(
        [replace(step, frames=Frames.of(sound[80_000:176_000], start=1000))]
    )[0]
    assert match is not None
    assert match.song == 3
    assert not match.placed


def test_a_song_that_no_print_finds_is_found_by_its_landmarks(tmp_path: Path) -> None:
    songs = Songs(5, seconds=22)
    sound = clip(0)
    songs.peaks = {3: peaks_of(sound, 40), 4: peaks_of(clip(1), 40)}
    step = songs.played(3, start=1000, position=80_000, seconds=6, noise=0.5)
    step = replace(step, frames=Frames.of(sound[80_000:176_000], start=1000))
    everything = songs.search

    def without_song_3(prints: np.ndarray, k: int) -> SegmentHits:
        found = everything(prints, k)
        return replace(found, songs=np.where(found.songs == 3, NO_SONG, found.songs))

    songs.search = without_song_3  # type: ignore[method-assign]
    by_prints = songs.matcher().match([step])[0]
    assert by_prints is None or by_prints.song != 3
    songs.search_landmarks = landmarks_of(songs.peaks, tmp_path)
    match = songs.matcher().match([step])[0]
    assert match is not None
    assert match.song == 3
    assert match.position == pytest.approx(80_000 + match.at - 1000, abs=400)
    assert by_prints is None or match.confidence > by_prints.confidence


def test_of_a_repeat_what_was_heard_before_tells_which() -> None:
    """A phrase of 5 s comes twice: at 3 s and at 14 s of the song."""
    songs = Songs(4, seconds=22)
    sound = clip(0)[: 22 * RATE_HZ].copy()
    sound[14 * RATE_HZ : 19 * RATE_HZ] = sound[3 * RATE_HZ : 8 * RATE_HZ]
    windows = 14 * RATE_HZ // STRIDE, 3 * RATE_HZ // STRIDE, 5 * RATE_HZ // STRIDE
    later, earlier, count = windows
    songs.prints[2][later : later + count] = songs.prints[2][earlier : earlier + count]
    songs.peaks = {2: peaks_of(sound, 41)}
    matcher = songs.matcher()
    positions = []
    for first in np.arange(8.0, 17.0, 0.5):  # steps of half a second, heard from 8 s on
        begin = round(first * RATE_HZ)
        heard = round(0.5 * RATE_HZ) - STRIDE + WINDOW
        step = songs.played(2, start=begin, position=begin, seconds=heard / RATE_HZ)
        step = replace(step, frames=Frames.of(sound[begin : begin + heard], start=begin))
        match = matcher.match([step])[0]
        if match is not None:
            positions.append((match.position - match.at) / RATE_HZ)
    assert len(positions) >= 15
    assert positions == pytest.approx([0.0] * len(positions), abs=0.1)


def test_of_a_repeat_that_fits_a_little_better_the_line_that_played_is_kept() -> None:
    """12 s come twice, at 3 s and at 19 s; heard is the first of them, stored less well."""
    songs = Songs(4, seconds=36)
    sound = np.concatenate([clip(0)[: 20 * RATE_HZ], clip(1)[: 16 * RATE_HZ]])
    sound[19 * RATE_HZ : 31 * RATE_HZ] = sound[3 * RATE_HZ : 15 * RATE_HZ]
    heard_as = songs.prints[2].copy()
    stored = songs.prints[2]
    first, second = slice(3 * 8, 15 * 8), slice(19 * 8, 31 * 8)  # 8 prints a second
    stored[second] = stored[first]
    stored[first] += 0.03 * np.random.default_rng(1).standard_normal((12 * 8, DIMENSION))
    songs.peaks = {2: peaks_of(sound, 68)}
    matcher, lines = songs.matcher(), []
    for seconds in np.arange(0.0, 13.0, 0.5):
        begin, heard = round(seconds * RATE_HZ), round(0.5 * RATE_HZ) - STRIDE + WINDOW
        songs.prints[2] = heard_as
        step = songs.played(2, start=begin, position=begin, seconds=heard / RATE_HZ)
        songs.prints[2] = stored
        step = replace(step, frames=Frames.of(sound[begin : begin + heard], start=begin))
        match = matcher.match([step])[0]
        if match is not None and match.at >= 7 * RATE_HZ:  # as long was it heard
            lines.append((match.position - match.at) / RATE_HZ)
    assert len(lines) > 12
    assert lines == pytest.approx([0.0] * len(lines), abs=0.2)


def test_without_peaks_the_evidence_of_peaks_is_none() -> None:
    songs = Songs(5)
    match = songs.matcher().match([songs.played(3, start=0, position=80_000, seconds=6)])[0]
    assert match is not None
    evidence = dict(zip(FEATURES, match.evidence, strict=True))
    of_peaks = [
        value for name, value in evidence.items() if name.startswith(("peaks", "registers"))
    ]
    assert of_peaks == [0.0] * 5
    assert match.placed  # prints alone say where


@pytest.mark.parametrize(("likely", "every"), [(False, 4), (True, 1)])
def test_long_spans_wait_a_second_unless_a_song_is_likely(likely: bool, every: int) -> None:
    by_length = Odds({LENGTH: Curve((0.0, 4.0), (0.0, 1.0))}, bias=0.0 if likely else -9.0)
    songs = Songs(4)
    matcher = songs.matcher(Calibration("0" * 64, odds=by_length, by_prints=by_length))
    steps = cut(songs.played(1, start=0, position=0, seconds=22), 2)  # a quarter of a second each
    matches = [matcher.match([step])[0] for step in steps]
    segments = [np.exp(one.evidence[FEATURES.index(LENGTH)]) for one in matches if one is not None]
    long = np.flatnonzero(np.array(segments) > 8)
    assert len(long) > 5
    assert set(np.diff(long)) == {every}
    whole = songs.matcher(Calibration("0" * 64, odds=by_length, by_prints=by_length))
    assert len(whole.match_spans(steps)[-1]) == len(MatchSettings().spans_s)

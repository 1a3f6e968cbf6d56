"""Naming recordings of the demo clips by a catalog of them, with the real network."""

from collections.abc import Iterator

import numpy as np
import pytest

from catalog.catalog import Catalog
from encoder.errors import AudioFormatError, DecodeError
from realtime import open_identifier
from realtime.identify import Identifier
from realtime.match import Match
from realtime.sections import MatchSettings
from tests.catalog.making import write_wav
from tests.helpers.naming import INSIDERS, OUTSIDERS, RATE_HZ, decoded, in_noise

SNR_DB = 5.0
NEAR_S = 0.25
REPEATS = "ellinas-pulse"  # of this clip any of several exact repeats is right


@pytest.fixture(scope="module")
def catalog(named_clips) -> Iterator[Catalog]:
    settings, encoder = named_clips
    with Catalog.open(settings.catalog, encoder.spec) as opened:
        yield opened


@pytest.fixture(scope="module")
def identifier(named_clips, catalog):
    settings, encoder = named_clips
    return Identifier(encoder, catalog, settings)


def recording(clip, *, start_s=7.3, seconds=5.0, snr_db=SNR_DB):
    sound = decoded(clip)[round(start_s * RATE_HZ) :][: round(seconds * RATE_HZ)]
    return in_noise(sound, snr_db=snr_db, seed=3)


def test_songs_are_named_through_noise(identifier):
    named = 0
    for clip in INSIDERS:
        match = identifier.identify_samples(recording(clip)).match
        if match is None:  # better no name than a wrong one
            continue
        named += 1
        assert match.song.path == clip
        assert match.confidence >= MatchSettings().confidence
        assert match.rate == pytest.approx(1, abs=0.08)
        if clip.stem != REPEATS:
            assert match.position_s == pytest.approx(7.3, abs=NEAR_S), clip
    assert named >= len(INSIDERS) - 3


@pytest.mark.parametrize("clip", OUTSIDERS, ids=lambda clip: clip.stem)
@pytest.mark.parametrize("snr_db", [SNR_DB, 60])
def test_a_song_that_the_catalog_lacks_is_not_named(identifier, clip, snr_db):
    assert identifier.identify_samples(recording(clip, snr_db=snr_db)).match is None
    long = recording(clip, start_s=0, seconds=22, snr_db=snr_db)
    assert identifier.identify_samples(long).match is None


@pytest.mark.parametrize("rate", [0.94, 1.06])
def test_the_position_is_that_of_the_begin_at_another_speed_too(identifier, rate):
    sound = decoded(INSIDERS[3])
    at = 4 * RATE_HZ + rate * np.arange(10 * RATE_HZ)
    played = np.interp(at, np.arange(len(sound)), sound).astype(np.float32)
    match = identifier.identify_samples(played).match
    assert match is not None
    assert match.song.path == INSIDERS[3]
    assert match.rate == pytest.approx(rate, abs=0.025)
    assert match.position_s == pytest.approx(4, abs=NEAR_S)


def test_a_recording_may_begin_before_its_song(identifier):
    before = in_noise(np.full(6 * RATE_HZ, 1e-2, np.float32), snr_db=0, seed=1) * 0.1
    match = identifier.identify_samples(np.concatenate([before, decoded(INSIDERS[0])])).match
    assert match is not None
    assert match.song.path == INSIDERS[0]
    assert match.position_s == pytest.approx(-6, abs=NEAR_S)


def test_a_long_recording_is_the_song_that_it_holds_most_of(identifier):
    parts = [decoded(INSIDERS[i])[: seconds * RATE_HZ] for i, seconds in ((0, 8), (1, 22), (2, 8))]
    match = identifier.identify_samples(np.concatenate(parts)).match
    assert match is not None
    assert match.song.path == INSIDERS[1]
    assert match.position_s == pytest.approx(-8, abs=NEAR_S)


@pytest.mark.parametrize(
    ("confidences", "named"),
    [
        ([0.95], True),
        ([0.65], False),
        ([0.2, 0.95], True),
        ([0.95, 0.2, 0.2], False),
        ([0.95, 0.2, 0.92], True),
        ([0.2, 0.995, 0.2], False),
        ([0.2, 0.999, 0.2], True),
    ],
)
def test_of_many_steps_one_is_no_proof(named_clips, catalog, confidences, named):
    settings, encoder = named_clips
    identifier = Identifier(encoder, catalog, settings, matcher=Sure(confidences))
    noise = np.random.default_rng(0).normal(0, 0.1, 10 * RATE_HZ * len(confidences))
    match = identifier.identify_samples(noise.astype(np.float32)).match
    assert (match is not None) == named


class Sure:
    """A matcher that is as sure as told that the first song began with the recording."""

    def __init__(self, confidences):
        self.confidences = confidences

    def match(self, steps):
        return [
            Match(1, int(step.starts[-1]), 0, float(step.starts[-1]), 1.0, 0.7, confidence)
            for step, confidence in zip(steps, self.confidences, strict=True)
        ]

    def clear(self):
        pass


def test_similar_songs_leave_out_the_one_that_plays(identifier):
    found = identifier.identify_samples(recording(INSIDERS[5], snr_db=40), similar=7)
    songs = [ranked.song.path for ranked in found.similar]
    assert len(songs) == len(set(songs)) == 7
    assert INSIDERS[5] not in songs
    scores = [ranked.score for ranked in found.similar]
    assert scores == sorted(scores, reverse=True)
    outside = identifier.identify_samples(recording(OUTSIDERS[0]), similar=3)
    assert len(outside.similar) == 3


def test_blocks_change_nothing(identifier):
    sound = recording(INSIDERS[7], seconds=13)
    whole = identifier.identify([sound], similar=2)
    assert identifier.identify(np.array_split(sound, 101), similar=2) == whole


def test_short_recordings(identifier):
    clip = INSIDERS[2]
    short = decoded(clip)[8 * RATE_HZ :][: round(1.5 * RATE_HZ)]
    found = identifier.find_in(short)
    assert found is not None
    assert identifier.identify_samples(short).duration_s == 1.5
    with pytest.raises(AudioFormatError, match=r"is 0.9 s long, expected at least 1 s"):
        identifier.identify_samples(short[: round(0.9 * RATE_HZ)])


def test_silence_is_no_song_and_like_none(identifier):
    found = identifier.identify([np.zeros(3 * RATE_HZ, np.float32)], similar=3)
    assert (found.match, found.similar) == (None, ())


def test_it_opens_by_name_for_other_programs(named_clips, tmp_path):
    settings, _ = named_clips
    with open_identifier(settings.catalog.directory, settings=settings) as identifier:
        found = identifier.identify_file(INSIDERS[8])
        assert found.match is not None
        assert found.match.song.path == INSIDERS[8]
        assert found.match.position_s == pytest.approx(0, abs=NEAR_S)
        assert found.duration_s == pytest.approx(22, abs=0.1)
        with pytest.raises(DecodeError):
            identifier.identify_file(tmp_path / "no such file")
        sound = write_wav(tmp_path / "left.wav", decoded(OUTSIDERS[1]), rate_hz=RATE_HZ)
        assert identifier.identify_file(sound, similar=0).match is None

"""The songs of a long recording, found and written down."""

import csv
import io
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.recognizer import Recognizer
from realtime.settings import ListenSettings, MatchSettings
from realtime.tracklist import TooManyTracksError, Track, csv_text, cue_text, tracks_of
from tests.realtime.fakes import FakeEncoder, FakeMatcher, Heard, fake_catalog, fake_song

RATE_HZ = 1000  # of the fake encoder


def a_track(start_s, end_s, *, song=1, **names):
    named = replace(fake_song(song, artist="Artist"), **names)
    return Track(named, start_s, end_s, position_s=1.5, rate=1.04, confidence=0.99987)


def read_cue(text):
    """File, its type, and number, title, performer and seconds of every track."""
    head = re.match(r'FILE "([^"\n]*)" (WAVE|MP3|AIFF)\n', text)
    assert head
    pattern = (
        r'  TRACK (\d\d) AUDIO\n    TITLE "([^"\n]*)"\n(?:    PERFORMER "([^"\n]*)"\n)?'
        r"    INDEX 01 (\d\d+):([0-5]\d):([0-7]\d)\n"
    )
    assert re.fullmatch(f"(?:{pattern})*", text[head.end() :])
    tracks = []
    for number, title, performer, *at in re.findall(pattern, text):
        minutes, seconds, frames = map(int, at)
        assert frames < 75
        tracks.append((int(number), title, performer, 60 * minutes + seconds + frames / 75))
    return *head.groups(), tracks


def test_a_cue_sheet():
    tracks = [
        a_track(0.5, 200, title='The "Best" One'),
        a_track(205, 400, title="Two", artist=None),
        a_track(460, 7000, title="Three\nlines"),
    ]
    name, kind, rows = read_cue(cue_text(tracks, name="sets/a set.mp3", duration_s=7100.0))
    assert (name, kind) == ("sets/a set.mp3", "MP3")
    assert [row[:3] for row in rows] == [
        (1, "The 'Best' One", "Artist"),
        (2, "Two", ""),
        (3, "Unknown", ""),
        (4, "Three\\nlines", "Artist"),
        (5, "Unknown", ""),
    ]
    assert [row[3] for row in rows] == pytest.approx([0.5, 205, 400, 460, 7000], abs=1 / 75)


@pytest.mark.parametrize(
    ("name", "kind"),
    [("a.MP3", "MP3"), ("a.aiff", "AIFF"), ("a.wav", "WAVE"), ("a.flac", "WAVE"), ("a", "WAVE")],
)
def test_the_type_of_the_file(name, kind):
    assert read_cue(cue_text([], name=name, duration_s=1))[1] == kind


@given(st.floats(0, 36_000))
def test_an_index_lies_in_the_frame_in_which_the_song_begins(start_s):
    ((_, _, _, at_s),) = read_cue(cue_text([a_track(start_s, 4e4)], name="x", duration_s=4e4))[2][
        -1:
    ]
    assert at_s - 1e-9 <= start_s < at_s + 1 / 75 + 1e-9


def test_a_cue_sheet_holds_99_tracks():
    tracks = [a_track(200.0 * i, 200.0 * (i + 1)) for i in range(100)]
    assert len(read_cue(cue_text(tracks[:99], name="x", duration_s=19_800))[2]) == 99
    with pytest.raises(TooManyTracksError, match="99 tracks at most, these are 100"):
        cue_text(tracks, name="x", duration_s=20_000)


def test_a_table_of_tracks():
    track = a_track(3.25, 60, title='A, "B"', artist=None)
    text = csv_text([(Path("one.mp3"), [track]), (Path("two.mp3"), [])])
    (row,) = csv.DictReader(io.StringIO(text, newline=""))
    assert row == {
        "file": "one.mp3",
        "start": "3.250",
        "end": "60.000",
        "song": "1",
        "title": 'A, "B"',
        "artist": "",
        "album": "",
        "path": "/music/1.ogg",
        "position": "1.500",
        "rate": "1.0400",
        "confidence": "0.999870",
    }


@pytest.mark.parametrize("cuts", [[], [7, 7, 3_000, 50_000], range(1024, 90_000, 1024)])
def test_the_songs_of_a_recording_however_it_is_cut(cuts):
    programme = [
        Heard(3, start=2_000, end=30_000, position=500),
        Heard(4, start=40_000, end=69_000, rate=1.02),
    ]
    catalog = fake_catalog()
    recognizer = Recognizer(
        FakeEncoder(),
        matcher=FakeMatcher(programme),
        search=catalog.search,
        songs=catalog.get,
        settings=ListenSettings(hop_s=60, rank_every_s=60),
        match_settings=MatchSettings(),
    )
    sound = np.random.default_rng(1).normal(0, 0.1, 90_000).astype(np.float32)
    parts = np.split(sound, sorted(cuts))
    first, second = tracks_of(parts, recognizer, sample_rate_hz=RATE_HZ)
    assert (first.song.id, second.song.id) == (3, 4)
    assert (first.start_s, first.end_s) == pytest.approx((2, 30), abs=0.5)
    assert (second.start_s, second.end_s) == pytest.approx((40, 69), abs=0.5)
    assert second.rate == pytest.approx(1.02)

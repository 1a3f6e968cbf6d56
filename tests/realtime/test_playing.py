"""A song's time line, and what is left of it when it ends."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.alignment import Line
from realtime.match import Match
from realtime.playing import Candidate, Playing
from tests.realtime.fakes import fake_song

MATCH = Match(7, at=1000, since=400, position=500.0, rate=1.0, score=0.9, confidence=0.99)
SONG = fake_song(7)
LENGTH = 3000.0
lines = st.builds(
    Line,
    song=st.just(7),
    at=st.integers(0, 10**7).map(float),
    there=st.floats(0, 10**7),
    rate=st.floats(0.9, 1.1),
)


def playing(match: Match = MATCH, *, start: int = 600) -> Playing:
    return Playing.of(Candidate.of(match, SONG), start=start)


@given(line=lines, later=st.integers(0, 10**7))
def test_a_line_begins_where_its_song_does(line: Line, later: int) -> None:
    # To the sample: `begin` is the first at which the song has begun.
    assert line.position(line.begin) == pytest.approx(0, abs=1.2)
    assert line.position(line.begin + later) == pytest.approx(line.rate * later, abs=1.2)


@pytest.mark.parametrize(("since", "start"), [(400, 500), (700, 700)])
def test_a_song_is_not_heard_before_it_begins(since: int, start: int) -> None:
    assert Candidate.of(replace(MATCH, since=since), SONG).start == start


def test_a_row_keeps_where_it_began_and_the_newest_place() -> None:
    row = Candidate.of(MATCH, SONG)
    later = replace(MATCH, at=1100, since=500, position=610.0, rate=1.01, confidence=0.95)
    assert row.agrees(later, SONG, within=10)
    assert not row.agrees(later, SONG, within=9)
    assert not row.agrees(later, fake_song(8), within=10)
    assert row.agrees(later, fake_song(8, group=7), within=10)
    joined = row.joined(later)
    assert joined == Candidate(SONG, MATCH.line, later.line, 400, 0.95, 0.99, 2)
    assert (row.surely, joined.surely) == (0, 0.95)


def test_a_row_goes_on_along_the_line_that_it_began_with() -> None:
    # Each match is near the one before it, and in the end they are nowhere near the first.
    row = Candidate.of(MATCH, SONG)
    creeping = [replace(MATCH, at=1000 + 100 * i, position=500 + 108.0 * i) for i in range(1, 4)]
    assert row.agrees(creeping[0], SONG, within=10)
    assert not row.joined(creeping[0]).agrees(creeping[1], SONG, within=10)
    faster = replace(MATCH, at=1100, position=600.0, rate=1.03)
    assert not row.agrees(faster, SONG, within=10)


def test_the_record_says_what_was_heard() -> None:
    later = replace(MATCH, at=2000, position=1520.0, rate=1.02, confidence=0.8)
    record = playing().followed(later).record(end=2000, length=LENGTH)
    assert (record.start, record.end) == (600, 2000)
    assert (record.position_from, record.position_to) == (100, 1520)
    assert record.rate == pytest.approx(1.01)
    assert record.confidence == 0.99  # of the best match


def test_it_ends_no_later_than_its_song() -> None:
    assert playing().record(end=9000, length=LENGTH).position_to == LENGTH
    assert playing().position(0, length=LENGTH) == 0


@pytest.mark.parametrize(
    ("at", "position", "goes_on"),
    [
        (3000, 2500.0, True),  # where it would be by now
        (3000, 1500.0, True),  # in between
        (3000, 2511.0, False),  # ahead of time
        (3000, 489.0, False),  # back
    ],
)
def test_going_on_after_a_pause(at: int, position: float, goes_on: bool) -> None:
    match = replace(MATCH, at=at, since=at, position=position)
    assert playing().resumed_by(Candidate.of(match, SONG), within=10) == goes_on
    assert not playing().resumed_by(Candidate.of(match, fake_song(8)), within=10)


@pytest.mark.parametrize(
    ("at", "position", "again"),
    [
        (3600, 100.0, True),  # began at 3500, where the song had come to its end
        (3000, 100.0, False),  # began at 2900, in its middle
        (3600, 900.0, False),  # its end, and not its begin
    ],
)
def test_beginning_again(at: int, position: float, again: bool) -> None:
    match = replace(MATCH, at=at, since=at - 100, position=position)
    candidate = Candidate.of(match, SONG)
    assert playing().restarted_by(candidate, length=LENGTH, within=50) == again

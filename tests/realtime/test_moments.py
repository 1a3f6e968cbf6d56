"""Which moments of the evening are kept, and what they say."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from catalog.evening import Likely, Near
from realtime.events import Event, Identity, Place, Ranked, Similar, Tags
from realtime.moments import MOST, DueMoment, MomentKeeper
from tests.realtime.fakes import fake_song

EVERY = 500


def ranking(at: int, *, songs: int = 3) -> list[Event]:
    """What the recognizer says with a ranking; with no songs, at the beginning of silence."""
    ranked = tuple(Ranked(fake_song(number), 0.9 - number / 100) for number in range(1, songs + 1))
    tags = tuple((f"tag {number}", 0.5) for number in range(8)) if songs else ()
    xyz = (at / 1000, 0.0, 0.0) if songs else None
    return [Similar(at, ranked), Tags(at, tags), Place(at, xyz)]


def kept(events: list[Event]) -> list[DueMoment]:
    keeper = MomentKeeper(every_samples=EVERY)
    taken = [keeper.take(event) for event in events]
    return [due for due in taken if due is not None]


def test_a_moment_says_what_was_heard() -> None:
    events = [
        Identity(90, "identified", 0, song=fake_song(4, artist="The Fogs")),
        *ranking(100, songs=MOST + 3),
    ]
    [due] = kept(events)
    moment = due.at_time(1e9)
    assert due.at == 100
    assert (moment.at, moment.xyz, moment.state) == (1e9, (0.1, 0.0, 0.0), "identified")
    assert (moment.song, moment.title, moment.artist) == (4, "Song 4", "The Fogs")
    assert len(moment.similar) == len(moment.tags) == MOST
    assert moment.similar[0] == Near(1, "Song 1", fake_song(1).artist, 0.89)
    assert moment.tags[0] == Likely("tag 0", 0.5)


@given(st.lists(st.integers(1, 400), min_size=1, max_size=60))
def test_one_is_kept_after_so_long(steps: list[int]) -> None:
    at, places, events = 0, [], []
    for step in steps:
        at += step
        places.append(at)
        events += ranking(at)
    found = [due.at for due in kept(events)]
    assert found[0] == places[0]
    assert all(after - before >= EVERY for before, after in pairwise(found))
    for before, after in pairwise([*found, places[-1]]):
        assert after - before < EVERY + 400 or after == places[-1]


def test_silence_is_kept_once_and_sound_at_once_after_it() -> None:
    events = [
        *ranking(100),
        *ranking(200),
        *ranking(300, songs=0),
        *ranking(400, songs=0),
        *ranking(5000, songs=0),
        *ranking(5100),
    ]
    assert [(due.at, due.at_time(0).xyz is None) for due in kept(events)] == [
        (100, False),
        (300, True),
        (5100, False),
    ]


def test_a_song_that_is_named_is_kept_at_once() -> None:
    events = [
        *ranking(100),
        Identity(150, "identified", 0, song=fake_song(4)),
        *ranking(200),
        Identity(250, "identified", 0, song=fake_song(4)),
        *ranking(300),
        Identity(350, "unknown", 350),
        *ranking(400),
    ]
    assert [(due.at, due.at_time(0).song) for due in kept(events)] == [
        (100, None),
        (200, 4),
        (400, None),
    ]


def test_before_any_sound_nothing_is_kept() -> None:
    assert kept([Identity(0, "silence", 0), *ranking(10, songs=0)]) == []

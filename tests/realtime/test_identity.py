"""Which song plays: one state at a time, no flicker, and plays that never overlap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.events import Identity, Play, SoundState
from realtime.identity import IdentityTracker
from realtime.match import Match
from realtime.settings import MatchSettings
from tests.realtime.fakes import fake_song

RATE_HZ = 100  # a sample is a hundredth of a second
HOP = 5
STEP = 25
WINDOW = 200
SETTINGS = MatchSettings(
    confidence=0.9,
    agreeing_s=0.25,
    certain=0.99,
    keep=0.5,
    line_s=0.5,
    hold_s=6,
    end_s=1,
    unknown_s=5,
    music=0.5,
    music_hold_s=3,
    rejoin_s=15,
    restart_s=5,
    say_every_s=1,
)
SONGS = {1: fake_song(1), 2: fake_song(2), 3: fake_song(3), 4: fake_song(4, group=3)}
"""Of 30 s each; 4 is a near-duplicate of 3."""
LENGTH = 30 * RATE_HZ

Told = Identity | Play


@dataclass(frozen=True)
class Seen:
    """What a step matched: a song at `position` seconds, or with `song` None nothing."""

    song: int | None = None
    position: float = 0.0
    confidence: float = 0.95
    rate: float = 1.0
    reach: float = 2.0  # seconds that the evidence goes back
    placed: bool = True


NOTHING = Seen()


class Player:
    """Feeds a tracker: `play` steps a quarter of a second apart, with the level hops between."""

    def __init__(self, settings: MatchSettings = SETTINGS) -> None:
        self.tracker = IdentityTracker(settings, sample_rate_hz=RATE_HZ)
        self.at = 0
        self.told: list[Told] = []
        self.music: list[float | None] = []  # what was newest when each of these was told
        self.newest: float | None = None

    def take(self, told: Sequence[Told]) -> None:
        if any(isinstance(one, Identity) and one.state == "silence" for one in told):
            self.newest = None
        self.told += told
        self.music += [self.newest] * len(told)

    def hear(self, probability: float) -> Player:
        """Music, with so much probability."""
        self.newest = probability
        self.take(self.tracker.music(probability, at=self.at))
        return self

    def pass_time(self, seconds: float, state: SoundState = "sound") -> Player:
        for _ in range(round(seconds * RATE_HZ / HOP)):
            self.at += HOP
            self.take(self.tracker.level(state, start=self.at - HOP, at=self.at))
        return self

    def see(self, *seen: Seen) -> Player:
        for one in seen:
            match = None
            if one.song is not None:
                since = max(0, self.at - round(one.reach * RATE_HZ))
                position = one.position * RATE_HZ
                match = Match(
                    *(one.song, self.at, since, position, one.rate, 0.9, one.confidence),
                    placed=one.placed,
                )
            song = None if one.song is None else SONGS[one.song]
            self.take(self.tracker.step(match, song, at=self.at))
            self.pass_time(STEP / RATE_HZ)
        return self

    def play(self, song: int, *, seconds: float, first: float = 0.0, rate: float = 1.0) -> Player:
        """The song from position `first` on, matched all the time."""
        begin = self.at
        while self.at < begin + seconds * RATE_HZ:
            passed = (self.at - begin) / RATE_HZ
            reach = min(2.0, passed)
            self.see(Seen(song, first + rate * passed, rate=rate, reach=reach))
        return self

    def nothing(self, seconds: float) -> Player:
        return self.see(*[NOTHING] * round(seconds * RATE_HZ / STEP))

    def finish(self) -> Player:
        self.take(self.tracker.finish(at=self.at))
        return self

    @property
    def identities(self) -> list[Identity]:
        return [one for one in self.told if isinstance(one, Identity)]

    @property
    def plays(self) -> list[Play]:
        return [one for one in self.told if isinstance(one, Play)]

    @property
    def names(self) -> list[str]:
        """States and songs, each once for as long as it stays."""
        names = [one.state if one.song is None else str(one.song.id) for one in self.identities]
        return [name for i, name in enumerate(names) if i == 0 or name != names[i - 1]]

    def spans(self) -> list[tuple[int, float, float]]:
        """Song, start and end in seconds of each play."""
        return [(play.song.id, play.start / RATE_HZ, play.end / RATE_HZ) for play in self.plays]


def sounding() -> Player:
    """After a second of sound."""
    return Player().pass_time(1)


def test_silence_is_told_once_from_the_start() -> None:
    player = Player().pass_time(10, "silence")
    assert player.told == [Identity(at=HOP, state="silence", since=0)]


def test_sound_becomes_unknown_and_both_say_where_it_began() -> None:
    player = Player().pass_time(3, "silence").pass_time(10)
    assert player.identities == [
        Identity(at=HOP, state="silence", since=0),
        Identity(at=300 + HOP, state="sound", since=300),
        Identity(at=800, state="unknown", since=300),
    ]


def test_what_was_lost_does_not_count_as_heard() -> None:
    player = Player().pass_time(3)
    player.tracker.gap(1000)
    player.at += 1000
    player.pass_time(1)
    assert player.names == ["sound"]
    assert player.pass_time(1).names == ["sound", "unknown"]


def test_what_is_no_music_stays_sound() -> None:
    player = Player().pass_time(3).hear(0.2).pass_time(60)
    assert player.identities == [Identity(at=HOP, state="sound", since=0)]


def test_music_that_comes_into_sound_is_unknown_from_there_on() -> None:
    player = Player().pass_time(3).hear(0.2).pass_time(17).hear(0.5)
    assert player.identities[1:] == [Identity(at=2000, state="unknown", since=2000)]


def test_it_must_have_been_without_a_match_for_long_enough() -> None:
    player = Player().pass_time(3).hear(0.2).pass_time(1).hear(0.8)
    assert player.names == ["sound"]
    assert player.pass_time(1).names == ["sound", "unknown"]


def test_music_that_is_over_is_sound_again() -> None:
    player = Player().pass_time(3).hear(0.9).pass_time(7).hear(0.4).pass_time(2.9)
    assert player.names == ["sound", "unknown"]
    player.pass_time(0.1)
    assert player.identities[-1] == Identity(at=1300, state="sound", since=1000)
    assert player.pass_time(60).names == ["sound", "unknown", "sound"]


def test_a_passage_that_hardly_is_music_changes_nothing() -> None:
    player = Player().pass_time(3).hear(0.9).pass_time(7)
    for _ in range(5):
        player.hear(0.1).pass_time(2.9).hear(0.9).pass_time(1)
    assert player.names == ["sound", "unknown"]


def test_a_song_that_is_named_need_not_sound_like_music() -> None:
    player = sounding().play(1, seconds=4).hear(0.0).play(1, first=4, seconds=10)
    assert player.names == ["sound", "1"]
    # And when nothing speaks for it any more, what is left is no music.
    assert player.nothing(20).names == ["sound", "1", "sound"]


def test_after_a_silence_nothing_is_known_of_the_sound() -> None:
    player = Player().pass_time(3).hear(0.0).pass_time(5).pass_time(2, "silence").pass_time(6)
    assert player.names == ["sound", "silence", "sound", "unknown"]


def test_two_matches_that_agree_name_a_song() -> None:
    player = sounding().see(Seen(1, 11.0))
    assert player.names == ["sound"]
    player.see(Seen(1, 11.25))
    (named,) = player.identities[1:]
    assert (named.state, named.song, named.at) == ("identified", SONGS[1], 125)
    assert named.position == 1125
    assert (named.rate, named.confidence) == (1.0, 0.95)
    assert named.since == 0  # both matches rest on windows from there on


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (Seen(1, 11.0, 0.89), Seen(1, 11.25)),  # one is not sure enough
        (Seen(1, 11.0), Seen(1, 11.25, 0.89)),
        (Seen(1, 11.0), Seen(1, 11.8)),  # another line
        (Seen(1, 11.0), Seen(1, 11.4)),  # nearly the same, as a texture is matched
        (Seen(1, 11.0), Seen(1, 11.25, rate=1.03)),  # the same place, but faster
        (Seen(1, 11.0), Seen(1, 11.25, placed=False)),  # or any other place
        (Seen(1, 11.0), Seen(2, 11.25)),  # another song
        (Seen(1, 40.0), Seen(1, 40.25)),  # behind its end
    ],
)
def test_what_does_not_agree_names_none(first: Seen, second: Seen) -> None:
    assert sounding().see(first, second).names == ["sound"]
    assert sounding().see(first, NOTHING, first).names == ["sound"]


def patient() -> Player:
    """After a second of sound; three quarters of a second of matches name a song."""
    return Player(SETTINGS.model_copy(update={"agreeing_s": 0.75})).pass_time(1)


def test_two_matches_that_are_certain_name_a_song() -> None:
    assert patient().see(Seen(1, 11.0, 0.99)).names == ["sound"]
    assert patient().see(Seen(1, 11.0, 0.99), Seen(1, 11.25, 0.99)).names == ["sound", "1"]
    assert patient().see(Seen(1, 11.0, 0.99), Seen(1, 11.25, 0.98)).names == ["sound"]
    by_turns = [Seen(1, 11 + 0.25 * i, 0.98 + 0.015 * (i % 2)) for i in range(3)]
    assert patient().see(*by_turns).names == ["sound"]


@given(
    steps=st.lists(
        st.tuples(st.floats(0.11, 0.4), st.booleans(), st.floats(0.9, 1.1)), min_size=10
    ),
    confidence=st.floats(0.9, 1.0),
)
def test_a_texture_that_is_matched_all_the_time_names_no_song(
    steps: list[tuple[float, bool, float]], confidence: float
) -> None:
    # A drum roll is like another at any moment of it: the place that is found wanders.
    player, position = sounding(), 12.0
    for step, forward, rate in steps:
        player.see(Seen(1, position, confidence, rate=rate, reach=10))
        position += 0.25 * rate + (step if forward else -step)
    assert "1" not in player.names


def test_beats_that_fall_alike_name_no_song() -> None:
    # Drums at one tempo agree for a bar or two, and then with another bar of the song.
    player = Player(SETTINGS.model_copy(update={"agreeing_s": 3})).pass_time(1)
    for bar in range(6):
        first = player.at / RATE_HZ + 12 - 2.4 * bar
        player.see(*[Seen(1, first + 0.25 * i, 0.96, reach=8) for i in range(10)])
    assert "1" not in player.names
    first = player.at / RATE_HZ
    player.see(*[Seen(1, first + 0.25 * i, 0.96, reach=8) for i in range(13)])
    assert player.names[-1] == "1"


def test_a_song_began_no_earlier_than_its_own_begin() -> None:
    player = Player().pass_time(3).see(Seen(1, 0.5), Seen(1, 0.75))
    assert player.identities[-1].since == 250


def test_its_position_goes_on_and_is_said_every_second() -> None:
    player = sounding().play(1, seconds=10, first=3, rate=1.08)
    named = [one for one in player.identities if one.song]
    for one in named:
        assert one.position == pytest.approx(300 + 1.08 * (one.at - 100))
        assert one.rate == 1.08
    assert {b.at - a.at for a, b in pairwise(named)} == {100}


def test_a_passage_that_is_talked_over_does_not_end_it() -> None:
    player = sounding().play(1, seconds=5).nothing(5.5).play(1, seconds=5, first=10.5).finish()
    assert player.names == ["sound", "1", "silence"]
    assert player.spans() == [(1, 1, 16.25)]
    (play,) = player.plays
    assert (play.position_from, play.position_to) == (0, 1525)
    said = [one for one in player.identities if one.song]
    assert {one.position - one.at for one in said} == {-100}  # also in between


def test_a_song_that_plays_goes_on_through_a_drone() -> None:
    drone = [Seen(1, 5 + 0.25 * i, placed=False) for i in range(60)]
    assert sounding().play(1, seconds=5).see(*drone).names == ["sound", "1"]


def test_a_song_that_nothing_speaks_for_is_given_up() -> None:
    player = sounding().play(1, seconds=5).nothing(25)
    assert player.names == ["sound", "1", "unknown"]
    assert player.identities[-1] == Identity(at=1175, state="unknown", since=575)
    assert player.spans() == [(1, 1, 5.75)]


def test_one_that_is_over_is_given_up_at_once() -> None:
    player = sounding().play(1, seconds=5, first=25).nothing(2)
    assert player.names == ["sound", "1", "sound"]
    assert player.identities[-1].at <= 100 + 500 + 100 + HOP
    (play,) = player.plays
    assert play.position_to == pytest.approx(29.75 * RATE_HZ)


def test_what_is_left_of_its_evidence_does_not_bring_it_back() -> None:
    player = sounding().play(1, seconds=5, first=25)
    stale = [Seen(1, 8 + 0.25 * i, 0.995, reach=10) for i in range(12)]
    player.see(*[NOTHING] * 5, *stale)
    assert player.names == ["sound", "1", "sound"]
    fresh = [Seen(1, 12 + 0.25 * i, 0.995, reach=2.5) for i in range(4)]
    assert player.see(*fresh).names == ["sound", "1", "sound", "1"]


def test_another_song_takes_its_place_at_once() -> None:
    player = sounding().play(1, seconds=10).play(2, seconds=10).finish()
    assert player.names == ["sound", "1", "2", "silence"]
    changed = next(one for one in player.identities if one.song == SONGS[2])
    assert (changed.at, changed.since) == (1125, 1100)
    assert player.spans() == [(1, 1, 10.75), (2, 11, 20.75)]


def test_evidence_that_overlaps_belongs_to_the_newer_song() -> None:
    player = sounding().play(1, seconds=10)
    player.see(Seen(2, 5.0, reach=3), Seen(2, 5.25, reach=3.25)).finish()
    assert player.spans() == [(1, 1, 8), (2, 8, 11.25)]
    assert player.plays[1].position_from == 200


def test_what_was_taken_for_another_song_leaves_no_play() -> None:
    player = sounding().see(Seen(1, 5, reach=0.5), Seen(1, 5.25, reach=0.75))
    player.see(Seen(2, 5, reach=1.5), Seen(2, 5.25, reach=1.75)).finish()
    assert player.names == ["sound", "1", "2", "silence"]
    assert player.spans() == [(2, 0, 1.75)]


def test_a_weak_or_single_match_of_another_song_changes_nothing() -> None:
    player = sounding().play(1, seconds=4)
    player.see(Seen(2, 7), NOTHING, Seen(2, 7), Seen(2, 9), Seen(2, 9.25, 0.8), Seen(1, 5.5))
    assert player.names == ["sound", "1"]


def test_two_songs_by_turns_do_not_flicker() -> None:
    player = sounding().play(1, seconds=2)
    for i in range(100):
        player.see(Seen(1 + i % 2, 2 + 0.25 * i, 0.97))
    assert player.names == ["sound", "1"]


def test_of_near_duplicates_the_first_that_was_named_stays() -> None:
    player = sounding()
    for i in range(40):
        player.see(Seen(3 + i % 2, 0.25 * i, 0.995))
    player.finish()
    assert player.names == ["sound", "3", "silence"]
    assert player.plays[0].song == SONGS[3]


def test_a_jump_moves_the_position_and_ends_nothing() -> None:
    player = sounding().play(1, seconds=5).play(1, seconds=5, first=20).finish()
    assert player.names == ["sound", "1", "silence"]
    jumped = next(one for one in player.identities if (one.position or 0) > 1500)
    assert (jumped.at, jumped.position) == (625, 2025)
    (play,) = player.plays
    assert (play.position_from, play.position_to) == (0, 2475)


def test_a_single_match_elsewhere_in_the_song_moves_nothing() -> None:
    player = sounding().play(1, seconds=5).see(Seen(1, 20)).play(1, seconds=5, first=5.25)
    said = [one for one in player.identities if one.song]
    assert {one.position - one.at for one in said if one.position} == {-100}


def test_a_loop_keeps_the_song() -> None:
    player = sounding().play(1, seconds=6)
    for _ in range(10):
        player.play(1, seconds=2, first=4)
    assert player.finish().names == ["sound", "1", "silence"]
    assert len(player.plays) == 1


def test_a_change_of_rate_keeps_the_song() -> None:
    player = sounding().play(1, seconds=5).play(1, seconds=5, first=5, rate=1.1).finish()
    assert player.names == ["sound", "1", "silence"]
    (play,) = player.plays
    assert play.position_to == pytest.approx(500 + 475 * 1.1)
    assert 1.04 < play.rate < 1.06


def test_a_song_that_begins_again_after_its_end_is_another_play() -> None:
    player = sounding().play(1, seconds=30).play(1, seconds=10).finish()
    assert player.spans() == [(1, 1, 31), (1, 31, 40.75)]
    assert [play.position_from for play in player.plays] == [0, 0]


def test_a_jump_to_its_begin_from_its_middle_is_not() -> None:
    player = sounding().play(1, seconds=15).play(1, seconds=10).finish()
    assert player.spans() == [(1, 1, 25.75)]


def test_silence_ends_it_when_it_does_not_come_back() -> None:
    player = sounding().play(1, seconds=5).pass_time(20, "silence")
    assert player.names == ["sound", "1", "silence"]
    assert player.identities[-1].since == 600 + HOP
    assert player.spans() == [(1, 1, 5.75)]


@pytest.mark.parametrize(("first", "plays"), [(5.0, 1), (9.0, 1), (4.0, 2), (12.0, 2)])
def test_after_a_silence_it_goes_on_where_it_stopped_or_would_be(first: float, plays: int) -> None:
    player = sounding().play(1, seconds=5).pass_time(4, "silence").pass_time(0.1)
    player.play(1, seconds=5, first=first).finish()
    assert player.names == ["sound", "1", "silence", "sound", "1", "silence"]
    assert len(player.plays) == plays
    assert player.identities[-2].since == (100 if plays == 1 else 1010)


def test_a_silence_forgets_the_match_before_it() -> None:
    player = sounding().see(Seen(1, 11)).pass_time(2, "silence").pass_time(0.1).see(Seen(1, 13.1))
    assert "1" not in player.names


def test_at_the_end_of_the_source_all_is_over() -> None:
    player = sounding().play(1, seconds=5).finish()
    assert player.identities[-1] == Identity(at=600, state="silence", since=600)
    assert player.spans() == [(1, 1, 5.75)]
    before = len(player.told)
    assert len(player.finish().told) == before


def test_a_padded_window_ends_with_the_source() -> None:
    player = Player().pass_time(1)
    for match in (Match(1, at, 0, float(at), 1.0, 0.9, 0.995) for at in (225, 250)):
        player.told += player.tracker.step(match, SONGS[1], at=100)
    assert player.identities[-1].position == 100
    assert player.finish().spans() == [(1, 0, 1)]


SEEN = st.one_of(
    st.just(NOTHING),
    st.builds(
        Seen,
        song=st.sampled_from([1, 2, 3, 4]),
        position=st.floats(0, 35),
        confidence=st.sampled_from([0.3, 0.6, 0.95, 0.995]),
        rate=st.sampled_from([0.9, 1.0, 1.1]),
        reach=st.floats(0, 10),
    ),
)
ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("see"), st.lists(SEEN, min_size=1, max_size=6)),
        st.tuples(
            st.just("play"),
            st.tuples(st.sampled_from([1, 2, 3, 4]), st.floats(0, 29), st.floats(0.5, 12)),
        ),
        st.tuples(st.just("music"), st.floats(0, 1)),
        st.tuples(st.just("silence"), st.floats(0.1, 20)),
        st.tuples(st.just("sound"), st.floats(0.1, 20)),
        st.tuples(st.just("gap"), st.integers(1, 2000)),
    ),
    max_size=12,
)


def acted(acts: list[tuple[str, object]]) -> Player:
    player = Player()
    play(player, acts)
    return player.finish()


def play(player: Player, acts: list[tuple[str, object]]) -> None:
    for kind, value in acts:
        match kind, value:
            case "see", list():
                player.see(*value)
            case "play", (song, first, seconds):
                player.play(song, first=first, seconds=seconds)
            case "gap", int():
                player.tracker.gap(value)
                player.at += value
            case "music", float():
                player.hear(value)
            case _, float():
                player.pass_time(value, "silence" if kind == "silence" else "sound")


@given(ACTS)
def test_whatever_is_seen_one_state_follows_another(acts: list[tuple[str, object]]) -> None:
    player = acted(acts)
    for one in player.identities:
        assert (one.state == "identified") == (one.song is not None)
        named = (one.song, one.position, one.rate, one.confidence)
        assert all(part is not None for part in named) or named == (None,) * 4
        assert 0 <= one.since <= one.at
        assert one.position is None or 0 <= one.position <= LENGTH
    for before, after in pairwise(player.identities):
        assert before.at <= after.at
        again = (before.state, before.song, before.since) == (after.state, after.song, after.since)
        assert not again or after.state == "identified"  # else nothing new was said


@given(ACTS)
def test_whatever_is_seen_plays_never_overlap(acts: list[tuple[str, object]]) -> None:
    player = acted(acts)
    for play in player.plays:
        assert 0 <= play.start < play.end <= player.at
        assert 0 <= play.position_from <= LENGTH + RATE_HZ
        assert 0 <= play.position_to <= LENGTH + RATE_HZ
        assert play.confidence >= SETTINGS.confidence
    for before, after in pairwise(player.plays):
        assert before.end <= after.start
    named = {one.song.id for one in player.identities if one.song is not None}
    assert {play.song.id for play in player.plays} <= named


@given(ACTS)
def test_only_what_may_be_music_is_called_unknown(acts: list[tuple[str, object]]) -> None:
    player = acted(acts)
    for one, music in zip(player.told, player.music, strict=True):
        if isinstance(one, Identity) and one.state == "unknown":
            assert music is None or music >= SETTINGS.music


@given(
    acts=ACTS,
    talk=st.lists(st.floats(0, 0.49), min_size=1, max_size=8),
    seconds=st.floats(0.5, 5),
)
def test_talk_is_not_unknown_for_long(
    acts: list[tuple[str, object]], talk: list[float], seconds: float
) -> None:
    player = Player()
    play(player, acts)
    player.pass_time(1)
    for probability in [*talk, talk[0]]:
        player.hear(probability).pass_time(seconds)
    if seconds * len(talk) > SETTINGS.music_hold_s:
        assert player.names[-1] != "unknown"


@given(first=st.floats(0, 10), rate=st.floats(0.9, 1.1), jitter=st.lists(st.floats(-0.2, 0.2)))
def test_matches_that_waver_give_a_position_that_does_not(
    first: float, rate: float, jitter: list[float]
) -> None:
    player = sounding()
    for i, off in enumerate([0.0, 0.0, *jitter]):
        if first + rate * 0.25 * i < 29:
            player.see(Seen(1, max(0, first + rate * 0.25 * i + off), rate=rate))
    positions = [one.position for one in player.identities if one.position is not None]
    assert positions == sorted(positions)
    assert player.names == ["sound", "1"]

"""What is heard, by name: the one state machine that says which song plays. Pure.

    silence ──► sound        with the first sound
    sound ──► unknown        when it is music and no song was matched for `unknown_s`
    unknown ──► sound        when it has not been music for `music_hold_s`
    any of both ──► identified   a song is named: by matches in a row of at least `confidence` on
                             one time line for `agreeing_s`, or two of `certain`, whose place is
                             told
    identified ──► identified    another song is named in that way (changed), or the same one that
                             had come to its end begins again (another play)
    identified ──► sound, unknown    nothing speaks for the song for `hold_s`, or it is over (lost)
    any ──► silence          with the silence that `realtime.tracking` says

A song that is named stays while matches of at least `keep` speak for it, wherever in the song, and
so through a passage that is talked over, a loop, or a cue. It moves to another place of the song
after two matches in a row there. Of near-duplicates the one that was named first stays.

Every song that ends leaves one play. Plays never overlap: where one song follows another, the
evidence of the newer one says where. A song that is lost, or silent, and comes back within
`rejoin_s` where it would be by now, or where it stopped, goes on with the same play, which waits
so long before it is told.
"""

from __future__ import annotations

from catalog.songs import Song

from .events import Identity, Play, SoundState
from .match import Match
from .messages import MatchState
from .playing import Candidate, Playing
from .sections import MatchSettings

LEAST_TO_MOVE = 2
"""Matches in a row that move a song to another place in it: what repeats itself is matched here and
there by turns, however sure the song is."""

ROW_S = 0.1
"""Matches in a row lie on one time line to this, in seconds; peaks tell it to a hundredth."""

REACH_S = 2.0
"""So far back may the evidence of a song's second play reach into its first, in seconds: about a
window. What reaches further is what is left of the first."""


class IdentityTracker:
    """Fed with level hops, steps of matching and gaps in order of position.

    What it is given says when; there is no clock. Each call returns what is to be told: an
    `Identity` with every change and every `say_every_s` while a song plays, a `Play` when one ends.
    """

    def __init__(self, settings: MatchSettings, *, sample_rate_hz: int) -> None:
        def samples(seconds: float) -> int:
            return round(seconds * sample_rate_hz)

        self._settings = settings
        self._rate_hz = sample_rate_hz
        self._row, self._near = samples(ROW_S), samples(settings.line_s)
        self._agreeing = samples(settings.agreeing_s)
        self._restart, self._past_end = samples(settings.restart_s), samples(settings.end_s)
        self._hold, self._reach = samples(settings.hold_s), samples(REACH_S)
        self._rejoin, self._every = samples(settings.rejoin_s), samples(settings.say_every_s)
        self._unknown_after = samples(settings.unknown_s)
        self._no_music_after = samples(settings.music_hold_s)
        self._candidate: Candidate | None = None
        self._playing: Playing | None = None
        self._paused: Playing | None = None  # lost or silent: its play may yet go on
        self._state: MatchState = "silence"
        self._since = 0  # where that state began, unless a song plays
        self._unheard = 0  # samples since then that were lost
        self._is_music = True  # until told otherwise: not every encoder can tell
        self._turned = 0  # where that changed
        self._floor = 0  # end of the newest play told
        self._played: Song | None = None  # its song
        self._said: Identity | None = None
        self._said_jumps = 0

    @property
    def song(self) -> Song | None:
        """The song that plays."""
        return None if self._playing is None else self._playing.song

    def level(self, state: SoundState, *, start: int, at: int) -> list[Identity | Play]:
        """A level hop from sample `start` to `at`, after which it is sound or silence."""
        if state == "silence" and self._state != "silence":
            self._pause()
            self._enter("silence", since=at)
        elif state == "sound" and self._state == "silence":
            self._enter("sound", since=start)
        return self._told(at)

    def step(self, match: Match | None, song: Song | None, *, at: int) -> list[Identity | Play]:
        """What the prints of a stretch that ends at sample `at` matched, with its song."""
        plays: list[Play] = []
        usable = match is not None and song is not None and self._within(match, song)
        if self._state == "silence":
            pass  # a match of what was heard before names nothing that sounds
        elif not usable or match is None or song is None:
            self._candidate = None
        elif self._playing is not None and song.group == self._playing.song.group:
            plays = self._supported(self._playing, match, song)
        else:
            plays = self._challenged(match, song)
        return [*plays, *self._told(at)]

    def music(self, probability: float, *, at: int) -> list[Identity | Play]:
        """With so much probability is that which is heard at sample `at` music.

        What is never told of counts as music.
        """
        is_music = probability >= self._settings.music
        if is_music != self._is_music:
            self._is_music, self._turned = is_music, at
        return self._told(at)

    def gap(self, samples: int) -> None:
        """So many samples were lost: time in which nothing could be matched."""
        self._unheard += samples

    def finish(self, *, at: int) -> list[Identity | Play]:
        """The source has ended at sample `at`: what played is over, and it is silent."""
        self._pause()
        plays = self._ended(by=at)  # the last window may be padded beyond it
        if self._state != "silence":
            self._enter("silence", since=at)
        return [*plays, *self._told(at)]

    # Evidence.

    def _within(self, match: Match, song: Song) -> bool:
        """Whether the match lies in the song, and not behind its end."""
        return match.position <= self._length(song) + self._past_end

    def _length(self, song: Song) -> float:
        return song.duration_s * self._rate_hz

    def _supported(self, playing: Playing, match: Match, song: Song) -> list[Play]:
        """A match of the song that plays."""
        if match.confidence < self._settings.keep:
            self._candidate = None
            return []
        if abs(playing.line.position(match.at) - match.position) <= self._near:
            self._candidate = None
            self._playing = playing.followed(match)
            return []
        self._playing = playing.supported_by(match)
        candidate = self._joined(match, song)
        if candidate.count < LEAST_TO_MOVE:
            return []
        self._candidate = None
        length = self._length(playing.song)
        if playing.restarted_by(candidate, length=length, within=self._restart):
            return self._begin(candidate)
        self._playing = self._playing.moved(candidate)
        return []

    def _challenged(self, match: Match, song: Song) -> list[Play]:
        """A match of another song than the one that plays, if any."""
        if match.confidence < self._settings.confidence or not match.placed:
            self._candidate = None
            return []
        candidate = self._joined(match, song)
        sure = candidate.surely >= self._settings.certain
        if not (sure or candidate.lasts >= self._agreeing) or self._is_stale(candidate):
            return []
        self._candidate = None
        return self._begin(candidate)

    def _is_stale(self, candidate: Candidate) -> bool:
        """Whether its evidence is that of the play before, which it does not go on with."""
        before, end = self._played, self._floor
        if self._paused is not None:
            if self._paused.resumed_by(candidate, within=self._near):
                return False
            before, end = self._paused.song, self._paused.supported
        same = before is not None and before.group == candidate.song.group
        return same and candidate.start < end - self._reach

    def _joined(self, match: Match, song: Song) -> Candidate:
        """The candidate after this match: of the row before, or of a new one."""
        before = self._candidate
        if before is not None and before.agrees(match, song, within=self._row):
            self._candidate = before.joined(match)
        else:
            self._candidate = Candidate.of(match, song)
        return self._candidate

    # Begin and end of plays.

    def _begin(self, candidate: Candidate) -> list[Play]:
        """The candidate plays from now on, and what played before is over."""
        paused = self._paused
        if paused is not None and paused.resumed_by(candidate, within=self._near):
            self._paused = None
            self._playing = paused.moved(candidate)
            return []
        plays = []
        if self._playing is not None:
            self._pause()
        if self._paused is not None:
            # Windows reach back: the older song is matched for a while after the newer one began.
            plays = self._ended(by=candidate.start)
        self._playing = Playing.of(candidate, start=max(candidate.start, self._floor))
        return plays

    def _pause(self) -> None:
        """Nothing is heard any more of the song that plays; its play waits."""
        self._candidate = None
        if self._playing is not None:
            self._paused, self._playing = self._playing, None

    def _ended(self, *, by: int | None = None) -> list[Play]:
        """The play that waits is over, at the latest `by` that sample.

        None when that leaves nothing of it: then it was taken for what plays now.
        """
        if self._paused is None:
            return []
        paused, self._paused = self._paused, None
        end = paused.supported if by is None else min(paused.supported, by)
        if end <= paused.start:
            return []
        self._floor, self._played = end, paused.song
        return [paused.record(end=end, length=self._length(paused.song))]

    # Time.

    def _enter(self, state: MatchState, *, since: int) -> None:
        self._state, self._since, self._unheard = state, since, 0
        if state == "silence":
            self._is_music, self._turned = True, 0  # what comes next is another piece

    def _told(self, at: int) -> list[Identity | Play]:
        """What the time that has passed by `at` brings about, and what is to be said then."""
        told: list[Identity | Play] = []
        if self._playing is not None:
            self._state = "identified"
            told += self._lost(self._playing, at)
        if self._paused is not None and at - self._paused.supported > self._rejoin:
            told += self._ended()
        self._heard_music(at)
        return [*told, *self._say(at)]

    def _heard_music(self, at: int) -> None:
        """Sound that no song matches: music, or something else."""
        if self._state == "sound" and self._is_music:
            if at - self._since - self._unheard >= self._unknown_after:
                self._enter("unknown", since=max(self._since, self._turned))
        elif (
            self._state == "unknown"
            and not self._is_music
            and at - self._turned >= self._no_music_after
        ):
            self._enter("sound", since=max(self._since, self._turned))

    def _lost(self, playing: Playing, at: int) -> list[Play]:
        over = playing.line.position(at) > self._length(playing.song) + self._past_end
        if not over and at - playing.supported < self._hold:
            return []
        self._pause()
        self._enter("sound", since=max(playing.start, playing.supported))
        return self._ended() if over else []

    def _say(self, at: int) -> list[Identity]:
        """The state, if it is news or due again."""
        identity = self._identity(at)
        jumps = 0 if self._playing is None else self._playing.jumps
        if not self._is_news(identity, jumps):
            return []
        self._said, self._said_jumps = identity, jumps
        return [identity]

    def _is_news(self, now: Identity, jumps: int) -> bool:
        said = self._said
        if said is None or (now.state, now.since) != (said.state, said.since):
            return True
        if now.song is None or said.song is None:
            return False
        if (now.song.id, jumps) != (said.song.id, self._said_jumps):
            return True
        return now.at - said.at >= self._every

    def _identity(self, at: int) -> Identity:
        playing = self._playing
        if playing is None:
            return Identity(at=at, state=self._state, since=self._since)
        position = playing.position(at, length=self._length(playing.song))
        said = self._said
        if (
            said is not None
            and said.position is not None
            and (said.song, said.since) == (playing.song, playing.start)
            and self._said_jumps == playing.jumps
        ):
            position = max(position, said.position)  # matches waver, a song does not run back
        return Identity(
            at=at,
            state="identified",
            since=playing.start,
            song=playing.song,
            position=position,
            rate=playing.line.rate,
            confidence=playing.confidence,
        )

"""From events to the moments of the evening that are kept. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from catalog.evening import Likely, Moment, Near
from catalog.map_file import Xyz

from .events import Event, Identity, Place, Similar, Tags

MOST = 5
"""So many songs and tags does a moment hold."""

TIME_DIGITS, DIGITS = 3, 4
"""Decimals kept, of seconds and of all else: more would double what an evening takes up."""


@dataclass(frozen=True)
class DueMoment:
    """A moment at sample `at` of the source, without its time of day."""

    at: int
    identity: Identity | None
    similar: Similar | None
    tags: Tags | None
    place: Place

    def at_time(self, at_s: float) -> Moment:
        """The moment, when sample `at` came in at `at_s` seconds since 1970."""
        song = None if self.identity is None else self.identity.song
        ranked = () if self.similar is None else self.similar.songs[:MOST]
        tags = () if self.tags is None else self.tags.tags[:MOST]
        return Moment(
            at=round(at_s, TIME_DIGITS),
            xyz=None if self.place.xyz is None else _rounded(self.place.xyz),
            state="silence" if self.identity is None else self.identity.state,
            song=None if song is None else song.id,
            title=None if song is None else song.title,
            artist=None if song is None else song.artist,
            similar=tuple(
                Near(one.song.id, one.song.title, one.song.artist, round(one.score, DIGITS))
                for one in ranked
            ),
            tags=tuple(Likely(tag, round(probability, DIGITS)) for tag, probability in tags),
        )


def _rounded(xyz: Xyz) -> Xyz:
    x, y, z = (round(value, DIGITS) for value in xyz)
    return x, y, z


class MomentKeeper:
    """Fed with events, in order, says which moments to keep.

    One every `every_samples` while there is sound, with the first ranking after so long; one where
    silence begins; and one at once when another song is named or none is any more.
    """

    def __init__(self, *, every_samples: int) -> None:
        self._every = every_samples
        self._identity: Identity | None = None
        self._similar: Similar | None = None
        self._tags: Tags | None = None
        self._kept: tuple[int, bool, int | None] | None = None  # sample, sound, song

    def take(self, event: Event) -> DueMoment | None:
        """The moment that is to be kept now; often none."""
        match event:
            case Identity():
                self._identity = event
            case Similar():
                self._similar = event
            case Tags():
                self._tags = event
            case Place():  # the last of a ranking
                return self._due(event)
        return None

    def _due(self, place: Place) -> DueMoment | None:
        song = None if self._identity is None else self._identity.song
        sound = self._similar is not None and bool(self._similar.songs)
        named = None if song is None else song.id
        if self._kept is not None:
            at, before, song_before = self._kept
            changed = (before, song_before) != (sound, named)
            if not changed and (not sound or place.at - at < self._every):
                return None
        elif not sound:
            return None
        self._kept = (place.at, sound, named)
        return DueMoment(place.at, self._identity, self._similar, self._tags, place)

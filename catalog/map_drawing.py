"""Draws a map from a survey of the catalog, or places new songs on the one that there is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .map_colours import genres_of, strongest_tags
from .map_file import (
    DIMENSION,
    FORMAT_VERSION,
    MapFacts,
    Method,
    SongMap,
    StoredMap,
    publish_map,
)
from .map_layout import Places, aligned, lay_out, normalized
from .map_placing import places_of
from .map_progress import Report
from .survey import Survey
from .theme_songs import ThemeColours

JITTER = 0.004
"""Songs that are placed lie about so far from where their neighbours say: two at the very same
place could not be told apart."""


@dataclass(frozen=True, eq=False)
class Known:
    """What a map says of the songs of a survey, line by line."""

    xyz: Places  # (n, 3), zeros where `seen` is False
    seen: NDArray[np.bool_]  # (n,) the song lay on it
    holds: NDArray[np.bool_]  # (n,) and sounds as it did then
    placed: NDArray[np.bool_]  # (n,) it came since the map was drawn

    @classmethod
    def of(cls, before: StoredMap | None, survey: Survey) -> Known:
        """What the map `before` says; with None, nothing."""
        if before is None:
            none = np.zeros(len(survey.ids), np.bool_)
            return cls(np.zeros((len(none), DIMENSION), np.float32), none, none, ~none)
        lines = before.map.lines(survey.ids)
        seen, stamp = lines >= 0, before.facts.stamp
        same = (stamp.catalog, stamp.epoch) == (survey.stamp.catalog, survey.stamp.epoch)
        holds = seen & (before.rows[lines] == survey.rows) & same
        xyz = np.where(seen[:, None], before.map.xyz[lines], np.float32(0))
        return cls(xyz, seen, holds, ~holds | before.placed[lines])

    @property
    def new_share(self) -> float:
        """How much of the map came since it was drawn."""
        return float(self.placed.mean())


@dataclass(frozen=True, eq=False)
class Canvas:
    """The songs to draw (one or more), and the map in `folder` before, whose lock is held."""

    folder: Path
    survey: Survey
    before: StoredMap | None
    themes: ThemeColours | None = None

    @cached_property
    def known(self) -> Known:
        """What the map before says of the songs."""
        return Known.of(self.before, self.survey)

    def draw(
        self, method: Method, *, asked: str, seed: int, on_progress: Report | None = None
    ) -> StoredMap:
        """Draw and publish a map of all songs, turned to lie on the one before."""
        styles = self._styles(np.ones(len(self.survey.ids), np.bool_))
        start = self._start(method)
        places = lay_out(styles, method=method, seed=seed, start=start, on_progress=on_progress)
        xyz, scale = normalized(places)
        xyz = aligned(xyz, self.known.xyz, self.known.seen)
        nothing = np.zeros(len(xyz), np.bool_)
        return self._publish(xyz, nothing, method=method, asked=asked, seed=seed, scale=scale)

    def place(self) -> StoredMap:
        """Publish the map before with new songs near their neighbours and without those gone.

        At least one song must hold its place.
        """
        assert self.before is not None
        facts = self.before.facts
        return self._publish(
            self._beside(self.known.holds),
            self.known.placed,
            method=facts.method,
            asked=facts.asked,
            seed=facts.seed,
            scale=facts.scale,
        )

    def _styles(self, lines: NDArray[np.bool_]) -> NDArray[np.float32]:
        return np.ascontiguousarray(self.survey.styles[self.survey.rows[lines]])

    def _beside(self, holds: NDArray[np.bool_]) -> Places:
        """Places of all songs: of those that `holds` `(n,)` names the known ones, of the others
        near these."""
        xyz, fresh = self.known.xyz.copy(), ~holds
        if fresh.any():
            near = places_of(self._styles(fresh), self._styles(holds), xyz[holds])
            xyz[fresh] = near + _steps(self.survey.ids[fresh])
        return xyz

    def _start(self, method: Method) -> Places | None:
        """Where to begin: the places on a map that the same method drew, in its own scale; new
        songs near their neighbours."""
        before, known = self.before, self.known
        if before is None or before.facts.method != method or not known.seen.any():
            return None
        return np.asarray(self._beside(known.seen) * before.facts.scale, np.float32)

    def _publish(
        self,
        xyz: Places,
        placed: NDArray[np.bool_],
        *,
        method: Method,
        asked: str,
        seed: int,
        scale: float,
    ) -> StoredMap:
        survey = self.survey
        songs = coloured(survey, xyz, self.themes)
        facts = MapFacts(
            format_version=FORMAT_VERSION,
            version=songs.version,
            songs=len(songs),
            method=method,
            asked=asked,
            seed=seed,
            scale=scale,
            placed=int(placed.sum()),
            catalog=survey.stamp.catalog,
            epoch=survey.stamp.epoch,
            revision=survey.stamp.revision,
            genres=songs.genres,
            tags=songs.tags,
            themes=songs.themes,
        )
        return publish_map(self.folder, songs, facts, rows=survey.rows, placed=placed)


def coloured(survey: Survey, xyz: Places, themes: ThemeColours | None) -> SongMap:
    """The map of the songs of `survey` at `xyz` `(n, 3)`, which have the places of `themes`."""
    genres, genre = genres_of(survey.genres)
    plain = SongMap.of(survey.ids, xyz)
    return replace(
        plain,
        genre=genre,
        tag=strongest_tags(survey.tags, survey.rows),
        theme=plain.theme if themes is None else themes.places,
        genres=genres,
        tags=survey.tag_names,
        themes=() if themes is None else themes.names,
    )


def _steps(ids: NDArray[np.int64]) -> Places:
    """A small step `(n, 3)` for every song, that depends on its id alone."""
    steps = [np.random.default_rng(int(song)).normal(size=DIMENSION) for song in ids]
    return np.array(steps, np.float32).reshape(-1, DIMENSION) * np.float32(JITTER)

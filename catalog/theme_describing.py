"""What a theme is to people: what its songs have in common, the most typical of them, its name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from .reader import CatalogReader
from .theme_clusters import Labels, Rows
from .theme_file import Theme, TrackName
from .theme_material import ATTRIBUTES, Material
from .theme_words import (
    KNOWN,
    LEAST_GENRE,
    LEAST_TAG,
    Trait,
    named,
    telling,
    traits,
    words_of,
)

TYPICAL = 12
PER_ARTIST = 2
CANDIDATES = 10 * TYPICAL
ENOUGH_KNOWN = 50  # genres of so many speak for a theme, however large it is


def described(
    catalog: CatalogReader,
    material: Material,
    labels: Labels,
    away: NDArray[np.float32],
    before: Sequence[Theme | None],
) -> tuple[Theme, ...]:
    """The themes, of which row i has number `labels[i]` and lies `away[i]` from its middle.

    `before` is, for each, the theme that it was; the others are new.
    """
    genre_names, shares = material.shares()
    found = []
    for number in range(len(before)):
        lines = labels == number
        nearest = np.flatnonzero(lines)[np.argsort(away[lines], kind="stable")]
        found.append(
            Theme(
                name="",
                words=(),
                songs=int(lines.sum()),
                profile=tuple(traits(ATTRIBUTES, material.attributes, lines)),
                tags=tuple(_tags(material, lines)),
                genres=tuple(_genres(genre_names, shares, lines)),
                typical=_songs(catalog, material.songs[nearest]),
                tracks=_tracks(material, nearest),
            )
        )
    return _named(found, before)


def _tags(material: Material, lines: NDArray[np.bool_]) -> list[Trait]:
    return telling(traits(material.tag_names, material.tags, lines), least=LEAST_TAG)


def _genres(
    names: Sequence[str], shares: NDArray[np.float32], lines: NDArray[np.bool_]
) -> list[Trait]:
    """The genres that tell a theme; `shares` `(n, g)` is NaN where none is known."""
    if not names:
        return []
    known = int((~np.isnan(shares[lines, 0])).sum())
    if known < min(ENOUGH_KNOWN, KNOWN * int(lines.sum())):
        return []
    return telling(traits(names, shares, lines), least=LEAST_GENRE)


def _named(found: Sequence[Theme], before: Sequence[Theme | None]) -> tuple[Theme, ...]:
    """With the names of before where they are still true, and new ones for the others."""
    # Genres that people gave come before tags that a network heard.
    words = [words_of(theme.profile, [*theme.genres, *theme.tags]) for theme in found]
    kept = [
        old if old is not None and old.words and {*old.words} <= {*said, *called} else None
        for old, (said, called) in zip(before, words, strict=True)
    ]
    taken = [old.name for old in kept if old is not None]
    nameless = [each for each, old in zip(words, kept, strict=True) if old is None]
    fresh = iter(named(nameless, taken))
    settled = [next(fresh) if old is None else (old.name, old.words) for old in kept]
    return tuple(
        replace(theme, name=name, words=parts)
        for theme, (name, parts) in zip(found, settled, strict=True)
    )


def _songs(catalog: CatalogReader, songs: NDArray[np.int64]) -> tuple[int, ...]:
    """The first of `songs` that are in the catalog; no recording twice, no artist more often than
    `PER_ARTIST`."""
    wanted = songs[songs >= 0][:CANDIDATES].tolist()
    known = catalog.get(wanted)
    groups: set[int] = set()
    artists: Counter[str] = Counter()
    found: list[int] = []
    for song in (known[number] for number in wanted if number in known):
        if song.group in groups or _too_often(song.artist, artists):
            continue
        groups.add(song.group)
        found.append(song.id)
    return tuple(found[:TYPICAL])


def _tracks(material: Material, nearest: NDArray[np.int64]) -> tuple[TrackName, ...]:
    """The first tracks that are no songs of the catalog, likewise."""
    artists: Counter[str] = Counter()
    found: list[TrackName] = []
    for line in nearest.tolist():
        track = material.tracks[line]
        if track is None or material.songs[line] >= 0 or _too_often(track.artist, artists):
            continue
        found.append(track)
        if len(found) == TYPICAL:
            break
    return tuple(found)


def _too_often(artist: str | None, seen: Counter[str]) -> bool:
    if artist is None:
        return False
    seen[artist.casefold()] += 1
    return seen[artist.casefold()] > PER_ARTIST


def away_from(rows: Rows, centres: Rows, labels: Labels) -> NDArray[np.float32]:
    """How far each of `rows` `(n, d)` lies from the centre that it belongs to."""
    away = np.zeros(len(rows), np.float32)
    for number in range(len(centres)):
        lines = labels == number
        away[lines] = np.linalg.norm(rows[lines] - centres[number], axis=1)
    return away

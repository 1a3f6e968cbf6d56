"""Songs of an order that leave room for others: one a group, and so many of an artist. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol


class SongLike(Protocol):
    """What ranking needs to know of a song; `catalog.songs.Song` has it."""

    @property
    def artist(self) -> str | None:
        """Name of the artist, None when unknown."""
        ...

    @property
    def group(self) -> int:
        """Id of the near-duplicate group; the song's own id when it stands alone."""
        ...


def spread(
    ordered: Iterable[int], songs: Mapping[int, SongLike], *, k: int, per_artist: int
) -> list[int]:
    """The first `k` that leave one song a group and `per_artist` an artist; 0 sets no limit, and
    songs of unknown artist are not counted.

    >>> from types import SimpleNamespace as S
    >>> songs = {1: S(artist="A", group=1), 2: S(artist=None, group=2), 3: S(artist="a", group=3)}
    >>> spread([1, 3, 2], songs, k=2, per_artist=1)
    [1, 2]
    """
    kept: list[int] = []
    groups: set[int] = set()
    by_artist: dict[str, int] = {}
    for song in ordered:
        if len(kept) == k:
            break
        artist = artist_key(songs[song].artist)
        if songs[song].group in groups:
            continue
        if artist and per_artist and by_artist.get(artist, 0) >= per_artist:
            continue
        kept.append(song)
        groups.add(songs[song].group)
        by_artist[artist] = by_artist.get(artist, 0) + 1
    return kept


def artist_key(artist: str | None) -> str:
    """An artist's name without letter case and spacing; empty when unknown.

    >>> artist_key(" The  Fogs")
    'the fogs'
    """
    return " ".join((artist or "").casefold().split())

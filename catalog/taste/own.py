"""What the catalog's own users listen to, as listening data.

One household gives no crowd of users to learn from. So each thing that was put or played together
stands for a user: the stars, every playlist, and every day of the history.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from ..favourites import Favourites
from ..playlists import Playlists
from ..plays import Plays
from ..settings import CatalogSettings

if TYPE_CHECKING:
    from ..datasets import Listening

STARS = "stars"
MOST_PLAYS = 100_000
"""Plays of the history that are read, the newest."""


def own_listening(settings: CatalogSettings) -> Listening:
    """Stars ("stars"), playlists ("playlist 3") and days in UTC ("day 2026-11-21") as users, songs'
    ids as items. Songs that are gone from the catalog are left out.

    Raises `NoCatalogError`, `StoreError`.
    """
    baskets: dict[str, Counter[int]] = {}
    with Favourites(settings) as favourites:
        baskets[STARS] = Counter(song.song for song in favourites.songs() if not song.gone)
    with Playlists(settings) as playlists:
        for playlist in playlists.all():
            songs = (song.song for song in playlist.songs if not song.gone)
            baskets[f"playlist {playlist.id}"] = Counter(songs)
    with Plays(settings) as plays:
        for play in plays.find(limit=MOST_PLAYS):
            day = f"day {play.started_at.date().isoformat()}"
            baskets.setdefault(day, Counter())[play.song] += 1
    here = _in_catalog(settings, {song for basket in baskets.values() for song in basket})
    return _as_listening(
        {
            name: {song: count for song, count in basket.items() if song in here}
            for name, basket in baskets.items()
        }
    )


def own_likes(settings: CatalogSettings) -> tuple[list[int], list[int]]:
    """The starred songs in the user's order, and those of the history that have no star, the most
    played first, of equally many the newest; ids of songs in the catalog.

    Raises `NoCatalogError`, `StoreError`.
    """
    with Favourites(settings) as favourites:
        stars = [song.song for song in favourites.songs() if not song.gone]
    with Plays(settings) as plays:
        counts = Counter(play.song for play in plays.find(limit=MOST_PLAYS))
    here = _in_catalog(settings, counts)
    played = [song for song, _ in counts.most_common() if song in here and song not in set(stars)]
    return stars, played


def _in_catalog(settings: CatalogSettings, songs: Iterable[int]) -> set[int]:
    from ..catalog import Catalog

    with Catalog.open(settings, None) as catalog:
        return set(catalog.get(songs))


def _as_listening(baskets: dict[str, dict[int, int]]) -> Listening:
    from ..datasets import Listening

    users = [name for name, basket in baskets.items() if basket]
    items = sorted({song for name in users for song in baskets[name]})
    line = {song: place for place, song in enumerate(items)}
    triplets = [
        (user, line[song], baskets[name][song])
        for user, name in enumerate(users)
        for song in sorted(baskets[name])
    ]
    columns = np.array(triplets, np.float64).reshape(-1, 3).T
    return Listening(
        users,
        [str(song) for song in items],
        columns[0].astype(np.int32),
        columns[1].astype(np.int32),
        columns[2].astype(np.float32),
    )

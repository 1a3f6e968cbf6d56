"""What one user of a dataset has played, without reading what all others have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select

from .. import schema
from ..dataset_rows import MOST_KEYS, items_of
from ..errors import TasteError
from ..kept import Kept, has_table
from .joining import OWN
from .own import own_listening

if TYPE_CHECKING:
    from ..reader import CatalogReader
    from .model import TasteModel


@dataclass(frozen=True, eq=False)
class UserLikes:
    """The items that a user has played: songs of the catalog, and vectors (m, f) of the others."""

    songs: tuple[int, ...]
    vectors: NDArray[np.float32]


class Listeners(Kept):
    """The users of the datasets beside a catalog, see `Kept`."""

    def played(self, dataset: str, user: str) -> list[str]:
        """Keys of the items that `user` has played. Raises `TasteError`: no such user."""
        listens, tracks = schema.dataset_listens.c, schema.dataset_tracks.c
        query = select(listens["items"]).where(listens.dataset == dataset, listens.listener == user)
        with self._store.read() as db:
            found = None
            if has_table(db, schema.dataset_listens):
                found = db.scalars(query).first()
            if found is None:
                raise TasteError(f"no user {user!r} in the listening of {dataset}")
            keys: list[str] = []
            ids = items_of(found).tolist()
            for first in range(0, len(ids), MOST_KEYS):
                part = tracks.id.in_(ids[first : first + MOST_KEYS])
                keys += db.scalars(select(tracks.key).where(part))
        return keys


def likes_of_user(catalog: CatalogReader, model: TasteModel, user: str) -> UserLikes:
    """What `user` of the model's dataset has played. Raises `TasteError`: there is no such user."""
    if model.dataset == OWN:
        keys = _own(catalog, user)
    else:
        with Listeners(catalog.settings) as listeners:
            keys = listeners.played(model.dataset, user)
    lines = {key: line for line, key in enumerate(model.items)}
    played = {lines[key] for key in keys if key in lines}
    songs = tuple(song for song, line in sorted(model.songs.items()) if line in played)
    others = sorted(played - {model.songs[song] for song in songs})
    return UserLikes(songs, model.factors[others])


def _own(catalog: CatalogReader, user: str) -> list[str]:
    listening = own_listening(catalog.settings)
    if user not in listening.users:
        raise TasteError(
            f"no user {user!r} in the own listening, expected one of {listening.users[:5]}"
        )
    mine = listening.user == listening.users.index(user)
    return [listening.items[place] for place in listening.item[mine].tolist()]

"""Stars: the songs that the user likes, in the user's order."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from . import schema
from .errors import LimitError
from .kept import Kept, KeptSong, as_now, copies, has_table

MOST_STARS = 10_000
"""Stars that can be kept; a list of them all is still sent in one answer."""


class Favourites(Kept):
    """The stars of a catalog, see `Kept`. Each method is one transaction and may raise
    `StoreError`."""

    def songs(self) -> list[KeptSong]:
        """The starred songs in the user's order."""
        table = schema.stars.c
        query = select(*(table[name] for name in schema.COPIED)).order_by(table.place, table.id)
        with self._store.read() as db:
            if not has_table(db, schema.stars):
                return []
            return as_now(db, [row._asdict() for row in db.execute(query)])

    def has(self, song: int) -> bool:
        """Whether the song is starred."""
        with self._store.read() as db:
            return has_table(db, schema.stars) and _is_starred(db, song)

    def add(self, song: int) -> None:
        """Star a song, as the last one; one that has its star keeps its place.

        Raises `UnknownSongError`, `LimitError`.
        """
        table = schema.stars
        with self._store.write() as db:
            table.create(db, checkfirst=True)
            if _is_starred(db, song):
                return
            count, last = db.execute(select(func.count(), func.max(table.c.place))).one()
            if count >= MOST_STARS:
                raise LimitError(f"{count} songs are starred, the most that can be")
            (values,) = copies(db, [song])
            db.execute(insert(table).values(**values, place=(last or 0) + 1))

    def remove(self, song: int) -> None:
        """Take a song's star away, if it has one."""
        with self._store.write() as db:
            if has_table(db, schema.stars):
                db.execute(delete(schema.stars).where(schema.stars.c.song == song))

    def order(self, songs: Sequence[int]) -> None:
        """Put starred songs into this order; those not named follow in the order they had.

        Songs without a star are passed over: one may have lost it in this moment.
        """
        table = schema.stars
        with self._store.write() as db:
            if not has_table(db, table):
                return
            query = select(table.c.song, table.c.place).order_by(table.c.place, table.c.id)
            before = {row.song: row.place for row in db.execute(query)}
            named = [song for song in dict.fromkeys(songs) if song in before]
            after = dict.fromkeys([*named, *before])
            moved = [(song, at) for at, song in enumerate(after, 1) if before[song] != at]
            if moved:
                where = table.c.song == bindparam("of_song")
                change = update(table).where(where).values(place=bindparam("to"))
                db.execute(change, [{"of_song": song, "to": at} for song, at in moved])


def _is_starred(db: Connection, song: int) -> bool:
    return (
        db.execute(select(schema.stars.c.id).where(schema.stars.c.song == song)).first() is not None
    )

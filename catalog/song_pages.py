"""Songs by text, a page at a time and in any order: what a table and a search box ask for.

The database looks through all songs; at 100,000 that takes some tens of milliseconds, in which no
Python runs and no other reader waits.
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, case, func, or_, select

from . import records, schema
from .songs import Song, search_key

SongOrder = Literal["match", "title", "artist", "album", "genre", "added", "id"]
"""`match`: those first whose title, then artist or album, begins with the text, then by title.
`added`: the newest first. All others ascend, songs that lack it last."""

MOST_WORDS = 12
"""Words of a text that are looked for; each costs another look at every song."""


class SongPage(NamedTuple):
    """Some of the songs that were found, and how many that are in all."""

    songs: list[Song]
    total: int


def page(
    db: Connection, text: str, *, order: SongOrder, descending: bool, limit: int, offset: int
) -> SongPage:
    """The songs from number `offset` on, at most `limit`, whose title, artist, album or genre hold
    every word of `text` (letter case and compatibility forms aside)."""
    table = schema.songs.c
    where = _holds(db, search_key(text).split()[:MOST_WORDS])
    total = db.execute(select(func.count()).select_from(schema.songs).where(where)).scalar_one()
    downward = descending != (order == "added")
    keys = [key.desc() if downward else key for key in _keys(order, search_key(text).strip())]
    query = select(table.id).where(where).order_by(*keys, table.id).limit(limit).offset(offset)
    ids = list(db.scalars(query))
    found = records.get(db, ids)
    return SongPage([found[song] for song in ids], int(total))


def _holds(db: Connection, words: list[str]) -> ColumnElement[bool]:
    genres = _genres(db) if words else {}
    return and_(True, *(_holds_word(word, genres) for word in words))


def _holds_word(word: str, genres: dict[str, str]) -> ColumnElement[bool]:
    # The path is the last part of the key and begins with a slash: a word that has a later line
    # with a slash at its beginning stands before it. Who sees no path must not find songs by it.
    escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    named = schema.songs.c.search_key.like(f"%{escaped}%\n/%", escape="\\")
    meant = [genre for genre, key in genres.items() if word in key]
    return or_(named, schema.songs.c.genre.in_(meant)) if meant else named


def _genres(db: Connection) -> dict[str, str]:
    """All genres with their search keys: there are few, and the songs' own keys lack them."""
    found = db.scalars(select(schema.songs.c.genre).distinct())
    keys = {genre: search_key(genre) for genre in found if genre}
    return dict(list(keys.items())[: records.MOST_IDS])


def _keys(order: SongOrder, text: str) -> list[ColumnElement[Any]]:
    """What to sort by. The search key begins with the title, in one letter case."""
    table = schema.songs.c
    by_title = table.search_key
    if order == "match" and text:
        begins = by_title.startswith(text, autoescape=True)
        part_begins = by_title.contains(f"\n{text}", autoescape=True)
        return [case((begins, 0), (part_begins, 1), else_=2), by_title]
    if order in ("artist", "album", "genre"):
        column = table[order]
        # Songs without one stand last.
        return [case((column.is_(None), 1), else_=0), func.lower(column), by_title]
    if order == "added":
        return [table.added_at]
    return [by_title] if order in ("match", "title") else [table.id]

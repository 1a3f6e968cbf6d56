"""Songs by text, a page at a time and in any order: what a table and a search box ask for.

The database looks through all songs; at 100,000 that takes some tens of milliseconds, in which no
Python runs and no other reader waits.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Connection, UnaryExpression, and_, case, func, or_, select
from sqlalchemy.sql import operators

from . import records, schema
from .songs import Song, search_key

SongOrder = Literal["match", "title", "artist", "album", "genre", "added", "id"]
"""`match`: those first whose title, then artist or album, begins with the text, then by title.
`added`: the newest first. All others ascend, songs that lack it last."""

MOST_WORDS = 12
"""Words of a text that are looked for; each costs another look at every song."""


MOST_GENRES = 1000

Genres = Mapping[str, str]
"""Genres with their search keys, which the songs' own lack."""


class SongPage(NamedTuple):
    """Some of the songs that were found, and how many that are in all."""

    songs: list[Song]
    total: int


class Chosen(NamedTuple):
    """The songs `ids` (n,): `only` these, or all but these."""

    ids: NDArray[np.int64]
    only: bool


def page(
    db: Connection,
    text: str,
    *,
    order: SongOrder,
    descending: bool,
    limit: int,
    offset: int,
    genres: Genres,
    chosen: Chosen | None = None,
) -> SongPage:
    """The songs from number `offset` on, at most `limit`, whose title, artist, album or genre hold
    every word of `text` (letter case and compatibility forms aside).

    `genres` are all that there are; `chosen` leaves only some of the songs.
    """
    table = schema.songs.c
    where = _holds(search_key(text).split()[:MOST_WORDS], genres)
    if chosen is not None:
        query = select(table.id).where(where)
        keys = _keys(order, search_key(text).strip(), descending=descending)
        every = np.array(list(db.scalars(query.order_by(*keys, table.id.asc()))), np.int64)
        left = every[np.isin(every, chosen.ids, invert=not chosen.only)]
        wanted = left[offset : offset + limit].tolist()
        found = records.get(db, wanted)
        return SongPage([found[song] for song in wanted], len(left))
    total = db.execute(select(func.count()).select_from(schema.songs).where(where)).scalar_one()
    count = max(0, min(limit, total - offset))
    # Sorting stops at the last song that is wanted: so the end is looked for from behind.
    backward = offset > total - offset - count
    upward = [*_keys(order, search_key(text).strip(), descending=descending), table.id.asc()]
    keys = [_turned(key) for key in upward] if backward else upward
    first = total - offset - count if backward else offset
    query = select(table.id).where(where).order_by(*keys).limit(count).offset(first)
    ids = list(db.scalars(query)) if count else []
    found = records.get(db, ids)
    return SongPage([found[song] for song in (reversed(ids) if backward else ids)], int(total))


def genres(db: Connection) -> Genres:
    """All genres with their search keys; a thousand at most."""
    found = db.scalars(select(schema.songs.c.genre).distinct().limit(MOST_GENRES))
    return {genre: search_key(genre) for genre in found if genre}


def _holds(words: list[str], genres: Genres) -> ColumnElement[bool]:
    return and_(True, *(_holds_word(word, genres) for word in words))


def _holds_word(word: str, genres: Genres) -> ColumnElement[bool]:
    # The path is the last part of the key and begins with a slash: a word that has a later line
    # with a slash at its beginning stands before it. Who sees no path must not find songs by it.
    escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    named = schema.songs.c.search_key.like(f"%{escaped}%\n/%", escape="\\")
    meant = [genre for genre, key in genres.items() if word in key]
    return or_(named, schema.songs.c.genre.in_(meant)) if meant else named


def _turned(key: UnaryExpression[Any]) -> UnaryExpression[Any]:
    """The same key the other way round."""
    column = key.element
    return column.asc() if key.modifier is operators.desc_op else column.desc()


def _keys(order: SongOrder, text: str, *, descending: bool) -> list[UnaryExpression[Any]]:
    """What to sort by. The search key begins with the title, in one letter case."""
    downward = descending != (order == "added")
    return [key.desc() if downward else key.asc() for key in _columns(order, text)]


def _columns(order: SongOrder, text: str) -> list[ColumnElement[Any]]:
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

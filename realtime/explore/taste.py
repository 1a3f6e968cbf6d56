"""What somebody may like, over HTTP: from own stars and history, and of two lists of songs."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from catalog.errors import StoreError, TasteError
from catalog.favourites import Favourites
from catalog.plays import Plays
from catalog.taste.list_files import FORMATS, ListFormat

from ..answers import answer, json_body
from .asking import Desk, fields_of, ids_of, number_asked, share_asked
from .rows import ranked_row, song_row

if TYPE_CHECKING:
    from catalog.catalog import Catalog
    from catalog.taste.lists import ListedSongs
    from catalog.taste.model import TasteModel
    from catalog.taste.recommend import Recommended

BLEND, COUNT, MOST_COUNT = 0.5, 20, 100
PLAYS_LOOKED_AT = 1000  # the newest
MOST_PLAYED = 50  # songs of the history that are taken for likes
LARGEST_LISTS_BYTES = 2 << 20  # of two lists in one body
MOST_NAME = 200  # characters
KEPT_S = 30.0


class Models:
    """The catalog's newest taste model; read again when another was published, and after a while,
    since the songs change that it knows."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: tuple[object, float, TasteModel | None] | None = None

    def newest(self, catalog: Catalog) -> tuple[TasteModel | None, str | None]:
        """The model, None without one; and what is wrong with it, if anything is."""
        from catalog.taste.model import open_model

        with self._lock:
            stamp, now_s = _published(catalog), time.monotonic()
            if self._kept is not None:
                of, read_s, model = self._kept
                if of == stamp and now_s - read_s < KEPT_S:
                    return model, None
            try:
                model = open_model(catalog)
            except (TasteError, StoreError) as error:
                return None, str(error)
            self._kept = (stamp, now_s, model)
            return model, None


def _published(catalog: Catalog) -> object:
    """Another for every model that is published."""
    from catalog.generations import current_number
    from catalog.taste.model import model_folder, models

    name = next(iter(models(catalog.settings)), None)
    return name, None if name is None else current_number(model_folder(catalog.settings, name))


def taste_routes(desk: Desk) -> list[BaseRoute]:
    """The routes of what somebody may like."""
    models = Models()

    async def for_you(request: Request) -> Response:
        blend = share_asked(request, "blend", default=BLEND)
        count = number_asked(request, "n", default=COUNT, least=1, most=MOST_COUNT)
        return answer(await desk.ask(_for_you, desk, models, blend=blend, count=count))

    async def compat(request: Request) -> Response:
        body = await json_body(request, limit=LARGEST_LISTS_BYTES)
        a, b = (_list_sent(one) for one in fields_of(body, a=dict, b=dict))
        return answer(await desk.ask(_compared, desk, models, a, b))

    return [
        Route("/api/foryou", for_you),
        Route("/api/compat", compat, methods=["POST"]),
    ]


def _for_you(desk: Desk, models: Models, *, blend: float, count: int) -> dict[str, Any]:
    from catalog.taste.recommend import recommend

    catalog = desk.catalog()
    starred, played = _stars(desk), _played(desk)
    likes = list(catalog.get([*starred, *played]))
    model, note = models.newest(catalog)
    found: Sequence[Recommended] = ()
    if likes:
        try:
            found = recommend(catalog, likes, blend=blend, count=count, model=model)
        except TasteError as error:  # such as likes that are still to be embedded
            note = note or str(error)
    return {
        "blend": blend,
        "from": {"stars": len(starred), "plays": len(played)},
        "model": None if model is None else model.dataset,
        "note": note,
        "songs": [_row(one) for one in found],
    }


def _stars(desk: Desk) -> list[int]:
    with Favourites(desk.settings) as stars:
        return [kept.song for kept in stars.songs() if not kept.gone]


def _played(desk: Desk) -> list[int]:
    """Songs that were played lately, the most often first."""
    with Plays(desk.settings) as plays:
        found = Counter(play.song for play in plays.find(limit=PLAYS_LOOKED_AT))
    return [song for song, _ in found.most_common(MOST_PLAYED)]


def _row(one: Recommended) -> dict[str, Any]:
    """A ranked song, and how near it is to the likes by sound and by taste."""
    parts = {"content": one.content, "taste": one.taste}
    rounded = {k: None if value is None else round(value, 4) for k, value in parts.items()}
    return {**ranked_row(one.song, one.score), **rounded}


@dataclass(frozen=True)
class _List:
    """A list of songs as it was sent: `ids`, or else the text of a file."""

    name: str
    ids: list[int] | None
    text: str
    kind: ListFormat


def _list_sent(body: dict[str, Any]) -> _List:
    """Raises `HTTPException` 400."""
    if "songs" in body:
        name, songs = fields_of(body, name=str, songs=list)
        found = _List(name, ids_of(songs), text="", kind="json")
    else:
        name, text, kind = fields_of(body, name=str, text=str, format=str)
        if kind not in FORMATS:
            raise HTTPException(400, f"format is {kind!r:.40}, expected {', '.join(FORMATS)}")
        found = _List(name, None, text, kind)
    if len(name) > MOST_NAME:
        raise HTTPException(400, f"name has {len(name)} characters, expected {MOST_NAME} at most")
    return found


def _ids(catalog: Catalog, one: _List) -> ListedSongs:
    from catalog.taste.lists import ListedSongs, listed_songs

    if one.ids is not None:
        return ListedSongs(tuple(one.ids))
    return listed_songs(catalog, one.text, one.kind)


def _compared(desk: Desk, models: Models, a: _List, b: _List) -> dict[str, Any]:
    from catalog.taste.compat import compatibility

    catalog = desk.catalog()
    model, _ = models.newest(catalog)
    songs_a, songs_b = _ids(catalog, a), _ids(catalog, b)
    found = compatibility(catalog, songs_a.songs, songs_b.songs, model=model)
    shared = catalog.get(found.shared)
    return {
        "score": round(found.score, 4),
        "percentile": round(found.percentile, 4),
        "model": None if model is None else model.dataset,
        "a": _side(a, songs_a, found.not_found_a),
        "b": _side(b, songs_b, found.not_found_b),
        "shared": [song_row(shared[song]) for song in found.shared if song in shared],
        "for_a": [_row(one) for one in found.for_a],
        "for_b": [_row(one) for one in found.for_b],
    }


def _side(sent: _List, listed: ListedSongs, gone: Sequence[int]) -> dict[str, Any]:
    missing = [*listed.not_found, *(f"song {song}" for song in gone)]
    songs = len(set(listed.songs) - set(gone))
    return {"name": sent.name, "songs": songs, "not_found": missing}

"""What the endpoints share: the catalog they ask, threads to ask it in, and what they are asked.

All that reads the catalog runs in threads, two at a time however many clients ask: the database has
a bounded number of connections, and whoever listens needs one too.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request

from catalog.catalog import Catalog
from catalog.errors import (
    CatalogError,
    LimitError,
    NoCatalogError,
    TasteError,
    UnknownJobError,
    UnknownPlayError,
    UnknownPlaylistError,
    UnknownSongError,
    UnknownThemeError,
)
from catalog.settings import CatalogSettings

P = ParamSpec("P")
T = TypeVar("T")

THREADS = 2
"""Questions answered at once."""

LARGEST_ID = 2**31 - 1  # what the database's columns of ids and the map's hold
MOST_LISTED = 10_000  # ids in one body

_NOT_THERE = (
    NoCatalogError,
    UnknownSongError,
    UnknownPlaylistError,
    UnknownPlayError,
    UnknownJobError,
    UnknownThemeError,
)


class Desk:
    """Answers questions to the catalog that `opened` gives, which may not be there yet."""

    def __init__(self, opened: Callable[[], Catalog | None], settings: CatalogSettings) -> None:
        self.settings = settings
        self._opened = opened
        self._free = asyncio.Semaphore(THREADS)

    def catalog(self) -> Catalog:
        """The catalog; raises `NoCatalogError`."""
        opened = self._opened()
        if opened is None:
            raise NoCatalogError("there is no catalog yet; `nowhear add PATH...` makes one")
        return opened

    async def ask(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What `work` gives, run in a thread when one is free; raises as `called` does."""
        async with self._free:
            return await called(work, *args, **kwargs)


async def called(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What `work` gives, run in a thread.

    Raises `HTTPException` for a `CatalogError`: 404 what is not there, 409 what is one too many,
    400 lists of which nothing is known, 503 a catalog that cannot be read or written.
    """
    try:
        return await run_in_threadpool(work, *args, **kwargs)
    except _NOT_THERE as error:
        raise HTTPException(404, str(error)) from error
    except LimitError as error:
        raise HTTPException(409, str(error)) from error
    except TasteError as error:
        raise HTTPException(400, str(error)) from error
    except CatalogError as error:
        raise HTTPException(503, str(error)) from error


def id_in_path(request: Request, name: str, *, what: str = "song") -> int:
    """The id at `{name}` of the address; raises `HTTPException` 404 for what can be none."""
    text = request.path_params[name]
    number = _digits(text)
    if number is None or number > LARGEST_ID:
        raise HTTPException(404, f"no {what} {text[:40]}")
    return number


def number_asked(request: Request, name: str, *, default: int, least: int, most: int) -> int:
    """A whole number of the query; raises `HTTPException` 400 when it is none from `least` to
    `most`."""
    text = request.query_params.get(name)
    if text is None:
        return default
    negative = text.startswith("-")
    number = _digits(text.removeprefix("-"))
    value = -number if negative and number is not None else number
    if value is None or not least <= value <= most:
        raise HTTPException(400, f"{name} is {text[:40]!r}, expected {least} to {most}")
    return value


def share_asked(request: Request, name: str, *, default: float) -> float:
    """A number from 0 to 1 of the query; raises `HTTPException` 400."""
    text = request.query_params.get(name, str(default))
    try:
        share = float(text)
    except ValueError:
        share = math.nan
    if not 0 <= share <= 1:  # which what is no number is not
        raise HTTPException(400, f"{name} is {text[:40]!r}, expected 0 to 1")
    return share


def word_asked(request: Request, name: str, words: tuple[str, ...], *, default: str | None) -> str:
    """One of `words` from the query; raises `HTTPException` 400 for any other."""
    text = request.query_params.get(name, default)
    if text not in words:
        raise HTTPException(400, f"{name} is {(text or '')[:40]!r}, expected {', '.join(words)}")
    return text


def ids_asked(request: Request, name: str, *, most: int) -> list[int]:
    """Ids with commas between them, from the query; raises `HTTPException` 400."""
    text = request.query_params[name]
    numbers = [_digits(part.strip()) for part in text.split(",")] if text.strip() else []
    ids = [number for number in numbers if number is not None]
    if len(ids) < len(numbers):
        raise HTTPException(400, f"{name} is {text[:40]!r}, expected numbers and commas")
    if len(ids) > most:
        raise HTTPException(400, f"{name} holds {len(ids)} ids, expected at most {most}")
    return ids


def fields_of(body: Any, **kinds: type) -> list[Any]:
    """The fields of a JSON object, in the order of `kinds`; raises `HTTPException` 400 when one is
    missing, of another type, or of another name."""
    names = ", ".join(kinds)
    if not isinstance(body, dict):
        raise HTTPException(400, f"the body is no JSON object, expected one with {names}")
    if unknown := [name for name in body if name not in kinds]:
        raise HTTPException(400, f"the body holds {unknown[0]!r:.40}, expected {names}")
    for name, kind in kinds.items():
        if type(body.get(name)) is not kind:  # a truth value is no number
            raise HTTPException(400, f"{name} is missing or no {_TYPE_NAMES[kind]}")
    return [body[name] for name in kinds]


def ids_of(values: list[Any], *, most: int = MOST_LISTED) -> list[int]:
    """Song ids of a JSON body; raises `HTTPException` 400."""
    if len(values) > most:
        raise HTTPException(400, f"{len(values)} songs, expected at most {most}")
    for value in values:
        if type(value) is not int or not 0 <= value <= LARGEST_ID:
            raise HTTPException(400, f"songs holds {value!r:.40}, expected ids")
    return list(values)


_TYPE_NAMES = {str: "text", int: "whole number", list: "list", dict: "object"}
_MOST_DIGITS = 18


def _digits(text: str) -> int | None:
    plain = text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS
    return int(text) if plain else None

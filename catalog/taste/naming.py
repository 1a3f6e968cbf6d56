"""Songs by artist and title that others spell otherwise. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable

from ..errors import MissingExtraError
from ..songs import search_key

LEAST_TITLE = 88.0
LEAST_ARTIST = 88.0
"""Similarity of names, 0 to 100, from which they are taken for one: a letter of eight may differ.
See `rapidfuzz.fuzz.ratio`."""

_SHORT = 4
"""Shorter names must be equal: of three letters a third would differ."""

_FEATURED = re.compile(r"[\[(]?\b(?:feat|ft|featuring)\b\.?.*$")
_NO_WORD = re.compile(r"[\W_]+")


def name_key(text: str) -> str:
    """A name without letter case, accents, punctuation, a leading article and featured artists.

    >>> name_key("The Motörhead (feat. Nobody)"), name_key("R.E.M."), name_key("!!!")
    ('motorhead', 'r e m', '!!!')
    """
    key = unicodedata.normalize("NFD", search_key(text))
    key = "".join(c for c in key if not unicodedata.combining(c))
    plain = _NO_WORD.sub(" ", _FEATURED.sub("", key)).strip().removeprefix("the ")
    return plain or key.strip()


class NamedSongs:
    """Songs, looked up by names that need not be spelled as theirs are."""

    def __init__(self, songs: Iterable[tuple[int, str, str | None]]) -> None:
        """From ids, titles and artists; of songs with the same names the first is found."""
        self._artists: defaultdict[str, dict[str, int]] = defaultdict(dict)
        self._titles: defaultdict[str, list[int]] = defaultdict(list)
        for song, title, artist in songs:
            key = name_key(title)
            self._artists[name_key(artist) if artist else ""].setdefault(key, song)
            self._titles[key].append(song)
        self._known: dict[str, list[str]] = {}

    def find(self, title: str, artist: str | None) -> int | None:
        """The song with this title by this artist, or with names that are nearly these.

        Without an artist, and for songs without one, the title must be equal and but one song's.
        Raises `MissingExtraError`: rapidfuzz is not installed.
        """
        key = name_key(title)
        if artist is not None:
            for name in self._artists_like(name_key(artist)):
                song = _like(self._artists[name], key)
                if song is not None:
                    return song
            return self._artists[""].get(key) if "" in self._artists else None
        found = self._titles.get(key, ())
        return found[0] if len(found) == 1 else None

    def _artists_like(self, artist: str) -> list[str]:
        """The artists that may be meant, the likeliest first."""
        if artist not in self._known:
            others = [name for name in self._artists if name]
            self._known[artist] = _nearest(artist, others, least=LEAST_ARTIST)
        return self._known[artist]


def _like(titles: dict[str, int], key: str) -> int | None:
    if key in titles:
        return titles[key]
    return next((titles[name] for name in _nearest(key, list(titles), least=LEAST_TITLE)), None)


def _nearest(key: str, names: list[str], *, least: float) -> list[str]:
    if key in names:
        return [key]
    if len(key) < _SHORT:
        return []
    try:
        from rapidfuzz import fuzz, process
    except ImportError as error:
        raise MissingExtraError(
            "the library rapidfuzz is not installed; `pip install 'nowhear[learn]'` brings it"
        ) from error
    found = process.extract(key, names, scorer=fuzz.ratio, score_cutoff=least, limit=3)
    return [name for name, _, _ in found]

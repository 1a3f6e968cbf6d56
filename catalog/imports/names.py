"""When two spellings of artist and title are the same recording. Pure: text in, a score out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

_BRACKETS = re.compile(r"\s*[(\[{][^)\]}]*[)\]}]")
_GUESTS = re.compile(r"\s+(feat|ft|featuring)\b\.?.*$")
_EDITION = re.compile(
    r"\s+-\s+(\d{4}\s+)?(digital(ly)?\s+)?"
    r"(remaster(ed)?|mono|stereo|album|single|explicit|radio|original|bonus)\b.*$"
)
_VERSION = re.compile(
    r"\b(live|remix|mix|rmx|dub|edit|demo|acoustic|instrumental|karaoke|cover|reprise|unplugged|"
    r"session|sessions|orchestral|acapella|interlude|intro|outro|medley|rehearsal)\b"
)
_NO_VERSION = re.compile(r"\b(album|single|radio|original|lp|full length)\s+(version|mix|edit)\b")
_WORD = re.compile(r"[^\W_]+")
_ROMAN = {
    name: str(value)
    for value, name in enumerate(["ii", "iii", "iv", "v", "vi", "vii", "viii", "ix"], start=2)
}
_SPECIAL = str.maketrans(
    {"&": " and ", "’": "'", "$": "s", "ø": "o", "đ": "d", "ł": "l", "æ": "ae"}
)
_CACHED = 1 << 16

Ratio = Callable[[str, str], float]
"""How alike two texts are, 0 to 1."""


@dataclass(frozen=True)
class Name:
    """Artist and title as they are compared.

    - `artist`, `title`: words without case, accents, punctuation, brackets and editions.
    - `numbers`: numbers of the title in order; parts 1 and 2 are not one piece.
    - `version`: what makes it another recording: live, remix, ...
    """

    artist: str
    title: str
    numbers: tuple[str, ...]
    version: frozenset[str]


@lru_cache(_CACHED)
def plain(text: str) -> str:
    """Text without case, accents and punctuation, its words apart.

    >>> plain("Sigur Rós"), plain("Guns N' Roses"), plain("Beyoncé & JAY-Z")
    ('sigur ros', 'guns n roses', 'beyonce and jay z')
    """
    folded = unicodedata.normalize("NFKD", text).casefold().translate(_SPECIAL)
    text = unicodedata.normalize("NFKD", folded)
    text = "".join(c for c in text if not unicodedata.combining(c)).replace("'", " ")
    return " ".join(_WORD.findall(text))


def artist_of(text: str) -> str:
    """An artist without guests and article.

    >>> artist_of("The Beatles"), artist_of("Beatles, The"), artist_of("Drake feat. Rihanna")
    ('beatles', 'beatles', 'drake')
    """
    words = plain(_GUESTS.sub("", text.casefold()))
    for shorter in (words.removeprefix("the "), words.removesuffix(" the")):
        if shorter and shorter != words:
            return shorter
    return words or text.casefold().strip()


def name_of(artist: str, title: str) -> Name:
    """How artist and title are compared.

    >>> name_of("Queen", "Bohemian Rhapsody - Remastered 2011").title
    'bohemian rhapsody'
    >>> sorted(name_of("Queen", "Love of My Life (Live at Wembley)").version)
    ['live']
    """
    folded = title.casefold()
    bare = _GUESTS.sub("", _EDITION.sub("", _BRACKETS.sub("", folded)))
    spelled = plain(bare) or plain(folded) or folded.strip()
    words = " ".join(_ROMAN.get(word, word) for word in spelled.split())
    # An edition's year says nothing of the piece, a part between brackets does: "Hey (Part 2)".
    numbered = plain(_EDITION.sub("", _without_editions(folded))).split()
    numbers = tuple(_ROMAN.get(word, word) for word in numbered if word.isdigit() or word in _ROMAN)
    version = frozenset(_VERSION.findall(_NO_VERSION.sub("", folded)))
    return Name(artist_of(artist), words, numbers, version)


def _without_editions(title: str) -> str:
    return _BRACKETS.sub(lambda found: "" if "master" in found[0] else found[0], title)


def likeness(one: Name, other: Name, ratio: Ratio, *, least: float) -> float:
    """How surely two names are one recording: the lesser likeness of artist and title; 0 below
    `least`, and when numbers or version differ."""
    if one.numbers != other.numbers or one.version != other.version:
        return 0.0
    title = 1.0 if one.title == other.title else ratio(one.title, other.title)
    if title < least:
        return 0.0
    artist = 1.0 if one.artist == other.artist else ratio(one.artist, other.artist)
    score = min(title, artist)
    return score if score >= least else 0.0

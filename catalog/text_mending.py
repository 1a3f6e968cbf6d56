"""Text in files' tags: made clean, and read in the encoding it was written in.

ID3 knows no encoding for most of the world's scripts but UTF-16 and, late, UTF-8; programs wrote
their system's code page and declared it Latin-1. `mend` reads such bytes as what they are when
that is beyond reasonable doubt, and leaves them alone otherwise: a wrong guess is worse than a
known kind of garbage. Handled: UTF-8, Shift-JIS (cp932), Cyrillic (cp1251) and cp1252.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

MAX_LENGTH = 300
"""Longest value kept, in characters: some files carry a whole page as their title."""

_VOWELS = frozenset("аеёиіїоуыэюяєАЕЁИІЇОУЫЭЮЯЄ")
_HIGH_WORD = re.compile(rb"[A-Za-z\xa8\xaa\xaf\xb2\xb3\xb8\xba\xbf\xc0-\xff]+")
_HIGH_RUN = 3  # accented letters in a row: more than Latin scripts ever have
_HIGH_LETTERS = 4
_VOWEL_SHARE = (0.2, 0.75)
_JAPANESE_SHARE = 0.5
_BIDI = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])


def clean(text: str) -> str:
    r"""`text` on one line, without control characters, in composed form, of bounded length.

    >>> clean("  a\x00b\r\nc ")
    'a b c'
    """
    text = unicodedata.normalize("NFC", text.translate(_BIDI))
    text = "".join(" " if unicodedata.category(c) in ("Cc", "Cs") else c for c in text)
    text = " ".join(text.split())
    return text if len(text) <= MAX_LENGTH else text[: MAX_LENGTH - 1].rstrip() + "…"


def mend(text: str) -> str:
    r"""`text`, declared Latin-1, as what its bytes really are.

    >>> mend("\x83T\x83N\x83\x89"), mend("Ïðèâåò"), mend("CafÃ©"), mend("Motörhead")
    ('サクラ', 'Привет', 'Café', 'Motörhead')
    """
    try:
        data = text.encode("latin-1")
    except UnicodeEncodeError:
        return text  # it was not Latin-1 after all
    if data.isascii():
        return text
    for attempt in (_utf8, _japanese, _cyrillic, _windows):
        mended = attempt(data)
        if mended is not None:
            return mended
    return text


def _decoded(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _utf8(data: bytes) -> str | None:
    """Text of another encoding is next to never valid UTF-8 by chance."""
    return _decoded(data, "utf-8")


def _japanese(data: bytes) -> str | None:
    """Shift-JIS: its kana begin with bytes that Latin-1 has no letters for.

    An apostrophe of cp1252 before a letter also reads as one kanji, so kanji alone must make up
    most of the text, while kana suffice.
    """
    text = _decoded(data, "cp932")
    if text is None or not any(0x81 <= byte <= 0x9F for byte in data):
        return None
    kana = sum("\u3040" <= c <= "\u30ff" for c in text)
    kanji = sum("\u4e00" <= c <= "\u9fff" for c in text)
    odd = any("\ue000" <= c <= "\uf8ff" for c in text)
    enough = kana >= 1 or (kanji >= 2 and 2 * kanji >= _JAPANESE_SHARE * len(data))
    return text if enough and not odd else None


def _cyrillic(data: bytes) -> str | None:
    """cp1251: whole words of letters that in Latin-1 are all accented."""
    if not re.search(rb"[\xc0-\xff]{%d}" % _HIGH_RUN, data):
        return None
    text = _decoded(data, "cp1251")
    words = [w for w in _HIGH_WORD.findall(data) if not w.isascii()]
    if text is None or any(re.search(rb"[A-Za-z]", word) for word in words):
        return None
    letters = [c for c in text if "\u0400" <= c <= "\u04ff"]
    if len(letters) < _HIGH_LETTERS or not _sensible_case(text):
        return None
    share = sum(c in _VOWELS for c in letters) / len(letters)
    return text if _VOWEL_SHARE[0] <= share <= _VOWEL_SHARE[1] else None


def _sensible_case(text: str) -> bool:
    """No capital after a small letter: KOI8-R read as cp1251 has its cases swapped."""
    return not any(a.islower() and b.isupper() for a, b in pairwise(text))


def _windows(data: bytes) -> str | None:
    """cp1252: dashes and curly quotes where Latin-1 has control characters."""
    return _decoded(data, "cp1252") if any(0x80 <= b <= 0x9F for b in data) else None

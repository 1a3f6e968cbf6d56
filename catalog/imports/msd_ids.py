"""Ids of the Million Song Dataset."""

from __future__ import annotations

import re

TRACK = re.compile(r"TR[A-Z]{5}[0-9A-F]{11}")
SONG = re.compile(r"SO[A-Z0-9]{16}")


def checked(pattern: re.Pattern[str], text: str, what: str) -> str:
    """`text`, if it is such an id. Raises ValueError."""
    if not pattern.fullmatch(text):
        example = "TRAAAAW128F429D538" if pattern is TRACK else "SOAKIMP12A8C130995"
        raise ValueError(f"{what} {text[:30]!r}; expected one such as {example}")
    return text

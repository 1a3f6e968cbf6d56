"""Values in tables: numbers, years, attributes, as text or as they come."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from catalog.schema import ATTRIBUTES

_YEARS = range(1800, 2100)
_FASTEST_BPM = 400.0


def number(value: Any) -> float | None:
    """A number, or None for nothing (an empty field, NaN). Raises ValueError.

    >>> number("2.5"), number(""), number("nan")
    (2.5, None, None)
    """
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    found = float(value)
    return found if math.isfinite(found) else None


def year(value: Any) -> int | None:
    """The year of a year or date; None where there is none, as 0 says in the Million Song tables.

    >>> year("2009-01-05 00:00:00"), year("0"), year(1969)
    (2009, None, 1969)
    """
    text = str(value or "")[:4]
    return int(text) if text.isdecimal() and int(text) in _YEARS else None


def seconds(value: Any) -> float | None:
    """A duration; None where it is not known. Raises ValueError."""
    found = number(value)
    return found if found is not None and found > 0 else None


def attributes(values: Mapping[str, Any]) -> dict[str, float | None]:
    """The attributes among `values`. Raises ValueError: one is no number, or out of its range."""
    found: dict[str, float | None] = {}
    for name in ATTRIBUTES:
        value = number(values.get(name))
        most = _FASTEST_BPM if name == "tempo" else 1.0
        if value is not None and not 0 <= value <= most:
            raise ValueError(f"{name} is {value:g}; expected 0 to {most:g}")
        found[name] = value
    return found

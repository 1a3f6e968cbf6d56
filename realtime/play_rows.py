"""Plays as rows of JSON or CSV: the same for the command line and over HTTP."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from catalog.plays import PlayRecord

DECIMALS = 3  # of seconds, rates and probabilities


def play_row(play: PlayRecord) -> dict[str, Any]:
    """The fields of a play; moments as ISO 8601 in UTC."""
    return {name: _plain(value) for name, value in asdict(play).items()}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds")
    return round(value, DECIMALS) if isinstance(value, float) else value

"""What `--input` means."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import typer

from realtime.errors import SourceError
from realtime.settings import ListenSettings
from realtime.sources.base import RateHz, Source
from realtime.sources.file import FileSource
from realtime.sources.microphone import Microphone
from realtime.sources.playlists import is_playlist, playlist_addresses
from realtime.sources.raw import RawSource
from realtime.sources.stream import StreamSource, is_address

MICROPHONE = "mic"
STANDARD_INPUT = "-"

RAW_RATE_HZ = 44_100
RAW_CHANNELS = 2


@dataclass(frozen=True)
class Input:
    """The options that say what to listen to; rate and channels belong to standard input."""

    text: str
    fast: bool
    once: bool
    rate_hz: int | None
    channels: int | None


def open_source(given: Input, *, rate_hz: RateHz, settings: ListenSettings) -> Source:
    """The source that the options name.

    Raises `typer.BadParameter` for options that do not go together or a file that is not there,
    `SourceError` for what cannot be listened to.
    """
    _check_options(given)
    if given.text == STANDARD_INPUT:
        return RawSource(
            sys.stdin.fileno(),
            rate_in_hz=given.rate_hz or RAW_RATE_HZ,
            channels=given.channels or RAW_CHANNELS,
            rate_hz=rate_hz,
            fast=given.fast,
        )
    if _is_microphone(given.text):
        wanted = given.text.partition(":")[2] or None
        return Microphone(wanted, rate_hz=rate_hz, settings=settings)
    address = given.text if is_address(given.text) else _station(Path(given.text))
    if address is None:
        return FileSource(Path(given.text), rate_hz=rate_hz, fast=given.fast)
    return StreamSource(
        address, rate_hz=rate_hz, settings=settings, fast=given.fast, once=given.once
    )


def _is_microphone(text: str) -> bool:
    return text == MICROPHONE or text.startswith(MICROPHONE + ":")


def _check_options(given: Input) -> None:
    if given.text != STANDARD_INPUT and (given.rate_hz or given.channels):
        raise typer.BadParameter("--rate and --channels describe raw samples: use --input -")
    if given.text == STANDARD_INPUT and sys.stdin.isatty():
        raise typer.BadParameter("--input - reads raw samples: pipe them in")
    if given.fast and _is_microphone(given.text):
        raise typer.BadParameter("--fast is for files, streams and pipes")


def _station(path: Path) -> str | None:
    """The first address in a playlist file; None when the path is no playlist."""
    if not path.is_file():
        what = "is no regular file" if path.exists() else "no such file"
        raise typer.BadParameter(
            f"--input {path}: {what}; give a file, an address, - for standard input, or "
            "mic[:DEVICE] (`nowhear devices` lists them)"
        )
    if not is_playlist(path.name):
        return None
    found = playlist_addresses(path.read_text("utf-8", "replace"))
    if not found:
        raise SourceError(f"{path}: this playlist holds no http address")
    return found[0]

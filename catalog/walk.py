"""Finds audio files: the ones named, and all in the folders named."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

_AUDIO = """
    3gp aac ac3 aif aifc aiff alac amr ape asf au caf dff dsf dts flac it m4a m4b mka mod mp2
    mp3 mp4 mpc mpga oga ogg opus ra s3m shn snd spx tak tta w64 wav wave webm wma wv xm
"""
EXTENSIONS = frozenset(f".{name}" for name in _AUDIO.split())
"""Names of files in a folder that are tried. A file that is named itself is tried whatever it is
called."""


@dataclass(frozen=True)
class Skipped:
    """A path that was left out, and why."""

    path: Path
    reason: str


def find_audio(paths: Iterable[Path]) -> tuple[list[Path], list[Skipped]]:
    """Absolute paths of the audio files at and beneath `paths`, and what could not be looked at.

    Folders are walked in order of their names' bytes, links are followed, and a folder is walked
    once whatever leads to it, so a loop of links ends. Files whose names begin with a dot are left
    out (macOS and others keep notes there under a song's name) unless they are named themselves.
    """
    files: dict[Path, None] = {}  # keeps order, drops what is named twice
    skipped: list[Skipped] = []
    walked: set[tuple[int, int]] = set()
    for path in paths:
        absolute = Path(os.path.abspath(path))  # noqa: PTH100 - Path.resolve would follow links
        try:
            mode = absolute.stat().st_mode
        except (OSError, ValueError) as error:
            skipped.append(Skipped(absolute, _reason(error)))
            continue
        if stat.S_ISDIR(mode):
            files.update(dict.fromkeys(_walk(absolute, walked, skipped)))
        elif stat.S_ISREG(mode):
            files[absolute] = None
        else:
            skipped.append(Skipped(absolute, "is no regular file"))
    return list(files), skipped


def _walk(folder: Path, walked: set[tuple[int, int]], skipped: list[Skipped]) -> Iterator[Path]:
    try:
        state = folder.stat()
        if (state.st_dev, state.st_ino) in walked:
            return
        walked.add((state.st_dev, state.st_ino))
        with os.scandir(folder) as listing:
            entries = sorted(listing, key=lambda entry: os.fsencode(entry.name))
    except OSError as error:
        skipped.append(Skipped(folder, _reason(error)))
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if _is_folder(entry):
            yield from _walk(Path(entry.path), walked, skipped)
        elif os.path.splitext(entry.name)[1].lower() in EXTENSIONS:  # noqa: PTH122 - bytes-safe
            if _is_special(entry):
                continue
            yield Path(entry.path)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _is_special(entry: os.DirEntry[str]) -> bool:
    """A pipe or device would block whoever opens it. A link to nothing is not special: it is
    tried, so that it is reported."""
    try:
        return not stat.S_ISREG(entry.stat().st_mode)
    except OSError:
        return False


def _reason(error: OSError | ValueError) -> str:
    return error.strerror or str(error) if isinstance(error, OSError) else str(error)

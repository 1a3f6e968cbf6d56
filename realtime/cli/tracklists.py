"""Lists the songs of long recordings for `nowhear identify --all`, and writes them to a file."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog.catalog import Catalog
from catalog.songs import one_line, path_text
from encoder.decode import Decoder
from encoder.embedding import Encoder
from encoder.errors import AudioError
from realtime.cli.common import stderr, stdout
from realtime.cli.embedding import write_whole
from realtime.cli.listing import duration_text
from realtime.cli.naming import named, names, print_json_line, reason, speed_and_surety
from realtime.errors import RealtimeError
from realtime.opening import recognizer_over
from realtime.settings import Settings
from realtime.tracklist import TooManyTracksError, Track, csv_text, cue_text, tracks_of

RARELY_S = 60.0
"""Only plays are asked for, so styles and rankings are made as seldom as the settings allow."""


class _Counted:
    """Blocks of samples, and how many samples they were."""

    def __init__(self, blocks: Iterator[NDArray[np.float32]]) -> None:
        self._blocks = blocks
        self.samples = 0

    def __iter__(self) -> Iterator[NDArray[np.float32]]:
        for block in self._blocks:
            self.samples += len(block)
            yield block


def write_tracklists(
    files: Sequence[Path],
    encoder: Encoder,
    catalog: Catalog,
    settings: Settings,
    *,
    json: bool,
    csv: Path | None,
    cue: Path | None,
) -> bool:
    """Lists the songs of one file after another; True when one could not be read.

    Raises `RealtimeError`: the file for the list cannot be written.
    """
    listen = settings.listen.model_copy(update={"hop_s": RARELY_S, "rank_every_s": RARELY_S})
    quick = settings.model_copy(update={"listen": listen})
    rate_hz = encoder.spec.sample_rate_hz
    failed = False
    listed: list[tuple[Path, list[Track]]] = []
    duration_s = 0.0
    for file in files:
        tracks: list[Track] = []
        listed.append((file, tracks))
        _begin(file, json=json)
        try:
            with Decoder(file, sample_rate_hz=rate_hz) as decoder:
                blocks = _Counted(decoder.blocks())
                recognizer = recognizer_over(catalog, encoder, songs=catalog.get, settings=quick)
                for track in tracks_of(blocks, recognizer, sample_rate_hz=rate_hz):
                    tracks.append(track)
                    _say(file, track, json=json)
                duration_s = blocks.samples / rate_hz
        except (AudioError, OSError, ValueError) as error:
            failed = True
            _complain(file, reason(error), json=json)
            continue
        if not tracks and not json:
            stdout.print("  no song of the catalog")
    if csv is not None:
        _write(csv, csv_text(listed))
    if cue is not None and not failed:
        _write_cue(cue, listed[0][0], listed[0][1], duration_s)
    return failed


def _begin(file: Path, *, json: bool) -> None:
    if not json:
        stdout.print(f"{one_line(path_text(file))}:", markup=False)


def _say(file: Path, track: Track, *, json: bool) -> None:
    if json:
        print_json_line({"file": path_text(file), **_as_json(track)})
        return
    span = f"{duration_text(track.start_s)} - {duration_text(track.end_s)}"
    heard_s = track.end_s - track.start_s
    sure = speed_and_surety(track.rate, track.confidence, heard_s=heard_s)
    stdout.print(f"  {span}  {named(track.song)}, {sure}", markup=False)


def _as_json(track: Track) -> dict[str, Any]:
    return {
        "start": round(track.start_s, 3),
        "end": round(track.end_s, 3),
        **names(track.song),
        "position": round(track.position_s, 3),
        "rate": round(track.rate, 4),
        "confidence": round(track.confidence, 6),
    }


def _complain(file: Path, why: str, *, json: bool) -> None:
    if json:
        print_json_line({"file": path_text(file), "error": why})
    else:
        stderr.print(f"{one_line(path_text(file))}: {why}", markup=False)


def _write_cue(cue: Path, file: Path, tracks: Sequence[Track], duration_s: float) -> None:
    """A cue sheet, or CSV beside it when the sheet cannot hold so many."""
    # Players look for the file from the sheet's own folder.
    name = path_text(Path(os.path.relpath(file, cue.parent)))
    try:
        _write(cue, cue_text(tracks, name=name, duration_s=duration_s))
    except TooManyTracksError as error:
        table = cue.with_suffix(".csv")
        stderr.print(f"nowhear: {error}; written as CSV instead", markup=False)
        _write(table, csv_text([(file, tracks)]))


def _write(path: Path, text: str) -> None:
    try:
        write_whole(path, text.encode("utf-8", "backslashreplace"))
    except (OSError, ValueError) as error:
        raise RealtimeError(f"{path_text(path)}: cannot be written: {reason(error)}") from error
    stderr.print(f"written: {one_line(path_text(path))}", markup=False)

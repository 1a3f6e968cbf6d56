"""The whole measurement: from folders to a report."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from catalog.add import add
from catalog.catalog import Catalog
from catalog.songs import Song, path_text
from catalog.walk import find_audio
from encoder.decode import decode
from encoder.embedding import Encoder
from encoder.errors import DecodeError
from realtime.errors import EvaluationError
from realtime.settings import Settings
from realtime.version import program_version

from .judging import POSITION_S, SAME_COSINE, Judge
from .material import Material, workshop_of
from .programmes import Stage, measure
from .report import Report
from .rival import rival
from .running import Plan, run, shares
from .systems import listeners, nowhear
from .trials import Progress, QueriedSong

__all__ = ["Live", "Request", "Songs", "evaluate", "kin", "read_samples", "songs_in", "songs_of"]

Samples = NDArray[np.float32]

_ANY_RATE_HZ = 16_000  # when it is only asked whether a file can be decoded


@dataclass(frozen=True)
class Live:
    """How much is played to listeners: so many songs in programmes, and hours of each kind of sound
    that has no name."""

    passages: int
    hours: float


@dataclass(frozen=True)
class Request:
    """What is to be measured, of what; the material holds all that the plan needs.

    - `leave_out`: every song is asked for once more without itself, its near-duplicates and all
      else in their folders, as an outsider.
    - `live`: None measures single queries only; it needs noise.
    - `beside`: audiolocate is asked the same.
    """

    material: Material
    plan: Plan
    leave_out: bool = False
    live: Live | None = None
    beside: bool = False


@dataclass(frozen=True, eq=False)
class Songs:
    """All songs of the catalog by id, and those that queries come from."""

    everything: Mapping[int, Song]
    inside: Sequence[QueriedSong]
    outside: Sequence[QueriedSong]

    @property
    def outsiders(self) -> list[QueriedSong]:
        """Whatever may be played as an outsider."""
        return [*self.outside, *(song for song in self.inside if song.struck)]


def evaluate(
    request: Request, encoder: Encoder, catalog: Catalog, settings: Settings, *, progress: Progress
) -> Report:
    """Fills `catalog`, open for writing, with the request's songs, and measures.

    Raises `EvaluationError`: a folder holds nothing that can be used.
    """
    plan, rate_hz = request.plan, encoder.spec.sample_rate_hz
    workshop = workshop_of(
        request.material, plan.conditions, seed=plan.seed, sample_rate_hz=rate_hz
    )
    songs = songs_of(request, encoder, catalog, settings, progress)
    systems = [nowhear(encoder, catalog, settings)]
    if request.beside:
        paths = {song.id: song.path for song in songs.everything.values()}
        systems.append(rival(paths, read=read_samples, sample_rate_hz=rate_hz, progress=progress))
    read = partial(read_samples, rate_hz=rate_hz)
    asked = [
        *shares(songs.inside, plan.queries, seed=plan.seed),
        *shares(songs.outside, plan.queries, seed=plan.seed),
    ]
    judge = Judge(songs.everything, encoder, read=read)
    trials = run(asked, plan, workshop, systems, judge, read=read, progress=progress)
    live = None
    if request.live is not None:
        stage = Stage(
            listen=listeners(encoder, catalog, settings),
            read=read,
            group_of=lambda song: songs.everything[song].group,
            sample_rate_hz=rate_hz,
        )
        live = measure(
            stage,
            songs.inside,
            songs.outsiders,
            banks=workshop.banks,
            passages=request.live.passages,
            hours=request.live.hours,
            seed=plan.seed,
            progress=progress,
        )
    return Report(_facts(request, songs, encoder, settings), trials, live, rate_hz)


def songs_of(
    request: Request, encoder: Encoder, catalog: Catalog, settings: Settings, progress: Progress
) -> Songs:
    """The catalog filled, and who is asked for."""
    material = request.material
    add(
        [material.songs, *material.distractors],
        catalog,
        encoder,
        settings.catalog,
        on_progress=lambda done: progress("songs for the catalog", done.done, done.total),
    )
    everything = {song.id: song for song in catalog.songs()}
    inside = songs_in(material.songs, catalog, everything, leave_out=request.leave_out)
    return Songs(everything, inside, _outside(material.outsiders, catalog))


def songs_in(
    folder: Path, catalog: Catalog, everything: Mapping[int, Song], *, leave_out: bool
) -> list[QueriedSong]:
    """The songs of a folder that the catalog has."""
    files, _ = find_audio([folder])
    stored = [(path, catalog.by_path(path)) for path in files]
    songs = [(path, found.song) for path, found in stored if found is not None]
    if not songs:
        raise EvaluationError(f"{folder}: holds no song that could be added to the catalog")
    return [
        QueriedSong(path, song, kin(song, everything, folder) if leave_out else frozenset())
        for path, song in songs
    ]


def kin(song: int, everything: Mapping[int, Song], root: Path) -> frozenset[int]:
    """The song, its near-duplicates, and all that lie in the folder of one of those.

    What lies in `root` itself is no album: a flat folder of songs would strike the whole catalog.
    """
    group = everything[song].group
    twins = [other.path.parent for other in everything.values() if other.group == group]
    flat = Path(os.path.abspath(root))  # noqa: PTH100 - as `find_audio` writes paths
    albums = set(twins) - {flat}
    return frozenset(
        other.id
        for other in everything.values()
        if other.group == group or other.path.parent in albums
    )


def _outside(folder: Path | None, catalog: Catalog) -> list[QueriedSong]:
    """The songs of a folder of which the catalog has none."""
    if folder is None:
        return []
    files, _ = find_audio([folder])
    if known := [path for path in files if catalog.by_path(path) is not None]:
        raise EvaluationError(
            f"{known[0]} is in the catalog, so it is no outsider; name a folder of other songs"
        )
    heard = [path for path in files if _begins(path)]
    if not heard:
        raise EvaluationError(f"{folder}: holds no audio file that can be decoded")
    return [QueriedSong(path, None) for path in heard]


def _begins(path: Path) -> bool:
    """Whether there is anything in a file that can be decoded."""
    try:
        return any(len(block) for block in decode(path, sample_rate_hz=_ANY_RATE_HZ))
    except DecodeError:
        return False


def read_samples(path: Path, rate_hz: int) -> Samples:
    """All samples of a file `(n,)` at `rate_hz`; raises `EvaluationError`."""
    try:
        return np.concatenate(list(decode(path, sample_rate_hz=rate_hz)))
    except DecodeError as error:
        raise EvaluationError(f"{path_text(path)}: {error}") from error


def _facts(request: Request, songs: Songs, encoder: Encoder, settings: Settings) -> dict[str, str]:
    """How it was measured, for the head of the report; no path of this machine."""
    prints = encoder.spec.prints
    facts = {
        "nowhear": program_version(),
        "network": f"{prints.name} {prints.fingerprint[:16]}",
        "named from confidence": f"{settings.match.confidence:g}",
        "songs in the catalog": str(len(songs.everything)),
        "of these asked for": str(len(songs.inside)),
        "songs outside it": str(len(songs.outside)),
        "places per condition": str(request.plan.queries),
        "seed": str(request.plan.seed),
        "position right": f"within {POSITION_S:g} s, or at an exact repeat of the passage (prints "
        f"of both agree by {SAME_COSINE:g} or more on average)",
    }
    if request.leave_out:
        facts["outsiders"] = (
            "the same queries with the song, its near-duplicates and the rest of its folder struck "
            "from the catalog"
        )
    return facts

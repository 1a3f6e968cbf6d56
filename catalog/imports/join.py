"""Joins tracks of datasets with the songs of the catalog that they are: by the names of files,
which are ids, by where the files lie, and by artist and title."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from catalog.dataset_rows import MILLION_SONGS, TASTE_PROFILE
from catalog.datasets import Datasets, Track
from catalog.songs import Song

from .msd_ids import SONG, TRACK
from .names import Name, Ratio, likeness, name_of
from .report import Progress

LEAST_LIKENESS = 0.88
"""Measured on real names with made faults: see benchmarks/joins.md."""
_BATCH = 2000
_FMA_FILE = re.compile(r"\d{6}")
_SPOTIFY_FILE = re.compile(r"[0-9A-Za-z]{22}")
_ARTISTS_ONLY = "lastfm"


@dataclass(frozen=True)
class Joined:
    """How many tracks were joined in which way, and `songs` of the catalog in all. Without
    `fuzzy`, names were compared that are spelled alike only."""

    dataset: str
    by_id: int
    by_path: int
    by_name: int
    songs: int
    fuzzy: bool


def join_songs(datasets: Datasets, dataset: str, *, on_progress: Progress | None = None) -> Joined:
    """Join a dataset's tracks anew with the songs that the catalog has now. Raises `StoreError`.

    Ids and paths are believed before names. Items of the Taste Profile get the songs of their
    Million Song tracks, and an artist of `lastfm` is no song.
    """
    ratio = fuzzy_ratio()
    songs = [] if dataset == _ARTISTS_ONLY else datasets.songs()
    if not songs:
        return Joined(dataset, 0, 0, 0, 0, ratio is not None)
    by_file = _by_file(dataset, songs)
    by_place = {song.path: song.id for song in songs}
    names = Names(songs) if dataset != TASTE_PROFILE else Names([])
    found: dict[str, tuple[int, float]] = {}
    before: dict[str, int] = {}
    counts = {"id": 0, "path": 0}
    for done, track in enumerate(datasets.tracks(dataset)):
        if done % _BATCH == 0 and on_progress is not None:
            on_progress(done, None, f"joining {dataset}")
        if track.song is not None:
            before[track.key] = track.song
        if (song := by_file.get(track.key, by_file.get(track.alias or ""))) is not None:
            counts["id"] += 1
            found[track.key] = song, _SURE
        elif track.path is not None and track.path in by_place:
            counts["path"] += 1
            found[track.key] = by_place[track.path], _SURE
        elif (named := names.best(track, ratio)) is not None:
            found[track.key] = named
    now = _best_of_each_song(found)
    _write(datasets, dataset, before, now)
    by_name = len(now) - counts["id"] - counts["path"]
    joined = len(set(datasets.songs_of(dataset).values()))
    return Joined(dataset, counts["id"], counts["path"], by_name, joined, ratio is not None)


_SURE = 2.0
"""Above any likeness of names."""


def fuzzy_ratio() -> Ratio | None:
    """How alike two texts are, 0 to 1; None where rapidfuzz is not installed."""
    try:
        from rapidfuzz import fuzz
    except ImportError:
        return None
    return lambda one, other: float(fuzz.ratio(one, other)) / 100  # of per cent


def _by_file(dataset: str, songs: Iterable[Song]) -> dict[str, int]:
    """Songs by the ids that their files are named by; of several the first."""
    found: dict[str, int] = {}
    for song in songs:
        stem = song.path.stem
        if _is_id(dataset, stem, song.path):
            found.setdefault(stem, song.id)
    return found


def _is_id(dataset: str, stem: str, path: Path) -> bool:
    if dataset == "fma":
        return bool(_FMA_FILE.fullmatch(stem)) and path.parent.name == stem[:3]
    if dataset in (MILLION_SONGS, TASTE_PROFILE):
        return bool(TRACK.fullmatch(stem) or SONG.fullmatch(stem))
    return dataset == "spotify" and bool(_SPOTIFY_FILE.fullmatch(stem))


def _best_of_each_song(found: Mapping[str, tuple[int, float]]) -> dict[str, int]:
    """A song that is surely one track is no other that is only like it."""
    best: dict[int, float] = defaultdict(float)
    for song, score in found.values():
        best[song] = max(best[song], score)
    # By name and by id may both be right: a song has several tracks in the Million Song Dataset.
    return {key: song for key, (song, score) in found.items() if score >= min(best[song], 1.0)}


def _write(
    datasets: Datasets, dataset: str, before: Mapping[str, int], now: Mapping[str, int]
) -> None:
    keys = sorted(key for key in {*before, *now} if before.get(key) != now.get(key))
    for first in range(0, len(keys), _BATCH):
        part = keys[first : first + _BATCH]
        datasets.join({(dataset, key): now.get(key) for key in part})


class Names:
    """Songs by their names. Those that are looked at for a track share a word of the artist and one
    of the title with it, or have the same artist or title; that bounds the work."""

    def __init__(self, songs: Iterable[Song]) -> None:
        self._songs: list[tuple[Song, Name]] = []
        self._artist_words: dict[str, set[int]] = defaultdict(set)
        self._title_words: dict[str, set[int]] = defaultdict(set)
        self._same: dict[tuple[str, str], list[int]] = defaultdict(list)
        for song in songs:
            if song.artist and song.title:
                self._add(song, name_of(song.artist, song.title))

    def _add(self, song: Song, name: Name) -> None:
        place = len(self._songs)
        self._songs.append((song, name))
        for word in name.artist.split():
            self._artist_words[word].add(place)
        for word in name.title.split():
            self._title_words[word].add(place)
        for part in ("artist", "title"):
            self._same[part, _joined(getattr(name, part))].append(place)

    def best(self, track: Track, ratio: Ratio | None) -> tuple[int, float] | None:
        """The song that the track is by its name, and how alike they are; without `ratio` names
        must be alike as they are compared."""
        if not (self._songs and track.artist and track.title):
            return None
        name = name_of(track.artist, track.title)
        scored = []
        for place in self._candidates(name, exactly=ratio is None):
            song, other = self._songs[place]
            score = likeness(name, other, ratio or _alike, least=LEAST_LIKENESS)
            if score > 0:
                apart_s = abs(song.duration_s - (track.duration_s or song.duration_s))
                scored.append((-score, apart_s, song.id))
        if not scored:
            return None
        minus, _, song_id = min(scored)
        return song_id, -minus

    def _candidates(self, name: Name, *, exactly: bool) -> Iterator[int]:
        same = set(self._same.get(("title", _joined(name.title)), ()))
        if exactly:
            yield from same
            return
        same.update(self._same.get(("artist", _joined(name.artist)), ()))
        by_artist = _any_of(self._artist_words, name.artist)
        if by_artist:
            same |= by_artist & _any_of(self._title_words, name.title)
        yield from same


def _alike(one: str, other: str) -> float:
    return float(_joined(one) == _joined(other))


def _any_of(index: Mapping[str, set[int]], text: str) -> set[int]:
    return set().union(*(index.get(word, ()) for word in text.split()))


def _joined(text: str) -> str:
    return text.replace(" ", "")

"""Adds files to a catalog: finds, reads, embeds side by side, stores, publishes.

A song counts once it is stored, and is stored as soon as it is embedded: whatever ends a run, the
next one goes on after the last song stored. All decisions are made in the calling thread and in
the order of the files, so that they do not depend on which thread was quicker.
"""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from encoder.embedding import Encoder

from .catalog import Catalog
from .file_tags import read_details
from .files import (
    CancellableEncoder,
    RefusedError,
    StoppedError,
    is_as_stored,
    is_gone,
    make_song,
    read_state,
)
from .settings import CatalogSettings
from .songs import FileState, NewSong, path_text
from .walk import Skipped, find_audio

__all__ = ["Progress", "Skipped", "Summary", "add", "workers_of"]

AHEAD = 2
"""Files in hand for each worker, so that none waits while the last song is being stored."""

HASHING_THREADS = 2
POLL_S = 0.2
"""So often is `stop` looked at while nothing happens."""


@dataclass(frozen=True)
class Summary:
    """What a run did. `added` counts new songs and those whose file had changed."""

    added: int
    unchanged: int
    skipped: tuple[Skipped, ...]
    seconds: float
    audio_seconds: float  # of the songs added
    interrupted: bool = False


@dataclass(frozen=True)
class Progress:
    """How far a run is: files dealt with, of so many, and seconds of audio added."""

    done: int
    total: int
    path: Path
    audio_seconds: float


def workers_of(settings: CatalogSettings) -> int:
    """Songs to embed side by side: the setting, or one for every core this process may use."""
    return settings.workers or len(os.sched_getaffinity(0))


def add(
    paths: Iterable[Path],
    catalog: Catalog,
    encoder: Encoder,
    settings: CatalogSettings,
    *,
    on_progress: Callable[[Progress], None] | None = None,
    stop: threading.Event | None = None,
) -> Summary:
    """Add the audio files at and beneath `paths` to a catalog that is open for writing.

    Once `stop` is set, no other file is begun, what is embedded is stored and published, and the
    summary so far comes back. With more than one worker the encoder should use one thread a call.

    Raises `StoreError`: the disk is full or fails. What was stored before is safe, and the next
    call goes on from there.
    """
    started = time.perf_counter()
    files, skipped = find_audio(paths)
    run = _Run(catalog, encoder, settings, files, skipped, on_progress, stop or threading.Event())
    run.go()
    catalog.publish()
    return Summary(
        added=run.added,
        unchanged=run.unchanged,
        skipped=tuple(sorted(run.skipped, key=lambda skipped: os.fsencode(skipped.path))),
        seconds=time.perf_counter() - started,
        audio_seconds=run.audio_seconds,
        interrupted=run.stop.is_set(),
    )


class _Run:
    """The state of one `add`; all of it belongs to the calling thread."""

    def __init__(
        self,
        catalog: Catalog,
        encoder: Encoder,
        settings: CatalogSettings,
        files: list[Path],
        skipped: list[Skipped],
        on_progress: Callable[[Progress], None] | None,
        stop: threading.Event,
    ) -> None:
        self.stop = stop
        self.added = 0
        self.unchanged = 0
        self.skipped = skipped
        self.audio_seconds = 0.0
        self._catalog = catalog
        self._encoder = CancellableEncoder(encoder, stop)
        self._hop_s = settings.hop_s
        self._on_progress = on_progress
        self._total = len(files)
        self._done = 0
        self._todo = deque(files)
        self._hashing: deque[tuple[Path, Future[FileState]]] = deque()
        self._embedding: dict[Future[NewSong], FileState] = {}
        self._claimed: dict[str, FileState] = {}  # by content: being embedded
        self._parked: dict[str, list[FileState]] = {}  # by content: to see how that ends
        workers = workers_of(settings)
        self._in_hand = AHEAD * workers
        self._readers = ThreadPoolExecutor(HASHING_THREADS, "hash")
        self._workers = ThreadPoolExecutor(workers, "embed")

    def go(self) -> None:
        """Deal with every file, or with what can be until `stop` is set."""
        try:
            while not self.stop.is_set():
                self._hand_out()
                self._decide_all()
                if not self._todo and not self._hashing and not self._embedding:
                    return
                wait(self._awaited(), timeout=POLL_S, return_when=FIRST_COMPLETED)
                self._store_finished()
        except BaseException:
            self.stop.set()
            raise
        finally:
            self._readers.shutdown(cancel_futures=True)
            self._workers.shutdown(cancel_futures=True)
        self._store_finished()

    def _awaited(self) -> list[Future[Any]]:
        futures: list[Future[Any]] = list(self._embedding)
        if self._hashing and len(self._embedding) < self._in_hand:
            futures.append(self._hashing[0][1])
        return futures

    def _hand_out(self) -> None:
        """Have the next files read, except those that are as they were stored."""
        while self._todo and len(self._hashing) < self._in_hand and not self.stop.is_set():
            path = self._todo.popleft()
            stored = self._catalog.by_path(path)
            if stored is not None and stored.embedded and is_as_stored(stored.file):
                self._is_unchanged(path)
            else:
                self._hashing.append((path, self._readers.submit(read_state, path, stop=self.stop)))

    def _decide_all(self) -> None:
        while self._hashing and len(self._embedding) < self._in_hand:
            path, future = self._hashing[0]
            if not future.done():
                return
            self._hashing.popleft()
            try:
                self._decide(future.result())
            except RefusedError as problem:
                self._skip(path, str(problem))
            except StoppedError:
                return

    def _decide(self, file: FileState) -> None:
        """What is to be done with a file, now that its content is known."""
        stored = self._catalog.by_path(file.path)
        if stored is not None:
            if stored.embedded and stored.file.content_hash == file.content_hash:
                self._move(stored.song, file)
            else:
                self._embed(file, replaces=stored.song)
            return
        twins = self._catalog.by_hash(file.content_hash)
        for twin in twins:
            if is_gone(twin.file):
                if twin.embedded:
                    self._move(twin.song, file)
                else:
                    self._embed(file, replaces=twin.song)
                return
        if twins:
            self._skip_twin(file, of=twins[0].song, path=twins[0].file.path)
        elif file.content_hash in self._claimed:
            self._parked.setdefault(file.content_hash, []).append(file)
        else:
            self._embed(file, replaces=None)

    def _move(self, song: int, file: FileState) -> None:
        self._catalog.move(song, file, read_details(file.path))
        self._is_unchanged(file.path)

    def _embed(self, file: FileState, *, replaces: int | None) -> None:
        self._claimed.setdefault(file.content_hash, file)
        future = self._workers.submit(
            make_song, file, self._encoder, hop_s=self._hop_s, replaces=replaces
        )
        self._embedding[future] = file

    def _store_finished(self) -> None:
        """Store what has been embedded, in one transaction, and report what could not be."""
        songs: list[NewSong] = []
        failed: list[FileState] = []
        for future in [future for future in self._embedding if future.done()]:
            file = self._embedding.pop(future)
            try:
                if not future.cancelled():
                    songs.append(future.result())
            except RefusedError as problem:
                self._skip(file.path, str(problem))
                failed.append(file)
            except StoppedError:
                pass
        if songs:
            ids = self._catalog.insert(songs)
            for song, new in zip(ids, songs, strict=True):
                self._is_added(song, new)
            self._catalog.publish_in_run()
        for file in failed:
            self._release(file)

    def _is_added(self, song: int, new: NewSong) -> None:
        self.added += 1
        self.audio_seconds += new.duration_s
        self._progress(new.file.path)
        self._claimed.pop(new.file.content_hash, None)
        for twin in self._parked.pop(new.file.content_hash, ()):
            self._skip_twin(twin, of=song, path=new.file.path)

    def _release(self, file: FileState) -> None:
        """A file failed; another with the same content may be luckier (this one may have gone)."""
        if self._claimed.get(file.content_hash) is file and not self.stop.is_set():
            del self._claimed[file.content_hash]
            for twin in self._parked.pop(file.content_hash, ()):
                self._decide(twin)

    def _skip_twin(self, file: FileState, *, of: int, path: Path) -> None:
        self._skip(file.path, f"has the same content as song {of}, {path_text(path)}")

    def _is_unchanged(self, path: Path) -> None:
        self.unchanged += 1
        self._progress(path)

    def _skip(self, path: Path, reason: str) -> None:
        self.skipped.append(Skipped(path, reason))
        self._progress(path)

    def _progress(self, path: Path) -> None:
        self._done += 1
        if self._on_progress is not None:
            self._on_progress(Progress(self._done, self._total, path, self.audio_seconds))

"""Reading a catalog: its songs, the search over them, and its figures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from . import grouping, records, song_pages
from .closing import Closing
from .errors import UnknownSongError
from .info import CatalogInfo, bytes_on_disk
from .landmark_index import LandmarkHits
from .lock import WriterLock
from .map_file import Stamp
from .places import lines_of
from .search import Hits
from .segments import SegmentHits
from .settings import CatalogSettings
from .song_pages import Chosen, Genres, SongOrder, SongPage
from .songs import Song, StoredFile
from .state import State
from .store import Store
from .survey import Survey

if TYPE_CHECKING:
    from encoder.embedding import EncoderSpec

    from .snapshot import Snapshot

T = TypeVar("T")


class CatalogReader(Closing):
    """What may be asked of an open catalog, from any thread. `catalog.catalog.Catalog.open` makes
    one."""

    def __init__(
        self,
        settings: CatalogSettings,
        store: Store,
        lock: WriterLock | None,
        spec: EncoderSpec | None,
    ) -> None:
        """For `Catalog.open` only."""
        self.settings = settings
        self._folder = settings.directory
        self._store = store
        self._lock = lock
        self._state = State(settings, store, spec, mends=lock is not None)
        self._genres: tuple[int, Genres] = (-1, {})  # as of a revision of the catalog

    def close(self) -> None:
        """Give back the connections and the lock."""
        self._store.close()
        if self._lock is not None:
            self._lock.release()

    def search(self, vectors: NDArray[np.float32], k: int) -> Hits:
        """The `k` songs nearest to each of `vectors` (n, D) by cosine; raises `SearchError`."""
        return self._state.snapshot.search(vectors, k)

    def search_prints(self, prints: NDArray[np.float32], k: int) -> SegmentHits:
        """The `k` segments nearest to each of `prints` (n, D) by cosine; raises `SearchError`.

        Candidates come from the index; their scores are the cosines of the whole stored prints. A
        print of zeros (silence) finds nothing, and no silent segment is found.
        """
        return self._state.snapshot.search_prints(prints, k)

    def search_landmarks(self, keys: NDArray[np.int64]) -> LandmarkHits:
        """The moments of songs that have one of `keys` (m,) of `encoder.landmarks`; of those that
        wait for the next generation of the index none is found."""
        return self._state.snapshot.search_landmarks(keys)

    @property
    def print_hop_samples(self) -> int:
        """Samples from the beginning of one segment to that of the next."""
        return self._state.meta.print_hop_samples

    @property
    def count(self) -> int:
        """Songs that a search can find."""
        return self._state.snapshot.count

    @property
    def generation(self) -> int | None:
        """Number of the published index in use; None while all search is exact."""
        generation = self._state.snapshot.generation
        return None if generation is None else generation.number

    def songs(self, text: str | None = None, *, limit: int | None = None) -> list[Song]:
        """Songs in order of id; with `text`, those whose title, artist, album or path holds every
        word of it, in any case."""
        with self._store.read() as db:
            return records.find(db, text, limit=limit)

    def page(
        self,
        text: str = "",
        *,
        order: SongOrder = "match",
        descending: bool = False,
        limit: int,
        offset: int = 0,
        chosen: Chosen | None = None,
    ) -> SongPage:
        """At most `limit` songs from number `offset` on, of those whose title, artist, album or
        genre holds every word of `text`, and how many they are; see `catalog.song_pages`."""
        revision, genres = self._genres
        with self._store.read() as db:
            if text and revision != self._state.meta.revision:
                revision, genres = self._state.meta.revision, song_pages.genres(db)
                self._genres = (revision, genres)
            return song_pages.page(
                db,
                text,
                order=order,
                descending=descending,
                limit=limit,
                offset=offset,
                genres=genres,
                chosen=chosen,
            )

    def get(self, ids: Iterable[int]) -> dict[int, Song]:
        """The songs among `ids` that the catalog has."""
        with self._store.read() as db:
            return records.get(db, ids)

    def groups(self, ids: Iterable[int]) -> dict[int, int]:
        """The near-duplicate groups of the songs among `ids` that the catalog has."""
        with self._store.read() as db:
            return records.groups_of(db, ids)

    def song(self, song: int) -> Song:
        """One song; raises `UnknownSongError`."""
        found = self.get([song])
        if song not in found:
            raise UnknownSongError(f"no song {song} in this catalog; `nowhear songs` lists them")
        return found[song]

    def style(self, song: int) -> NDArray[np.float32]:
        """The song's style, (D,), unit length; raises `UnknownSongError`, `StoreError`."""
        row = self._row(song)
        self._state.check_styles(np.array([row]))
        return np.array(self._state.snapshot.stored.styles[row])

    def styles(self, ids: Sequence[int]) -> tuple[NDArray[np.bool_], NDArray[np.float32]]:
        """Which of `ids` (n,) can be found, and the styles (m, D) of these, in their order; raises
        `StoreError`."""
        snapshot = self._state.snapshot
        lines = lines_of(snapshot.places.ids, np.array(ids, np.int64))
        known = lines >= 0
        rows = snapshot.places.rows[lines[known]]
        self._state.check_styles(rows)
        return known, np.array(snapshot.stored.styles[rows])

    def cosines(self, song: int, ids: NDArray[np.integer[Any]]) -> NDArray[np.float32]:
        """Cosine of the song's style with that of each of `ids` (n,); NO_SCORE where none can be
        found. All songs are compared: 20 ms for 100,000.

        Raises `UnknownSongError`, `StoreError`.
        """
        style = self.style(song)
        return self._state.snapshot.cosines(style, ids)

    def tags(self, song: int) -> dict[str, float]:
        """Probability of every tag, averaged over the song; raises `UnknownSongError`."""
        row = self._row(song)
        meta = self._state.meta
        values = self._state.tag_file(meta).rows(row + 1)[row]
        return dict(zip(meta.tags, values.tolist(), strict=True))

    def prints(self, song: int) -> NDArray[np.float32]:
        """The song's prints (m, D), one a segment: unit rows, zeros where silent.

        Raises `UnknownSongError`, `StoreError`.
        """
        return self._of_song(song, lambda snapshot: snapshot.prints(song))

    def peaks(self, song: int) -> NDArray[np.uint16]:
        """The song's peaks (m, P), a row a segment, as `encoder.peaks` packs them.

        Raises `UnknownSongError`, `StoreError`.
        """
        return self._of_song(song, lambda snapshot: snapshot.peaks(song))

    def _of_song(self, song: int, read: Callable[[Snapshot], T | None]) -> T:
        """What `read` finds of the song, in a newer snapshot when this one is without it."""
        found = read(self._state.snapshot)
        if found is None:
            self._row(song)
            self.refresh()
            found = read(self._state.snapshot)
        if found is None:
            raise UnknownSongError(f"song {song} was removed in this moment")
        return found

    def _row(self, song: int) -> int:
        with self._store.read() as db:
            found = records.rows_and_durations(db, [song])
        if song not in found:
            self.song(song)  # tells a song that waits from one that is not there
            raise UnknownSongError(
                f"song {song} waits for being embedded again; run `nowhear add --rebuild`"
            )
        if found[song][0] >= len(self._state.snapshot.stored.styles):
            self.refresh()
        return found[song][0]

    @property
    def fingerprint(self) -> str:
        """That of the encoder that made the styles."""
        return self._state.meta.fingerprint

    @property
    def stamp(self) -> Stamp:
        """The state of the catalog as of the last `refresh`."""
        meta = self._state.meta
        return Stamp(meta.catalog, meta.epoch, meta.revision)

    def survey(self) -> Survey:
        """All songs that a search can find. Raises `StoreError`."""
        meta, snapshot = self._state.meta, self._state.snapshot
        ids = snapshot.places.ids
        with self._store.read() as db:
            genres = records.genres(db)
        return Survey(
            stamp=Stamp(meta.catalog, meta.epoch, snapshot.revision),
            ids=ids,
            rows=snapshot.places.rows,
            styles=snapshot.stored.styles,
            tags=self._state.tag_file(meta).rows(len(snapshot.stored.styles)),
            tag_names=meta.tags,
            genres=tuple(genres.get(song) for song in ids.tolist()),
        )

    def members(self, group: int) -> list[int]:
        """Songs of a near-duplicate group, in order of id."""
        with self._store.read() as db:
            return records.members(db, [group])

    def same_recordings(
        self, style: NDArray[np.float32], duration_s: float, prints: NDArray[np.float32]
    ) -> set[int]:
        """Songs taken for the recording that has this unit style (S,), duration and prints
        (m, D), one a segment."""
        with self._store.read() as db:
            return grouping.same_recordings(db, self._state.snapshot, style, duration_s, prints)

    def by_path(self, path: Path) -> StoredFile | None:
        """The song whose file is `path` (absolute)."""
        with self._store.read() as db:
            return records.by_path(db, path)

    def by_hash(self, content_hash: str) -> list[StoredFile]:
        """Songs whose file had that content when it was read."""
        with self._store.read() as db:
            return records.by_hash(db, content_hash)

    def waiting(self) -> list[Path]:
        """Files of the songs that are to be embedded again."""
        with self._store.read() as db:
            return records.waiting(db)

    def info(self) -> CatalogInfo:
        """What the catalog holds, and what it takes up."""
        with self._store.read() as db:
            totals = records.totals(db)
        meta, snapshot = self._state.meta, self._state.snapshot
        sizes = bytes_on_disk(self._folder, self._store.file)
        return CatalogInfo(
            directory=self._folder,
            songs=totals.songs,
            waiting=totals.songs - totals.embedded,
            audio_seconds=totals.audio_s,
            segments=totals.segments,
            generation=self.generation,
            indexed=snapshot.count - len(snapshot.tail),
            tail=len(snapshot.tail),
            tail_segments=snapshot.tail.segment_count,
            bytes=sizes,
            bytes_a_song=round(sum(sizes.values()) / max(1, totals.songs)),
            encoder=meta.encoder,
            fingerprint=meta.fingerprint,
            dimension=meta.dimension,
            print_name=meta.print_name,
            print_fingerprint=meta.print_fingerprint,
            print_dimension=meta.print_dimension,
            format_version=meta.format_version,
            revision=meta.revision,
        )

    def refresh(self) -> bool:
        """Take over what another process has written; True when anything changed.

        Two small reads when nothing has. Raises `ManifestError` when the catalog is being embedded
        again by another encoder, `StoreError`.
        """
        return self._state.refresh()

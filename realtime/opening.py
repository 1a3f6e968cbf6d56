"""A recognizer over a catalog: for the daemon, and for programs that embed nowhear."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from catalog.catalog import Catalog
from catalog.landmark_index import LandmarkHits
from catalog.search import Hits
from catalog.segments import SegmentHits
from encoder.embedding import Encoder, load_encoder

from .calibration import Calibration, calibration_of
from .landmarks import SearchLandmarks
from .matching import Matcher
from .placing import PlacesOf
from .recognizer import Recognizer, SongsOf
from .searching import SearchPrints
from .settings import Settings


class Searched(Protocol):
    """What a recognizer searches; `Catalog` and `LiveCatalog` are."""

    @property
    def print_hop_samples(self) -> int:
        """Samples of a song from one segment to the next."""
        ...

    def search(self, vectors: NDArray[np.float32], k: int) -> Hits:
        """The songs nearest to styles."""
        ...

    def search_prints(self, prints: NDArray[np.float32], k: int) -> SegmentHits:
        """The segments nearest to prints."""
        ...

    def search_landmarks(self, keys: NDArray[np.int64]) -> LandmarkHits:
        """The moments of songs that have landmarks of these keys."""
        ...

    def prints(self, song: int) -> NDArray[np.float32]:
        """All prints of a song, one a segment."""
        ...

    def peaks(self, song: int) -> NDArray[np.uint16]:
        """All peaks of a song, a row a segment."""
        ...

    def groups(self, ids: Sequence[int]) -> Mapping[int, int]:
        """The near-duplicate groups of those songs that are there."""
        ...


def matcher_over(
    catalog: Searched,
    encoder: Encoder,
    *,
    settings: Settings,
    search: SearchPrints | None = None,
    search_landmarks: SearchLandmarks | None = None,
    calibration: Calibration | None = None,
) -> Matcher:
    """A `Matcher` of what `encoder` hears with the songs of `catalog`.

    `search` finds segments and `search_landmarks` landmarks, None: as the catalog does.
    `calibration` None is that of the settings.

    Raises `RealtimeError`: the calibration cannot be read, or is that of another network.
    """
    return Matcher(
        encoder.spec.prints,
        search=search or catalog.search_prints,
        search_landmarks=search_landmarks or catalog.search_landmarks,
        prints_of=catalog.prints,
        peaks_of=catalog.peaks,
        groups_of=catalog.groups,
        hop_samples=catalog.print_hop_samples,
        settings=settings.match,
        calibration=calibration or calibration_of(settings.match.calibration, encoder.spec.prints),
    )


def recognizer_over(
    catalog: Searched,
    encoder: Encoder,
    *,
    songs: SongsOf,
    settings: Settings,
    places: PlacesOf | None = None,
) -> Recognizer:
    """A `Recognizer` that hears with `encoder` and searches `catalog`; `songs` gives its songs and
    `places` where they lie on the map, without which it says no places."""
    return Recognizer(
        encoder,
        matcher=matcher_over(catalog, encoder, settings=settings),
        search=catalog.search,
        songs=songs,
        settings=settings.listen,
        match_settings=settings.match,
        places=places,
    )


@contextmanager
def open_recognizer(
    catalog: str | PathLike[str] | None = None, *, settings: Settings | None = None
) -> Iterator[Recognizer]:
    """A `Recognizer` that hears with the encoder and searches the catalog in folder `catalog`.

    Without `catalog` it is the settings' own; without `settings` they are the defaults. Feed it
    mono float32 blocks at 16 kHz (`encoder.audio.StreamResampler` makes them of any others).

    Raises `catalog.errors.CatalogError`: there is no catalog, or it was made with other weights.
    `encoder.errors.EncoderError`: the weights or the device cannot be used. `RealtimeError`: the
    calibration cannot be read, or is that of another network.
    """
    with opened(catalog, settings) as (in_force, encoder, songs):
        yield recognizer_over(songs, encoder, songs=songs.get, settings=in_force)


@contextmanager
def opened(
    catalog: str | PathLike[str] | None, settings: Settings | None
) -> Iterator[tuple[Settings, Encoder, Catalog]]:
    """The settings in force, their encoder, and the catalog in folder `catalog`, for reading.

    None stands for the settings' own catalog, and for settings that are the defaults.
    """
    in_force = settings or Settings()
    where = in_force.catalog
    if catalog is not None:
        where = where.model_copy(update={"directory": Path(catalog)})
    encoder = load_encoder(in_force.encoder)
    with Catalog.open(where, encoder.spec) as songs:
        yield in_force, encoder, songs

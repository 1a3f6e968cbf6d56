"""What listening data says of songs: a vector for each item, such that listeners' favourites point
the same way.

    <catalog>/taste/<dataset>/
      gen-000001/   model.json (what it was fitted to, how, and its figures), model.npz (items,
                    vectors, listeners), head.safetensors (from sound to vectors; once learned)
      CURRENT       the name of the published one

Only directions count: lengths of such vectors grow with how often an item was played, and what is
recommended must not.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from encoder.files import unit

from .. import generations
from ..errors import StoreError, TasteError
from ..lock import WriterLock
from ..settings import CatalogSettings
from .inputs import InputKind, input_fingerprint, inputs_of

if TYPE_CHECKING:
    from encoder.fitted_head import Head

    from ..reader import CatalogReader

FORMAT_VERSION = 1
RECORD_NAME = "model.json"
ARRAYS_NAME = "model.npz"
HEAD_NAME = "head.safetensors"
_NAME = re.compile(r"[a-z0-9_-]{1,64}")
_REMEDY = "`nowhear taste fit` makes it anew"

Figures = Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class LearnedTaste:
    """A head from what the catalog knows of a song's sound to taste vectors."""

    head: Head
    kind: InputKind
    figures: Figures = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class TasteModel:
    """Taste vectors of a dataset's items, and of the songs of a catalog.

    - `items`: the dataset's keys; `factors` (n, f), as they were fitted; `listeners` (n,), how many
      users have played each.
    - `songs`: of catalog songs that the dataset knows, the line of their item.
    - `settings`, `figures`: how it was fitted and what was measured.
    - `learned`: tells the vectors of all other songs; None before `nowhear taste learn`.
    """

    dataset: str
    items: tuple[str, ...]
    factors: NDArray[np.float32]
    listeners: NDArray[np.int32]
    songs: Mapping[int, int] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    figures: Figures = field(default_factory=dict)
    learned: LearnedTaste | None = None

    @property
    def dimension(self) -> int:
        """Length of the vectors."""
        return int(self.factors.shape[1])

    def item_vectors(
        self, catalog: CatalogReader, songs: Sequence[int]
    ) -> tuple[NDArray[np.bool_], NDArray[np.float32]]:
        """Which of `songs` (n,) have a taste vector, and these (m, f), unit length, in their order.

        A song that was played has that of its item, another one what the head tells from its sound.
        Raises `StoreError`.
        """
        vectors = np.zeros((len(songs), self.dimension), np.float32)
        lines = np.array([self.songs.get(song, -1) for song in songs], np.int64)
        vectors[lines >= 0] = unit(self.factors[lines[lines >= 0]])
        known = _nonzero(vectors)  # an item that nobody played has no direction
        if self.learned is not None and not known.all():
            cold = np.flatnonzero(~known)
            told, heard = self.heard(catalog, [songs[place] for place in cold.tolist()])
            vectors[cold[told]] = heard
            known = _nonzero(vectors)
        return known, vectors[known]

    def heard(
        self, catalog: CatalogReader, songs: Sequence[int]
    ) -> tuple[NDArray[np.bool_], NDArray[np.float32]]:
        """The same by their sound alone. Raises `TasteError`: nothing was learned yet."""
        if self.learned is None:
            raise TasteError(f"no head for {self.dataset}; `nowhear taste learn` makes one")
        known, inputs = inputs_of(catalog, songs, kind=self.learned.kind)
        if not len(inputs):
            return known, np.zeros((0, self.dimension), np.float32)
        return known, unit(self.learned.head.predict(inputs))

    def popularity(self, songs: Sequence[int]) -> NDArray[np.float32]:
        """How many have played each song (n,); 0 where the dataset does not know it."""
        lines = np.array([self.songs.get(song, -1) for song in songs], np.int64)
        counts: NDArray[np.float32] = np.where(lines >= 0, self.listeners[lines], 0)
        return counts.astype(np.float32)

    def save(self, settings: CatalogSettings) -> Path:
        """Publish it as the catalog's model of its dataset; gives its folder. A kill at any moment
        leaves the one before. Raises `BusyError`: another process is at it. `StoreError`."""
        folder = model_folder(settings, self.dataset)

        def build(place: Path) -> None:
            record = {
                "format_version": FORMAT_VERSION,
                "dataset": self.dataset,
                "settings": dict(self.settings),
                "figures": dict(self.figures),
                "learned": None if self.learned is None else _record(self.learned),
            }
            text = json.dumps(record, indent=2) + "\n"
            (place / RECORD_NAME).write_text(text, encoding="utf-8")
            arrays = {"factors": self.factors, "listeners": self.listeners}
            np.savez(place / ARRAYS_NAME, items=np.array(self.items, np.str_), **arrays)  # type: ignore[arg-type]
            if self.learned is not None:
                self.learned.head.save(place / HEAD_NAME)

        try:
            folder.mkdir(parents=True, exist_ok=True)
            with WriterLock(folder):
                number = generations.publish_folder(folder, build)
                generations.prune(folder)
        except OSError as error:
            raise StoreError(
                f"{folder}: cannot be written: {error.strerror or error}; the model before stands"
            ) from error
        return folder / generations.name_of(number)


def models(settings: CatalogSettings) -> list[str]:
    """Datasets that the catalog has models of, the newest first."""
    folder = settings.directory / "taste"
    found = folder.iterdir() if folder.is_dir() else ()
    current = [(place / generations.CURRENT_NAME) for place in found]
    stamped = [(path.stat().st_mtime_ns, path.parent.name) for path in current if path.is_file()]
    return [name for _, name in sorted(stamped, reverse=True)]


def open_model(
    catalog: CatalogReader, dataset: str | None = None, *, with_head: bool = True
) -> TasteModel | None:
    """The catalog's model of `dataset`, or its newest one; None when there is none.

    Raises `TasteError`: no model of the dataset that is named, or its head, if that is wanted, is
    for other vectors than the catalog's. `StoreError`: it cannot be read.
    """
    name = dataset or next(iter(models(catalog.settings)), None)
    if name is None:
        return None
    folder = model_folder(catalog.settings, name)

    def read(place: Path, _number: int) -> TasteModel:
        return _read(place, catalog, with_head=with_head)

    missing = f"{folder}: not a taste model (CURRENT names one that has files missing); {_REMEDY}"
    model = generations.read_current(folder, read, missing=StoreError(missing))
    if model is None:
        raise TasteError(f"no taste model of {name!r}; `nowhear taste fit --data {name}` makes it")
    from .joining import item_of_songs

    return replace(model, songs=item_of_songs(catalog, name, model.items))


def model_folder(settings: CatalogSettings, dataset: str) -> Path:
    """Where the models of a dataset are kept. Raises `TasteError`: it is no name of one."""
    if not _NAME.fullmatch(dataset):
        raise TasteError(f"{dataset!r} names no dataset; `nowhear datasets` lists them")
    return settings.directory / "taste" / dataset


def _nonzero(vectors: NDArray[np.float32]) -> NDArray[np.bool_]:
    rows: NDArray[np.bool_] = np.any(vectors != 0, axis=1)
    return rows


def _record(learned: LearnedTaste) -> dict[str, Any]:
    return {"kind": learned.kind, "figures": dict(learned.figures)}


def _read(place: Path, catalog: CatalogReader, *, with_head: bool) -> TasteModel:
    try:
        record = json.loads((place / RECORD_NAME).read_text(encoding="utf-8"))
        if record["format_version"] != FORMAT_VERSION:
            raise StoreError(
                f"{place}: format_version is {record['format_version']}, expected "
                f"{FORMAT_VERSION}; {_REMEDY}"
            )
        with (place / ARRAYS_NAME).open("rb") as file:  # NumPy leaves a damaged one open
            arrays = np.load(file, allow_pickle=False)
            items = tuple(arrays["items"].tolist())
            factors, listeners = arrays["factors"], arrays["listeners"]
        if factors.ndim != 2 or not len(items) == len(factors) == len(listeners):
            raise StoreError(f"{place}: {len(items)} items, vectors {factors.shape}; {_REMEDY}")
        model = TasteModel(
            record["dataset"],
            items,
            factors,
            listeners,
            settings=record["settings"],
            figures=record["figures"],
        )
        learned = record["learned"]
        if learned is None or not with_head:
            return model
        return replace(model, learned=_head(place, learned, catalog))
    except FileNotFoundError:
        raise  # see `generations.read_current`
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        raise StoreError(f"{place}: not a taste model ({error}); {_REMEDY}") from error


def _head(place: Path, learned: Mapping[str, Any], catalog: CatalogReader) -> LearnedTaste:
    from encoder.errors import WeightsError
    from encoder.fitted_head import load_head

    wanted = input_fingerprint(catalog, learned["kind"])
    try:
        head = load_head(place / HEAD_NAME, input=wanted)
    except WeightsError as error:
        raise TasteError(f"{error}; `nowhear taste learn` makes it anew") from error
    return LearnedTaste(head, learned["kind"], learned["figures"])

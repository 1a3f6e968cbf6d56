"""Rows on their way to the tables, gathered into batches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from catalog.dataset_rows import Batch
from catalog.datasets import Datasets

BATCH_ROWS = 2000
"""Rows that are stored together: a commit waits for the disk, and what is gathered is in memory."""


class Writer:
    """Gathers rows of one dataset that come from `source`; `finish` stores what is left, and notes
    that all is there. See `Batch` for the rows and `add_genres`."""

    def __init__(
        self, datasets: Datasets, dataset: str, source: str, *, add_genres: bool = False
    ) -> None:
        self.datasets = datasets
        self.dataset = dataset
        self._source = source
        self._add_genres = add_genres
        self._begun = False
        self._clear()

    def _clear(self) -> None:
        self._tracks: list[Mapping[str, Any]] = []
        self._genres: list[Mapping[str, Any]] = []
        self._attributes: list[Mapping[str, Any]] = []
        self._lists: list[tuple[str, str, Sequence[tuple[str, float]]]] = []

    def track(self, row: Mapping[str, Any]) -> None:
        """Store a track."""
        self._tracks.append(row)
        self._flush_when_full()

    def genre(self, row: Mapping[str, Any]) -> None:
        """Store a genre of the tree."""
        self._genres.append(row)
        self._flush_when_full()

    def attributes(self, row: Mapping[str, Any]) -> None:
        """Store a track's attributes."""
        self._attributes.append(row)
        self._flush_when_full()

    def list(self, kind: str, key: str, entries: Sequence[tuple[str, float]]) -> None:
        """Store a list."""
        self._lists.append((kind, key, entries))
        self._flush_when_full()

    def _flush_when_full(self) -> None:
        if self._rows() >= BATCH_ROWS:
            self.flush()

    def _rows(self) -> int:
        return len(self._tracks) + len(self._genres) + len(self._attributes) + len(self._lists)

    def flush(self) -> None:
        """Store what was gathered."""
        if not self._rows():
            return
        self._begin()
        batch = Batch(
            self.dataset,
            tracks=self._tracks,
            genres=self._genres,
            attributes=self._attributes,
            lists=self._lists,
            add_genres=self._add_genres,
        )
        self._clear()
        self.datasets.write(batch)

    def write(self, batch: Batch) -> None:
        """Store a batch that was gathered elsewhere."""
        self._begin()
        self.datasets.write(batch)

    def item_ids(self, keys: Sequence[str]) -> dict[str, int]:
        """Numbers of listening items, see `Datasets.item_ids`."""
        self._begin()
        return self.datasets.item_ids(self.dataset, keys)

    def _begin(self) -> None:
        if not self._begun:
            self.datasets.begin(self.dataset, self._source)
            self._begun = True

    def finish(self) -> None:
        """Store what is left; the import came to its end."""
        self.flush()
        self._begin()
        self.datasets.finish(self.dataset, self._source)

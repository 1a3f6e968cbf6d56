"""Annoy, behind two objects that cannot be confused: one builds a file, one reads it.

`add_item` on an index that was built or loaded is not refused by Annoy and ruins it; here a
builder never loads and a reader never adds.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from pathlib import Path
from typing import Literal

import numpy as np
from annoy import AnnoyIndex
from numpy.typing import NDArray

from .errors import StoreError
from .search import cosine_from_angular

SEED = 20_240_229
"""Fixed, so that the same vectors give the same file."""

PART_ROWS = 16_384
"""Vectors in memory beside the index while it is built."""

METRIC: Literal["angular"] = "angular"


def build_annoy(
    vectors: NDArray[np.float32], rows: NDArray[np.int64], path: Path, *, trees: int
) -> None:
    """Write an Annoy file whose item i is `vectors[rows[i]]`; at least one item. As
    `build_annoy_of` otherwise."""
    parts = (vectors[rows[first : first + PART_ROWS]] for first in range(0, len(rows), PART_ROWS))
    build_annoy_of(parts, path, dimension=vectors.shape[1], trees=trees)


def build_annoy_of(
    parts: Iterable[NDArray[np.float32]], path: Path, *, dimension: int, trees: int
) -> None:
    """Write an Annoy file whose items are the rows of `parts`, one part behind the other.

    One thread, since with several the order of the trees, hence the file, is left to chance. The
    trees are grown in memory: Annoy's building on disk writes through a mapping, and a full disk
    would then end the process with a bus error. Raises `StoreError` when the disk is full.
    """
    index = AnnoyIndex(dimension, METRIC)
    index.set_seed(SEED)
    for item, vector in enumerate(chain.from_iterable(parts)):
        index.add_item(item, vector)
    index.build(trees, n_jobs=1)
    try:
        index.save(str(path))
    except Exception as error:  # Annoy raises bare Exception, OSError or RuntimeError
        raise StoreError(f"{path}: the index cannot be written: {error}") from error
    finally:
        index.unload()


class AnnoyFile:
    """Reads a file that `build_annoy` wrote. Mapped: processes share its memory.

    Raises `StoreError` when it cannot be loaded or holds another number of items than `items`.
    """

    def __init__(self, path: Path, *, dimension: int, items: int) -> None:
        self._index = AnnoyIndex(dimension, METRIC)
        try:
            self._index.load(str(path))
        except Exception as error:  # Annoy raises bare Exception, OSError or RuntimeError
            raise StoreError(f"{path}: the index cannot be loaded: {error}") from error
        self.items = items
        found = self._index.get_n_items()
        if found != items:
            raise StoreError(f"{path}: holds {found} items, expected {items}")

    def nearest(
        self, vector: NDArray[np.float32], k: int, *, search_k: int
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """At most `k` items nearest to `vector` (D,), best first, and their cosines."""
        items, distances = self._index.get_nns_by_vector(
            vector, min(k, self.items), search_k=search_k, include_distances=True
        )
        return np.asarray(items, dtype=np.int64), cosine_from_angular(distances)

"""A look at all songs of a catalog at once, for what is made of all of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .map_file import Stamp


@dataclass(frozen=True, eq=False)
class Survey:
    """Every song that can be found, in one state of the catalog; ids ascend.

    `styles[rows[i]]` and `tags[rows[i]]` are the unit style and the tag probabilities of song
    `ids[i]`: mapped files, of which only what is read is loaded.
    """

    stamp: Stamp
    ids: NDArray[np.int64]  # (n,)
    rows: NDArray[np.int64]  # (n,)
    styles: NDArray[np.float32]  # (rows, D)
    tags: NDArray[np.float32]  # (rows, T)
    tag_names: tuple[str, ...]  # T
    genres: tuple[str | None, ...]  # n

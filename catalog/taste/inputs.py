"""What a head hears of a song: its style, or the mean of its prints, or both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from ..errors import UnknownSongError

if TYPE_CHECKING:
    from ..reader import CatalogReader

InputKind = Literal["style", "prints", "both"]
KINDS: tuple[InputKind, ...] = get_args(InputKind)


def input_fingerprint(catalog: CatalogReader, kind: InputKind) -> str:
    """What such vectors are made by: they are not to be taken for those of another encoder."""
    info = catalog.info()
    made_by = {
        "style": info.fingerprint,
        "prints": f"prints-{info.print_fingerprint}",
        "both": f"{info.fingerprint}+prints-{info.print_fingerprint}",
    }
    return made_by[kind]


def inputs_of(
    catalog: CatalogReader, songs: Sequence[int], *, kind: InputKind
) -> tuple[NDArray[np.bool_], NDArray[np.float32]]:
    """Which of `songs` (n,) can be found, and their vectors (m, d) in their order. Raises
    `StoreError`."""
    if kind == "style":
        return catalog.styles(songs)
    known, styles = catalog.styles(songs)
    means = []
    for line, song in enumerate(songs):
        mean = _mean_print(catalog, song) if known[line] else None
        known[line] = mean is not None
        means.append(mean)
    kept = [mean for mean in means if mean is not None]
    prints = np.stack(kept) if kept else np.zeros((0, catalog.info().print_dimension), np.float32)
    if kind == "prints":
        return known, prints
    _, styles = catalog.styles([song for song, has in zip(songs, known, strict=True) if has])
    return known, np.concatenate([styles, prints], axis=1)


def _mean_print(catalog: CatalogReader, song: int) -> NDArray[np.float32] | None:
    """(D,), not of unit length: a song whose prints all differ is another than one of one sound.
    None: it has left the catalog. Zeros for one without any."""
    try:
        prints = catalog.prints(song)
    except UnknownSongError:
        return None
    total: NDArray[np.float32] = prints.sum(axis=0, dtype=np.float32)
    return total / np.float32(max(1, len(prints)))

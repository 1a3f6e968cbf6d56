"""Passages of a file and the styles they have, at a bounded cost: what "why similar" plays.

A passage is `WINDOWS` windows of the encoder side by side. A file of up to `MOST_WINDOWS` windows
is taken whole, passages beginning with every window; of a longer one as many windows are spread
over it in passages that stand apart. They are embedded one at a time, in the caller's thread, so
that on a machine of several cores whoever listens keeps the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from encoder.audio import rms_dbfs
from encoder.decode import Decoder
from encoder.embedding import Encoder
from encoder.files import SILENT_DBFS, song_style

MOST_WINDOWS = 60
"""Windows of one song that are embedded: 1.5 s of one core with the teacher."""

WINDOWS = 3
"""Windows in a passage: 9 s with the teacher's windows."""

LONGEST_S = 1200.0
"""Of a longer file only the beginning is looked at: all before a passage must be decoded."""

Samples = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Passages:
    """Passages of one song: where they begin `(n,)`, in seconds, how long they are, and their
    styles `(n, D)`, unit length. `whole` is False when time ran out before the end."""

    starts_s: NDArray[np.float64]
    length_s: float
    styles: NDArray[np.float32]
    whole: bool


def passages_of(
    path: Path, encoder: Encoder, *, duration_s: float, late: Callable[[], bool]
) -> Passages:
    """The passages of a file that lasts about `duration_s`, without those that are silent in part.

    `late` is asked between two windows; when it says so, those that are there will have to do.
    Raises `DecodeError`: the file is not there, or is no audio.
    """
    spec = encoder.spec
    rate_hz, window = spec.sample_rate_hz, spec.window_samples
    total = max(window, round(min(duration_s, LONGEST_S) * rate_hz))
    count = min(WINDOWS, total // window)
    starts = passage_starts(total, window=window, count=count)
    wanted = sorted({start + i * window for start in starts for i in range(count)})
    styles: dict[int, NDArray[np.float32]] = {}
    whole = True
    with Decoder(path, sample_rate_hz=rate_hz) as decoder:
        for start, samples in cut(decoder.blocks(), wanted, window=window):
            if late():
                whole = False
                break
            if rms_dbfs(samples) >= SILENT_DBFS:
                styles[start] = encoder.embed(samples[np.newaxis]).style[0]
    found = {
        start: song_style(np.stack([styles[start + i * window] for i in range(count)]))
        for start in starts
        if all(start + i * window in styles for i in range(count))
    }
    return Passages(
        starts_s=np.array(list(found), np.float64) / rate_hz,
        length_s=min(duration_s, count * window / rate_hz),
        styles=np.array(list(found.values()), np.float32).reshape(-1, spec.style_dim),
        whole=whole,
    )


def passage_starts(total: int, *, window: int, count: int) -> list[int]:
    """First samples of the passages, of `count` windows each, in `total` samples.

    >>> passage_starts(10, window=2, count=3)
    [0, 2, 4]
    >>> len(passage_starts(1000, window=2, count=3)), passage_starts(1000, window=2, count=3)[-1]
    (20, 994)
    """
    windows = total // window
    if windows <= MOST_WINDOWS:
        return [i * window for i in range(windows - count + 1)]
    passages = MOST_WINDOWS // count
    last = total - count * window
    return [round(i * last / (passages - 1)) for i in range(passages)]


def cut(
    blocks: Iterable[Samples], starts: list[int], *, window: int
) -> Iterator[tuple[int, Samples]]:
    """The windows of a signal that begin at `starts`, which ascend, as soon as they are whole.

    A signal shorter than a window gives one at 0, padded with zeros.
    """
    kept, first = np.zeros(0, np.float32), 0  # the newest samples, and the number of their first
    todo = iter(starts)
    start = next(todo, None)
    for block in blocks:
        kept = np.concatenate([kept, block])
        while start is not None and start + window <= first + len(kept):
            yield start, kept[start - first : start - first + window]
            start = next(todo, None)
        if start is None:
            return
        drop = min(len(kept), max(0, start - first))
        kept, first = kept[drop:], first + drop
    if start == first == 0 and len(kept):
        yield 0, np.pad(kept, (0, window - len(kept)))

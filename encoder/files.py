"""A whole file through the encoder, in bounded memory: windows, vectors, times."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .audio import FLOOR_DBFS, rms_dbfs
from .decode import Decoder
from .embedding import PRINT_HOP_SAMPLES, Embeddings, Encoder
from .errors import AudioFormatError
from .file_prints import SILENT_DBFS, PrintRows
from .peaks import PeakRows
from .windows import Windower, Windows

__all__ = [
    "MIN_DURATION_S",
    "PRINT_HOP_SAMPLES",
    "SILENT_DBFS",
    "FileEmbedding",
    "embed_file",
    "song_style",
    "unit",
]

MIN_DURATION_S = 1.0
"""Shorter files are refused: padded to a window they would be mostly silence."""

_BATCH_WINDOWS = 32  # windows that wait for one pass of the encoder; bounds memory


@dataclass(frozen=True, eq=False)
class FileEmbedding:
    """What the encoder hears in a file.

    A row a window that is not silent: `style` `(n, style_dim)` raw, `tags` `(n, len(tags))`
    probabilities, `times_s` `(n,)` where each window begins. A row a segment, silent or not:
    `prints` `(m, dimension)`, unit vectors and zeros where it is silent; row `i` is that of the
    window that begins at sample `i * PRINT_HOP_SAMPLES`; and `peaks` `(m, PEAKS_PER_SEGMENT)`, the
    strongest of that segment (`encoder.peaks`). `damaged` counts packets that could not be decoded.
    """

    style: NDArray[np.float32]
    tags: NDArray[np.float32]
    prints: NDArray[np.float32]
    peaks: NDArray[np.uint16]
    times_s: NDArray[np.float64]
    duration_s: float
    damaged: int


def embed_file(path: Path, encoder: Encoder, *, hop_s: float) -> FileEmbedding:
    """Embeds a file: style and tags every `hop_s` seconds, prints every `PRINT_HOP_SAMPLES`.

    The file is decoded once and held a minute at a time.

    Raises `DecodeError` when it cannot be decoded, `AudioFormatError` when it is shorter than
    `MIN_DURATION_S` or silent throughout.
    """
    spec = encoder.spec
    hop_samples = max(1, round(hop_s * spec.sample_rate_hz))
    windower = Windower(window_samples=spec.window_samples, hop_samples=hop_samples)
    prints, peaks = PrintRows(encoder), PeakRows()
    heard: list[tuple[Embeddings, NDArray[np.int64]]] = []
    length = 0
    peak_dbfs = FLOOR_DBFS
    with Decoder(path, sample_rate_hz=spec.sample_rate_hz) as decoder:
        for windows in _batches(_cut(decoder, windower, prints, peaks)):
            levels = np.array([rms_dbfs(window) for window in windows.samples])
            peak_dbfs = max(peak_dbfs, float(levels.max(initial=FLOOR_DBFS)))
            loud = levels >= SILENT_DBFS
            heard.append((encoder.embed(windows.samples[loud]), windows.starts[loud]))
        length = windower.end
        damaged = decoder.damaged
    duration_s = length / spec.sample_rate_hz
    if duration_s < MIN_DURATION_S:
        raise AudioFormatError(
            f"is {duration_s:.3g} s long, expected at least {MIN_DURATION_S:g} s"
        )
    starts = np.concatenate([starts for _, starts in heard])
    if not len(starts):
        raise AudioFormatError(
            f"is silent: its loudest window is at {peak_dbfs:.0f} dBFS, expected {SILENT_DBFS:.0f}"
        )
    rows = prints.finish()
    return FileEmbedding(
        style=np.concatenate([embeddings.style for embeddings, _ in heard]),
        tags=np.concatenate([embeddings.tags for embeddings, _ in heard]),
        prints=rows,
        peaks=peaks.finish(len(rows)),
        times_s=starts / spec.sample_rate_hz,
        duration_s=duration_s,
        damaged=damaged,
    )


def unit(vector: NDArray[np.float32]) -> NDArray[np.float32]:
    """The vector (last axis) scaled to length 1; a zero vector stays zero.

    >>> unit(np.array([3, 4], np.float32)).tolist()
    [0.6000000238418579, 0.800000011920929]
    """
    norm = np.linalg.norm(vector, axis=-1, keepdims=True)
    scaled: NDArray[np.float32] = (vector / np.where(norm > 0, norm, 1)).astype(np.float32)
    return scaled


def song_style(style: NDArray[np.float32]) -> NDArray[np.float32]:
    """A song's style `(d,)`: the mean over its windows `(n, d)`, scaled to unit length."""
    return unit(style.mean(axis=0, dtype=np.float64))


def _cut(
    decoder: Decoder, windower: Windower, prints: PrintRows, peaks: PeakRows
) -> Iterator[Windows]:
    position = 0
    for block in decoder.blocks():
        prints.push(block)
        peaks.push(block)
        windows = windower.push(block, position)
        position += len(block)
        if len(windows):
            yield windows
    windows = windower.flush()
    if len(windows):
        yield windows


def _batches(parts: Iterator[Windows]) -> Iterator[Windows]:
    """The same windows in fewer, larger batches."""
    waiting: list[Windows] = []
    for windows in parts:
        waiting.append(windows)
        if sum(map(len, waiting)) >= _BATCH_WINDOWS:
            yield _joined(waiting)
            waiting = []
    if waiting:
        yield _joined(waiting)


def _joined(parts: list[Windows]) -> Windows:
    return Windows(
        np.concatenate([part.samples for part in parts]),
        np.concatenate([part.starts for part in parts]),
    )

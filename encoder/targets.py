"""What the teacher says of a whole corpus, computed once, so that training need not ask again.

Beside a corpus ``NAME`` stand ``NAME.targets.f16``, a row for each teacher window (style, then
tags, half precision), and ``NAME.targets.json``, which says how they were made. A track of
``n`` samples has ``max(1, 1 + (n - window) // hop)`` rows; the corpus's order is theirs, so the
number of whole rows in the file says where a stopped build goes on.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from encoder.corpus import Corpus
from encoder.embedding import Encoder
from encoder.errors import CorpusError

__all__ = ["Targets", "build_targets", "open_targets"]

_BYTES = 2  # one value in half precision
_BATCH_WINDOWS = 32  # windows that the teacher is handed at once; bounds memory


@dataclass(frozen=True, eq=False)
class Targets:
    """The teacher's outputs along a corpus.

    - ``rows``: ``(windows, style_dim + tags)`` float16, on the CPU or another device.
    - ``first_row``, ``counts``: ``(tracks,)`` int64, each track's rows.
    - ``style_dim``: how many columns are style; the others are tag probabilities.
    - ``window_samples``, ``hop_samples``: of the teacher's windows.
    - ``tags``: names of the tags, in order.
    """

    rows: Tensor
    first_row: Tensor
    counts: Tensor
    style_dim: int
    window_samples: int
    hop_samples: int
    tags: tuple[str, ...]

    def at(self, track: Tensor, centre: Tensor) -> tuple[Tensor, Tensor]:
        """Style ``(B, style_dim)`` and tags ``(B, T)`` around a moment, float32.

        ``track`` ``(B,)`` are numbers of tracks and ``centre`` ``(B,)`` samples from their
        start. Between the centres of two teacher windows both count by their nearness.
        """
        place = (centre - self.window_samples / 2) / self.hop_samples  # (B,)
        last = (self.counts[track] - 1).to(place.dtype)
        place = torch.minimum(place.clamp(min=0), last)
        left = place.floor().long()
        right = torch.minimum(left + 1, self.counts[track] - 1)
        weight = (place - left).float()[:, None]
        rows = self.first_row[track]
        device = self.rows.device
        before, after = self.rows[(rows + left).to(device)], self.rows[(rows + right).to(device)]
        mixed = torch.lerp(before.float(), after.float(), weight.to(device))
        return mixed[:, : self.style_dim], mixed[:, self.style_dim :]


def build_targets(
    corpus: Corpus,
    teacher: Encoder,
    cache: Path,
    *,
    hop_s: float = 1.5,
    on_track: Callable[[int], None] | None = None,
) -> None:
    """Ask ``teacher`` about every window of ``corpus`` and keep the answers beside ``cache``.

    Goes on where an earlier call was stopped; ``on_track`` hears the number of each track
    that is done.

    Raises:
        CorpusError: answers of another teacher, or at another hop, stand there already.
    """
    spec = teacher.spec
    hop_samples = round(hop_s * spec.sample_rate_hz)
    record = {
        "teacher": spec.name,
        "fingerprint": spec.fingerprint,
        "style_dim": spec.style_dim,
        "tags": list(spec.tags),
        "window_samples": spec.window_samples,
        "hop_samples": hop_samples,
        "tracks": len(corpus.names),
    }
    rows_path, record_path = _paths(cache)
    if record_path.exists() and json.loads(record_path.read_text(encoding="utf-8")) != record:
        raise CorpusError(
            f"{record_path} is of another teacher, hop or corpus; remove it to ask again"
        )
    record_path.write_text(json.dumps(record) + "\n", encoding="utf-8")
    counts = _counts(corpus.lengths, spec.window_samples, hop_samples)
    row_bytes = (spec.style_dim + len(spec.tags)) * _BYTES
    with rows_path.open("ab") as file:
        whole = torch.searchsorted(counts.cumsum(0), file.tell() // row_bytes, right=True)
        done = int(whole)
        file.truncate(int(counts[:done].sum()) * row_bytes)
        for track in range(done, len(counts)):
            starts = corpus.starts[track] + hop_samples * torch.arange(int(counts[track]))
            for part in torch.split(starts, _BATCH_WINDOWS):
                heard = teacher.embed(corpus.cut(part, spec.window_samples).cpu().numpy())
                both = np.concatenate([heard.style, heard.tags], axis=1)
                file.write(both.astype("<f2").tobytes())
            if on_track is not None:
                on_track(track)


def open_targets(corpus: Corpus, cache: Path) -> Targets:
    """The teacher's answers beside ``cache``, for the whole ``corpus`` that stands there.

    Raises:
        CorpusError: there are none, or not for every track.
    """
    rows_path, record_path = _paths(cache)
    if not record_path.exists() or not rows_path.exists():
        raise CorpusError(f"there are no teacher's targets at {cache}; compute them first")
    record = json.loads(record_path.read_text(encoding="utf-8"))
    counts = _counts(corpus.lengths, record["window_samples"], record["hop_samples"])
    columns = record["style_dim"] + len(record["tags"])
    held = rows_path.stat().st_size // (columns * _BYTES)
    if held < int(counts.sum()):
        raise CorpusError(
            f"{rows_path} holds {held} windows, expected {int(counts.sum())}; go on computing them"
        )
    mapped = np.memmap(rows_path, dtype="<f2", mode="c", shape=(int(counts.sum()), columns))
    return Targets(
        rows=torch.from_numpy(mapped),
        first_row=counts.cumsum(0) - counts,
        counts=counts,
        style_dim=record["style_dim"],
        window_samples=record["window_samples"],
        hop_samples=record["hop_samples"],
        tags=tuple(record["tags"]),
    )


def _counts(lengths: Tensor, window_samples: int, hop_samples: int) -> Tensor:
    return (1 + (lengths - window_samples) // hop_samples).clamp(min=1)


def _paths(cache: Path) -> tuple[Path, Path]:
    name = cache.name
    return cache.with_name(f"{name}.targets.f16"), cache.with_name(f"{name}.targets.json")

"""A tiny encoder and catalog with known answers, where the real ones would be too slow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from catalog.search import ExactIndex, Hits
from catalog.songs import Song
from encoder.embedding import Embeddings, EncoderSpec


def fake_spec(*, sample_rate_hz: int = 1000, window_samples: int = 300) -> EncoderSpec:
    """A spec whose windows are short: at 1 kHz a sample is a millisecond."""
    return EncoderSpec(
        name="fake",
        fingerprint="f" * 64,
        sample_rate_hz=sample_rate_hz,
        window_samples=window_samples,
        style_dim=4,
        tags=("slow", "fast", "loud"),
    )


@dataclass
class FakeEncoder:
    """Style and tags by arithmetic on a window.

    Style: mean, root mean square, mean step, 1. Each row depends on its window alone, bit for bit.
    `batches` notes how many windows came in each call.
    """

    spec: EncoderSpec = field(default_factory=fake_spec)
    batches: list[int] = field(default_factory=list)

    def embed(self, windows: NDArray[np.float32]) -> Embeddings:
        assert windows.dtype == np.float32
        assert windows.shape[1:] == (self.spec.window_samples,)
        self.batches.append(len(windows))
        style = [
            [w.mean(), np.sqrt(np.mean(w**2)), np.abs(np.diff(w)).mean(), 1.0] for w in windows
        ]
        tags = [[1 - abs(row[2]), row[2], min(1.0, row[1])] for row in style]
        return Embeddings(
            style=np.array(style, np.float32).reshape(-1, 4),
            tags=np.clip(np.array(tags, np.float32).reshape(-1, 3), 0, 1),
        )


def fake_song(id: int, *, artist: str | None = None, group: int | None = None) -> Song:
    """A song of which only the id matters."""
    return Song(
        id=id,
        path=Path(f"/music/{id}.ogg"),
        title=f"Song {id}",
        artist=artist,
        album=None,
        genre=None,
        year=None,
        duration_s=30.0,
        content_hash=f"{id:064x}",
        added_at=datetime(2026, 1, 1, tzinfo=UTC),
        group=id if group is None else group,
    )


@dataclass
class FakeCatalog:
    """Songs with style vectors, searched exactly.

    `searches` notes how many queries came in each call.
    """

    songs: dict[int, Song]
    styles: NDArray[np.float32]  # one row a song, in order of `songs`
    searches: list[int] = field(default_factory=list)

    def search(self, vectors: NDArray[np.float32], k: int) -> Hits:
        self.searches.append(len(vectors))
        index = ExactIndex(self.styles, ids=np.array(sorted(self.songs), np.int64))
        # Row by row: a matrix product rounds differently for another number of rows.
        hits = [index.search(vector[np.newaxis], k) for vector in vectors]
        return Hits(
            songs=np.concatenate([hit.songs for hit in hits]),
            scores=np.concatenate([hit.scores for hit in hits]),
        )

    def get(self, ids: Sequence[int]) -> dict[int, Song]:
        return {id: self.songs[id] for id in ids if id in self.songs}


def fake_catalog(count: int = 8, *, dimension: int = 4) -> FakeCatalog:
    """Songs 1 to `count` with styles spread over the directions that `FakeEncoder` gives."""
    rng = np.random.default_rng(5)
    styles = np.abs(rng.normal(size=(count, dimension))).astype(np.float32)
    styles /= np.linalg.norm(styles, axis=1, keepdims=True)
    return FakeCatalog({id: fake_song(id) for id in range(1, count + 1)}, styles)

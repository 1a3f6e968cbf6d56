"""A tiny encoder, catalog and matcher with known answers, where the real ones would be too slow."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from catalog.map_file import Xyz
from catalog.search import ExactIndex, Hits
from catalog.songs import Song
from encoder.embedding import Embeddings, EncoderSpec, PrintSpec
from realtime.match import Match
from realtime.searching import PrintStep

PRINT_WINDOW = 200
PRINT_STRIDE = 25


def fake_spec(
    *, sample_rate_hz: int = 1000, window_samples: int = 300, print_window: int = PRINT_WINDOW
) -> EncoderSpec:
    """A spec whose windows are short: at 1 kHz a sample is a millisecond."""
    return EncoderSpec(
        name="fake",
        fingerprint="f" * 64,
        sample_rate_hz=sample_rate_hz,
        window_samples=window_samples,
        style_dim=4,
        tags=("slow", "fast", "loud"),
        prints=PrintSpec(
            name="fake prints",
            fingerprint="e" * 64,
            sample_rate_hz=sample_rate_hz,
            window_samples=print_window,
            stride_samples=PRINT_STRIDE,
            dimension=2,
        ),
    )


@dataclass
class FakeEncoder:
    """Style, tags and prints by arithmetic on a window.

    Style: mean, root mean square, mean step, 1; print: the first two, of unit length. Each row
    depends on its window alone, bit for bit. `batches` notes how many windows came in each call,
    `print_batches` how many stretches. If it `tells_music`, that is what is louder than 0.1.
    """

    spec: EncoderSpec = field(default_factory=fake_spec)
    batches: list[int] = field(default_factory=list)
    print_batches: list[int] = field(default_factory=list)
    tells_music: bool = False

    def embed(self, windows: NDArray[np.float32]) -> Embeddings:
        assert windows.dtype == np.float32
        assert windows.shape[1:] == (self.spec.window_samples,)
        self.batches.append(len(windows))
        one_pass = self.spec.window_samples == self.spec.prints.window_samples
        style = [
            [w.mean(), np.sqrt(np.mean(w**2)), np.abs(np.diff(w)).mean(), 1.0] for w in windows
        ]
        tags = [[1 - abs(row[2]), row[2], min(1.0, row[1])] for row in style]
        return Embeddings(
            style=np.array(style, np.float32).reshape(-1, 4),
            tags=np.clip(np.array(tags, np.float32).reshape(-1, 3), 0, 1),
            prints=self._prints(windows) if one_pass else None,
            music=np.array([row[1] > 0.1 for row in style], np.float32)
            if self.tells_music
            else None,
        )

    def prints(self, stretches: NDArray[np.float32]) -> NDArray[np.float32]:
        assert stretches.dtype == np.float32
        self.print_batches.append(len(stretches))
        spec = self.spec.prints
        offsets = range(0, stretches.shape[1] - spec.window_samples + 1, spec.stride_samples)
        windows = [stretches[:, first : first + spec.window_samples] for first in offsets]
        return np.stack([self._prints(cut) for cut in windows], axis=1)  # (n, P, 2)

    def _prints(self, windows: NDArray[np.float32]) -> NDArray[np.float32]:
        rows = np.array([[w.mean(), np.sqrt(np.mean(w**2))] for w in windows], np.float32)
        return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)


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

    def places(self, ids: Iterable[int]) -> dict[int, Xyz]:
        """On the map a song lies where its style points, of which that is the beginning."""
        rows = dict(zip(sorted(self.songs), self.styles[:, :3].tolist(), strict=True))
        return {id: (rows[id][0], rows[id][1], rows[id][2]) for id in ids if id in rows}

    def get(self, ids: Sequence[int]) -> dict[int, Song]:
        return {id: self.songs[id] for id in ids if id in self.songs}


def fake_catalog(count: int = 8, *, dimension: int = 4) -> FakeCatalog:
    """Songs 1 to `count` with styles spread over the directions that `FakeEncoder` gives."""
    rng = np.random.default_rng(5)
    styles = np.abs(rng.normal(size=(count, dimension))).astype(np.float32)
    styles /= np.linalg.norm(styles, axis=1, keepdims=True)
    return FakeCatalog({id: fake_song(id) for id in range(1, count + 1)}, styles)


@dataclass(frozen=True)
class Heard:
    """Song `song` sounds from sample `start` to `end` of the source, from `position` on."""

    song: int
    start: int
    end: int
    position: float = 0.0
    rate: float = 1.0


@dataclass
class FakeMatcher:
    """Knows the programme: a step matches what sounds in the middle of its last window.

    `batches` notes how many steps came in each call, `steps` keeps them, `clears` counts.
    """

    programme: Sequence[Heard] = ()
    window: int = PRINT_WINDOW
    confidence: float = 0.995
    batches: list[int] = field(default_factory=list)
    steps: list[PrintStep] = field(default_factory=list)
    clears: int = 0
    _first: int | None = None

    def match(self, steps: Sequence[PrintStep]) -> list[Match | None]:
        self.batches.append(len(steps))
        self.steps += steps
        return [self._matched(step) for step in steps]

    def clear(self) -> None:
        self.clears += 1
        self._first = None

    def _matched(self, step: PrintStep) -> Match | None:
        assert step.prints.shape[0] == len(step.starts)
        begin, at = int(step.starts[0]), int(step.starts[-1]) + self.window
        self._first = begin if self._first is None else self._first
        for heard in self.programme:
            if heard.start <= at - self.window // 2 < heard.end:
                return Match(
                    song=heard.song,
                    at=at,
                    since=max(self._first, heard.start - self.window // 2),
                    position=heard.position + heard.rate * (at - heard.start),
                    rate=heard.rate,
                    score=0.9,
                    confidence=self.confidence,
                )
        return None

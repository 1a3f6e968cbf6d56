"""Songs, trials and an encoder whose prints can be reckoned by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from catalog.songs import Song
from encoder.embedding import Embeddings, EncoderSpec, PrintSpec
from realtime.evaluation.trials import Trial

RATE_HZ = 1000
WINDOW = 2000
STRIDE = 125
Samples = NDArray[np.float32]


def song(number: int, *, group: int | None = None, folder: str = "album") -> Song:
    """A song of the catalog; its file need not be there."""
    return Song(
        id=number,
        path=Path(f"/music/{folder}/{number}.ogg"),
        title=f"Song {number}",
        artist=None,
        album=None,
        genre=None,
        year=None,
        duration_s=60.0,
        content_hash=f"{number:064x}",
        added_at=datetime(2026, 1, 1, tzinfo=UTC),
        group=number if group is None else group,
    )


def trial(**values: object) -> Trial:
    """A trial of a song of the catalog that was not named, but for what is given."""
    blank = {
        "system": "nowhear",
        "condition": "clean",
        "length_s": 5.0,
        "song": "/music/album/1.ogg",
        "start_s": 1.5,
        "outsider": False,
    }
    return Trial(**(blank | values))  # type: ignore[arg-type]


def noise(samples: int, seed: int) -> Samples:
    """White noise, no two places of which are alike."""
    return np.random.default_rng(seed).uniform(-0.5, 0.5, samples).astype(np.float32)


class LoudnessEncoder:
    """A print is the loudness of a window's 16 parts about their mean: it tells noise bursts apart
    and hardly minds a shift."""

    spec = EncoderSpec(
        name="loudness",
        fingerprint="f" * 64,
        sample_rate_hz=RATE_HZ,
        window_samples=WINDOW,
        style_dim=4,
        tags=("loud",),
        prints=PrintSpec(
            name="loudness",
            fingerprint="e" * 64,
            sample_rate_hz=RATE_HZ,
            window_samples=WINDOW,
            stride_samples=STRIDE,
            dimension=16,
        ),
    )

    def prints(self, stretches: Samples) -> Samples:
        """As `Encoder.prints`."""
        windows = np.lib.stride_tricks.sliding_window_view(stretches, WINDOW, axis=1)[:, ::STRIDE]
        parts = windows.reshape(*windows.shape[:2], 16, -1)
        loudness = np.sqrt(np.mean(np.square(parts), axis=-1))
        loudness -= loudness.mean(axis=-1, keepdims=True)
        norm = np.linalg.norm(loudness, axis=-1, keepdims=True)
        return (loudness / np.maximum(norm, 1e-9)).astype(np.float32)

    def embed(self, windows: Samples) -> Embeddings:
        """Never asked for: queries have no style."""
        raise AssertionError(f"the style of {len(windows)} windows was asked for")

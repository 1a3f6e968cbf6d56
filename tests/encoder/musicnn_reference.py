"""What the original MusiCNN says of four clips, as ``make_reference.py`` recorded it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FOLDER = Path(__file__).parents[1] / "data" / "musicnn_reference"
CLIPS = ("idle_tune", "lucky13", "play_tune", "tuxi")


@dataclass(frozen=True, eq=False)
class Reference:
    """``samples`` ``(T,)`` float32; ``mel_power`` ``(F, M)``; one row a patch in the rest."""

    samples: NDArray[np.float32]
    mel_power: NDArray[np.float16]
    starts: NDArray[np.int64]
    style: NDArray[np.float32]
    tags: NDArray[np.float32]

    def windows(self, *, window_samples: int, hop_samples: int) -> NDArray[np.float32]:
        """The windows of samples behind the patches, ``(n, window_samples)``."""
        firsts = self.starts * hop_samples
        return np.stack([self.samples[first : first + window_samples] for first in firsts])


def load_reference(name: str) -> Reference:
    """The recorded clip called ``name``."""
    with np.load(FOLDER / f"{name}.npz") as file:
        return Reference(
            samples=file["samples"].astype(np.float32) / 32768,
            mel_power=file["mel_power"],
            starts=file["starts"],
            style=file["style"],
            tags=file["tags"],
        )

"""Is this music? A logistic regression on a window's style vector, fitted to one encoder's styles.

The weights that ship belong to the encoder that ships: their record names its fingerprint, and
another encoder has no head. :mod:`encoder.fit_music_head` makes them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from encoder.checkpoint import read_checkpoint, require_tensors, write_checkpoint
from encoder.errors import WeightsError

__all__ = ["SHIPPED_HEAD", "MusicHead", "head_for", "read_head", "sigmoid", "write_head"]

SHIPPED_HEAD = Path(__file__).parent / "weights" / "music_head.safetensors"
_ARCHITECTURE = "nowhear-music-head"


@dataclass(frozen=True, eq=False)
class MusicHead:
    """The regression: ``weight`` ``(D,)`` and ``bias``, for styles of the encoder ``fingerprint``.

    >>> head = MusicHead(np.array([2.0, 0.0]), bias=-2.0, fingerprint="0")
    >>> head.probability(np.array([[1.0, 5.0], [0.0, 5.0]], np.float32)).round(3).tolist()
    [0.5, 0.11900000274181366]
    """

    weight: NDArray[np.float64]
    bias: float
    fingerprint: str

    def probability(self, style: NDArray[np.float32]) -> NDArray[np.float32]:
        """Probability ``(n,)``, 0 to 1, that each window of ``style`` ``(n, D)`` is music."""
        # Row by row and not as a matrix product, whose sums would depend on the other rows.
        scores = (style.astype(np.float64) * self.weight).sum(axis=1) + self.bias
        return sigmoid(scores).astype(np.float32)


def sigmoid(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """The logistic function, without overflow for scores of any size."""
    return np.asarray(np.exp(-np.logaddexp(0, -scores)), np.float64)


def head_for(fingerprint: str, *, path: Path = SHIPPED_HEAD) -> MusicHead | None:
    """The head in the file at ``path`` if it belongs to the encoder ``fingerprint``.

    None when it belongs to another one, or when there is no such file: an encoder works without.

    Raises:
        WeightsError: the file is damaged, or holds something else.
    """
    if not path.exists():
        return None
    head = read_head(path)
    return head if head.fingerprint == fingerprint else None


def read_head(path: Path) -> MusicHead:
    """The head in the file at ``path``.

    Raises:
        WeightsError: the file is missing, damaged or holds something else.
    """
    checkpoint = read_checkpoint(path, architecture=_ARCHITECTURE)
    width = checkpoint.record.get("style_dim")
    encoder = checkpoint.record.get("encoder")
    if not isinstance(width, int) or not isinstance(encoder, str):
        raise WeightsError(
            f"{path} is for style of length {width!r} of encoder {encoder!r}, expected a number "
            "and a fingerprint; make it again with `python -m encoder.fit_music_head`"
        )
    require_tensors(checkpoint, {"weight": (width,), "bias": (1,)})
    weight = checkpoint.tensors["weight"].numpy().astype(np.float64)
    return MusicHead(weight, bias=float(checkpoint.tensors["bias"]), fingerprint=encoder)


def write_head(path: Path, head: MusicHead, *, made: Mapping[str, Any]) -> None:
    """Write ``head`` to ``path``; ``made`` says how it came about, in JSON's types."""
    record = {
        "architecture": _ARCHITECTURE,
        "encoder": head.fingerprint,
        "style_dim": len(head.weight),
        "made": dict(made),
    }
    tensors = {
        "weight": torch.from_numpy(head.weight.astype(np.float32)),
        "bias": torch.tensor([head.bias], dtype=torch.float32),
    }
    write_checkpoint(path, tensors, record)

"""TensorBoard, where it is installed (``pip install nowhear[train]``); silent where it is not."""

import importlib
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from encoder.model import WindowNet
from encoder.training.moments import Batch

__all__ = ["Board"]

_PICTURES = 4
_POINTS = 64


class Board:
    """Writes scalars, pictures and vectors of a run below ``folder``.

    ``step`` is where the run goes on: what an earlier process, killed after its last checkpoint,
    wrote beyond it is no longer shown.
    """

    def __init__(self, folder: Path, *, active: bool = True, step: int = 0) -> None:
        self._writer: Any = None
        if active:
            try:
                module = importlib.import_module("torch.utils.tensorboard")
            except ImportError:
                return
            self._writer = module.SummaryWriter(str(folder), purge_step=step + 1 if step else None)

    @property
    def active(self) -> bool:
        """Whether TensorBoard is there and written to."""
        return self._writer is not None

    def write(self, record: dict[str, Any]) -> None:
        """Every number of a report, nested ones as ``outer/inner``."""
        if self._writer is not None:
            for name, value in _flat(record):
                self._writer.add_scalar(name, value, record["step"])
            self._writer.flush()

    def show(self, step: int, net: WindowNet, batch: Batch) -> None:
        """Some pairs as pictures (clean above spoiled) and as points for the projector."""
        if self._writer is None:
            return
        with torch.inference_mode():
            for number in range(min(_PICTURES, len(batch.clean))):
                pair = torch.stack([batch.clean[number], batch.spoiled[number]])
                self._writer.add_image(f"pairs/{number}", _picture(net.log_mel(pair)), step)
            half = min(_POINTS, len(batch.clean))
            both = torch.cat([batch.clean[:half], batch.spoiled[:half]])
            names = [f"{kind} {n}" for kind in ("clean", "spoiled") for n in range(half)]
            vectors = net(both).fingerprint[:, 0].cpu()
            self._writer.add_embedding(vectors, metadata=names, global_step=step)


def _flat(record: dict[str, Any], prefix: str = "") -> list[tuple[str, float]]:
    found: list[tuple[str, float]] = []
    for name, value in record.items():
        if isinstance(value, dict):
            found += _flat(value, f"{prefix}{name}/")
        elif name != "step":
            found.append((prefix + name, float(value)))
    return found


def _picture(log_mel: Tensor) -> Tensor:
    """Two log-mels ``(2, M, F)`` over one another, low bands below, ``(1, 2M, F)`` in 0 to 1."""
    stacked = log_mel.flip(1).flatten(0, 1)[None].cpu()
    return stacked / stacked.max().clamp(min=1e-6)

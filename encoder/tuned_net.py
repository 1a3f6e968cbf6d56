"""The small network with a head of its own, tuned to tell classes or labels: sound in, words out.

Its trunk has moved away from the one that it began with, so the prints and styles of the two are
not comparable, and its file cannot stand in for the network's.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from encoder.checkpoint import read_checkpoint, require_tensors, write_checkpoint
from encoder.errors import WeightsError
from encoder.model import WindowNet, config_from_json

__all__ = ["TunedKind", "TunedModel", "TunedNet", "load_tuned"]

TunedKind = Literal["classes", "labels"]
_ARCHITECTURE = "nowhear-tuned-net"


class TunedNet(nn.Module):
    """Samples ``(B, T)`` to the scores ``(B, k)`` of ``k`` outputs, which are no probabilities yet.

    Rests on what the network's style rests on, averaged over the positions of the stretch.
    """

    def __init__(self, net: WindowNet, outputs: int, *, dropout: float = 0.0) -> None:
        super().__init__()
        self.net = net
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(net.config.hidden, outputs)

    def forward(self, samples: Tensor) -> Tensor:
        """Scores of ``samples`` at 16 kHz; ``T`` at least one window."""
        return self.scores(self.hidden(samples))

    def hidden(self, samples: Tensor) -> Tensor:
        """What the scores rest on, ``(B, hidden)``."""
        return self.net.described(samples).mean(dim=2)

    def scores(self, hidden: Tensor) -> Tensor:
        """Scores of what :meth:`hidden` gives."""
        scores: Tensor = self.head(self.dropout(hidden))
        return scores


@dataclass(frozen=True, eq=False)
class TunedModel:
    """A tuned network with what its outputs are.

    - ``kind``: ``classes`` (probabilities that sum to 1) or ``labels`` (each on its own).
    - ``names``: of the outputs.
    - ``figures``: what was measured on it, by name.
    - ``made``: how it came about, in JSON's types.
    """

    net: TunedNet
    kind: TunedKind
    names: tuple[str, ...]
    figures: Mapping[str, float] = field(default_factory=dict)
    made: Mapping[str, Any] = field(default_factory=dict)

    def predict(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """Probabilities ``(B, k)`` of stretches ``(B, T)`` at 16 kHz, full scale 1."""
        device = self.net.head.weight.device
        with torch.inference_mode():
            told = self.probabilities(self.net.eval()(torch.from_numpy(samples).to(device)))
        probabilities: NDArray[np.float32] = told.cpu().numpy()
        return probabilities

    def probabilities(self, scores: Tensor) -> Tensor:
        """Scores ``(B, k)`` as probabilities."""
        return torch.softmax(scores, 1) if self.kind == "classes" else torch.sigmoid(scores)

    def save(self, path: Path) -> None:
        """Write it to ``path``, a safetensors file; folders on the way are made."""
        record = {
            "architecture": _ARCHITECTURE,
            "config": asdict(self.net.net.config),
            "kind": self.kind,
            "names": list(self.names),
            "figures": dict(self.figures),
            "made": dict(self.made),
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        write_checkpoint(path, dict(self.net.named_parameters()), record)


def load_tuned(path: Path) -> TunedModel:
    """The tuned network in the file at ``path``, ready for use.

    Raises:
        WeightsError: the file is missing, damaged or holds something else.
    """
    checkpoint = read_checkpoint(path, architecture=_ARCHITECTURE)
    record = checkpoint.record
    try:
        net = TunedNet(WindowNet(config_from_json(record["config"])), len(record["names"]))
        if record["kind"] not in get_args(TunedKind):
            raise ValueError(f"kind {record['kind']!r}")
        model = TunedModel(
            net=net,
            kind=record["kind"],
            names=tuple(record["names"]),
            figures=dict(record["figures"]),
            made=dict(record["made"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise WeightsError(
            f"{path} describes a network that this version does not know: {error}"
        ) from error
    require_tensors(checkpoint, {name: tuple(p.shape) for name, p in net.named_parameters()})
    # Not strict: the front end's window and filters follow from the configuration.
    net.load_state_dict(dict(checkpoint.tensors), strict=False)
    net.eval().requires_grad_(False)
    return model

"""Small heads on vectors: what class, which labels, what values, from style or other numbers.

A head is a linear layer, or one hidden layer before it, fitted with AdamW (Loshchilov and Hutter,
"Decoupled weight decay regularization", ICLR 2019) and stopped where a part of the rows that it
does not learn from is told best. It knows vectors and no songs; what vectors it takes is said by
``input``, a fingerprint, and rows of another kind are refused by it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor, nn

from encoder.checkpoint import read_checkpoint, require_tensors, write_checkpoint
from encoder.errors import WeightsError
from encoder.settings import DeviceChoice

__all__ = ["Head", "HeadKind", "HeadSettings", "head_net", "load_head"]

HeadKind = Literal["classes", "labels", "values"]
_ARCHITECTURE = "nowhear-head"
_SHOWN = 16  # digits of a fingerprint that tell it from others


class HeadSettings(BaseModel):
    """How a head is fitted. Equal settings and rows on one machine give equal heads.

    Frozen, and an unknown key is refused by name (pydantic's ``ValidationError``).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    hidden: int = Field(default=0, ge=0, description="Width of the hidden layer; 0: linear.")
    epochs: int = Field(default=300, ge=1, description="Most passes over the rows.")
    patience: int = Field(
        default=30, ge=1, description="Passes without a better validation loss, then it ends."
    )
    batch_rows: int = Field(default=128, ge=1, description="Rows in a step.")
    learning_rate: float = Field(default=3e-3, gt=0, description="AdamW's.")
    weight_decay: float = Field(default=0.1, ge=0, description="AdamW's, of weights alone.")
    dropout: float = Field(
        default=0.0, ge=0, lt=1, description="Share of the last layer's inputs that a step drops."
    )
    cosine_weight: float = Field(
        default=0.0,
        ge=0,
        description="Kind 'values': weight of 1 - cosine between a row's values and those told, "
        "beside the squared error; for vectors that are compared by their direction.",
    )
    held_out: float = Field(
        default=0.15,
        ge=0,
        lt=1,
        description="Share of the rows kept for validation when none are given; 0: none, and all "
        "epochs are run.",
    )
    seed: int = Field(default=1, ge=0, description="Of first weights, order and what is kept.")
    device: DeviceChoice = Field(default="auto", description="'cpu', 'cuda', or 'auto'.")


@dataclass(frozen=True, eq=False)
class Head:
    """A fitted head from vectors ``(n, d)`` to ``k`` outputs.

    - ``kind``: ``classes`` (probabilities that sum to 1), ``labels`` (probabilities, each on its
      own) or ``values`` (numbers in the units that it was fitted in).
    - ``names``: of the outputs, ``k`` of them.
    - ``input``: fingerprint of the vectors that it takes.
    - ``settings``: how it was fitted.
    - ``figures``: what was measured on it, by name.
    - ``tensors``: ``mean`` and ``spread`` ``(d,)`` of the inputs, ``offset`` and ``scale`` ``(k,)``
      of the outputs, and the weights of :func:`head_net`.
    """

    kind: HeadKind
    names: tuple[str, ...]
    input: str
    settings: HeadSettings
    tensors: Mapping[str, Tensor]
    figures: Mapping[str, float] = field(default_factory=dict)

    @property
    def width(self) -> int:
        """Length of the vectors that it takes."""
        return len(self.tensors["mean"])

    def predict(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """Probabilities or values ``(n, k)`` of the vectors ``x`` ``(n, d)``.

        Raises:
            WeightsError: they have another length, or a value that is not finite.
        """
        if x.ndim != 2 or x.shape[1] != self.width or not np.isfinite(x).all():
            raise WeightsError(
                f"a head for vectors of length {self.width} was given {x.shape}, expected "
                f"(n, {self.width}) finite numbers"
            )
        values = self.tensors
        rows = torch.from_numpy(np.array(x, np.float32))
        with torch.inference_mode():
            outputs = self._net()((rows - values["mean"]) / values["spread"])
            if self.kind == "classes":
                outputs = torch.softmax(outputs, dim=1)
            elif self.kind == "labels":
                outputs = torch.sigmoid(outputs)
            else:
                outputs = outputs * values["scale"] + values["offset"]
        told: NDArray[np.float32] = outputs.numpy()
        return told

    def require(self, fingerprint: str, *, source: str = "this head") -> None:
        """Check that it takes the vectors of ``fingerprint``.

        Raises:
            WeightsError: it takes others; both are named.
        """
        if fingerprint != self.input:
            raise WeightsError(
                f"{source} takes the vectors of {self.input[:_SHOWN]!r}, but those of "
                f"{fingerprint[:_SHOWN]!r} are in force; fit a head for them"
            )

    def save(self, path: Path) -> None:
        """Write it to ``path``, a safetensors file; folders on the way are made."""
        record = {
            "architecture": _ARCHITECTURE,
            "kind": self.kind,
            "names": list(self.names),
            "input": self.input,
            "width": self.width,
            "settings": self.settings.model_dump(mode="json"),
            "figures": dict(self.figures),
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        write_checkpoint(path, self.tensors, record)

    def _net(self) -> nn.Module:
        net = head_net(self.width, len(self.names), self.settings)
        weights = {name: self.tensors[name] for name, _ in net.named_parameters()}
        net.load_state_dict(weights)
        return net.eval()


def head_net(width: int, outputs: int, settings: HeadSettings) -> nn.Sequential:
    """The layers: ``(n, width)`` to ``(n, outputs)``, which are no probabilities yet."""
    dropped = nn.Dropout(settings.dropout)
    if not settings.hidden:
        return nn.Sequential(dropped, nn.Linear(width, outputs))
    first = nn.Linear(width, settings.hidden)
    return nn.Sequential(first, nn.ReLU(), dropped, nn.Linear(settings.hidden, outputs))


def load_head(path: Path, *, input: str | None = None) -> Head:
    """The head in the file at ``path``; ``input`` is what it must take, None asks nothing.

    Raises:
        WeightsError: the file is missing, damaged, holds something else, or a head for other
            vectors (both fingerprints are named).
    """
    checkpoint = read_checkpoint(path, architecture=_ARCHITECTURE)
    head = _head_of(checkpoint.record, checkpoint.tensors, path)
    net = head_net(int(checkpoint.record["width"]), len(head.names), head.settings)
    shapes = {name: tuple(value.shape) for name, value in net.named_parameters()}
    shapes |= {name: (int(checkpoint.record["width"]),) for name in ("mean", "spread")}
    shapes |= {name: (len(head.names),) for name in ("offset", "scale")}
    require_tensors(checkpoint, shapes)
    if input is not None:
        head.require(input, source=str(path))
    return head


def _head_of(record: Mapping[str, Any], tensors: Mapping[str, Tensor], path: Path) -> Head:
    try:
        kind = record["kind"]
        if kind not in get_args(HeadKind):
            raise ValueError(f"kind {kind!r}, expected one of {', '.join(get_args(HeadKind))}")
        if int(record["width"]) < 1:
            raise ValueError(f"width {record['width']!r}, expected 1 or more")
        return Head(
            kind=kind,
            names=tuple(str(name) for name in record["names"]),
            input=str(record["input"]),
            settings=HeadSettings.model_validate(record["settings"]),
            tensors=tensors,
            figures={str(name): float(value) for name, value in record["figures"].items()},
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise WeightsError(
            f"{path} describes a head that this version does not know: {error}"
        ) from error

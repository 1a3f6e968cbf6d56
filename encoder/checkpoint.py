"""Weights files: safetensors with one JSON record, read whole and checked before use.

A file holds named tensors and, under one metadata key, a JSON object that says what it is
(``architecture``, ``tags``, where the weights come from). One key, because the safetensors
library writes several in no fixed order, and equal weights must give equal bytes.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors

from encoder.errors import WeightsError

__all__ = ["Checkpoint", "fingerprint", "read_checkpoint", "require_tensors", "write_checkpoint"]

_RECORD_KEY = "nowhear"
_LENGTH_BYTES = 8  # a safetensors file opens with its header's length, little endian


@dataclass(frozen=True)
class Checkpoint:
    """Weights as they stand in a file.

    ``tensors`` maps names to CPU tensors, ``record`` is the file's JSON object and
    ``source`` names the file in messages.
    """

    tensors: Mapping[str, torch.Tensor]
    record: Mapping[str, Any]
    source: str


def write_checkpoint(
    path: Path, tensors: Mapping[str, torch.Tensor], record: Mapping[str, Any]
) -> None:
    """Write ``tensors`` and ``record`` to ``path``; equal arguments give equal bytes."""
    contiguous = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    text = json.dumps(record, sort_keys=True, ensure_ascii=False)
    path.write_bytes(save_tensors(contiguous, metadata={_RECORD_KEY: text}))


def read_checkpoint(path: Path, *, architecture: str) -> Checkpoint:
    """Read the weights file at ``path``, which must say it holds ``architecture``.

    Raises:
        WeightsError: the file is missing, is not a whole safetensors file, or holds
            another architecture.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise WeightsError(
            f"cannot read the weights file {path}: {error.strerror or error}; "
            "give the path of a safetensors file, or none for the weights that ship"
        ) from error
    try:
        tensors = load_tensors(data)
        record = _record(data)
    except (SafetensorError, KeyError, ValueError) as error:
        raise WeightsError(
            f"{path} ({len(data)} bytes) is not a whole nowhear weights file: {error}; "
            "expected safetensors with a nowhear record; fetch or convert it again"
        ) from error
    if record.get("architecture") != architecture:
        raise WeightsError(
            f"{path} holds weights of {record.get('architecture')!r}, expected {architecture!r}; "
            "give a file made for this encoder"
        )
    return Checkpoint(tensors=tensors, record=record, source=str(path))


def require_tensors(checkpoint: Checkpoint, shapes: Mapping[str, tuple[int, ...]]) -> None:
    """Check that ``checkpoint`` has exactly the float32 tensors that ``shapes`` names.

    Raises:
        WeightsError: a tensor is missing, is one too many, has another shape or type, or
            holds values that are not finite.
    """
    missing = sorted(set(shapes) - set(checkpoint.tensors))
    extra = sorted(set(checkpoint.tensors) - set(shapes))
    if missing or extra:
        raise WeightsError(
            f"{checkpoint.source} has {len(checkpoint.tensors)} tensors, expected "
            f"{len(shapes)}; missing {missing[:3]}, unexpected {extra[:3]}"
        )
    for name, shape in shapes.items():
        tensor = checkpoint.tensors[name]
        if tuple(tensor.shape) != shape or tensor.dtype != torch.float32:
            raise WeightsError(
                f"{checkpoint.source}: {name} is {tensor.dtype} {tuple(tensor.shape)}, "
                f"expected torch.float32 {shape}"
            )
        if not bool(torch.isfinite(tensor).all()):
            raise WeightsError(f"{checkpoint.source}: {name} holds values that are not finite")


def fingerprint(tensors: Mapping[str, torch.Tensor], parameters: Mapping[str, Any]) -> str:
    """Sixty-four hex digits that change when any weight or front-end parameter does.

    SHA-256 over ``parameters`` as canonical JSON, then over each tensor in name order:
    name, type, shape and bytes. A file's record does not enter, so that a corrected
    attribution does not make every stored vector stale.

    >>> a = fingerprint({"w": torch.zeros(2)}, {"hop": 256})
    >>> a == fingerprint({"w": torch.zeros(2)}, {"hop": 128})
    False
    """
    digest = hashlib.sha256(json.dumps(parameters, sort_keys=True).encode())
    for name in sorted(tensors):
        array = np.ascontiguousarray(tensors[name].detach().cpu().numpy())
        digest.update(f"\0{name}\0{array.dtype.str}\0{array.shape}\0".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()


def _record(data: bytes) -> dict[str, Any]:
    length = int.from_bytes(data[:_LENGTH_BYTES], "little")
    header = json.loads(data[_LENGTH_BYTES : _LENGTH_BYTES + length])
    record = json.loads(header["__metadata__"][_RECORD_KEY])
    if not isinstance(record, dict):
        raise ValueError(f"its record is a {type(record).__name__}, expected an object")
    return record

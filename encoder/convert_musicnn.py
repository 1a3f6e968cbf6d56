"""Make ``musicnn_msd.safetensors`` from the checkpoint inside the musicnn wheel.

    pip download --no-deps musicnn==0.1.0
    python -m encoder.convert_musicnn musicnn-0.1.0-py3-none-any.whl --out encoder/weights

Needs neither TensorFlow nor the installed musicnn package. The same wheel always gives the
same bytes.
"""

# ruff: noqa: T201 - a command line speaks on standard output

import argparse
import ast
import hashlib
import sys
import zipfile
from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from encoder.checkpoint import Checkpoint, require_tensors, write_checkpoint
from encoder.errors import EncoderError, WeightsError
from encoder.frontend import FrontEndSettings
from encoder.teacher import ARCHITECTURE, Teacher, TeacherConfig, parameter_shapes
from encoder.tf_bundle import read_bundle

__all__ = ["WEIGHTS_NAME", "WHEEL_SHA256", "convert", "main"]

WHEEL_SHA256 = "f38a4890c648c1ddbb141c5d96d2b0a8cfcd36746002d896989f7b88beb65cfa"
WEIGHTS_NAME = "musicnn_msd.safetensors"
_MODEL = "musicnn/MSD_musicnn/"
_LICENSE = "musicnn-0.1.0.dist-info/LICENSE.md"

Tensors = Mapping[str, NDArray[np.float32]]


def convert(wheel: bytes, *, source: str = "the wheel") -> tuple[Checkpoint, str]:
    """Weights in this repository's form, and the wheel's licence text, from a wheel's bytes.

    Raises:
        WeightsError: ``wheel`` is not musicnn 0.1.0, byte for byte, as it stands on PyPI.
    """
    found = hashlib.sha256(wheel).hexdigest()
    if found != WHEEL_SHA256:
        raise WeightsError(
            f"{source} ({len(wheel)} bytes) has SHA-256 {found}, expected {WHEEL_SHA256}; "
            "get it with: pip download --no-deps musicnn==0.1.0"
        )
    with zipfile.ZipFile(BytesIO(wheel)) as archive:
        original = read_bundle(
            archive.read(_MODEL + ".index"), archive.read(_MODEL + ".data-00000-of-00001")
        )
        tags = _tags(archive.read("musicnn/configuration.py").decode())
        license_text = archive.read(_LICENSE).decode()
    record = {
        "architecture": ARCHITECTURE,
        "tags": tags,
        "front_end": FrontEndSettings().parameters(),
        "origin": "musicnn 0.1.0 on PyPI, model MSD_musicnn",
        "origin_sha256": WHEEL_SHA256,
        "license": "ISC",
        "copyright": license_text.splitlines()[0].strip(),
    }
    checkpoint = Checkpoint(tensors=_rename(original), record=record, source=source)
    require_tensors(checkpoint, parameter_shapes(Teacher()))
    return checkpoint, license_text


def _tags(configuration: str) -> list[str]:
    """The names of the 50 outputs, read from the wheel's source without running it."""
    for node in ast.parse(configuration).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "MSD_LABELS":
            return [str(tag) for tag in ast.literal_eval(node.value)]
    raise WeightsError("the wheel's configuration names no MSD_LABELS")


def _rename(original: Tensors) -> dict[str, torch.Tensor]:
    """TensorFlow's tensors under our names and in torch's axis order.

    TensorFlow numbers layers of a kind in the order the graph was built: the input's
    normalisation, five first-layer blocks, three middle blocks, then the dense layers.
    """
    config = TeacherConfig()
    front = [f"front.{i}" for i in range(len(config.timbral_bands) + len(config.temporal_frames))]
    middle = [f"middle.{i}" for i in range(3)]
    out: dict[str, NDArray[np.float32]] = {}
    norms = ["input_norm", *(f"{block}.norm" for block in front + middle)]
    for i, name in enumerate([*norms, "pool_norm", "dense_norm"]):
        out |= _norm(original, name, f"batch_normalization{_suffix(i)}")
    for i, name in enumerate(front + middle):
        kernel = original[f"conv2d{_suffix(i)}/kernel"].transpose(3, 2, 0, 1)  # (O, I, H, W)
        if name in middle:
            # A convolution that spans all channels as its width: (O, 1, T, C) to (O, C, T).
            kernel = kernel[:, 0].transpose(0, 2, 1)
        out[f"{name}.conv.weight"] = kernel
        out[f"{name}.conv.bias"] = original[f"conv2d{_suffix(i)}/bias"]
    for i, name in enumerate(["dense", "output"]):
        out[f"{name}.weight"] = original[f"dense{_suffix(i)}/kernel"].T
        out[f"{name}.bias"] = original[f"dense{_suffix(i)}/bias"]
    return {name: torch.from_numpy(np.array(value, order="C")) for name, value in out.items()}


def _norm(original: Tensors, ours: str, theirs: str) -> dict[str, NDArray[np.float32]]:
    return {
        f"{ours}.weight": original[f"{theirs}/gamma"],
        f"{ours}.bias": original[f"{theirs}/beta"],
        f"{ours}.running_mean": original[f"{theirs}/moving_mean"],
        f"{ours}.running_var": original[f"{theirs}/moving_variance"],
    }


def _suffix(i: int) -> str:
    return f"_{i}" if i else ""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; the exit status is 0, or 1 after an error message."""
    parser = argparse.ArgumentParser(
        prog="python -m encoder.convert_musicnn",
        description="Convert the MSD_musicnn checkpoint inside the musicnn 0.1.0 wheel.",
    )
    parser.add_argument("wheel", type=Path, help="from: pip download --no-deps musicnn==0.1.0")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    arguments = parser.parse_args(argv)
    try:
        checkpoint, license_text = convert(
            arguments.wheel.read_bytes(), source=arguments.wheel.name
        )
        arguments.out.mkdir(parents=True, exist_ok=True)
        path = arguments.out / WEIGHTS_NAME
        write_checkpoint(path, checkpoint.tensors, checkpoint.record)
        (arguments.out / "LICENSE.musicnn").write_text(license_text)
    except (EncoderError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    count = sum(tensor.numel() for tensor in checkpoint.tensors.values())
    print(f"wrote {path}: {count:,} parameters, {path.stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())

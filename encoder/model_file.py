"""The small network as a weights file: its configuration stands in the file's record."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from encoder.checkpoint import read_checkpoint, require_tensors, write_checkpoint
from encoder.errors import WeightsError
from encoder.model import WindowNet, config_from_json

__all__ = ["ARCHITECTURE", "read_net", "write_net"]

ARCHITECTURE = "nowhear-window-net"


def write_net(path: Path, net: WindowNet, *, tags: tuple[str, ...], made: dict[str, Any]) -> None:
    """Write ``net`` to ``path``; ``made`` says how it came about, in JSON's types."""
    record = {
        "architecture": ARCHITECTURE,
        "config": asdict(net.config),
        "tags": list(tags),
        "made": made,
    }
    write_checkpoint(path, dict(net.named_parameters()), record)


def read_net(path: Path) -> tuple[WindowNet, tuple[str, ...]]:
    """The network in the file at ``path``, ready for use, and the names of its tags.

    Raises:
        WeightsError: the file is missing, damaged or of another architecture.
    """
    checkpoint = read_checkpoint(path, architecture=ARCHITECTURE)
    try:
        net = WindowNet(config_from_json(checkpoint.record["config"]))
        tags = tuple(checkpoint.record["tags"])
    except (KeyError, TypeError, ValueError) as error:
        raise WeightsError(
            f"{path} describes a network that this version does not know: {error}"
        ) from error
    shapes = {name: tuple(value.shape) for name, value in net.named_parameters()}
    require_tensors(checkpoint, shapes)
    # Not strict: the front end's window and filters follow from the configuration.
    net.load_state_dict(dict(checkpoint.tensors), strict=False)
    return net.eval().requires_grad_(False), tags

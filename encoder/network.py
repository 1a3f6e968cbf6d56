"""The small network as an encoder: prints beside another's style, or all three in one pass."""

from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from encoder.checkpoint import fingerprint
from encoder.embedding import (
    PRINT_HOP_SAMPLES,
    Embeddings,
    EncoderSpec,
    PrintSpec,
    check_stretches,
    check_windows,
)
from encoder.errors import WeightsError
from encoder.model import ModelConfig, WindowNet
from encoder.model_file import read_net
from encoder.running import Runner
from encoder.settings import EncoderSettings

__all__ = ["SHIPPED_NETWORK", "NetworkEncoder", "PrintMaker", "print_spec"]

SHIPPED_NETWORK = Path(__file__).parent / "weights" / "nowhear_net.safetensors"
_NAME = "nowhear-net"


class PrintMaker:
    """The small network's prints; ``tags`` are the names of its tag outputs.

    Reads the weights at ``path`` (None: those that ship) and makes the prints of one silent
    stretch, so that the first real one is not slow.

    Raises:
        WeightsError: the file is missing, damaged, of another model, or of a network whose
            prints do not stand on the grid of stored segments.
    """

    def __init__(self, path: Path | None, runner: Runner) -> None:
        net, self.tags = read_net(path or SHIPPED_NETWORK)
        self.spec = print_spec(net)
        self.config = net.config
        _require_fit(self.config, self.tags, source=path or SHIPPED_NETWORK)
        self._net = net.to(runner.device)
        self._runner = runner
        live = self.spec.window_samples + self.spec.stride_samples
        self.prints(np.zeros((1, live), np.float32))

    def prints(self, stretches: NDArray[np.float32]) -> NDArray[np.float32]:
        """Prints of ``stretches``; see :meth:`encoder.embedding.Encoder.prints`."""
        window = self.spec.window_samples
        check_stretches(stretches, window_samples=window)
        length = stretches.shape[1]
        if not len(stretches):
            positions = 1 + (length - window) // self.spec.stride_samples
            return np.zeros((0, positions, self.spec.dimension), np.float32)
        (prints,) = self._runner.run(self._prints, stretches, windows_a_row=-(-length // window))
        return prints

    def hear(self, windows: NDArray[np.float32]) -> tuple[NDArray[np.float32], ...]:
        """Prints, style and tags of ``windows`` ``(n, window_samples)``, ``n`` at least 1."""
        return self._runner.run(self._all_heads, windows)

    def _prints(self, samples: Tensor) -> tuple[Tensor]:
        return (self._net.prints(samples),)

    def _all_heads(self, samples: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        heads = self._net(samples)
        return heads.fingerprint[:, 0], heads.style[:, 0], torch.sigmoid(heads.tag_logits[:, 0])


class NetworkEncoder:
    """The small network alone: style, tags and prints of a window from one pass.

    Raises:
        WeightsError: the weights file is missing, damaged or of another model.
        DeviceError: ``cuda`` was asked for and is not there.
    """

    def __init__(self, settings: EncoderSettings) -> None:
        self._maker = PrintMaker(settings.network, Runner(settings))
        prints = self._maker.spec
        self._spec = EncoderSpec(
            name=prints.name,
            fingerprint=prints.fingerprint,
            sample_rate_hz=prints.sample_rate_hz,
            window_samples=prints.window_samples,
            style_dim=self._maker.config.style_dim,
            tags=self._maker.tags,
            prints=prints,
        )
        self.embed(np.zeros((1, prints.window_samples), np.float32))

    @property
    def spec(self) -> EncoderSpec:
        """What this encoder takes and gives."""
        return self._spec

    def embed(self, windows: NDArray[np.float32]) -> Embeddings:
        """Style (unit vectors), tags and prints; see :class:`encoder.embedding.Encoder`.

        Raises:
            AudioFormatError: another shape or type, or a value that is not finite.
        """
        check_windows(windows, window_samples=self._spec.window_samples)
        if not len(windows):
            widths = self._spec.prints.dimension, self._spec.style_dim, len(self._spec.tags)
            prints, style, tags = (np.zeros((0, width), np.float32) for width in widths)
        else:
            prints, style, tags = self._maker.hear(windows)
        return Embeddings(style=style, tags=tags, prints=prints)

    def prints(self, stretches: NDArray[np.float32]) -> NDArray[np.float32]:
        """Prints of ``stretches``; see :meth:`encoder.embedding.Encoder.prints`."""
        return self._maker.prints(stretches)


def print_spec(net: WindowNet) -> PrintSpec:
    """What the prints of ``net`` rest on.

    The fingerprint is over all weights and the whole configuration, front end included.
    """
    config = net.config
    parameters = asdict(config) | {"front_end": config.front_end.parameters()}
    return PrintSpec(
        name=_NAME,
        fingerprint=fingerprint(dict(net.named_parameters()), parameters),
        sample_rate_hz=config.front_end.sample_rate_hz,
        window_samples=config.front_end.window_samples,
        stride_samples=config.stride_samples,
        dimension=config.fingerprint_dim,
    )


def _require_fit(config: ModelConfig, tags: tuple[str, ...], *, source: Path) -> None:
    if PRINT_HOP_SAMPLES % config.stride_samples:
        raise WeightsError(
            f"{source} gives a print every {config.stride_samples} samples, expected a divisor of "
            f"{PRINT_HOP_SAMPLES}, the distance of stored segments"
        )
    if len(tags) != config.tags:
        raise WeightsError(f"{source} names {len(tags)} tags, expected a list of {config.tags}")

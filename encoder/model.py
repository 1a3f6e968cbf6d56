"""The network that serves: log-mel in, fingerprint, style and tags out, in one pass.

Plain strided convolutions, which a CPU runs at several times the rate of depthwise ones, each
followed by a normalisation over channels alone. Nothing is padded along time and nothing looks
at the whole window at once, so a long recording gives in one pass what its windows give singly:
position ``p`` of the output is the window that begins at frame ``p * stride``. For the same
reason batches do not matter, neither their size nor how they are shared between processes.

The fingerprint head follows NAFP (Chang et al., "Neural audio fingerprint for high-specific
audio retrieval based on contrastive learning", ICASSP 2021) in that it sees the order of the
frames, where the style head only sees their mean.
"""

import math
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from encoder.frontend import FrontEndSettings, LogMelFrontEnd

__all__ = ["Heads", "ModelConfig", "WindowNet", "config_from_json", "multiply_adds"]

_STEM_KERNEL = 5
_KERNEL = 3
_FRONT_ROWS_CPU = 8  # windows whose spectra stay in a core's cache: three times as quick
_CENTRE = 2.5  # about the mean of log-mel values, so that the first layer begins balanced


def _front_end() -> FrontEndSettings:
    # Half as coarse in frequency as the teacher's: a rate changed by 2 % must show. 250 samples
    # a frame and a stride of 8 frames make half a second four positions exactly.
    return FrontEndSettings(
        n_fft=1024,
        hop_samples=250,
        mel_bands=80,
        frames=121,  # 1.94 s: what the convolutions see, with none to spare
        log_gain=1e6,
        round_to_float16=False,
    )


@dataclass(frozen=True)
class ModelConfig:
    """Sizes of the network; weights fit only the configuration that they were trained in.

    - ``front_end``: its log-mel input, window length included.
    - ``channels``: of the convolutions, first to last. The first three halve time and
      frequency, the others frequency alone.
    - ``hidden``: width before the fingerprint and before style and tags.
    - ``fingerprint_dim``, ``style_dim``, ``tags``: sizes of the heads.
    - ``blind_to_gain``: filters of the first layer sum to zero, so that a change of volume
      changes nothing (a factor is a constant added to the log-mel values).
    """

    front_end: FrontEndSettings = field(default_factory=_front_end)
    channels: tuple[int, ...] = (32, 64, 128, 192, 256)
    hidden: int = 512
    fingerprint_dim: int = 128
    style_dim: int = 200
    tags: int = 50
    blind_to_gain: bool = True

    @property
    def strides(self) -> tuple[tuple[int, int], ...]:
        """Each convolution's stride over frequency and time."""
        return tuple((2, 2 if layer < 3 else 1) for layer in range(len(self.channels)))

    @property
    def stride_frames(self) -> int:
        """Frames between two positions of the output."""
        return math.prod(time for _, time in self.strides)

    @property
    def stride_samples(self) -> int:
        """Samples between two positions of the output.

        >>> ModelConfig().stride_samples
        2000
        """
        return self.stride_frames * self.front_end.hop_samples

    @property
    def map_size(self) -> tuple[int, int]:
        """Bands and frames that a window has left after the convolutions.

        Raises:
            ValueError: it has none left, or frames at its end would not be seen, so that
                positions of a long recording would not be its windows.
        """
        bands, frames = self.front_end.mel_bands, self.front_end.frames
        unseen, apart = 0, 1
        for layer, (over_bands, over_frames) in enumerate(self.strides):
            kernel, pad = (_STEM_KERNEL, 0) if layer == 0 else (_KERNEL, 1)
            bands = (bands + 2 * pad - kernel) // over_bands + 1
            unseen += (frames - kernel) % over_frames * apart
            frames = (frames - kernel) // over_frames + 1
            apart *= over_frames
        if bands < 1 or frames < 1 or unseen:
            raise ValueError(
                f"windows of {self.front_end.mel_bands} bands and {self.front_end.frames} frames "
                f"leave {bands} bands, {frames} frames and {unseen} unseen frames after "
                f"{len(self.channels)} layers, expected at least 1, at least 1 and none"
            )
        return bands, frames


def config_from_json(record: dict[str, Any]) -> ModelConfig:
    """The configuration that ``dataclasses.asdict`` and JSON made a plain record of."""
    values = dict(record)
    front_end = FrontEndSettings(**values.pop("front_end"))
    channels = tuple(values.pop("channels"))
    return ModelConfig(front_end=front_end, channels=channels, **values)


class Heads(NamedTuple):
    """What the network says of ``P`` positions (1 for a single window).

    - ``fingerprint``: ``(B, P, fingerprint_dim)``, unit vectors.
    - ``style``: ``(B, P, style_dim)``, unit vectors.
    - ``tag_logits``: ``(B, P, tags)``; their sigmoid is the probability.
    """

    fingerprint: Tensor
    style: Tensor
    tag_logits: Tensor


class ChannelNorm(nn.Module):
    """Layer normalisation over the channels of each place of ``(B, C, ...)`` alone."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(channels)

    def forward(self, x: Tensor) -> Tensor:
        """Same shape; with channels last in memory the two turns cost nothing."""
        normed: Tensor = self.norm(x.movedim(1, -1)).movedim(-1, 1)
        return normed


class ZeroSumConv(nn.Conv2d):
    """A convolution each of whose filters sums to zero, whatever its weights are."""

    def forward(self, x: Tensor) -> Tensor:
        """As :class:`torch.nn.Conv2d`."""
        weight = self.weight - self.weight.mean(dim=(2, 3), keepdim=True)
        return functional.conv2d(x, weight, self.bias, self.stride)


class WindowNet(nn.Module):
    """Samples ``(B, T)`` at 16 kHz to :class:`Heads`; ``T`` at least one window.

    >>> net = WindowNet(ModelConfig(channels=(4, 4, 4, 4, 4), hidden=8))
    >>> net(torch.zeros(2, net.config.front_end.window_samples)).fingerprint.shape
    torch.Size([2, 1, 128])
    """

    def __init__(self, config: ModelConfig | None = None) -> None:
        super().__init__()
        self.config = config or ModelConfig()
        self.front_end = LogMelFrontEnd(self.config.front_end)
        self.trunk = _trunk(self.config)
        bands, frames = self.config.map_size
        last, hidden = self.config.channels[-1], self.config.hidden
        self.flatten_bands = nn.Sequential(
            nn.Conv2d(last, last, (bands, 1)), ChannelNorm(last), nn.ReLU()
        )
        self.fingerprint = nn.Sequential(
            nn.Conv1d(last, hidden, frames),
            nn.ReLU(),
            nn.Conv1d(hidden, self.config.fingerprint_dim, 1),
        )
        self.mean = nn.AvgPool1d(frames, stride=1)
        self.describe = nn.Sequential(nn.Conv1d(last, hidden, 1), nn.ReLU())
        self.style = nn.Conv1d(hidden, self.config.style_dim, 1)
        self.tag_logits = nn.Conv1d(hidden, self.config.tags, 1)

    def forward(self, samples: Tensor) -> Heads:
        """Heads at every position of ``samples`` ``(B, T)``, full scale 1."""
        return self.from_log_mel(self.log_mel(samples))

    def prints(self, samples: Tensor) -> Tensor:
        """The fingerprints alone, ``(B, P, fingerprint_dim)``, of ``samples`` ``(B, T)``."""
        return _unit(self.fingerprint(self._features(self.log_mel(samples))))

    def log_mel(self, samples: Tensor) -> Tensor:
        """The front end's picture of ``samples``, in full precision even in training."""
        with torch.autocast(samples.device.type, enabled=False):
            step = len(samples) if samples.is_cuda else _FRONT_ROWS_CPU
            return torch.cat([self.front_end(rows) for rows in torch.split(samples, max(1, step))])

    def described(self, samples: Tensor) -> Tensor:
        """What style and tags rest on, ``(B, hidden, P)``, of ``samples`` ``(B, T)``."""
        described: Tensor = self.describe(self.mean(self._features(self.log_mel(samples))))
        return described

    def from_log_mel(self, log_mel: Tensor) -> Heads:
        """Heads of log-mel ``(B, M, F)``, ``F`` at least one window's frames."""
        x = self._features(log_mel)
        described = self.describe(self.mean(x))
        return Heads(
            fingerprint=_unit(self.fingerprint(x)),
            style=_unit(self.style(described)),
            tag_logits=self.tag_logits(described).float().transpose(1, 2),
        )

    def _features(self, log_mel: Tensor) -> Tensor:
        """What all heads rest on, ``(B, C, frames left)``."""
        x = (log_mel[:, None] - _CENTRE).contiguous(memory_format=torch.channels_last)
        features: Tensor = self.flatten_bands(self.trunk(x)).squeeze(2)
        return features


def multiply_adds(net: WindowNet) -> int:
    """Multiply-adds of one window: convolutions, mel filters, and Fourier transforms.

    A real transform of ``n`` samples is counted as ``n / 2 * log2(n)``.
    """
    counts: list[int] = []

    def count(layer: nn.Module, _: object, output: Tensor) -> None:
        weight = layer.get_parameter("weight")
        counts.append(output.numel() * weight.numel() // weight.shape[0])

    layers = [m for m in net.modules() if isinstance(m, nn.Conv1d | nn.Conv2d)]
    hooks = [layer.register_forward_hook(count) for layer in layers]
    front = net.config.front_end
    device = next(net.parameters()).device
    with torch.no_grad():
        net(torch.zeros(1, front.window_samples, device=device))
    for hook in hooks:
        hook.remove()
    bins = front.n_fft // 2 + 1
    transform = front.n_fft // 2 * int(math.log2(front.n_fft))
    return sum(counts) + front.frames * (transform + bins * front.mel_bands)


def _trunk(config: ModelConfig) -> nn.Sequential:
    layers: list[nn.Module] = []
    before = 1
    for layer, (channels, stride) in enumerate(zip(config.channels, config.strides, strict=True)):
        if layer == 0:
            kind = ZeroSumConv if config.blind_to_gain else nn.Conv2d
            layers.append(kind(before, channels, _STEM_KERNEL, stride=stride))
        else:
            layers.append(nn.Conv2d(before, channels, _KERNEL, stride=stride, padding=(1, 0)))
        layers += [ChannelNorm(channels), nn.ReLU()]
        before = channels
    net = nn.Sequential(*layers)
    net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return net


def _unit(x: Tensor) -> Tensor:
    """``(B, C, P)`` to unit vectors ``(B, P, C)``, in float32."""
    return functional.normalize(x.float(), dim=1).transpose(1, 2)

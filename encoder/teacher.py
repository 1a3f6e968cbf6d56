"""MusiCNN in torch: the configuration and the layers, as its authors defined them.

Pons & Serra, "musicnn: Pre-trained convolutional neural networks for music audio tagging"
(ISMIR 2019 late-breaking), the model trained on the Last.fm tags of the Million Song
Dataset. Tall filters over 7 frames look for timbre, long filters over one mel band for
rhythm; each takes its maximum over frequency. Three residual layers over time and a pooling
over time follow, then a dense layer of 200 units (the style vector) and one of 50 (tags).

This is the definition; :mod:`encoder.fast_teacher` computes the same numbers faster.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

__all__ = ["ARCHITECTURE", "Teacher", "TeacherConfig", "parameter_shapes"]

ARCHITECTURE = "musicnn"


@dataclass(frozen=True)
class TeacherConfig:
    """Sizes of the network.

    - ``mel_bands``: mel bands of the input.
    - ``timbral_filters``: filters of each tall convolution; ``timbral_frames`` their extent
      in frames and ``timbral_bands`` in mel bands, one entry a convolution.
    - ``temporal_filters``: filters of each long convolution; ``temporal_frames`` their
      extents in frames.
    - ``middle_filters``, ``middle_frames``: filters and extent of the residual layers.
    - ``style_dim``: units of the penultimate layer.
    - ``tags``: outputs.
    - ``norm_epsilon``: added to the variance in batch normalisation (TensorFlow's default).
    """

    mel_bands: int = 96
    timbral_filters: int = 204
    timbral_frames: int = 7
    timbral_bands: tuple[int, ...] = (38, 67)
    temporal_filters: int = 51
    temporal_frames: tuple[int, ...] = (128, 64, 32)
    middle_filters: int = 64
    middle_frames: int = 7
    style_dim: int = 200
    tags: int = 50
    norm_epsilon: float = 1e-3

    @property
    def front_filters(self) -> int:
        """Channels that leave the first layer."""
        return self.timbral_filters * len(self.timbral_bands) + self.temporal_filters * len(
            self.temporal_frames
        )

    @property
    def pooled_features(self) -> int:
        """Values after pooling over time: maximum and mean of every channel."""
        return 2 * (self.front_filters + 3 * self.middle_filters)


class FrontBlock(nn.Module):
    """Convolution over (time, mel), ReLU, normalisation, maximum over mel."""

    def __init__(self, *, filters: int, kernel: tuple[int, int], epsilon: float) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, filters, kernel)
        self.norm = nn.BatchNorm2d(filters, eps=epsilon)
        # TensorFlow's "same" puts the odd one of an even kernel's padding at the end.
        self.before = (kernel[0] - 1) // 2
        self.after = kernel[0] - 1 - self.before

    def forward(self, x: Tensor) -> Tensor:
        """``(B, 1, F, M)`` to ``(B, filters, F)``."""
        x = functional.pad(x, (0, 0, self.before, self.after))
        x = self.norm(functional.relu(self.conv(x)))  # (B, filters, F, M - bands + 1)
        return x.amax(dim=3)


class MiddleBlock(nn.Module):
    """Convolution over time that keeps the length, ReLU, normalisation."""

    def __init__(self, *, channels: int, filters: int, frames: int, epsilon: float) -> None:
        super().__init__()
        self.conv = nn.Conv1d(channels, filters, frames, padding=frames // 2)
        self.norm = nn.BatchNorm1d(filters, eps=epsilon)

    def forward(self, x: Tensor) -> Tensor:
        """``(B, channels, F)`` to ``(B, filters, F)``."""
        out: Tensor = self.norm(functional.relu(self.conv(x)))
        return out


class Teacher(nn.Module):
    """Log-mel ``(B, M, F)`` to the style vector ``(B, 200)`` and tag probabilities ``(B, 50)``.

    For inference: it starts in evaluation mode, and the original's dropout, which acts only
    in training, is left out.
    """

    def __init__(self, config: TeacherConfig | None = None) -> None:
        super().__init__()
        self.config = c = config or TeacherConfig()
        eps = c.norm_epsilon
        self.input_norm = nn.BatchNorm2d(1, eps=eps)
        timbral = [(c.timbral_filters, (c.timbral_frames, bands)) for bands in c.timbral_bands]
        temporal = [(c.temporal_filters, (frames, 1)) for frames in c.temporal_frames]
        self.front = nn.ModuleList(
            FrontBlock(filters=filters, kernel=kernel, epsilon=eps)
            for filters, kernel in timbral + temporal
        )
        self.middle = nn.ModuleList(
            MiddleBlock(
                channels=channels, filters=c.middle_filters, frames=c.middle_frames, epsilon=eps
            )
            for channels in (c.front_filters, c.middle_filters, c.middle_filters)
        )
        self.pool_norm = nn.BatchNorm1d(c.pooled_features, eps=eps)
        self.dense = nn.Linear(c.pooled_features, c.style_dim)
        self.dense_norm = nn.BatchNorm1d(c.style_dim, eps=eps)
        self.output = nn.Linear(c.style_dim, c.tags)
        self.eval()

    def forward(self, log_mel: Tensor) -> tuple[Tensor, Tensor]:
        """Style vectors ``(B, style_dim)`` and tag probabilities ``(B, tags)``."""
        x = self.input_norm(log_mel.transpose(1, 2).unsqueeze(1))  # (B, 1, F, M)
        return self.after_front(torch.cat([block(x) for block in self.front], dim=1))

    def after_front(self, front: Tensor) -> tuple[Tensor, Tensor]:
        """The same two outputs from the first layer's ``(B, front_filters, F)``."""
        first = self.middle[0](front)
        second = self.middle[1](first) + first
        third = self.middle[2](second) + second
        features = torch.cat([front, first, second, third], dim=1)  # (B, C + 3 filters, F)
        # The original flattens (channel, [maximum, mean]): the two alternate.
        pooled = torch.stack([features.amax(dim=2), features.mean(dim=2)], dim=2).flatten(1)
        style = self.dense_norm(functional.relu(self.dense(self.pool_norm(pooled))))
        return style, torch.sigmoid(self.output(style))


def parameter_shapes(teacher: nn.Module) -> dict[str, tuple[int, ...]]:
    """Names and shapes of every weight, running statistics included.

    The counters that torch's batch normalisation keeps for training are no weights.

    >>> sum(torch.Size(s).numel() for s in parameter_shapes(Teacher()).values())
    792079
    """
    return {
        name: tuple(tensor.shape)
        for name, tensor in teacher.state_dict().items()
        if not name.endswith("num_batches_tracked")
    }

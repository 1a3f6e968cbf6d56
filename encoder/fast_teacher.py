"""The teacher's numbers for less work: exact rearrangements of :mod:`encoder.teacher`.

Nearly all of MusiCNN's arithmetic is its first layer: convolutions whose outputs are at once
reduced to their maximum over frequency. Three facts make that cheaper, none an approximation:

1. Normalisation after the ReLU is increasing or decreasing in the convolution's output, so
   it can follow the maximum. With ``s`` the sign of its scale, ``max(scale * relu(z) +
   shift) = scale * relu(s * max(s * z)) + shift``; ``s`` goes into the filter.
2. A tall filter slides over all ``M`` mel bands, which a transform of length ``M`` over mel
   turns into products: one small matrix product over the 7 frames for every frequency ``k``.
   Positions inside the input are unaffected by the transform's wrapping round.
3. The inverse transform at positions ``c + d`` and ``c - d``, mirrored about the middle
   position ``c``, is ``E(d) - O(d)`` and ``E(d) + O(d)`` with ``E = sum_k cos(2 pi k d / M)
   Re_k`` and ``O = sum_k sin(2 pi k d / M) Im_k``. Half the products give both, and their
   maximum is ``E + |O|``.

For the default sizes that is 269 million multiply-adds a window in place of 1,134 million
in the tall filters; the long filters stay plain matrix products. ``benchmarks/
encoder_speed.py`` compares the two.
"""

import copy
import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from encoder.teacher import FrontBlock, Teacher

__all__ = ["FastTeacher"]

# Rows (frames of all windows together) handled at once: intermediate results of 48 rows
# stay in a core's cache of 1 to 2 MB, and so do 24 frames of the long filters. A GPU wants
# few large products instead.
_ROWS_CPU = 48
_FRAMES_CPU = 24
_ROWS_CUDA = 1 << 14


class FastTeacher(nn.Module):
    """Same input and outputs as :class:`encoder.teacher.Teacher`, to within rounding.

    Made from a teacher whose weights are loaded; keeps its own copy, for inference only.
    """

    def __init__(self, teacher: Teacher) -> None:
        super().__init__()
        count = len(teacher.config.timbral_bands)
        blocks = [block for block in teacher.front if isinstance(block, FrontBlock)]
        self.input_scale, self.input_shift = (
            float(value) for value in _scale_and_shift(teacher.input_norm)
        )
        self.timbral = nn.ModuleList(
            MirroredSpectralMaximum(_signed_filters(block)[:, 0], teacher.config.mel_bands)
            for block in blocks[:count]
        )
        self.temporal = LongFilterMaximum(
            [_signed_filters(block)[:, 0, :, 0] for block in blocks[count:]]
        )
        self.after_maximum = AfterMaximum(blocks)
        self.teacher = copy.deepcopy(teacher)
        self.requires_grad_(False).eval()

    def forward(self, log_mel: Tensor) -> tuple[Tensor, Tensor]:
        """Style vectors ``(B, style_dim)`` and tag probabilities ``(B, tags)``."""
        x = log_mel.transpose(1, 2) * self.input_scale + self.input_shift  # (B, F, M)
        maxima = [block(x) for block in self.timbral]  # each (B, filters, F)
        front = self.after_maximum(torch.cat([*maxima, self.temporal(x)], dim=1))  # (B, C, F)
        return self.teacher.after_front(front)


class MirroredSpectralMaximum(nn.Module):
    """Largest output over mel of each tall filter, without computing the outputs singly.

    ``filters`` is ``(filters, frames, bands)`` and acts on ``mel_bands`` bands, an even number.
    """

    def __init__(self, filters: Tensor, mel_bands: int) -> None:
        super().__init__()
        count, self.frames, bands = filters.shape
        positions = mel_bands - bands + 1
        centre = (positions - 1) / 2
        # Angles of the transform's frequencies (K,), K = mel_bands / 2 + 1: a real signal
        # has the others mirrored, hence the weight 2 for all but the first and the last.
        angle = 2 * math.pi / mel_bands * torch.arange(mel_bands // 2 + 1, dtype=torch.float64)
        weight = torch.full_like(angle, 2 / mel_bands)
        weight[0] = weight[-1] = 1 / mel_bands
        offset = torch.arange(positions, dtype=torch.float64) - centre
        offset = offset[offset >= 0]  # (D,), whole or half numbers: both mirror about centre

        # Sliding a filter is a product with the conjugate of its transform.
        waves = torch.polar(
            torch.ones(1, dtype=torch.float64), angle[:, None] * torch.arange(bands)
        )
        spectra = torch.einsum("ofb,kb->kfo", filters.to(torch.complex128), waves)
        spectra = spectra * torch.polar(weight, angle * centre)[:, None, None]  # (K, frames, O)

        input_angle = angle[:, None] * torch.arange(mel_bands)
        transform = torch.stack([input_angle.cos(), -input_angle.sin()])  # (2, K, M)
        self.register_buffer("transform", transform.flatten(0, 1).float())
        self.register_buffer("to_real", torch.cat([spectra.real, -spectra.imag], 1).float())
        self.register_buffer("to_imaginary", torch.cat([spectra.imag, spectra.real], 1).float())
        self.register_buffer("cosines", (offset[:, None] * angle).cos().float())  # (D, K)
        self.register_buffer("sines", (offset[:, None] * angle).sin().float())
        self.filters, self.frequencies = count, len(angle)

    transform: Tensor
    to_real: Tensor
    to_imaginary: Tensor
    cosines: Tensor
    sines: Tensor

    def forward(self, x: Tensor) -> Tensor:
        """``(B, F, M)`` to ``(B, filters, F)``."""
        patches = self._patch_spectra(x)  # (K, B * F, 2 * frames)
        step = _ROWS_CUDA if x.is_cuda else _ROWS_CPU
        maxima = torch.cat([self._maximum(rows) for rows in torch.split(patches, step, dim=1)])
        return maxima.view(x.shape[0], x.shape[1], self.filters).transpose(1, 2)

    def _patch_spectra(self, x: Tensor) -> Tensor:
        """Transforms over mel of each frame's neighbourhood, real parts then imaginary."""
        half = self.frames // 2
        spectra = functional.pad(x, (0, 0, half, half)) @ self.transform.T  # (B, F', 2K)
        spectra = spectra.view(*spectra.shape[:2], 2, self.frequencies).permute(3, 0, 1, 2)
        patches = spectra.unfold(2, self.frames, 1)  # (K, B, F, 2, frames)
        return patches.reshape(self.frequencies, -1, 2 * self.frames)

    def _maximum(self, rows: Tensor) -> Tensor:
        """``(K, R, 2 * frames)`` to ``(R, filters)``."""
        real = torch.bmm(rows, self.to_real).flatten(1)  # (K, R * filters)
        imaginary = torch.bmm(rows, self.to_imaginary).flatten(1)
        even = self.cosines @ real  # (D, R * filters)
        odd = self.sines @ imaginary
        return even.add_(odd.abs_()).amax(dim=0).view(-1, self.filters)


class LongFilterMaximum(nn.Module):
    """Largest output over mel of filters that are long in time and one band wide.

    ``filters`` are ``(filters, frames)`` each, the longest first, all even in length.
    """

    def __init__(self, filters: list[Tensor]) -> None:
        super().__init__()
        self.filters = nn.ParameterList(f.float().contiguous() for f in filters)
        self.frames = max(f.shape[1] for f in filters)

    def forward(self, x: Tensor) -> Tensor:
        """``(B, F, M)`` to ``(B, all filters, F)``."""
        frames, bands = x.shape[1:]
        before = (self.frames - 1) // 2  # as TensorFlow's "same" pads an even kernel
        padded = functional.pad(x, (0, 0, before, self.frames - 1 - before)).flatten(1)
        step = frames if x.is_cuda else _FRAMES_CPU
        return torch.stack(
            [
                torch.cat(
                    [
                        self._maximum(window, first, min(step, frames - first), bands)
                        for first in range(0, frames, step)
                    ],
                    dim=1,
                )
                for window in padded
            ]
        )

    def _maximum(self, window: Tensor, first: int, count: int, bands: int) -> Tensor:
        """Maxima ``(filters, count)`` for the frames from ``first`` of a flat padded window."""
        # Row t is the input t frames on, so that a filter is one row of a matrix product.
        stretch = window[first * bands : (first + count + self.frames - 1) * bands]
        shifted = stretch.unfold(0, count * bands, bands).contiguous()  # (taps, count * M)
        maxima = []
        for taps in self.filters:
            # A shorter filter is padded less, so it starts further on.
            skip = (self.frames - 1) // 2 - (taps.shape[1] - 1) // 2
            products = taps @ shifted[skip : skip + taps.shape[1]]
            maxima.append(products.view(-1, count, bands).amax(dim=2))
        return torch.cat(maxima)


class AfterMaximum(nn.Module):
    """Bias, ReLU and normalisation of the first layer, applied to maxima (fact 1)."""

    def __init__(self, blocks: list[FrontBlock]) -> None:
        super().__init__()
        pairs = [_scale_and_shift(block.norm) for block in blocks]
        scale = torch.cat([scale for scale, _ in pairs])
        bias = torch.cat([block.conv.state_dict()["bias"].double() for block in blocks])
        self.register_buffer("sign", _sign(scale)[:, None].float())
        self.register_buffer("bias", bias[:, None].float())
        self.register_buffer("scale", scale[:, None].float())
        self.register_buffer("shift", torch.cat([shift for _, shift in pairs])[:, None].float())

    sign: Tensor
    bias: Tensor
    scale: Tensor
    shift: Tensor

    def forward(self, maxima: Tensor) -> Tensor:
        """``(B, C, F)`` to ``(B, C, F)``."""
        return functional.relu(maxima * self.sign + self.bias) * self.scale + self.shift


def _scale_and_shift(norm: nn.BatchNorm1d | nn.BatchNorm2d) -> tuple[Tensor, Tensor]:
    """A batch normalisation in evaluation mode as ``x * scale + shift``, in float64."""
    state = {name: tensor.double() for name, tensor in norm.state_dict().items()}
    scale = state["weight"] / torch.sqrt(state["running_var"] + norm.eps)
    return scale, state["bias"] - state["running_mean"] * scale


def _sign(scale: Tensor) -> Tensor:
    return torch.where(scale < 0, -1.0, 1.0).to(scale.dtype)


def _signed_filters(block: FrontBlock) -> Tensor:
    scale, _ = _scale_and_shift(block.norm)
    return block.conv.weight.detach().double() * _sign(scale)[:, None, None, None]

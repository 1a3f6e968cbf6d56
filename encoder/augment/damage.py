"""What devices and transmission do to a batch: compression, clipping, coding, dropped blocks."""

import torch
from torch import Tensor
from torch.nn import functional

from encoder.augment.mixing import power
from encoder.augment.responses import decibels

__all__ = ["clip", "coarse_coding", "compress", "drop_blocks", "gain"]

_BLOCK = 160  # samples over which a compressor measures the level: 10 ms at 16 kHz
_CODER_FRAME = 1024
_CODER_HOP = 512
_CODER_BINS = 8  # frequencies that share a step, 125 Hz at 16 kHz


def gain(x: Tensor, gain_db: Tensor) -> Tensor:
    """``x`` ``(B, L)`` louder by ``gain_db`` ``(B,)``."""
    return x * decibels(gain_db)[:, None]


def compress(x: Tensor, threshold_db: Tensor, ratio: Tensor, release_s: Tensor) -> Tensor:
    """Dynamic compression: ``x`` ``(B, L)`` with its loud places turned down.

    ``threshold_db`` ``(B,)`` is relative to the item's own level (RMS). A level ``d`` dB above
    it comes out ``d / ratio`` dB above it. The level is the largest of the past, forgotten
    exponentially with ``release_s``; attack is 10 ms. At 16 kHz.
    """
    blocks = functional.pad(x, (0, -x.shape[1] % _BLOCK)).unfold(1, _BLOCK, _BLOCK)  # (B, N, 160)
    level = blocks.square().mean(2).clamp(min=1e-12)
    held = _held(level, _BLOCK / 16_000 / release_s)
    over_db = (10 * torch.log10(held / power(x)) - threshold_db[:, None]).clamp(min=0)
    gain_db = over_db * (1 / ratio - 1)[:, None]  # (B, N)
    smooth = functional.interpolate(
        gain_db[:, None], size=blocks.shape[1] * _BLOCK, mode="linear", align_corners=False
    )
    return x * decibels(smooth[:, 0, : x.shape[1]])


def clip(x: Tensor, part: Tensor) -> Tensor:
    """``x`` cut off at ``part`` ``(B,)`` of its largest size, as an overdriven input does."""
    limit = x.abs().amax(1, keepdim=True) * part[:, None]
    return torch.minimum(torch.maximum(x, -limit), limit)


def coarse_coding(x: Tensor, step: Tensor, top_hz: Tensor, *, sample_rate_hz: int) -> Tensor:
    """What a codec at a low rate leaves: coarse steps, holes, nothing above ``top_hz``.

    In each frame of 64 ms and each band of eight frequencies, spectral values are rounded to
    multiples of ``step`` ``(B,)`` times the mean of the band's and the frame's strongest: weak
    ones vanish. With ``step`` 0.1 it is hardly heard, at 1 it gurgles. No codec in
    particular; the real ones are kept for evaluation.
    """
    window = torch.hann_window(_CODER_FRAME, device=x.device)
    spectrum = torch.stft(
        x, _CODER_FRAME, _CODER_HOP, window=window, pad_mode="constant", return_complex=True
    )  # (B, F, T)
    parts = torch.view_as_real(spectrum[:, :-1])  # (B, 512, T, 2)
    bands = parts.view(len(x), -1, _CODER_BINS, *parts.shape[2:])  # (B, bands, 8, T, 2)
    peak = bands.abs().amax((2, 4), keepdim=True)
    # Between its own band and the whole frame: loud bands mask weak ones, but not wholly.
    reference = (peak * peak.amax(1, keepdim=True)).sqrt()
    size = (reference * step[:, None, None, None, None]).clamp(min=1e-9)
    rounded = ((bands / size).round() * size).flatten(1, 2)
    coded = torch.view_as_complex(functional.pad(rounded, (0, 0, 0, 0, 0, 1)).contiguous())
    f_hz = torch.linspace(0, sample_rate_hz / 2, coded.shape[1], device=x.device)
    kept = f_hz[None] <= top_hz[:, None]
    return torch.istft(
        coded * kept[:, :, None], _CODER_FRAME, _CODER_HOP, window=window, length=x.shape[1]
    )


def drop_blocks(x: Tensor, first: Tensor, length: Tensor) -> Tensor:
    """``x`` ``(B, L)`` with silence in ``K`` places, each from ``first`` on, ``(B, K)`` samples."""
    place = torch.arange(x.shape[1], device=x.device)
    kept = torch.ones_like(x)
    for begin, count in zip(first.unbind(1), length.unbind(1), strict=True):
        inside = (place >= begin[:, None]) & (place < (begin + count)[:, None])
        kept = kept.masked_fill(inside, 0)
    return x * kept


def _held(level: Tensor, decay: Tensor) -> Tensor:
    """Largest past ``level`` ``(B, N)``, falling by ``exp(-decay)`` a block, ``decay`` ``(B,)``.

    The running maximum of ``log(level) + decay * n`` is the same without a loop over blocks.
    """
    number = torch.arange(level.shape[1], device=level.device)
    slope = decay[:, None] * number
    return (torch.cummax(level.log() + slope, dim=1).values - slope).exp()

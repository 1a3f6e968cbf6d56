"""Filters as gains over frequency, and their use on a batch by one Fourier transform.

A gain is ``(B, F)`` at evenly spaced frequencies ``(F,)`` in hertz from 0 to half the sample
rate; gains multiply. They have no phase: what counts for a log-mel picture is their size.
"""

import torch
from torch import Tensor
from torch.nn import functional

__all__ = [
    "apply",
    "band",
    "decibels",
    "equaliser",
    "frequencies",
    "high_pass",
    "low_pass",
    "smooth_curve",
    "tilt",
]

_LOWEST_HZ = 20.0  # below it a logarithm of frequency says nothing about hearing


def frequencies(count: int, *, sample_rate_hz: int, device: torch.device | str = "cpu") -> Tensor:
    """``count`` frequencies in hertz, from 0 to half the sample rate.

    >>> frequencies(3, sample_rate_hz=16_000).tolist()
    [0.0, 4000.0, 8000.0]
    """
    return torch.linspace(0, sample_rate_hz / 2, count, device=device)


def decibels(gain_db: Tensor) -> Tensor:
    """A gain in dB as a factor of amplitude.

    >>> decibels(torch.tensor([0.0, 20.0])).tolist()
    [1.0, 10.0]
    """
    return torch.pow(10.0, gain_db / 20)


def apply(x: Tensor, response: Tensor) -> Tensor:
    """``x`` ``(B, L)`` through ``response`` ``(B, F)``, which is interpolated between its points.

    The transform is circular: what rings past the end comes back at the beginning.
    """
    spectrum = torch.fft.rfft(x)
    gains = functional.interpolate(
        response[:, None], size=spectrum.shape[1], mode="linear", align_corners=True
    )
    filtered: Tensor = torch.fft.irfft(spectrum.mul_(gains[:, 0]), n=x.shape[1])
    return filtered


def low_pass(f_hz: Tensor, cutoff_hz: Tensor, order: Tensor) -> Tensor:
    """Butterworth: -3 dB at ``cutoff_hz`` ``(B,)``, then ``6 * order`` dB an octave down."""
    ratio = f_hz / cutoff_hz[:, None]
    return torch.rsqrt(1 + ratio ** (2 * order[:, None]))


def high_pass(f_hz: Tensor, cutoff_hz: Tensor, order: Tensor) -> Tensor:
    """Butterworth: -3 dB at ``cutoff_hz`` ``(B,)``, below it ``6 * order`` dB an octave down."""
    ratio = cutoff_hz[:, None] / f_hz.clamp(min=1e-3)
    return torch.rsqrt(1 + ratio ** (2 * order[:, None]))


def band(f_hz: Tensor, low_hz: Tensor, high_hz: Tensor, order: Tensor) -> Tensor:
    """What lies between two frequencies ``(B,)``: a high-pass and a low-pass together."""
    return high_pass(f_hz, low_hz, order) * low_pass(f_hz, high_hz, order)


def tilt(f_hz: Tensor, db_per_octave: Tensor, *, pivot_hz: float = 1000.0) -> Tensor:
    """A straight slope over octaves, ``db_per_octave`` ``(B,)``, 0 dB at ``pivot_hz``."""
    octaves = torch.log2(f_hz.clamp(min=_LOWEST_HZ) / pivot_hz)
    return decibels(octaves * db_per_octave[:, None])


def equaliser(f_hz: Tensor, centre_hz: Tensor, gain_db: Tensor, octaves: Tensor) -> Tensor:
    """Bells, each ``(B, K)``: ``gain_db`` at ``centre_hz``, half of it ``octaves / 2`` away."""
    away = torch.log2(f_hz.clamp(min=_LOWEST_HZ) / centre_hz[..., None])  # (B, K, F)
    bells = gain_db[..., None] * torch.pow(2.0, -((2 * away / octaves[..., None]) ** 2))
    return decibels(bells.sum(1))


def smooth_curve(f_hz: Tensor, gain_db: Tensor) -> Tensor:
    """A curve through ``gain_db`` ``(B, K)``, evenly spread over octaves from 50 Hz to the top.

    Straight between its points: the response of a device, drawn at random.
    """
    knots = gain_db.shape[1]
    low = torch.log2(torch.tensor(50.0, device=f_hz.device))
    span = torch.log2(f_hz[-1]) - low
    place = (torch.log2(f_hz.clamp(min=50.0)) - low) / span * (knots - 1)
    left = place.floor().long().clamp(0, knots - 2)
    return decibels(torch.lerp(gain_db[:, left], gain_db[:, left + 1], place - left))

"""Other sound laid over a batch: noise and speech from recordings, made noise, another song."""

import torch
from torch import Tensor

from encoder.augment.draw import Draw
from encoder.augment.responses import apply, decibels, frequencies, smooth_curve, tilt
from encoder.corpus import Corpus

__all__ = ["coloured_noise", "cross_fade", "cut_anywhere", "mix_at", "power", "varied"]

_QUIET = 1e-10  # mean square of silence, 100 dB below full scale
_POINTS = 1025  # of a noise's spectrum
_KNOTS = 10  # of a noise's new colour


def power(x: Tensor) -> Tensor:
    """Mean square of each item ``(B, L)``, ``(B, 1)``, at least that of near silence."""
    return x.square().mean(1, keepdim=True).clamp(min=_QUIET)


def mix_at(x: Tensor, other: Tensor, ratio_db: Tensor) -> Tensor:
    """``x`` ``(B, L)`` with ``other`` under it, ``ratio_db`` ``(B,)`` being ``x`` over ``other``.

    Both are measured over the whole stretch. ``x`` keeps its level.
    """
    gain = (power(x) / power(other)).sqrt() * decibels(-ratio_db)[:, None]
    return x + other * gain


def cut_anywhere(sounds: Corpus, draw: Draw, length: int) -> Tensor:
    """A stretch ``(B, length)`` of recordings for each item, from anywhere in them.

    Stretches run on into the next recording; ``sounds`` stands on the draw's device.
    """
    first = draw.integers(max(1, len(sounds.samples) - length))
    return sounds.cut(first, length)


def varied(noise: Tensor, draw: Draw, *, rate_hz: int) -> Tensor:
    """``noise`` ``(B, L)`` made into one that no recording holds: with other items of the batch
    mixed in 10 dB below to 10 dB above, and coloured by a curve and a slope drawn at random.

    A few hours of noise are soon known by heart; what is learned should be noise as such.
    """
    f_hz = frequencies(_POINTS, sample_rate_hz=rate_hz, device=draw.device)
    mixed = mix_at(noise, noise.roll(1, 0), draw.uniform(-10.0, 10.0))
    colour = smooth_curve(f_hz, 4 * draw.normal(_KNOTS)) * tilt(f_hz, draw.uniform(-4.0, 4.0))
    return apply(mixed, colour)


def coloured_noise(draw: Draw, length: int, db_per_octave: Tensor, *, rate_hz: int) -> Tensor:
    """Noise ``(B, length)`` whose spectrum slopes by ``db_per_octave`` ``(B,)``; -3 is pink."""
    f_hz = frequencies(_POINTS, sample_rate_hz=rate_hz, device=draw.device)
    return apply(draw.normal(length), tilt(f_hz, db_per_octave))


def cross_fade(x: Tensor, other: Tensor, begin_db: Tensor, end_db: Tensor) -> Tensor:
    """``other`` laid over ``x``, its level beside ``x`` going from one value to another.

    ``begin_db`` and ``end_db`` ``(B,)`` are ``other`` over ``x``; the way between is straight
    in dB, as on a mixer's fader.
    """
    way = torch.linspace(0, 1, x.shape[1], device=x.device)
    level_db = begin_db[:, None] + (end_db - begin_db)[:, None] * way
    return x + other * (power(x) / power(other)).sqrt() * decibels(level_db)

"""How devices colour sound, and rooms that are simulated.

The loudspeaker and the microphone are curves of the kind that makers and testers of small devices
publish; none is a particular device's. Rooms are boxes by the image method (Allen & Berkley,
"Image method for efficiently simulating small-room acoustics", JASA 1979), by pyroomacoustics.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from realtime.errors import EvaluationError

from .recordings import energy_one

__all__ = ["PHONE", "SMALL_LOUDSPEAKER", "TELEPHONE", "heard_in", "shaped", "simulated_rooms"]

Samples = NDArray[np.float32]
Curve = Sequence[tuple[float, float]]
"""Points of a frequency response, (hertz, decibels), joined by lines over log frequency."""

SMALL_LOUDSPEAKER: Curve = (
    (60, -50), (120, -24), (200, -10), (350, 0), (800, 1), (1500, -2), (2500, 4), (4000, -1),
    (6000, 2), (8000, -5),
)  # fmt: skip
PHONE: Curve = (
    (50, -24), (100, -10), (250, 0), (1000, 0), (2500, 2), (4500, 6), (6500, 0), (8000, -9),
)  # fmt: skip
TELEPHONE: Curve = ((150, -80), (300, 0), (3400, 0), (4800, -80))

_T60_S = (0.4, 0.6)
_SIDES_M = ((3.0, 8.0), (2.5, 6.0), (2.3, 3.2))
_FROM_WALLS_M = 0.4
_MAX_ORDER = 40  # reflections followed; a room of 0.6 s needs about so many


def shaped(samples: Samples, curve: Curve, *, sample_rate_hz: int) -> Samples:
    """`samples` `(n,)` with the frequency response `curve`, without delay (linear phase)."""
    frequencies, levels_db = np.array(curve, float).T
    size = 2 * len(samples)  # the doubled length keeps the end from ringing into the beginning
    bins_hz = np.fft.rfftfreq(size, 1 / sample_rate_hz)
    gain_db = np.interp(
        np.log(np.maximum(bins_hz, frequencies[0] / 2)), np.log(frequencies), levels_db
    )
    spectrum = np.fft.rfft(samples, size) * 10 ** (gain_db / 20)
    heard: Samples = np.fft.irfft(spectrum, size)[: len(samples)].astype(np.float32)
    return heard


def heard_in(samples: Samples, response: Samples) -> Samples:
    """`samples` `(n,)` convolved with a room's response whose direct sound is its sample 0."""
    size = len(samples) + len(response)
    spectrum = np.fft.rfft(samples, size) * np.fft.rfft(response, size)
    heard: Samples = np.fft.irfft(spectrum, size)[: len(samples)].astype(np.float32)
    return heard


def simulated_rooms(rng: np.random.Generator, count: int, *, sample_rate_hz: int) -> list[Samples]:
    """Responses of `count` rooms drawn at random, T60 about 0.5 s, direct sound at sample 0.

    Raises `EvaluationError` when pyroomacoustics is not installed.
    """
    try:
        import pyroomacoustics
    except ImportError as error:
        raise EvaluationError(
            "simulated rooms need pyroomacoustics: pip install 'nowhear[eval]', or leave the "
            "condition phone-5 out"
        ) from error
    return [_room(pyroomacoustics, rng, sample_rate_hz) for _ in range(count)]


def _room(library: Any, rng: np.random.Generator, sample_rate_hz: int) -> Samples:
    sides_m = np.array([rng.uniform(*side) for side in _SIDES_M])
    absorption, order = library.inverse_sabine(rng.uniform(*_T60_S), sides_m)
    room = library.ShoeBox(
        sides_m,
        fs=sample_rate_hz,
        materials=library.Material(absorption),
        max_order=min(order, _MAX_ORDER),
    )
    room.add_source(rng.uniform(_FROM_WALLS_M, sides_m - _FROM_WALLS_M))
    room.add_microphone(rng.uniform(_FROM_WALLS_M, sides_m - _FROM_WALLS_M))
    room.compute_rir()
    response = np.asarray(room.rir[0][0], np.float32)
    # The direct sound comes first; echoes that fall together may be louder.
    first = int(np.argmax(np.abs(response) >= np.abs(response).max() / 2))
    return energy_one(response[first:])

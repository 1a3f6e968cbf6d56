"""How loud a hop is, as a whole and in mel bands: a few numpy lines, cheap enough for every hop.

Band `b` is a triangle on the mel scale, `2595 log10(1 + f / 700)` (O'Shaughnessy, Speech
Communication, 1987); neighbours overlap so that their weights add up to 1 between the first and the
last centre. The powers of the bands therefore add up to the mean square of the signal there
(Parseval), and band levels and `rms_dbfs` share one scale.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from encoder.audio import rms_dbfs, to_dbfs

from .messages import LEVEL_BANDS

BANDS_FLOOR_DBFS = -90.0
BANDS_TOP = 255

# With shorter transforms the lowest bands would fall between two bins and stay dark.
_MIN_FFT = 2048


@dataclass(frozen=True)
class HopLevel:
    """`rms_dbfs` and `peak_dbfs` are at least -120; `bands` holds LEVEL_BANDS values, 0 to 255."""

    rms_dbfs: float
    peak_dbfs: float
    bands: tuple[int, ...]


class LevelMeter:
    """Measures hops of `hop_samples` samples at `sample_rate_hz`.

    >>> meter = LevelMeter(sample_rate_hz=16_000, hop_samples=1600)
    >>> meter.measure(np.zeros(1600, np.float32)).rms_dbfs
    -120.0
    """

    def __init__(self, *, sample_rate_hz: int, hop_samples: int) -> None:
        self._n_fft = max(_MIN_FFT, 1 << (hop_samples - 1).bit_length())
        self._taper = np.hanning(hop_samples + 2)[1:-1]  # without its two zeros
        self._weights = _mel_weights(sample_rate_hz=sample_rate_hz, n_fft=self._n_fft)
        # Parseval: the one-sided powers |X|² x 2 / (n_fft · Σ taper²) add up to the mean square.
        self._scale = 2 / (self._n_fft * float(np.sum(self._taper**2)))

    def measure(self, samples: NDArray[np.float32]) -> HopLevel:
        """The level of one hop `(hop_samples,)`."""
        spectrum = np.fft.rfft(samples * self._taper, self._n_fft)  # (n_fft/2 + 1,)
        powers = self._scale * np.abs(spectrum) ** 2 @ self._weights  # (LEVEL_BANDS,)
        decibels = 10 * np.log10(np.maximum(powers, 1e-12))
        shares = np.clip(1 - decibels / BANDS_FLOOR_DBFS, 0, 1)
        return HopLevel(
            rms_dbfs=rms_dbfs(samples),
            peak_dbfs=to_dbfs(float(np.max(np.abs(samples)))),
            bands=tuple(np.rint(shares * BANDS_TOP).astype(int).tolist()),
        )


def _mel_weights(*, sample_rate_hz: int, n_fft: int) -> NDArray[np.float64]:
    """Share of every bin in every band, `(n_fft / 2 + 1, LEVEL_BANDS)`."""
    bins_mel = _mel_from_hz(np.fft.rfftfreq(n_fft, 1 / sample_rate_hz))  # ends at rate / 2
    place = bins_mel / bins_mel[-1] * (LEVEL_BANDS + 1)  # in bands: band b has its peak at b + 1
    distance = np.abs(place[:, np.newaxis] - np.arange(1, LEVEL_BANDS + 1))
    weights: NDArray[np.float64] = np.maximum(0.0, 1 - distance)
    return weights


def _mel_from_hz(frequency_hz: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    mel: NDArray[np.float64] = 2595 * np.log10(1 + frequency_hz / 700)
    return mel

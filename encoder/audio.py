"""Samples: what is accepted, how loud they are, and resampling with carried state.

The resampler is FFmpeg's libswresample (through PyAV) everywhere, for files and for live sound, so
that a song is heard as it was indexed. It mixes all channels down to one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from .errors import AudioFormatError

FLOOR_DBFS = -120.0
"""Level that stands for digital silence."""

_LAYOUTS = {1: "mono", 2: "stereo", 3: "2.1", 4: "quad", 5: "5.0", 6: "5.1", 7: "6.1", 8: "7.1"}


def check_samples(samples: NDArray[np.float32]) -> None:
    """Raises `AudioFormatError` unless `samples` is `(n,)` float32 and finite."""
    if not isinstance(samples, np.ndarray) or samples.dtype != np.float32 or samples.ndim != 1:
        got = getattr(samples, "dtype", type(samples).__name__)
        shape = getattr(samples, "shape", "")
        raise AudioFormatError(f"got samples of type {got} {shape}, expected mono float32 (n,)")
    if not np.isfinite(samples).all():
        raise AudioFormatError("samples hold NaN or infinity, expected finite values")


def rms_dbfs(samples: NDArray[np.float32]) -> float:
    """Root mean square in dB of full scale, at least -120; -120 for no samples.

    >>> rms_dbfs(np.ones(10, np.float32))
    0.0
    """
    if not len(samples):
        return FLOOR_DBFS
    return to_dbfs(float(np.sqrt(np.mean(np.square(samples, dtype=np.float64)))))


def to_dbfs(amplitude: float) -> float:
    """An amplitude (1 is full scale) in dB, at least -120."""
    return max(FLOOR_DBFS, float(20 * np.log10(max(amplitude, 1e-12))))


def mono_resampler(rate_hz: int) -> av.AudioResampler:
    """A libswresample instance that takes any frames and gives packed mono float at `rate_hz`.

    Left as it is, it would add channels up for float output (two equal ones come out 3 dB louder);
    held to a maximum of 1, stereo becomes its mean and no layout can clip.
    """
    options = {"rematrix_maxval": "1.0"}
    return av.AudioResampler(format="flt", layout="mono", rate=rate_hz, options=options)


class StreamResampler:
    """Frames at one rate in, mono samples at another out; blocks may have any length.

    However the frames are cut, the samples are the same; `flush` gives the last few, which wait
    for the filter's look-ahead (under 2 ms at 44.1 kHz to 16 kHz).

    Raises `AudioFormatError` for a rate or number of channels that cannot be.
    """

    def __init__(self, *, rate_in_hz: int, channels: int, rate_out_hz: int) -> None:
        if rate_in_hz < 1 or rate_out_hz < 1:
            raise AudioFormatError(
                f"sample rates must be at least 1 Hz: {rate_in_hz}, {rate_out_hz}"
            )
        if channels not in _LAYOUTS:
            raise AudioFormatError(f"got {channels} channels, expected 1 to {max(_LAYOUTS)}")
        self._rate_in_hz = rate_in_hz
        self._channels = channels
        self._rate_out_hz = rate_out_hz
        self.reset()

    def reset(self) -> None:
        """Forgets everything that was pushed."""
        self._resampler = mono_resampler(self._rate_out_hz)

    def push(self, frames: NDArray[np.float32]) -> NDArray[np.float32]:
        """Mono samples `(m,)` that `frames` `(n, channels)` complete."""
        if frames.ndim != 2 or frames.shape[1] != self._channels or frames.dtype != np.float32:
            raise AudioFormatError(
                f"got frames {frames.dtype} {frames.shape}, expected float32 (n, {self._channels})"
            )
        if not len(frames):
            return np.zeros(0, np.float32)
        packed = np.ascontiguousarray(frames).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(packed, format="flt", layout=_LAYOUTS[self._channels])
        frame.sample_rate = self._rate_in_hz
        return joined(self._resampler.resample(frame))

    def flush(self) -> NDArray[np.float32]:
        """The samples that waited for look-ahead; the resampler then begins anew."""
        try:
            return joined(self._resampler.resample(None))
        finally:
            self.reset()


def joined(frames: Iterable[Any]) -> NDArray[np.float32]:
    """Packed mono float frames of PyAV as one array of samples `(n,)`."""
    parts = [frame.to_ndarray().reshape(-1) for frame in frames]
    if not parts:
        return np.zeros(0, np.float32)
    samples: NDArray[np.float32] = np.concatenate(parts).astype(np.float32, copy=False)
    return samples

"""A small picture of a recording: its spectrogram, low tones below, time from left to right."""

from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from encoder.decode import decode
from encoder.errors import AudioFormatError
from encoder.frontend import FrontEndSettings, LogMelFrontEnd

__all__ = ["spectrogram_picture"]

_SKIPPED_S = 20.0  # of a long recording: introductions look alike
_SHOWN_S = 8.0
_RATE_HZ = 16_000
_N_FFT = 1024
_DARKEST = 0.1  # quantiles that become black and white
_BRIGHTEST = 0.995


def spectrogram_picture(path: Path, *, size: int) -> NDArray[np.uint8]:
    """The spectrogram ``(size, size)``, 0 to 255, of some seconds of the file at ``path``.

    No more of it is decoded than is needed.

    Raises:
        DecodeError: it cannot be decoded.
        AudioFormatError: it is too short to show anything.
    """
    sound = _seconds(path)
    if len(sound) < size + _N_FFT:
        raise AudioFormatError(f"is {len(sound) / _RATE_HZ:.3g} s long, too short for a picture")
    hop = max(1, (len(sound) - _N_FFT) // size)
    front_end = _front_end(size, hop)
    with torch.inference_mode():
        bands = front_end(torch.from_numpy(sound)[None])[0, :, :size].numpy()  # (size, size)
    low, high = np.quantile(bands, [_DARKEST, _BRIGHTEST])
    shown = np.clip((bands - low) / max(high - low, 1e-6), 0, 1)
    picture: NDArray[np.uint8] = np.rint(shown[::-1] * 255).astype(np.uint8)
    return picture


def _seconds(path: Path) -> NDArray[np.float32]:
    """The last of the first seconds."""
    shown, wanted = round(_SHOWN_S * _RATE_HZ), round((_SKIPPED_S + _SHOWN_S) * _RATE_HZ)
    blocks: list[NDArray[np.float32]] = []
    for block in decode(path, sample_rate_hz=_RATE_HZ):
        blocks.append(block)
        if sum(map(len, blocks)) >= wanted:
            break
    sound = np.concatenate(blocks)[:wanted] if blocks else np.zeros(0, np.float32)
    return sound[-shown:]


@lru_cache(maxsize=8)
def _front_end(bands: int, hop: int) -> LogMelFrontEnd:
    settings = FrontEndSettings(
        n_fft=_N_FFT, hop_samples=hop, mel_bands=bands, log_gain=1e6, round_to_float16=False
    )
    return LogMelFrontEnd(settings).eval()

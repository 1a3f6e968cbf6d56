"""Log-mel front end: samples to log-compressed mel energies, without centre padding.

Frame ``i`` looks at samples ``i * hop`` to ``i * hop + n_fft - 1``, so ``T`` samples give
``1 + (T - n_fft) // hop`` frames, and a window's frames depend on that window alone. The
parameters are those that MusiCNN was trained with (Pons & Serra, "musicnn: Pre-trained
convolutional neural networks for music audio tagging", ISMIR 2019 late-breaking).
"""

import math
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor, nn

from encoder.torchaudio_cpu import import_torchaudio

__all__ = ["FrontEndSettings", "LogMelFrontEnd"]

_MAX_FLOAT16 = torch.finfo(torch.float16).max
_MAX_SAMPLE = 1e6  # far above any sound (full scale is 1); keeps squares finite in float32


@dataclass(frozen=True)
class FrontEndSettings:
    """Parameters of the log-mel front end; vectors made with different ones do not compare.

    - ``sample_rate_hz``: rate of the samples, in hertz.
    - ``n_fft``: length of one frame and of its Hann window, in samples.
    - ``hop_samples``: from one frame's start to the next one's, in samples.
    - ``mel_bands``: number of mel bands, from 0 Hz to half the sample rate.
    - ``frames``: frames in one window.
    - ``log_gain``: ``g`` in ``log10(1 + g * power)``.
    - ``round_to_float16``: round the mel power to half precision before the logarithm.
    """

    sample_rate_hz: int = 16_000
    n_fft: int = 512
    hop_samples: int = 256
    mel_bands: int = 96
    frames: int = 187
    log_gain: float = 10_000.0
    round_to_float16: bool = True

    @property
    def window_samples(self) -> int:
        """Samples in one window: the last frame's start plus one frame.

        >>> FrontEndSettings().window_samples
        48128
        """
        return (self.frames - 1) * self.hop_samples + self.n_fft

    def parameters(self) -> dict[str, Any]:
        """Everything that decides the output's values, for fingerprints and manifests."""
        return asdict(self) | {
            "window": "hann-periodic",
            "centre": False,
            "mel_scale": "slaney",
            "mel_norm": "slaney",
        }


class LogMelFrontEnd(nn.Module):
    """Samples ``(B, T)`` to log-mel ``(B, M, F)``, float32, every value at least 0.

    Silence gives exactly 0. The output is finite for any finite input: samples beyond a
    million times full scale and mel powers beyond half precision are clipped, neither of
    which real sound reaches.

    >>> LogMelFrontEnd()(torch.zeros(1, 48_128)).shape
    torch.Size([1, 96, 187])
    """

    def __init__(self, settings: FrontEndSettings | None = None) -> None:
        super().__init__()
        self.settings = settings or FrontEndSettings()
        transforms = import_torchaudio().transforms
        # Settings as in librosa's melspectrogram, except that it pads both ends of a whole
        # file by n_fft / 2: its frame i is ours at sample hop * i - n_fft / 2.
        self.mel_power = transforms.MelSpectrogram(
            sample_rate=self.settings.sample_rate_hz,
            n_fft=self.settings.n_fft,
            hop_length=self.settings.hop_samples,
            n_mels=self.settings.mel_bands,
            window_fn=torch.hann_window,
            power=2.0,
            center=False,
            mel_scale="slaney",
            norm="slaney",
        )

    def forward(self, samples: Tensor) -> Tensor:
        """Log-mel ``(B, M, F)`` of ``samples`` ``(B, T)``, where ``T >= n_fft``."""
        samples = samples.clamp(-_MAX_SAMPLE, _MAX_SAMPLE)
        if not self.settings.round_to_float16:
            mel = self._quick_mel(samples)
        else:
            mel = self.mel_power(samples)  # (B, M, F)
            # The original stores the mel power in half precision and widens it again for
            # the logarithm; the network has never seen finer values.
            mel = mel.clamp(max=_MAX_FLOAT16).half().float()
        # log1p keeps the small values exact that 1 + x would round away.
        log_mel: Tensor = torch.log1p(mel * self.settings.log_gain) * (1 / math.log(10))
        return log_mel

    def _quick_mel(self, samples: Tensor) -> Tensor:
        """The same mel power to within rounding, without the square root that is squared again.

        Not for values that are rounded to half precision: there the last bit may decide.
        """
        spectrum = torch.stft(
            samples,
            self.settings.n_fft,
            self.settings.hop_samples,
            window=self.mel_power.spectrogram.window,
            center=False,
            return_complex=True,
        )  # (B, K, F)
        power = spectrum.real.square() + spectrum.imag.square()
        mel: Tensor = self.mel_power.mel_scale(power)
        return mel

"""Made sound for the tests of training: songs that differ, tones, clicks, a quick teacher."""

import wave
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from encoder.embedding import Embeddings, EncoderSpec, PrintSpec

RATE_HZ = 16_000
TAGS = ("loud", "bright")
TEACHER_WINDOW = 8000
TEACHER_STRIDE = 4000


def song(seed: int, seconds: float) -> NDArray[np.float32]:
    """Notes with four harmonics, a new chord every quarter of a second."""
    rng = np.random.default_rng(seed)
    note = np.arange(RATE_HZ // 4) / RATE_HZ
    chords = []
    for _ in range(round(seconds * 4)):
        pitches = 110 * 2 ** (rng.integers(0, 36, 3) / 12)
        tones = [np.sin(2 * np.pi * p * h * note) / h for p in pitches for h in range(1, 5)]
        chords.append(np.sum(tones, axis=0) * np.exp(-6 * note) * rng.uniform(0.3, 1))
    joined = np.concatenate(chords)
    return (0.5 * joined / np.abs(joined).max()).astype(np.float32)


def tone(frequency_hz: float, samples: int, *, amplitude: float = 0.5) -> Tensor:
    """A sine ``(1, samples)``."""
    time_s = torch.arange(samples, dtype=torch.float64) / RATE_HZ
    return (amplitude * torch.sin(2 * torch.pi * frequency_hz * time_s)).float()[None]


def clicks(samples: int, *places: int) -> Tensor:
    """Smooth clicks of 2 ms at some samples, ``(1, samples)``."""
    number = torch.arange(samples, dtype=torch.float32)
    shape = [torch.exp(-(((number - place) / 16) ** 2)) for place in places]
    return torch.stack(shape).sum(0)[None]


def bursts(samples: int, *places: int) -> Tensor:
    """Bursts of a 1 kHz tone, about 50 ms long, around some samples, ``(1, samples)``."""
    number = torch.arange(samples, dtype=torch.float32)
    shape = [torch.exp(-(((number - place) / 600) ** 2)) for place in places]
    return torch.stack(shape).sum(0)[None] * tone(1000, samples)


def burst_places(x: Tensor, count: int) -> list[float]:
    """The middles of ``count`` bursts in ``x`` ``(n,)`` that lie 4000 or more samples apart."""
    energy = x.square().clone()
    number = torch.arange(len(x), dtype=torch.float64)
    found = []
    for _ in range(count):
        smooth = torch.nn.functional.avg_pool1d(energy[None], 801, stride=1, padding=400)[0]
        near = (number - int(smooth.argmax())).abs() < 2000
        weight = energy.double() * near
        found.append(float((weight * number).sum() / weight.sum()))
        energy[near] = 0
    return sorted(found)


def loudest_hz(x: Tensor) -> float:
    """The frequency of the strongest line in ``x`` ``(n,)``, to about 1 Hz."""
    windowed = x * torch.hann_window(len(x))
    return float(torch.fft.rfft(windowed, n=RATE_HZ).abs().argmax())


def write_wave(path: Path, samples: NDArray[np.float32], *, rate_hz: int = RATE_HZ) -> Path:
    """A mono WAV file of 16 bits."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, rate_hz, 0, "NONE", ""))
        file.writeframes(np.rint(samples * 32767).astype("<i2").tobytes())
    return path


class LevelTeacher:
    """A teacher for tests: style and tags are plain figures of a window's samples."""

    spec = EncoderSpec(
        name="level",
        fingerprint="0" * 64,
        sample_rate_hz=RATE_HZ,
        window_samples=TEACHER_WINDOW,
        style_dim=3,
        tags=TAGS,
        prints=PrintSpec(
            name="level",
            fingerprint="1" * 64,
            sample_rate_hz=RATE_HZ,
            window_samples=TEACHER_WINDOW,
            stride_samples=TEACHER_STRIDE,
            dimension=2,
        ),
    )

    def embed(self, windows: NDArray[np.float32]) -> Embeddings:
        size = np.abs(windows).mean(1, dtype=np.float64)
        step = np.abs(np.diff(windows, axis=1)).mean(1, dtype=np.float64)
        style = np.stack([size, step, np.ones_like(size)], axis=1)
        return Embeddings(
            style=style.astype(np.float32),
            tags=np.stack([size, step], axis=1).clip(0, 1).astype(np.float32),
        )

    def prints(self, stretches: NDArray[np.float32]) -> NDArray[np.float32]:
        seen = np.lib.stride_tricks.sliding_window_view(stretches, TEACHER_WINDOW, axis=1)
        size = np.abs(seen[:, ::TEACHER_STRIDE]).mean(2)
        return np.stack([size, 1 - size], axis=2).astype(np.float32)

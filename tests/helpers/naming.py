"""A catalog of most demo clips that is quick to make, and recordings of clips through noise."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from catalog.add import add
from catalog.catalog import Catalog
from catalog.demo import demo_clips
from encoder.decode import Decoder
from encoder.embedding import Encoder, load_encoder
from realtime.settings import Settings
from tests.catalog.making import write_wav

RATE_HZ = 16_000

OUTSIDERS = demo_clips()[::6]
"""Clips that the catalog lacks."""

INSIDERS = [clip for clip in demo_clips() if clip not in OUTSIDERS]
"""Clips that it holds."""


def settings_at(folder: Path) -> Settings:
    """Settings of a catalog in `folder`, with the small network for all that is heard."""
    values = {"encoder": {"style": "network", "threads": 1}, "catalog": {"directory": folder}}
    return Settings.model_validate(values)


def make_catalog(settings: Settings) -> Encoder:
    """Makes a catalog of the `INSIDERS`; returns the encoder."""
    encoder = load_encoder(settings.encoder)
    with Catalog.open(settings.catalog, encoder.spec, create=True) as catalog:
        summary = add(INSIDERS, catalog, encoder, settings.catalog)
        assert summary.added == len(INSIDERS), summary.skipped
        catalog.publish(force=True)
    return encoder


def decoded(path: Path) -> NDArray[np.float32]:
    """All samples of a file."""
    with Decoder(path, sample_rate_hz=RATE_HZ) as decoder:
        return np.concatenate(list(decoder.blocks()))


def in_noise(sound: NDArray[np.float32], *, snr_db: float, seed: int) -> NDArray[np.float32]:
    """The sound with pink noise, so many dB below it, no louder than full scale."""
    rng = np.random.default_rng(seed)
    spectrum = np.fft.rfft(rng.normal(size=len(sound)))
    frequencies = np.maximum(np.fft.rfftfreq(len(sound), 1 / RATE_HZ), 20.0)
    noise = np.fft.irfft(spectrum / np.sqrt(frequencies), len(sound))
    noise *= np.sqrt(np.mean(sound**2) / np.mean(noise**2)) / 10 ** (snr_db / 20)
    both = sound + noise
    loudest = max(1.0, float(np.abs(both).max()))
    return np.asarray(both / loudest, np.float32)


def excerpt(clip: Path, folder: Path, *, seconds: float = 20.0) -> Path:
    """The beginning of a clip as a file of the same name: long enough to be named, ranked and
    noted, and over sooner than the clip."""
    samples = decoded(clip)[: round(seconds * RATE_HZ)]
    return write_wav(folder / f"{clip.stem}.wav", np.clip(samples, -1, 1), rate_hz=RATE_HZ)

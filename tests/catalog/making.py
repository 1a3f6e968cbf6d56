"""Catalogs, songs and sound files for tests, and an encoder that needs no network."""

from __future__ import annotations

import hashlib
import resource
import wave
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from catalog.catalog import Catalog
from catalog.settings import CatalogSettings
from catalog.songs import Details, FileState, NewSong
from encoder.embedding import Embeddings, EncoderSpec, PrintSpec
from encoder.files import unit
from encoder.peaks import PEAK_TYPE, PEAKS_PER_SEGMENT

DIMENSION = 12
PRINT_DIMENSION = 10
RATE_HZ = 8000
PRINT_SPEC = PrintSpec(
    name="strips",
    fingerprint="e" * 64,
    sample_rate_hz=RATE_HZ,
    window_samples=RATE_HZ,
    stride_samples=RATE_HZ // 4,
    dimension=PRINT_DIMENSION,
)
SPEC = EncoderSpec(
    name="bands",
    fingerprint="b" * 64,
    sample_rate_hz=RATE_HZ,
    window_samples=RATE_HZ,
    style_dim=DIMENSION,
    tags=("low", "middle", "high"),
    prints=PRINT_SPEC,
)


class BandsEncoder:
    """The level of twelve frequency bands: quick, and the same for the same sound."""

    spec = SPEC

    def embed(self, windows: NDArray[np.float32]) -> Embeddings:
        """Style (n, DIMENSION) and three tags."""
        power = np.abs(np.fft.rfft(windows, axis=1))[:, 1:] ** 2  # (n, bins)
        bands = np.stack([b.sum(axis=1) for b in np.array_split(power, DIMENSION, axis=1)], axis=1)
        style = np.log1p(bands).astype(np.float32)
        tags = style[:, ::4] / (1 + style.max(axis=1, initial=0, keepdims=True))
        # One pass gives all three: the windows of styles and of prints are equally long.
        prints = self.prints(windows)[:, 0]
        return Embeddings(style=style, tags=tags.astype(np.float32), prints=prints)

    def prints(self, stretches: NDArray[np.float32]) -> NDArray[np.float32]:
        """Prints (n, P, PRINT_DIMENSION): the window's levels through time."""
        windows = np.lib.stride_tricks.sliding_window_view(
            stretches, PRINT_SPEC.window_samples, axis=1
        )[:, :: PRINT_SPEC.stride_samples]  # (n, P, window)
        strip = PRINT_SPEC.window_samples // PRINT_DIMENSION
        strips = windows.reshape(*windows.shape[:2], PRINT_DIMENSION, strip)
        prints = np.abs(strips).mean(axis=3) - np.abs(windows).mean(axis=2, keepdims=True)
        return unit(prints)


def settings_at(folder: Path, **more: object) -> CatalogSettings:
    """Settings of a catalog in `folder` whose searches are exact (`search_k` is ample)."""
    return CatalogSettings.model_validate(
        {"directory": folder, "hop_s": 1.0, "trees": 5, "search_k": 100_000, **more}
    )


def new_song(
    name: str,
    style: Sequence[float] | NDArray[np.float32],
    *,
    duration_s: float = 60.0,
    prints: NDArray[np.float32] | None = None,
    replaces: int | None = None,
) -> NewSong:
    """A song with this style (made unit), as `add` would store it; with `prints` None a few that
    the style settles."""
    vector = np.asarray(style, dtype=np.float32)
    if prints is None:
        seed = zlib.crc32(vector.tobytes())
        prints = random_prints(3, seed=seed)
    digest = hashlib.sha256(f"{name} {vector.tolist()}".encode("utf-8", "surrogateescape"))
    return NewSong(
        file=FileState(Path("/music") / name, 1000, 1, digest.hexdigest()),
        details=Details(title=name.encode("utf-8", "replace").decode()),
        duration_s=duration_s,
        style=(vector / np.linalg.norm(vector)).astype(np.float32),
        tags=np.array([0.1, 0.2, 0.3], np.float32),
        prints=prints,
        peaks=random_peaks(len(prints), seed=zlib.crc32(vector.tobytes())),
        replaces=replaces,
    )


def random_prints(
    count: int, *, seed: int, dimension: int = PRINT_DIMENSION
) -> NDArray[np.float32]:
    """Unit prints (count, dimension) that point anywhere."""
    return unit(np.random.default_rng(seed).normal(size=(count, dimension)))


def random_peaks(count: int, *, seed: int) -> NDArray[np.uint16]:
    """Peaks (count, PEAKS_PER_SEGMENT) anywhere: a frame of 32, and a band of 161 or none."""
    rng, shape = np.random.default_rng(seed), (count, PEAKS_PER_SEGMENT)
    frame, band = rng.integers(0, 32, shape), rng.integers(0, 162, shape)  # band 0: no peak
    return np.where(band, frame * 256 + band, 0).astype(PEAK_TYPE)


def random_songs(count: int, *, seed: int = 0, prefix: str = "song") -> list[NewSong]:
    """Songs whose styles point anywhere, hence with no near-duplicates."""
    styles = np.random.default_rng(seed).normal(size=(count, DIMENSION))
    return [
        new_song(f"{prefix}{i}.mp3", style, duration_s=60.0 + 10 * i)
        for i, style in enumerate(styles)
    ]


def made_catalog(folder: Path, songs: Sequence[NewSong], **more: object) -> CatalogSettings:
    """Settings of a catalog in `folder` that holds `songs` and has published them."""
    settings = settings_at(folder, **more)
    with Catalog.open(settings, SPEC, create=True) as catalog:
        if songs:
            catalog.insert(songs)
        catalog.publish()
    return settings


def tone(seed: int, seconds: float, *, rate_hz: int = RATE_HZ) -> NDArray[np.float32]:
    """A few steady tones, others for each seed."""
    rng = np.random.default_rng(seed)
    time_s = np.arange(round(seconds * rate_hz)) / rate_hz
    tones = [np.sin(2 * np.pi * f * time_s) for f in rng.uniform(100, RATE_HZ * 0.45, 4)]
    weights = rng.uniform(0.02, 0.2, 4)
    return np.tensordot(weights, np.stack(tones), axes=1).astype(np.float32)


def write_wav(
    path: Path,
    samples: NDArray[np.float32],
    *,
    rate_hz: int = RATE_HZ,
    channels: int = 1,
    sample_bytes: int = 2,
) -> Path:
    """A PCM WAV file; every channel carries the same samples (n,)."""
    full_scale = 2 ** (8 * sample_bytes - 1) - 1
    whole = np.round(np.clip(samples, -1, 1) * full_scale).astype("<i4")
    frames = np.repeat(whole[:, None], channels, axis=1)  # (n, channels)
    raw = np.ascontiguousarray(frames).view(np.uint8).reshape(-1, 4)[:, :sample_bytes]
    with path.open("wb") as target, wave.open(target, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(sample_bytes)
        file.setframerate(rate_hz)
        file.writeframes(raw.tobytes())
    return path


def write_music(folder: Path, count: int, *, seconds: float = 2.0) -> list[Path]:
    """Folders of sound files, each with its own sound."""
    paths = []
    for i in range(count):
        place = folder / f"album {i % 3}"
        place.mkdir(parents=True, exist_ok=True)
        paths.append(write_wav(place / f"{i:02} tune {i}.wav", tone(i, seconds + i / 100)))
    return paths


def contents(settings: CatalogSettings) -> dict[Path, tuple[object, ...]]:
    """What a catalog says of every file, without what differs from run to run (ids and times)."""
    with Catalog.open(settings, None) as catalog:
        by_id = {song.id: song for song in catalog.songs()}
        return {
            song.path: (
                song.title,
                song.duration_s,
                song.content_hash,
                by_id[song.group].content_hash,
                catalog.style(song.id).tobytes(),
                catalog.prints(song.id).tobytes(),
                catalog.peaks(song.id).tobytes(),
                tuple(catalog.tags(song.id).items()),
            )
            for song in by_id.values()
        }


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """Within, the system refuses to make any file longer than `size` bytes: a disk that is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

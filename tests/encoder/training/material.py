"""Little material to train on, made in memory or laid down as a cache."""

from pathlib import Path

import numpy as np
import torch

from encoder.augment import Banks
from encoder.corpus import build_corpus, corpus_of, open_corpus
from encoder.targets import Targets, build_targets
from encoder.training.run import Material
from encoder.training.settings import TrainSettings
from tests.encoder.made_music import RATE_HZ, TAGS, TEACHER_WINDOW, LevelTeacher, song, write_wave

# Threads that share every small operation wait for each other: on a busy machine, for minutes.
torch.set_num_threads(1)

NAMES = ("a/1.wav", "b/1.wav", "c/1.wav", "d/1.wav", "e/1.wav", "f/1.wav")
SECONDS = 8.0

QUICK = TrainSettings(
    steps=4,
    batch_pairs=4,
    shard_pairs=2,
    warmup_steps=2,
    decay_share=0,
    precision="float32",
    device="cpu",
    held_out=0.3,
    validate_every=1000,
    validation_queries=2,
    channels=(4, 4, 8, 8, 8),
    hidden=8,
    style_dim=3,
    tags=2,
)
"""A run of moments: a tiny network, the teacher of `made_music`."""


def sounds() -> dict[str, np.ndarray]:
    """What sound is spoiled with."""
    rng = np.random.default_rng(8)
    room = (rng.normal(0, 0.1, 4000) * np.exp(-np.arange(4000) / 800)).astype(np.float32)
    room[0] = 0.9
    noise = rng.normal(0, 0.1, 6 * RATE_HZ).astype(np.float32)
    return {"noise": noise, "speech": song(90, 6.0), "rooms": room}


def material() -> Material:
    """Six songs of eight seconds."""
    corpus = corpus_of(
        [song(n, SECONDS) for n in range(len(NAMES))], sample_rate_hz=RATE_HZ, names=NAMES
    )
    windows = corpus.samples.float().view(-1, TEACHER_WINDOW) / 32768
    heard = LevelTeacher().embed(windows.numpy())
    each = round(SECONDS * RATE_HZ) // TEACHER_WINDOW
    counts = torch.full((len(NAMES),), each)
    targets = Targets(
        rows=torch.from_numpy(np.concatenate([heard.style, heard.tags], axis=1)).half(),
        first_row=counts.cumsum(0) - counts,
        counts=counts,
        style_dim=3,
        window_samples=TEACHER_WINDOW,
        hop_samples=TEACHER_WINDOW,
        tags=TAGS,
    )
    banks = {name: corpus_of([sound], sample_rate_hz=RATE_HZ) for name, sound in sounds().items()}
    return Material(corpus, targets, Banks(**banks))


def lay_down(folder: Path) -> Path:
    """Music and sounds as files, all decoded and answered in ``folder / "cache"``."""
    cache = folder / "cache"
    for number, name in enumerate(NAMES):
        write_wave(folder / "music" / name, song(number, SECONDS))
    build_corpus(folder / "music", cache / "music")
    for name, sound in sounds().items():
        write_wave(folder / name / "one.wav", sound)
        build_corpus(folder / name, cache / name, min_track_s=0)
    build_targets(open_corpus(cache / "music"), LevelTeacher(), cache / "music")
    return cache

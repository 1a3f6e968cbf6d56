"""What a music head is fitted to and judged by: windows of music, of noise and of speech.

Besides the sound as it is, windows are drawn that are spoiled by noise and turned down, music and
other sound alike: else noise alone, or a low level, would speak against music. Noise is made as
well, of every colour and level: recordings of noise have something in them, and a head that knew
them alone took even hiss for music.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from encoder.corpus import Corpus, open_corpus
from encoder.embedding import Encoder
from encoder.errors import CorpusError
from encoder.file_prints import SILENT_DBFS
from encoder.music_head import MusicHead
from encoder.targets import build_targets, open_targets
from encoder.training.logistic import Row

__all__ = ["Passages", "gather", "judge", "rows_for_fitting"]

Styles = NDArray[np.float64]

SNRS_DB = (40.0, 5.0, 0.0)
"""Of the noise in spoiled windows; the first is hardly any."""

LOWEST_GAIN_DB = -30.0
MEAN_WINDOWS = 6
"""Windows 1.5 s apart that are averaged when a head is judged: 10.5 s of sound."""

_SLOPES = (-0.5, 2.5)  # exponents: 0 is white noise, 1 pink, 2 brown
_LOWEST_HISS = 1e-3  # of the sample rate: from there down noise is level
_HISS_DBFS = (-50.0, -6.0)
_CLEAN_MUSIC = 12_000  # windows: more change nothing
_BATCH_WINDOWS = 32


@dataclass(frozen=True, eq=False)
class Passages:
    """The windows of a corpus that hold sound.

    - ``starts``: ``(K,)`` their first samples, counted over the corpus; in order.
    - ``tracks``: ``(K,)`` their tracks' numbers.
    - ``style``: ``(K, D)`` as the encoder gives it.
    """

    corpus: Corpus
    window_samples: int
    hop_samples: int
    starts: NDArray[np.int64]
    tracks: NDArray[np.int64]
    style: NDArray[np.float32]

    def runs(self) -> Iterator[NDArray[np.int64]]:
        """Rows of up to `MEAN_WINDOWS` windows that follow one another in a track."""
        breaks = np.flatnonzero(
            (np.diff(self.starts) != self.hop_samples) | (np.diff(self.tracks) != 0)
        )
        for run in np.split(np.arange(len(self.starts)), breaks + 1):
            for first in range(0, max(1, len(run) - MEAN_WINDOWS + 1), MEAN_WINDOWS):
                yield run[first : first + MEAN_WINDOWS]


def gather(cache: Path, kind: str, encoder: Encoder, *, most: int, seed: int) -> Passages:
    """Up to ``most`` windows of the corpus ``kind`` in ``cache``, drawn by ``seed``; 0: all.

    Asks ``encoder`` about the corpus unless its answers stand there. Files of one folder of
    noise or speech count as one track: words are shorter than a window.

    Raises:
        CorpusError: there is no such corpus, or its answers are another encoder's.
    """
    corpus = open_corpus(cache / kind)
    corpus = corpus if kind == "music" else _joined(corpus)
    try:
        targets = open_targets(corpus, cache / kind)
    except CorpusError:
        build_targets(corpus, encoder, cache / kind)
        targets = open_targets(corpus, cache / kind)
    counts = targets.counts.numpy()
    tracks = np.repeat(np.arange(len(counts)), counts)
    within = np.arange(len(tracks)) - np.repeat(targets.first_row.numpy(), counts)
    starts = corpus.starts.numpy()[tracks] + targets.hop_samples * within
    rows = np.arange(len(tracks))
    if 0 < most < len(rows):
        rows = np.sort(np.random.default_rng(seed).choice(rows, most, replace=False))
    rows = rows[_loud(corpus, starts[rows], targets.window_samples)]
    if not len(rows):
        raise CorpusError(f"{cache / kind} holds no window above {SILENT_DBFS:g} dBFS")
    style = targets.rows[torch.from_numpy(rows), : targets.style_dim].float().numpy()
    window, hop = targets.window_samples, targets.hop_samples
    return Passages(corpus, window, hop, starts[rows], tracks[rows], style)


def rows_for_fitting(cache: Path, encoder: Encoder, *, spoiled: int, seed: int) -> list[Row]:
    """All that a head is fitted to, from the corpora music, noise and speech in ``cache``.

    ``spoiled`` windows (at least 4) of each class are spoiled by recorded noise, and a quarter as
    many each are of made noise and of music in it.
    """
    music = gather(cache, "music", encoder, most=_CLEAN_MUSIC, seed=seed)
    noise = gather(cache, "noise", encoder, most=0, seed=seed)
    speech = gather(cache, "speech", encoder, most=0, seed=seed)
    rng = np.random.default_rng(seed)
    half = spoiled // 2
    drawn = [
        _spoiled(one, noise, encoder, count=count, length=1, snrs=SNRS_DB, rng=rng)
        for one, count in ((music, spoiled), (noise, half), (speech, half))
    ]
    made = np.random.default_rng(seed + 1)
    hiss = _hiss(encoder, count=half // 2, rng=made)
    music_in_hiss = _spoiled(
        music, None, encoder, count=half // 2, length=1, snrs=SNRS_DB, rng=made
    )
    return [
        Row("music", True, music.style, 1.0),
        Row("spoiled music", True, drawn[0], 1.0),
        Row("noise", False, noise.style, 0.5),
        Row("spoiled noise", False, drawn[1], 0.5),
        Row("made noise", False, hiss, 0.25),
        Row("music in made noise", True, music_in_hiss, 0.25),
        Row("speech", False, speech.style, 0.5),
        Row("spoiled speech", False, drawn[2], 0.5),
    ]


def judge(
    head: MusicHead, cache: Path, encoder: Encoder, *, stretches: int, seed: int
) -> list[dict[str, object]]:
    """What ``head`` makes of the corpora in ``cache``, which it was not fitted to.

    For each kind of sound, as it is and in noise: how many windows, and how many means over up
    to `MEAN_WINDOWS`, are taken for the wrong thing at a probability of one half. In noise, so many
    ``stretches`` of `MEAN_WINDOWS` windows are heard of each.
    """
    heard = {kind: gather(cache, kind, encoder, most=0, seed=seed) for kind in _KINDS}
    told = []
    for kind, passages in heard.items():
        probability = head.probability(passages.style)
        means = [float(probability[run].mean()) for run in passages.runs()]
        told.append(_verdict(kind, "as it is", probability, np.array(means)))
    rng = np.random.default_rng(seed)
    for kind in ("music", "speech"):
        for snr in SNRS_DB[1:]:
            style = _spoiled(
                heard[kind],
                heard["noise"],
                encoder,
                count=stretches,
                length=MEAN_WINDOWS,
                snrs=(snr,),
                rng=rng,
            )
            probability = head.probability(style)
            means_in = probability.reshape(-1, MEAN_WINDOWS).mean(axis=1)
            told.append(_verdict(kind, f"noise {snr:g} dB", probability, means_in))
    return told


_KINDS = ("music", "noise", "speech")


def _verdict(
    kind: str, condition: str, windows: NDArray[np.float32], means: NDArray[np.floating]
) -> dict[str, object]:
    def wrong(probability: NDArray[np.floating]) -> float:
        return round(100 * float(np.mean((probability >= 0.5) != (kind == "music"))), 2)

    return {
        "kind": kind,
        "condition": condition,
        "windows": len(windows),
        "windows_wrong_percent": wrong(windows),
        "means": len(means),
        "means_wrong_percent": wrong(means),
    }


def _spoiled(
    base: Passages,
    noise: Passages | None,
    encoder: Encoder,
    *,
    count: int,
    length: int,
    snrs: tuple[float, ...],
    rng: np.random.Generator,
) -> NDArray[np.float32]:
    """Styles ``(count * length, D)`` of stretches of ``length`` windows in noise, turned down.

    Without ``noise``, in made noise.
    """
    window, hop = base.window_samples, base.hop_samples
    samples = window + hop * (length - 1)
    first = rng.choice(base.starts, count)
    behind = None if noise is None else rng.choice(noise.starts, count)
    level = 10 ** (rng.uniform(LOWEST_GAIN_DB, 0, count) / 20)
    share = 10 ** (-rng.choice(snrs, count) / 20)
    styles = []
    step = max(1, _BATCH_WINDOWS // length)
    for part in np.array_split(np.arange(count), max(1, count // step)):
        sound = base.corpus.cut(torch.from_numpy(first[part]), samples).numpy()
        if noise is None or behind is None:
            other = _made_noise(len(part), samples, rng)
        else:
            other = noise.corpus.cut(torch.from_numpy(behind[part]), samples).numpy()
        mixed = sound + other * (share[part] * _rms(sound) / _rms(other))[:, None]
        mixed *= (level[part] / np.maximum(1.0, np.abs(mixed).max(axis=1)))[:, None]
        cut = np.lib.stride_tricks.sliding_window_view(mixed, window, axis=1)[:, ::hop]
        windows = np.ascontiguousarray(cut.reshape(-1, window), np.float32)
        styles.append(encoder.embed(windows).style)
    return np.concatenate(styles)


def _hiss(encoder: Encoder, *, count: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Styles ``(count, D)`` of windows of made noise alone."""
    styles = []
    for first in range(0, count, _BATCH_WINDOWS):
        rows = min(_BATCH_WINDOWS, count - first)
        noise = _made_noise(rows, encoder.spec.window_samples, rng)
        level = 10 ** (rng.uniform(*_HISS_DBFS, rows) / 20)
        noise *= (level / np.maximum(1.0, level * np.abs(noise).max(axis=1)))[:, None]
        styles.append(encoder.embed(noise).style)
    return np.concatenate(styles)


def _made_noise(count: int, samples: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Noise ``(count, samples)`` of unit level, whose power falls with some power of frequency."""
    spectrum = np.fft.rfft(rng.normal(size=(count, samples)))
    frequency = np.maximum(np.fft.rfftfreq(samples), _LOWEST_HISS)
    noise = np.fft.irfft(spectrum * frequency ** (-rng.uniform(*_SLOPES, (count, 1)) / 2), samples)
    return (noise / _rms(noise)[:, None]).astype(np.float32)


def _rms(rows: NDArray[np.floating]) -> Styles:
    return np.asarray(np.sqrt(np.mean(rows**2, axis=1, dtype=np.float64)) + 1e-6)


def _loud(corpus: Corpus, starts: NDArray[np.int64], window: int) -> NDArray[np.bool_]:
    parts = torch.split(torch.from_numpy(starts), _BATCH_WINDOWS)
    levels = np.concatenate([_rms(corpus.cut(part, window).numpy()) for part in parts])
    return np.asarray(20 * np.log10(levels) >= SILENT_DBFS)


def _joined(corpus: Corpus) -> Corpus:
    """The same samples, each folder's files as one track."""
    tracks = range(len(corpus.names))
    folders = groupby(tracks, key=lambda track: corpus.names[track].split("/")[0])
    groups = [(name, list(files)) for name, files in folders]
    firsts = torch.tensor([files[0] for _, files in groups])
    lengths = torch.stack([corpus.lengths[files].sum() for _, files in groups])
    names = tuple(name for name, _ in groups)
    return Corpus(corpus.samples, corpus.starts[firsts], lengths, names, corpus.sample_rate_hz)

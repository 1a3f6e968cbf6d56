"""Whether the small network's style and tags say what the teacher's say, and find as well.

    python benchmarks/style.py MUSIC... --cache DIR [--corpora DIR] [--network WEIGHTS]

On folders of music that training never heard: how many of a song's ten nearest songs are the
teacher's, how its tags go with the teacher's, and how well songs of the same album and of the same
artist are found, beside the teacher's own. A folder's ``tracks.csv`` (columns ``file``, ``artist``,
``album`` or ``package``) names them; without one the files' tags do. A song without a name, or
alone under it, is searched but asks nothing. Prints Markdown.

Songs are what the catalog would hold: the mean of the styles of a window every 1.5 s, silence left
out. Decoded music and both encoders' answers are kept in ``--cache``, under the fingerprint of the
weights, so a second call asks only an encoder that is new.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from catalog.file_tags import read_details
from encoder.audio import rms_dbfs
from encoder.corpus import Corpus, build_corpus, open_corpus
from encoder.embedding import Encoder, load_encoder
from encoder.files import SILENT_DBFS, song_style
from encoder.settings import EncoderSettings
from encoder.targets import build_targets, open_targets

NEAREST = 10
HOP_S = 1.5
RESAMPLES = 2000
SEED = 1

Matrix = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Songs:
    """An encoder's word on every song: unit styles ``(n, d)`` and mean tags ``(n, t)``."""

    style: Matrix
    tags: Matrix
    tag_names: tuple[str, ...]

    @property
    def cosine(self) -> Matrix:
        """Every song against every other ``(n, n)``; a song is not its own neighbour."""
        cosine = self.style @ self.style.T
        np.fill_diagonal(cosine, -np.inf)
        return cosine


def corpus_of(folder: Path, corpora: Path) -> Corpus:
    """The decoded folder, from ``corpora`` when it is there already."""
    place = corpora / folder.name
    if not place.with_name(f"{place.name}.jsonl").exists():
        print(f"decoding {folder} ...", file=sys.stderr)
        build_corpus(folder, place)
    return open_corpus(place)


def heard(corpus: Corpus, encoder: Encoder, place: Path) -> Songs:
    """``encoder`` on every song; its answers are kept at ``place``."""

    def show(track: int) -> None:
        print(f"\r{encoder.spec.name}: {track + 1}", end="", file=sys.stderr, flush=True)

    build_targets(corpus, encoder, place, hop_s=HOP_S, on_track=show)
    print(file=sys.stderr)
    targets = open_targets(corpus, place)
    styles, tags = [], []
    for track, (row, count) in enumerate(zip(targets.first_row, targets.counts, strict=True)):
        rows = targets.rows[int(row) : int(row + count)].float().numpy()
        starts = corpus.starts[track] + targets.hop_samples * torch.arange(int(count))
        windows = (corpus.cut(start[None], targets.window_samples)[0].numpy() for start in starts)
        loud = np.array([rms_dbfs(window) >= SILENT_DBFS for window in windows])
        rows = rows[loud] if loud.any() else rows
        styles.append(song_style(rows[:, : targets.style_dim]))
        tags.append(rows[:, targets.style_dim :].mean(0))
    return Songs(np.array(styles, float), np.array(tags, float), targets.tags)


def joined(parts: Sequence[Songs]) -> Songs:
    """The songs of several folders."""
    return Songs(
        np.concatenate([part.style for part in parts]),
        np.concatenate([part.tags for part in parts]),
        parts[0].tag_names,
    )


def labels_of(folder: Path, names: Sequence[str]) -> dict[str, list[str]]:
    """Album and artist of every file, empty where nobody says."""
    path = folder / "tracks.csv"
    if path.exists():
        with path.open(encoding="utf-8", newline="") as file:
            rows = {row["file"]: row for row in csv.DictReader(file)}
        known = [rows.get(name, {}) for name in names]
        album = [row.get("album") or row.get("package") or "" for row in known]
        return {"album": album, "artist": [row.get("artist") or "" for row in known]}
    details = [read_details(folder / name) for name in names]
    return {"album": [d.album or "" for d in details], "artist": [d.artist or "" for d in details]}


def average_precisions(cosine: Matrix, labels: Sequence[str]) -> Matrix:
    """Of every song that has a fellow: how near the top its fellows stand, 0 to 1."""
    names = np.array(labels)
    found = []
    for song, name in enumerate(labels):
        fellow = names == name
        fellow[song] = False
        if not name or not fellow.any():
            continue
        right = fellow[np.argsort(-cosine[song], kind="stable")]
        places = np.flatnonzero(right) + 1
        found.append(float(np.mean(np.arange(1, len(places) + 1) / places)))
    return np.array(found)


def overlap(one: Matrix, other: Matrix) -> float:
    """Share of the nearest songs that both name."""
    tops = [np.argsort(-cosine, axis=1)[:, :NEAREST] for cosine in (one, other)]
    shared = [len(set(a) & set(b)) for a, b in zip(*tops, strict=True)]
    return float(np.mean(shared)) / NEAREST


def correlations(one: Matrix, other: Matrix) -> Matrix:
    """Pearson's, of each column."""
    a, b = one - one.mean(0), other - other.mean(0)
    below: Matrix = np.sqrt((a**2).sum(0) * (b**2).sum(0))
    return np.asarray((a * b).sum(0) / np.maximum(below, 1e-12))


def interval(values: Matrix) -> tuple[float, float]:
    """95 % of the means of songs drawn anew from ``values``."""
    rng = np.random.default_rng(SEED)
    drawn = rng.choice(values, (RESAMPLES, len(values))).mean(1)
    low, high = np.quantile(drawn, [0.025, 0.975])
    return float(low), float(high)


def report(teacher: Songs, network: Songs, labels: dict[str, list[str]], head: str) -> str:
    lines = [head, "", "| same | songs that ask | by chance | teacher mAP | network mAP | behind |"]
    lines.append("|---|--:|--:|--:|--:|--:|")
    chance = np.random.default_rng(SEED).normal(size=teacher.cosine.shape)
    np.fill_diagonal(chance, -np.inf)
    for kind, names in labels.items():
        by = [average_precisions(c, names) for c in (chance, teacher.cosine, network.cosine)]
        if not len(by[0]):
            lines.append(f"| {kind} | 0 | | | | |")
            continue
        luck, theirs, ours = (100 * values.mean() for values in by)
        low, high = interval(100 * (by[1] - by[2]))
        lines.append(
            f"| {kind} | {len(by[0])} | {luck:.1f} % | {theirs:.1f} % | {ours:.1f} % | "
            f"{theirs - ours:.1f} points ({low:.1f} to {high:.1f}) |"
        )
    each = correlations(teacher.tags, network.tags)
    within = correlations(teacher.tags.T, network.tags.T)
    worst = ", ".join(f"{teacher.tag_names[t]} {each[t]:.2f}" for t in np.argsort(each)[:3])
    apart, spread = np.abs(teacher.tags - network.tags).mean(), teacher.tags.std(0).mean()
    shared = 100 * overlap(teacher.cosine, network.cosine)
    luck = 100 * min(1.0, NEAREST / max(1, len(teacher.style) - 1))
    lines += [
        "",
        f"- Of the {NEAREST} nearest songs {shared:.1f} % are the teacher's ({luck:.1f} % by "
        "chance).",
        f"- Tags over songs: correlation {each.mean():.3f} (mean of {len(each)} tags; the lowest "
        f"{worst}). Over the tags of a song: {within.mean():.3f}.",
        f"- Mean difference of a tag's probability: {apart:.4f} (the teacher's own spread over "
        f"songs: {spread:.4f}).",
    ]
    return "\n".join(lines)


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Style and tags of the network and the teacher.")
    parser.add_argument("music", type=Path, nargs="+", help="folders of music")
    parser.add_argument("--cache", type=Path, required=True, help="folder for what was computed")
    parser.add_argument("--corpora", type=Path, help="where folders are decoded [the cache]")
    parser.add_argument("--network", type=Path, help="weights [those that ship]")
    parser.add_argument("--threads", type=int, default=0, help="0: one a core")
    parser.add_argument("--out", type=Path, help="also write the report here")
    asked = parser.parse_args(argv)
    asked.cache.mkdir(parents=True, exist_ok=True)
    corpora = [corpus_of(folder, asked.corpora or asked.cache) for folder in asked.music]
    parts: list[Songs] = []
    for style in ("teacher", "network"):
        settings = EncoderSettings(style=style, network=asked.network, threads=asked.threads)
        encoder = load_encoder(settings)
        key = encoder.spec.fingerprint[:16]
        each = [
            heard(corpus, encoder, asked.cache / f"{folder.name}-{key}")
            for folder, corpus in zip(asked.music, corpora, strict=True)
        ]
        parts.append(joined(each))
    labels: dict[str, list[str]] = {"album": [], "artist": []}
    for folder, corpus in zip(asked.music, corpora, strict=True):
        for kind, names in labels_of(folder, corpus.names).items():
            labels[kind] += names
    hours = sum(corpus.duration_s for corpus in corpora) / 3600
    head = f"{len(parts[0].style)} songs, {hours:.1f} h; network {key}, a window every {HOP_S} s."
    text = report(parts[0], parts[1], labels, head)
    print(text)
    if asked.out is not None:
        asked.out.write_text(text + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

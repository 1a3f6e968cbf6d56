"""Recall, size and time of the index of segments, by its settings, against exact search.

    python benchmarks/segments_recall.py --corpus DIR/train --noise DIR/noise-train \\
        --prints train.npy --held-out alienblaster-data toppler --out benchmarks/segments_recall.md

The catalog is a corpus of real music (`encoder.corpus`), a segment every half second. Queries are
stretches of a second's prints (one every 0.125 s) from the tracks in the held-out folders, which
training never heard: played 4 % fast, mixed with noise 5 dB below, beginning anywhere. A print
is found when the right segment, within half a second of the truth, stands among the 20 best once
they are scored by the whole stored prints. An exact repeat elsewhere in a track counts as wrong, so
100 % is not to be had: exact search is what to compare with. Seeded. Times are a core's, not the
clock's, so that other work on the machine does not count. The prints themselves take another 61 KB
of a song of four minutes (KB a song is the index alone), its style and its line some 4 KB.

`--prints` keeps the corpus's prints between runs.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from catalog.places import Place, Places
from catalog.prints import stored_prints, unit_prints
from catalog.search import Hits
from catalog.segment_index import SegmentIndex, build_segment_index, searched_rows
from catalog.segment_search import search_index, search_places
from encoder.audio import rms_dbfs
from encoder.corpus import Corpus, open_corpus
from encoder.files import PRINT_HOP_SAMPLES, SILENT_DBFS
from encoder.model import WindowNet
from encoder.model_file import read_net

SEED = 11
BEST = 20
PRINTS_A_QUERY = 8
SPEED = 1.04
SNR_DB = 5.0
TOLERANCE_SAMPLES = PRINT_HOP_SAMPLES
SEGMENTS_A_SONG = 480
"""A song of four minutes."""
BLOCK_SEGMENTS = 64
BATCH = 256
"""Queries compared at once."""
EDGE_SAMPLES = 2000
"""Cut from both ends of what was played at another speed, where its resampling rings."""
DIMENSIONS = (16, 24, 32, 48, 64, 128)


@dataclass(frozen=True)
class Queries:
    """Prints `(q, PRINTS_A_QUERY, D)`, their tracks `(q,)`, and the samples of the tracks on which
    their windows begin `(q, PRINTS_A_QUERY)`."""

    prints: NDArray[np.float32]
    tracks: NDArray[np.int64]
    starts: NDArray[np.float64]


def prints_of(net: WindowNet, samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Prints (P, D) of a stretch, one every stride."""
    with torch.inference_mode():
        prints: NDArray[np.float32] = net(torch.from_numpy(samples)[None]).fingerprint[0].numpy()
    return prints


def embed(net: WindowNet, corpus: Corpus) -> list[NDArray[np.float32]]:
    """Prints of every track, a row a segment, zeros where silent."""
    window, every = net.config.front_end.window_samples, PRINT_HOP_SAMPLES
    found = []
    for start, length in zip(corpus.starts.tolist(), corpus.lengths.tolist(), strict=True):
        rows = []
        segments = max(1, 1 + (length - window) // every)
        for first in range(0, segments, BLOCK_SEGMENTS):
            count = min(BLOCK_SEGMENTS, segments - first)
            begin = torch.tensor([start + first * every])
            stretch = corpus.cut(begin, (count - 1) * every + window)[0].numpy()
            part = prints_of(net, stretch)[:: every // net.config.stride_samples].copy()
            for i in range(count):
                if rms_dbfs(stretch[i * every : i * every + window]) < SILENT_DBFS:
                    part[i] = 0
            rows.append(part)
        found.append(np.concatenate(rows))
    return found


def faster(samples: NDArray[np.float32], speed: float) -> NDArray[np.float32]:
    """The samples played at another speed, by Fourier."""
    spectrum = np.fft.rfft(samples)
    length = round(len(samples) / speed)
    kept = np.zeros(length // 2 + 1, np.complex128)
    bins = min(len(kept), len(spectrum))
    kept[:bins] = spectrum[:bins]
    played = np.fft.irfft(kept, length) * (length / len(samples))
    shorter: NDArray[np.float32] = played.astype(np.float32)
    return shorter


def make_queries(
    net: WindowNet, corpus: Corpus, noise: Corpus, tracks: Sequence[int], count: int
) -> Queries:
    """Spoiled prints from moments anywhere in `tracks`, none of them silent."""
    rng = np.random.default_rng(SEED)
    window, stride = net.config.front_end.window_samples, net.config.stride_samples
    wanted = window + (PRINTS_A_QUERY - 1) * stride
    taken = round((wanted + 2 * EDGE_SAMPLES) * SPEED) + 2
    usable = [track for track in tracks if int(corpus.lengths[track]) > taken]
    shares = np.array([int(corpus.lengths[track]) for track in usable], float)
    prints: list[NDArray[np.float32]] = []
    names: list[int] = []
    starts: list[NDArray[np.floating]] = []
    while len(prints) < count:
        track = int(rng.choice(usable, p=shares / shares.sum()))
        first = int(rng.integers(0, int(corpus.lengths[track]) - taken))
        clean = corpus.cut(corpus.starts[track : track + 1] + first, taken)[0].numpy()
        if rms_dbfs(clean) < SILENT_DBFS / 2:
            continue
        heard = faster(clean, SPEED)[EDGE_SAMPLES : EDGE_SAMPLES + wanted]
        place = torch.tensor([int(rng.integers(0, len(noise.samples) - wanted))])
        other = noise.cut(place, wanted)[0].numpy()
        gain = 10 ** ((rms_dbfs(heard) - rms_dbfs(other) - SNR_DB) / 20)
        prints.append(prints_of(net, (heard + gain * other).astype(np.float32)))
        names.append(track)
        middles = EDGE_SAMPLES + np.arange(PRINTS_A_QUERY) * stride + window / 2
        starts.append(first + middles * SPEED - window / 2)
    return Queries(np.stack(prints), np.array(names), np.stack(starts))


def found_by(hits: Hits, places: Places, queries: Queries) -> NDArray[np.bool_]:
    """Whether each print (q, PRINTS_A_QUERY) has its right segment among its hits."""
    line = places.owners(hits.songs)  # (q * p, k)
    begins = (hits.songs - places.first_segments[line]) * PRINT_HOP_SAMPLES
    near = np.abs(begins - queries.starts.reshape(-1, 1)) <= TOLERANCE_SAMPLES
    right = (
        (line >= 0)
        & near
        & (places.ids[line] == np.repeat(queries.tracks, PRINTS_A_QUERY)[:, None])
    )
    any_right: NDArray[np.bool_] = right.any(axis=1)
    return any_right.reshape(-1, PRINTS_A_QUERY)


def shares(found: NDArray[np.bool_]) -> list[float]:
    """Percent found: of single prints, of pairs (a live step), of a second's prints."""
    pairs = found.reshape(len(found), -1, 2).any(axis=2)
    return [100 * float(part.mean()) for part in (found, pairs, found.any(axis=1))]


def measure(
    stored: NDArray[np.int8],
    places: Places,
    queries: Queries,
    *,
    every: int,
    dimension: int,
    trees: int,
    search_ks: Sequence[int],
) -> list[str]:
    """Lines of the table for one index."""
    flat = queries.prints.reshape(-1, queries.prints.shape[2])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        started = time.process_time()
        items = build_segment_index(
            stored, searched_rows(places, every=every), folder, dimension=dimension, trees=trees
        )
        build_s = time.process_time() - started
        size = sum(path.stat().st_size for path in folder.iterdir())
        index = SegmentIndex.open(folder)
        assert index is not None
        lines = []
        for search_k in search_ks:
            search_index(flat[:64], stored, index, places, BEST, search_k=search_k)
            started = time.process_time()
            hits = search_index(flat, stored, index, places, BEST, search_k=search_k)
            each_ms = 1000 * (time.process_time() - started) / len(flat)
            one, two, eight = shares(found_by(hits, places, queries))
            song_kb = size / places.segment_count * SEGMENTS_A_SONG / 1000
            lines.append(
                f"| {every} | {dimension} | {trees} | {search_k:,} | {one:.1f} | {two:.1f} "
                f"| {eight:.1f} | {each_ms:.2f} | {song_kb:.0f} | {build_s:.1f} |"
            )
            print(lines[-1], items, file=sys.stderr, flush=True)
    return lines


def exact_lines(
    stored: NDArray[np.int8], places: Places, queries: Queries, everies: Sequence[int]
) -> list[str]:
    """Lines of the table for exact search."""
    flat = queries.prints.reshape(-1, queries.prints.shape[2])
    lines = []
    for every in everies:
        started = time.process_time()
        found = [
            search_places(flat[first : first + BATCH], stored, places, BEST, every=every)
            for first in range(0, len(flat), BATCH)
        ]
        hits = Hits(
            songs=np.concatenate([part.songs for part in found]),
            scores=np.concatenate([part.scores for part in found]),
        )
        each_ms = 1000 * (time.process_time() - started) / len(flat)
        one, two, eight = shares(found_by(hits, places, queries))
        lines.append(
            f"| {every} | exact | | | {one:.1f} | {two:.1f} | {eight:.1f} | {each_ms:.2f} | | |"
        )
        print(lines[-1], file=sys.stderr, flush=True)
    return lines


def loss_of_storing(prints: NDArray[np.float32], stored: NDArray[np.int8]) -> str:
    """What a byte a number costs, as a sentence."""
    heard = prints.any(axis=1)
    loss = 1 - np.einsum("md,md->m", prints[heard], unit_prints(stored[heard]))
    return (
        f"Stored as int8, a print keeps its direction to a cosine of 1 - {loss.mean():.1e} "
        f"(worst {loss.max():.1e})."
    )


def report(args: argparse.Namespace) -> str:
    """The whole report as markdown."""
    corpus, noise = open_corpus(args.corpus), open_corpus(args.noise)
    net, _ = read_net(args.weights)
    counts = [
        max(1, 1 + (length - net.config.front_end.window_samples) // PRINT_HOP_SAMPLES)
        for length in corpus.lengths.tolist()
    ]
    if args.prints is None or not args.prints.exists():
        prints = np.concatenate(embed(net, corpus))
        if args.prints is not None:
            np.save(args.prints, prints)
    else:
        prints = np.load(args.prints)
    firsts = np.cumsum([0, *counts[:-1]]).tolist()
    places = Places.of(
        (song, Place(song, first, count))
        for song, (first, count) in enumerate(zip(firsts, counts, strict=True))
    )
    stored = stored_prints(prints)
    held_out = [i for i, name in enumerate(corpus.names) if name.split("/")[0] in args.held_out]
    queries = make_queries(net, corpus, noise, held_out, args.queries)
    head = (
        f"{len(corpus.names)} songs, {len(prints):,} segments; {args.queries} queries of "
        f"{PRINTS_A_QUERY} prints from {len(held_out)} songs held out of training, "
        f"speed {SPEED}, noise at {SNR_DB:g} dB; found among the best {BEST}, percent.\n"
        f"{loss_of_storing(prints, stored)}\n\n"
        "| every | dimensions | trees | search_k | one print | two | eight | ms a print "
        "| KB a song | build s |\n|" + "--:|" * 10
    )
    lines = exact_lines(stored, places, queries, args.every)
    for every, dimension, trees in itertools.product(args.every, args.dimensions, args.trees):
        lines += measure(
            stored,
            places,
            queries,
            every=every,
            dimension=dimension,
            trees=trees,
            search_ks=args.search_k,
        )
    return "\n".join([head, *lines]) + "\n"


def main() -> None:
    """Measure every combination."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--noise", type=Path, required=True)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--prints", type=Path, help="keep the corpus's prints in this file")
    parser.add_argument("--held-out", nargs="+", required=True, help="folders of the corpus")
    parser.add_argument("--queries", type=int, default=400)
    parser.add_argument("--every", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--dimensions", type=int, nargs="+", default=DIMENSIONS)
    parser.add_argument("--trees", type=int, nargs="+", default=[4, 8, 12])
    parser.add_argument("--search-k", type=int, nargs="+", default=[4_000, 16_000])
    parser.add_argument("--out", type=Path, help="append the report to this file")
    args = parser.parse_args()
    torch.set_num_threads(1)
    text = report(args)
    print(text)
    if args.out is not None:
        with args.out.open("a", encoding="utf-8") as file:
            file.write(text)


if __name__ == "__main__":
    main()

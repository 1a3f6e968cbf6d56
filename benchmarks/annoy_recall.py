"""Recall, time and size of the Annoy index against exact search, by catalog size.

    python benchmarks/annoy_recall.py --songs 1000 10000 100000 --out benchmarks/annoy_recall.md
    python benchmarks/annoy_recall.py --songs 1000000 --trees 10 25 50 --out ...

Made vectors, since nobody has a million freely licensed songs at hand. They share the mean length
and the spectrum of 134 real song styles (MusiCNN, free music from Debian packages): 71 % of a unit
vector is common to all; the rest spreads over 200 directions, the first 20 with the variances
measured, the others by the power law that those end in. 60 % of that variance lies between clusters
(one for every 500 songs, sizes falling off as 1/rank), 40 % within. Cosine of a
pair at 5, 50 and 95 %: measured 0.14, 0.50, 0.82, of 1,000 made 0.23, 0.57, 0.86; of the nearest
song: measured median 0.91, of 134 made 0.92. Queries are songs of the same kind
that are not in the index. Seeded; every index is made in a process of its own, so that its peak of
memory is its own.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from catalog.annoy_index import AnnoyFile, build_annoy
from catalog.search import ExactIndex, unit_rows

DIMENSION = 200
QUERIES = 200
EXACT_SINGLY = 20
NEIGHBOURS = 10
SEED = 7
SONGS_A_CLUSTER = 500
CHUNK = 100_000
MEAN_LENGTH = 0.707
BETWEEN_CLUSTERS = 0.6
SPECTRUM = (
    *(0.2512, 0.1489, 0.0981, 0.0732, 0.0618, 0.0585, 0.0467, 0.0375, 0.0292, 0.0240),
    *(0.0187, 0.0167, 0.0136, 0.0126, 0.0092, 0.0081, 0.0071, 0.0065, 0.0059, 0.0055),
)
"""Shares of the variance of real song styles along its first principal directions."""
TAIL_SCALE, TAIL_POWER = 1.106, -1.86
MIB = 1 << 20


def made_styles(count: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """`count` unit vectors (count, DIMENSION) that lie like song styles do."""
    clusters = max(8, count // SONGS_A_CLUSTER)
    places = np.arange(len(SPECTRUM) + 1, DIMENSION + 1)
    variances = np.array([*SPECTRUM, *(TAIL_SCALE * places**TAIL_POWER)])  # (D,)
    scales = np.sqrt((1 - MEAN_LENGTH**2) * variances / variances.sum()).astype(np.float32)
    rotation = np.linalg.qr(rng.normal(size=(DIMENSION, DIMENSION)))[0].astype(np.float32)
    mean = MEAN_LENGTH * rotation[-1]  # (D,)
    weights = 1 / np.arange(1, clusters + 1)
    member = rng.choice(clusters, size=count, p=weights / weights.sum())  # (n,)
    centres = _spread(rng, clusters, BETWEEN_CLUSTERS * scales**2)  # (c, D)
    styles = np.empty((count, DIMENSION), np.float32)
    for first in range(0, count, CHUNK):
        part = member[first : first + CHUNK]
        within = _spread(rng, len(part), (1 - BETWEEN_CLUSTERS) * scales**2)
        styles[first : first + CHUNK] = unit_rows(mean + (centres[part] + within) @ rotation)
    return styles


def _spread(
    rng: np.random.Generator, count: int, variances: NDArray[np.float32]
) -> NDArray[np.float32]:
    return rng.normal(size=(count, DIMENSION)).astype(np.float32) * np.sqrt(variances)


def memory_mib(field: str) -> float:
    """VmRSS (memory now) or VmHWM (the most since `forget_peak`) of this process, in MiB."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1]) / 1024
    raise ValueError(field)


def forget_peak() -> None:
    """Begin counting the peak anew (proc(5), clear_refs)."""
    Path("/proc/self/clear_refs").write_text("5")


def measure(songs: int, trees: int, search_ks: list[int]) -> list[dict[str, float]]:
    """One row for each `search_k`, for an index of so many songs and trees."""
    everything = made_styles(songs + QUERIES, np.random.default_rng(SEED))
    styles, queries = everything[:songs], everything[songs:]
    exact = ExactIndex(styles, ids=np.arange(songs))
    started = time.perf_counter()
    truth = exact.search(queries, NEIGHBOURS)
    exact_batch_ms = 1000 * (time.perf_counter() - started) / QUERIES
    exact_ms = _median_ms([partial(exact.search, query[None], NEIGHBOURS) for query in queries])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "style.annoy"
        forget_peak()
        before = memory_mib("VmRSS")
        started = time.perf_counter()
        build_annoy(styles, np.arange(songs), path, trees=trees)
        common = {
            "songs": songs,
            "trees": trees,
            "build_s": time.perf_counter() - started,
            "file_mib": path.stat().st_size / MIB,
            "memory_mib": memory_mib("VmHWM") - before,
            "exact_ms": exact_ms,
            "exact_batch_ms": exact_batch_ms,
            "nearest": float(np.median(truth.scores[:, 0])),
        }
        index = AnnoyFile(path, dimension=DIMENSION, items=songs)
        return [
            {**common, "search_k": search_k, **_query(index, queries, truth.songs, search_k)}
            for search_k in search_ks
        ]


def _median_ms(calls: list[Callable[[], object]]) -> float:
    times = []
    for call in calls[:EXACT_SINGLY]:
        started = time.perf_counter()
        call()
        times.append(1000 * (time.perf_counter() - started))
    return statistics.median(times)


def _query(
    index: AnnoyFile, queries: NDArray[np.float32], truth: NDArray[np.int64], search_k: int
) -> dict[str, float]:
    index.nearest(queries[0], NEIGHBOURS, search_k=search_k)  # maps the file's first pages
    times, found = [], 0
    for query, wanted in zip(queries, truth, strict=True):
        started = time.perf_counter()
        items, _ = index.nearest(query, NEIGHBOURS, search_k=search_k)
        times.append(1000 * (time.perf_counter() - started))
        found += len(set(items.tolist()) & set(wanted.tolist()))
    return {
        "recall": found / truth.size,
        "query_ms": statistics.median(times),
        "p99_ms": float(np.percentile(times, 99)),
    }


def table(rows: list[dict[str, float]]) -> str:
    """The rows as a markdown table."""
    head = (
        "| songs | trees | search_k | recall@10 | query, median ms | query, p99 ms | exact ms "
        f"| exact, {QUERIES} at once, ms each | build s | build memory MiB | file MiB |\n|"
        + "--:|"
        * 11
    )
    lines = [
        f"| {r['songs']:,} | {r['trees']} | {r['search_k']:,} | {r['recall']:.3f} "
        f"| {r['query_ms']:.2f} | {r['p99_ms']:.2f} | {r['exact_ms']:.2f} "
        f"| {r['exact_batch_ms']:.2f} | {r['build_s']:.1f} | {r['memory_mib']:.0f} "
        f"| {r['file_mib']:.0f} |"
        for r in rows
    ]
    return "\n".join([head, *lines])


def main() -> None:
    """Measure every size and number of trees, each in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--songs", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--trees", type=int, nargs="+", default=[10, 25, 50, 100])
    parser.add_argument("--search-k", type=int, nargs="+", default=[1_000, 5_000, 20_000, 50_000])
    parser.add_argument("--out", type=Path, help="append the table to this file")
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.one:
        print(json.dumps(measure(args.songs[0], args.trees[0], args.search_k)))
        return
    rows: list[dict[str, float]] = []
    for songs in args.songs:
        for trees in args.trees:
            command = [sys.executable, __file__, "--one", "--songs", str(songs)]
            command += ["--trees", str(trees), "--search-k", *map(str, args.search_k)]
            output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            rows += json.loads(output)
            print(f"{songs:,} songs, {trees} trees: done", file=sys.stderr)
    print(table(rows))
    if args.out is not None:
        with args.out.open("a", encoding="utf-8") as file:
            file.write(table(rows) + "\n")


if __name__ == "__main__":
    main()

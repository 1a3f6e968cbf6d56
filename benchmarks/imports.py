"""How fast datasets are read, and in how much memory.

    python benchmarks/imports.py [--data ../shared/data] [--triplets 1000000 4000000]
                                 [--listeners 1019318] [--seed 0] [--out benchmarks/imports.md]

Every import runs in a process of its own, into an empty catalog, twice: the second time it finds
all there. Rows a second are of CPU time, as the machine is shared. Peak memory is the process's
largest resident set, Python and libraries included. Made triplets are in the Taste Profile's
format: 47 songs a listener, as there, of 384,546 songs by a 1/rank law.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.reporting import show

SONGS = 384_546
SONGS_A_LISTENER = 47
MEGABYTE = 1 << 20
KILOBYTES_A_MEGABYTE = 1024
RUNS = """
import json, resource, sys, time
from pathlib import Path
from catalog.catalog import Catalog
from catalog.datasets import Datasets
from catalog.imports.run import run_import
from catalog.settings import CatalogSettings
from encoder.embedding import EncoderSpec, PrintSpec

kind, path, folder = sys.argv[1:]
settings = CatalogSettings(directory=Path(folder))
prints = PrintSpec(name="none", fingerprint="0", sample_rate_hz=8000, window_samples=8000,
                   stride_samples=2000, dimension=2)
spec = EncoderSpec(name="none", fingerprint="0", sample_rate_hz=8000, window_samples=8000,
                   style_dim=2, tags=(), prints=prints)
Catalog.open(settings, spec, create=True, write=True).close()
if kind == "none":
    sys.exit()
with Datasets(settings) as datasets:
    began, cpu = time.perf_counter(), time.process_time()
    report = run_import(kind, [Path(path)], datasets)
    seconds = time.perf_counter() - began
    cpu = time.process_time() - cpu
    (info,) = datasets.names()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.perf_counter()
    if kind in ("tasteprofile", "lastfm"):
        datasets.listening(kind)
    print(json.dumps({"rows": report.rows, "unreadable": report.unreadable,
        "seconds": seconds, "cpu": cpu,
        "peak": peak, "tracks": info.tracks, "plays": info.plays, "attributes": info.attributes,
        "read_s": time.perf_counter() - began,
        "read_peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}))
"""

STORED = """
import json, resource, sys, time
from pathlib import Path
import numpy as np
from catalog.dataset_rows import Batch
from catalog.datasets import Datasets
from catalog.settings import CatalogSettings

folder, listeners, songs, each, seed = sys.argv[1], *map(int, sys.argv[2:])
with Datasets(CatalogSettings(directory=Path(folder))) as datasets:
    cpu = time.process_time()
    ids = datasets.item_ids("tasteprofile", [f"SO{i:06}ABCDEFGHIJ" for i in range(songs)])
    numbers, rng = np.fromiter(ids.values(), np.int32), np.random.default_rng(seed)
    for first in range(0, listeners, 3000):
        some = min(3000, listeners - first)
        heard = np.exp(rng.random((some, each)) * np.log(songs)).astype(int) - 1
        plays = rng.geometric(0.35, (some, each)).astype(np.float32)
        listens = [(f"{first + k:040x}", numbers[heard[k]], plays[k]) for k in range(some)]
        datasets.write(Batch("tasteprofile", listens=listens))
    stored = time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    cpu = time.process_time()
    plays = len(datasets.listening("tasteprofile").plays)
    print(json.dumps({"plays": plays, "stored": stored, "peak": peak,
        "read": time.process_time() - cpu,
        "read_peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}))
"""


def whole_profile(listeners: int, *, seed: int) -> Iterator[str]:
    """The listening of as many as the Taste Profile has, stored and read without a text."""
    with tempfile.TemporaryDirectory() as folder:
        none = [sys.executable, "-c", RUNS, "none", "", folder]
        subprocess.run(none, check=True)
        numbers = map(str, (listeners, SONGS, SONGS_A_LISTENER, seed))
        command = [sys.executable, "-c", STORED, folder, *numbers]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
        size = sum(file.stat().st_size for file in Path(folder).rglob("catalog.sqlite*"))
    found = json.loads(done.stdout)
    cells = [
        f"{listeners:,}",
        f"{listeners * SONGS_A_LISTENER:,}",
        f"{found['plays']:,}",
        f"{found['stored']:.0f}",
        f"{found['peak'] / KILOBYTES_A_MEGABYTE:.0f}",
        f"{found['read']:.0f}",
        f"{found['read_peak'] / KILOBYTES_A_MEGABYTE:.0f}",
        f"{size / MEGABYTE:.0f}",
    ]
    yield "\n## As many as the Taste Profile has, stored without a text\n"
    heads = ("listeners", "triplets", "pairs", "stored, CPU s", "peak MB", "read, CPU s")
    yield f"| {' | '.join(heads)} | peak MB | on disk MB |\n|{'---|' * (len(heads) + 2)}"
    yield "| " + " | ".join(cells) + " |"


def measured(kind: str, path: Path) -> Iterator[dict[str, Any]]:
    """An import into an empty catalog, and the same once more."""
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(2):
            command = [sys.executable, "-c", RUNS, kind, str(path), folder]
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
            size = sum(file.stat().st_size for file in Path(folder).rglob("catalog.sqlite*"))
            yield {**json.loads(done.stdout), "disk": size}


def write_triplets(path: Path, count: int, *, seed: int) -> None:
    """A made file of so many triplets."""
    rng = np.random.default_rng(seed)
    names = np.array([f"SO{i:06}ABCDEFGHIJ" for i in range(SONGS)])
    with path.open("w") as file:
        for listener in range(count // SONGS_A_LISTENER):
            # Inverse transform of the density 1/rank over 1..SONGS.
            songs = np.exp(rng.random(SONGS_A_LISTENER) * np.log(SONGS)).astype(int) - 1
            plays = rng.geometric(0.35, SONGS_A_LISTENER)
            file.writelines(
                f"{listener:040x}\t{names[song]}\t{times}\n"
                for song, times in zip(songs.tolist(), plays.tolist(), strict=True)
            )


def row_of(name: str, first: dict[str, Any], again: dict[str, Any]) -> str:
    counts = ("tracks", "plays", "attributes")
    same = all(first[name] == again[name] for name in counts)
    cells = [
        name,
        f"{first['rows']:,}",
        f"{first['unreadable']:,}",
        f"{first['seconds']:.1f}",
        f"{first['cpu']:.1f}",
        f"{first['rows'] / first['cpu']:,.0f}",
        f"{again['rows'] / again['cpu']:,.0f}",
        f"{max(first['peak'], again['peak']) / KILOBYTES_A_MEGABYTE:.0f}",
        f"{first['disk'] / MEGABYTE:.0f}",
        "yes" if same else "NO",
    ]
    return "| " + " | ".join(cells) + " |"


COLUMNS = (
    *("what", "rows", "unreadable", "s", "CPU s"),
    *("rows/CPU s", "again rows/CPU s", "peak MB", "on disk MB"),
)
HEAD = f"| {' | '.join(COLUMNS)} | again the same |\n|{'---|' * (len(COLUMNS) + 1)}"


def real_tables(data: Path) -> Iterator[str]:
    for kind, path in (
        ("fma", data / "fma"),
        ("echonest", data / "fma"),
        ("msd", data / "msd"),
        ("spotify", data / "spotify"),
        ("tasteprofile", data / "msd"),
        ("lastfm", data / "lastfm"),
    ):
        yield row_of(kind, *measured(kind, path))


def made_triplets(counts: list[int], *, seed: int) -> Iterator[tuple[str, str]]:
    """Rows on importing and on reading."""
    for count in counts:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "train_triplets.txt"
            write_triplets(path, count, seed=seed)
            first, again = measured("tasteprofile", path)
        reading = (
            f"| {first['plays']:,} | {first['read_s']:.1f} | "
            f"{first['read_peak'] / KILOBYTES_A_MEGABYTE:.0f} |"
        )
        yield row_of(f"{count:,} triplets", first, again), reading


def report(args: argparse.Namespace) -> Iterator[str]:
    yield "# Imports\n"
    options = f"--triplets {' '.join(map(str, args.triplets))} --listeners {args.listeners} --seed "
    options += str(args.seed)
    yield f"Made by `python benchmarks/imports.py {options}`. {__doc__.split(chr(10) * 2, 2)[2]}"
    if args.data.is_dir():
        yield f"## Tables at hand\n\n{HEAD}"
        yield from real_tables(args.data)
    if args.triplets:
        importing, reading = zip(*made_triplets(args.triplets, seed=args.seed), strict=True)
        yield f"\n## Made triplets\n\n{HEAD}"
        yield from importing
        yield "\nAll of them as arrays (`Datasets.listening`), in the same process:\n"
        yield "| triplets | s | peak MB |\n|---|---|---|"
        yield from reading
    if args.listeners:
        yield from whole_profile(args.listeners, seed=args.seed)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--triplets", type=int, nargs="*", default=[1_000_000, 4_000_000])
    parser.add_argument("--listeners", type=int, default=1_019_318)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    show(report(args), out=args.out)


if __name__ == "__main__":
    main()

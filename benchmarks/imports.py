"""How fast datasets are read, in how much memory, and how well names join.

    python benchmarks/imports.py [--data ../shared/data] [--triplets 1000000 4000000]
                                 [--listeners 1019318] [--seed 0] [--out benchmarks/imports.md]

Every import runs in a process of its own, into an empty catalog, twice: the second time it finds
all there. Rows a second are of CPU time, as the machine is shared. Peak memory is the process's
largest resident set, Python and libraries included. Made triplets are in the Taste Profile's
format: 47 songs a listener, as there, of 384,546 songs by a 1/rank law. Joins: half of the artists
of the tables at hand, those that the threshold was not chosen on; a catalog of 2,000 songs, half of
which the dataset has not; each name with one or two made faults (letters left out, swapped,
changed, put in; case, accents, articles, guests, editions, punctuation).
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import subprocess
import sys
import tempfile
import unicodedata
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from catalog.datasets import Track
from catalog.imports import join
from catalog.imports.names import name_of
from catalog.songs import Song

SONGS = 384_546
SONGS_A_LISTENER = 47
CATALOG_SONGS = 2000
TRIALS = 5
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


Pair = tuple[str, str]


def real_names(data: Path) -> list[Pair]:
    """Artists and titles of the tables at hand."""
    found: set[Pair] = set()
    tables = (
        ("spotify/SpotifyFeatures_partial.csv", 1, 2, 18),
        ("msd/msd_subset.csv", 2, 33, 35),
        ("fma/tracks_fma_small.csv", 3, 5, 12),
    )
    for name, artist, title, columns in tables:
        with (data / name).open(encoding="utf-8-sig", newline="") as file:
            rows = [row for row in csv.reader(file) if len(row) == columns]
        found.update((row[artist], row[title]) for row in rows[1:])
    return sorted(pair for pair in found if all(pair))


def with_typo(rng: random.Random, text: str) -> str:
    if len(text) < 4:  # nothing would be left to know it by
        return text
    at = rng.randrange(1, len(text) - 1)
    letter = rng.choice("abcdefghijklmnopqrstuvwxyz")
    return rng.choice(
        [
            text[:at] + text[at + 1 :],
            text[:at] + text[at + 1] + text[at] + text[at + 2 :],
            text[:at] + letter + text[at + 1 :],
            text[:at] + letter + text[at:],
        ]
    )


def without_accents(text: str) -> str:
    parts = unicodedata.normalize("NFKD", text)
    return "".join(part for part in parts if not unicodedata.combining(part))


def bare(text: str) -> str:
    return text.replace("&", "and").translate(str.maketrans("-", " ", "'.,"))


def faulty(rng: random.Random, pair: Pair) -> Pair:
    """A name with one or two faults."""
    faults: list[Callable[[str, str], Pair]] = [
        lambda artist, title: (with_typo(rng, artist), title),
        lambda artist, title: (artist, with_typo(rng, title)),
        lambda artist, title: (artist.upper(), title.lower()),
        lambda artist, title: (without_accents(artist), without_accents(title)),
        lambda artist, title: (artist, f"{title} (Remastered 2011)"),
        lambda artist, title: (artist, f"{title} - Remastered"),
        lambda artist, title: (f"{artist} feat. Somebody Else", title),
        lambda artist, title: (artist, f"{title} [feat. Somebody Else]"),
        lambda artist, title: (
            f"{artist[4:]}, The" if artist.startswith("The ") else f"The {artist}",
            title,
        ),
        lambda artist, title: (bare(artist), bare(title)),
    ]
    for fault in rng.sample(faults, rng.choice([1, 2])):
        pair = fault(*pair)
    return pair


def joined_names(pairs: list[Pair], least: float, *, seed: int) -> tuple[int, int, int, int]:
    """Joins that are right and wrong, songs found, and songs that could be."""
    rng = random.Random(seed)
    shuffled = rng.sample(pairs, len(pairs))
    half = len(shuffled) // 2
    there, absent = shuffled[:half], shuffled[half:]
    chosen = rng.sample(there, CATALOG_SONGS // 2) + rng.sample(absent, CATALOG_SONGS // 2)
    now = datetime.now(UTC)
    songs = []
    for number, pair in enumerate(chosen):
        artist, title = faulty(rng, pair)
        path = Path(f"/{number}.mp3")
        songs.append(Song(number, path, title, artist, None, None, None, 1.0, "", now, number))
    join.LEAST_LIKENESS = least
    names, ratio = join.Names(songs), join._ratio()
    found = {}
    for artist, title in there:
        track = Track("made", f"{artist}\0{title}", title=title, artist=artist)
        if (best := names.best(track, ratio)) is not None:
            found[track.key] = best
    right, wrong, hit = 0, 0, set()
    for key, song in join._best_of_each_song(found).items():
        artist, title = key.split("\0")
        if name_of(artist, title) == name_of(*chosen[song]):
            right += 1
            hit.add(song)
        else:
            wrong += 1
    return right, wrong, len(hit), CATALOG_SONGS // 2


def likenesses(data: Path, *, seed: int) -> Iterator[str]:
    """A row for each threshold, on artists that it was not chosen on."""
    pairs = real_names(data)
    artists = sorted({artist for artist, _ in pairs})
    random.Random(seed).shuffle(artists)
    others = set(artists[len(artists) // 2 :])
    held_out = [pair for pair in pairs if pair[0] in others]
    for least in (0.75, 0.8, 0.85, 0.88, 0.9, 0.95):
        trials = [joined_names(held_out, least, seed=seed + trial) for trial in range(TRIALS)]
        right, wrong, hit, could = (sum(column) for column in zip(*trials, strict=True))
        yield (
            f"| {least:.2f} | {right + wrong:,} | {right / (right + wrong):.4f} | "
            f"{hit / could:.3f} |"
        )


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
    if args.data.is_dir():
        yield f"\n## Joins by artist and title, {TRIALS} trials\n"
        yield "| least likeness | joins | of them right | songs found |\n|---|---|---|---|"
        yield from likenesses(args.data, seed=args.seed)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--triplets", type=int, nargs="*", default=[1_000_000, 4_000_000])
    parser.add_argument("--listeners", type=int, default=1_019_318)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    text = ""
    for line in report(args):
        print(line, flush=True)
        text += line + "\n"
    if args.out:
        args.out.write_text(text)


if __name__ == "__main__":
    main()

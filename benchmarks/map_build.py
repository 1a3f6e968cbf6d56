"""Minutes and memory to draw the map, and how much of the truth survives in the picture.

    python benchmarks/map_build.py [--songs 1000 10000 100000] [--catalog DIR] [--out FILE]

The styles are made up: 200 dimensions, as many as the teacher's, in clusters of about fifty songs
that overlap, each spread over 24 directions of its own and a little over all. `--catalog` takes the
styles of a catalog as well. Each line is a process of its own. What survives is the share of a
song's ten nearest by style (exact, over all songs) that are among its ten nearest in the picture,
over a sample of 500 songs. "placed": the same for songs that came later and were put near their
neighbours, one for each hundred drawn, with the time for all of them. "moved": how far a song of
the first map moves on average, in radii of the map, when it is drawn anew with a tenth more songs.
Seeded; times are a core's, not the clock's, so that other work on the machine does not count.
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from catalog.catalog import Catalog
from catalog.map_building import chosen
from catalog.map_drawing import Canvas
from catalog.map_file import Method, Stamp
from catalog.map_placing import nearest_rows
from catalog.settings import CatalogSettings, MapSettings
from catalog.survey import Survey

SEED = 4
DIMENSION = 200
A_CLUSTER = 50
DIRECTIONS = 24
CENTRE_DIRECTIONS = 16
SPREAD, NOISE = 0.8, 0.3
SAMPLE = 500
NEAREST = 10
A_PLACED = 100  # one new song for so many
MORE = 10  # one more song for so many, when it is drawn anew
MB = 1 << 20

Styles = NDArray[np.float32]


def made_up(songs: int) -> Styles:
    """Unit styles `(songs, 200)`."""
    rng = np.random.default_rng(SEED)
    clusters = max(4, songs // A_CLUSTER)
    axes = rng.normal(size=(CENTRE_DIRECTIONS, DIMENSION))
    centres = rng.normal(size=(clusters, CENTRE_DIRECTIONS)) @ axes
    own = rng.normal(size=(DIRECTIONS, DIMENSION))
    styles = np.empty((songs, DIMENSION), np.float32)
    for first in range(0, songs, 10_000):
        n = min(10_000, songs - first)
        part = centres[rng.integers(0, clusters, n)]
        part = part + SPREAD * rng.normal(size=(n, DIRECTIONS)) @ own
        part += NOISE * rng.normal(size=(n, DIMENSION))
        styles[first : first + n] = part / np.linalg.norm(part, axis=1, keepdims=True)
    return styles


def of_catalog(folder: Path) -> Styles:
    """The styles of the songs of a catalog."""
    with Catalog.open(CatalogSettings(directory=folder), None) as catalog:
        survey = catalog.survey()
        return np.random.default_rng(SEED).permutation(survey.styles[survey.rows])


def surveyed(styles: Styles) -> Survey:
    """A survey of songs without genres or tags."""
    n = len(styles)
    return Survey(
        stamp=Stamp("benchmark", 1, n),
        ids=np.arange(1, n + 1),
        rows=np.arange(n),
        styles=styles,
        tags=np.zeros((n, 0), np.float32),
        tag_names=(),
        genres=(None,) * n,
    )


def surviving(styles: Styles, xyz: Styles, asked: NDArray[np.int64]) -> float:
    """Share of the ten nearest by style that are among the ten nearest in the picture."""
    truth = nearest_rows(styles[asked], styles, NEAREST + 1)[0]
    kept = 0
    for song, near in zip(asked.tolist(), truth, strict=True):
        squares = np.square(xyz - xyz[song]).sum(axis=1)
        seen = set(np.argpartition(squares, NEAREST + 1)[: NEAREST + 1].tolist()) - {song}
        kept += len((set(near.tolist()) - {song}) & seen)
    return kept / (NEAREST * len(asked))


def measured(styles: Styles, method: Method) -> dict[str, Any]:
    """One line of the table."""
    drawn, new = len(styles) * MORE // (MORE + 1), len(styles) // A_PLACED
    asked = np.random.default_rng(SEED).choice(drawn, min(SAMPLE, drawn), replace=False)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        begun_s = time.process_time()
        first = Canvas(folder, surveyed(styles[:drawn]), None).draw(method, asked=method, seed=0)
        draw_s = time.process_time() - begun_s
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        survive = surviving(styles[:drawn], first.map.xyz, asked)
        begun_s = time.process_time()
        later = Canvas(folder, surveyed(styles[: drawn + new]), first).place()
        place_s = time.process_time() - begun_s
        fresh = np.arange(drawn, drawn + new)
        placed = surviving(styles[: drawn + new], later.map.xyz, fresh[:SAMPLE])
        moved = None
        if len(styles) <= 20_000:  # twice the time
            again = Canvas(folder, surveyed(styles), first).draw(method, asked=method, seed=0)
            way = again.map.xyz[:drawn] - first.map.xyz
            moved = float(np.linalg.norm(way, axis=1).mean())
    return {
        "songs": drawn,
        "method": method,
        "draw_s": draw_s,
        "peak_mb": peak / MB,
        "survive": survive,
        "new": new,
        "place_s": place_s,
        "placed": placed,
        "moved": moved,
    }


def row(found: dict[str, Any], name: str) -> str:
    """A line of the table."""
    minutes, seconds = divmod(round(found["draw_s"]), 60)
    moved = "" if found["moved"] is None else f"{found['moved']:.2f}"
    return (
        f"| {name} | {found['songs']:,} | {found['method']} | {minutes}:{seconds:02} | "
        f"{found['peak_mb']:,.0f} | {100 * found['survive']:.0f} | {found['new']:,} | "
        f"{found['place_s']:.1f} | {100 * found['placed']:.0f} | {moved} |"
    )


def methods(songs: int) -> list[Method]:
    """What is worth a line: what `auto` takes, and the quick one."""
    best = chosen("auto", songs=songs, settings=MapSettings())
    return [best, "pca"] if best != "pca" else ["pca"]


def main() -> None:
    """Measure, each line in a process of its own, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--songs", type=int, nargs="*", default=[1000, 10_000, 100_000])
    parser.add_argument("--catalog", type=Path)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--one", nargs=2, metavar=("SONGS|DIR", "METHOD"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.one:
        what, method = args.one
        styles = made_up(int(what)) if what.isdigit() else of_catalog(Path(what))
        sys.stdout.write(json.dumps(measured(styles, method)))
        return
    lines = [
        f"On {platform.machine()}, Python {platform.python_version()}; columns as in the head of "
        "`benchmarks/map_build.py`.\n",
        "| styles | songs | method | draw, min | peak, MB | survive, % | new | place, s | "
        "placed, % | moved |",
        "|:--|--:|:--|--:|--:|--:|--:|--:|--:|--:|",
    ]
    jobs = [("made up", str(songs), songs) for songs in args.songs]
    if args.catalog is not None:
        jobs.append(("a catalog", str(args.catalog), len(of_catalog(args.catalog))))
    for name, what, songs in jobs:
        for method in methods(songs):
            command = [sys.executable, __file__, "--one", what, method]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            lines.append(row(json.loads(done.stdout), name))
            sys.stderr.write(lines[-1] + "\n")
    text = "\n".join(lines) + "\n"
    if args.out is None:
        sys.stdout.write(text)
    else:
        args.out.write_text("# The map: time, memory, truth\n\n" + text, encoding="utf-8")


if __name__ == "__main__":
    main()

"""How fast `nowhear add` is: seconds of audio per second, on one core and on two.

    python benchmarks/add_speed.py [--repeat 3] [FOLDER...]

Adds the demo clips (or the given folders) to an empty catalog, on so many cores in turn, and prints
medians and their ratio. Start-up of the process and loading of the model are not counted: `add`
counts from its first file on.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile

from catalog.demo import demo_clips


def rate(paths: list[str], *, cores: int) -> float:
    """Seconds of audio per second in one run on so many of this machine's cores."""
    chosen = sorted(os.sched_getaffinity(0))[:cores]
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "realtime", "add", "--json", "--catalog", folder, *paths]
        done = subprocess.run(
            ["taskset", "--cpu-list", ",".join(map(str, chosen)), *command],
            check=True,
            stdout=subprocess.PIPE,
        )
    summary = json.loads(done.stdout)
    return float(summary["audio_seconds"] / summary["seconds"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("paths", nargs="*", metavar="FOLDER")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--cores", type=int, nargs="+", default=[1, 2])
    args = parser.parse_args()
    paths = args.paths or [str(clip) for clip in demo_clips()]
    rates: dict[int, list[float]] = {cores: [] for cores in args.cores}
    for _ in range(args.repeat):
        for cores in args.cores:
            rates[cores].append(rate(paths, cores=cores))
    base = statistics.median(rates[args.cores[0]])
    print(f"\n| cores | seconds of audio per second (median of {args.repeat}) | ratio |")
    print("|---|---|---|")
    for cores, measured in rates.items():
        median = statistics.median(measured)
        print(f"| {cores} | {median:.0f} | {median / base:.2f} |")


if __name__ == "__main__":
    main()

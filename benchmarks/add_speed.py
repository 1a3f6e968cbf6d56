"""How fast `nowhear add` is: seconds of audio per second, with one worker and with two.

    python benchmarks/add_speed.py [--repeat 3] [FOLDER...]

Adds the demo clips (or the given folders) to an empty catalog, the numbers of workers in turn, and
prints medians and their ratio. Start-up of the process and loading of the model are not counted:
`add` counts from its first file on.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from catalog.demo import demo_clips


def rate(paths: list[str], *, workers: int) -> float:
    """Seconds of audio per second in one run."""
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "config.yaml"
        config.write_text(f"catalog: {{workers: {workers}}}\n")
        command = [sys.executable, "-m", "realtime", "add", "--config", str(config), "--json"]
        command += ["--catalog", str(Path(folder) / "catalog"), *paths]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    summary = json.loads(done.stdout)
    return float(summary["audio_seconds"] / summary["seconds"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("paths", nargs="*", metavar="FOLDER")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    args = parser.parse_args()
    paths = args.paths or [str(clip) for clip in demo_clips()]
    rates: dict[int, list[float]] = {workers: [] for workers in args.workers}
    for _ in range(args.repeat):
        for workers in args.workers:
            rates[workers].append(rate(paths, workers=workers))
    base = statistics.median(rates[args.workers[0]])
    print(f"\n| workers | seconds of audio per second (median of {args.repeat}) | ratio |")
    print("|---|---|---|")
    for workers, measured in rates.items():
        median = statistics.median(measured)
        print(f"| {workers} | {median:.0f} | {median / base:.2f} |")


if __name__ == "__main__":
    main()

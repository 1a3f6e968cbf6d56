"""The daemon as a whole process: start-up, time from window to message, memory, processor time.

    python benchmarks/daemon.py --minutes 10

Plays the demo programme, over and over, through a real `nowhear listen` at the pace of real time
and listens on its websocket. Prints a table; memory is the process's resident set.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
import wave
from pathlib import Path

import numpy as np
from websockets.sync.client import connect

from catalog.demo import demo_clips, demo_programme
from encoder.decode import decode

NOWHEAR = [sys.executable, "-m", "realtime"]
RATE_HZ = 16_000


def programme_wav(folder: Path, *, minutes: float) -> Path:
    """The demo programme repeated to a length, as a WAV file."""
    samples = np.concatenate(list(decode(demo_programme(), sample_rate_hz=RATE_HZ)))
    wanted = np.resize(samples, round(minutes * 60 * RATE_HZ))
    path = folder / "programme.wav"
    with path.open("wb") as raw, wave.open(raw) as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes((np.clip(wanted, -1, 1) * 32767).astype("<i2").tobytes())
    return path


def resident_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    assert found is not None
    return int(found.group(1)) / 1024


def cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100  # user and system, in ticks of 10 ms


def measure(catalog: Path, sound: Path, *, minutes: float) -> list[tuple[str, str]]:
    """Runs the daemon once; rows of what was measured and how much it was."""
    command = [*NOWHEAR, "listen", "--catalog", str(catalog), "--port", "0", "--input", str(sound)]
    begun = time.perf_counter()
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        found = None
        while found is None:
            found = re.search(r"http://[\w.:]+", process.stderr.readline())
        rows = [("start to address printed", f"{time.perf_counter() - begun:.2f} s")]
        memory: list[float] = []
        status: dict[str, object] = {}
        with connect(found.group(0).replace("http", "ws", 1) + "/ws") as socket:
            ranked = False
            while time.perf_counter() - begun < minutes * 60 - 5:
                message = json.loads(socket.recv(timeout=60))
                if message["type"] == "similar" and message["songs"] and not ranked:
                    ranked = True
                    rows.append(("start to first ranking", f"{time.perf_counter() - begun:.2f} s"))
                if message["type"] == "status":
                    status = message
                    memory.append(resident_mb(process.pid))
        used = cpu_s(process.pid) / (time.perf_counter() - begun)
        latency = status["latency"]
        assert isinstance(latency, dict)
        rows += [
            ("end of window to message, median", f"{latency['p50_ms']:.0f} ms"),
            ("end of window to message, 99 %", f"{latency['p99_ms']:.0f} ms"),
            ("windows measured", str(latency["count"])),
            ("sound dropped", f"{status['dropped_s']:.1f} s"),
            ("memory after a tenth of the run", f"{memory[len(memory) // 10]:.0f} MB"),
            (f"memory after {minutes:g} minutes", f"{memory[-1]:.0f} MB"),
            ("processor time", f"{100 * used:.0f} % of one core"),
        ]
        return rows
    finally:
        process.terminate()
        process.communicate()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        catalog = Path(folder) / "catalog"
        clips = [str(clip) for clip in demo_clips()]
        subprocess.run([*NOWHEAR, "add", "--catalog", str(catalog), *clips], check=True)
        sound = programme_wav(Path(folder), minutes=args.minutes)
        rows = measure(catalog, sound, minutes=args.minutes)
    print(f"\n| the daemon over {args.minutes:g} minutes, {len(clips)} songs | |\n|---|---|")
    for name, value in rows:
        print(f"| {name} | {value} |")


if __name__ == "__main__":
    main()

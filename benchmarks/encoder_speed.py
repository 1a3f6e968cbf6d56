"""How fast the encoder is beside the plain front end and teacher, on this machine.

    python -m benchmarks.encoder_speed --threads 1 2 --windows 1 16 --repeats 9

"Plain" is the layers of :mod:`encoder.teacher` as torch runs them, with torch's own threads.
They are timed in turn, over and over, so that what else the machine does disturbs both alike;
trust the ratio more than the times. Prints a Markdown table with its caption.
"""

import argparse
import os
import platform
import statistics
from collections.abc import Callable, Sequence
from time import perf_counter

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from encoder.frontend import LogMelFrontEnd
from encoder.musicnn_encoder import SHIPPED_WEIGHTS, MusicnnEncoder, load_teacher
from encoder.settings import EncoderSettings

AMPLITUDE = 0.1


def round_times(steps: list[Callable[[], object]], repeats: int) -> list[list[float]]:
    """Seconds of each step in each of ``repeats`` rounds, after one round to warm up."""
    times: list[list[float]] = []
    for _ in range(repeats + 1):
        times.append([])
        for step in steps:
            start = perf_counter()
            step()
            times[-1].append(perf_counter() - start)
    return times[1:]


def noise(windows: int, window_samples: int, seed: int) -> NDArray[np.float32]:
    """White noise ``(windows, window_samples)``."""
    rng = np.random.default_rng(seed)
    return rng.normal(scale=AMPLITUDE, size=(windows, window_samples)).astype(np.float32)


def measure(threads: int, windows: int, *, repeats: int, seed: int) -> str:
    """One row of the table."""
    plain, _ = load_teacher(SHIPPED_WEIGHTS)
    front_end = LogMelFrontEnd()
    encoder = MusicnnEncoder(EncoderSettings(device="cpu", threads=threads))
    samples = noise(windows, encoder.spec.window_samples, seed)

    def run_front_end() -> Tensor:
        torch.set_num_threads(threads)
        mel: Tensor = front_end(torch.from_numpy(samples))
        return mel

    def run_plain() -> Tensor:
        style: Tensor = plain(run_front_end())[0]
        return style

    def run_encoder() -> NDArray[np.float32]:
        torch.set_num_threads(1)  # as the encoder sets it; its threads are its own
        return encoder.embed(samples).style

    with torch.inference_mode():
        error = float(np.abs(run_plain().numpy() - run_encoder()).max())
        times = round_times([run_front_end, run_plain, run_encoder], repeats)
    front, naive, fast = (
        1e3 * statistics.median(column) / windows for column in zip(*times, strict=True)
    )
    ratio = statistics.median(a / b for _, a, b in times)
    return (
        f"| {threads} | {windows} | {front:.2f} | {naive:.1f} | {fast:.1f} | {ratio:.1f} | "
        f"{1e3 / naive:.0f} | {1e3 / fast:.0f} | {error:.0e} |"
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmark and print its table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--windows", type=int, nargs="+", default=[1, 16], help="in one call")
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--seed", type=int, default=0)
    a = parser.parse_args(argv)
    rows = [
        measure(threads, windows, repeats=a.repeats, seed=a.seed)
        for threads in a.threads
        for windows in a.windows
    ]
    print(
        f"Milliseconds a window from samples, medians of {a.repeats} rounds; the ratio is the "
        f"median of the rounds' own ratios. Noise, seed {a.seed}; torch {torch.__version__} on "
        f"{platform.machine()} with {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}. The "
        "last column is the largest difference between the two style vectors.\n"
    )
    print(
        "| threads | windows in a call | front end | plain | encoder | plain / encoder | "
        "plain, windows/s | encoder, windows/s | difference |"
    )
    print("|--:|--:|--:|--:|--:|--:|--:|--:|--:|")
    print("\n".join(rows))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

"""Train the small network without the rest of nowhear: ``python -m encoder.train --help``.

``nowhear train fingerprint`` is the same with the command line's manners.
"""

# ruff: noqa: T201 - a command line speaks on standard output and error

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from encoder.errors import EncoderError
from encoder.training.plan import KINDS, Plan, carry_out, read_settings

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    asked = _parser().parse_args(argv)
    try:
        settings = read_settings(
            asked.config, steps=asked.steps, seed=asked.seed, device=asked.device
        )
        carry_out(
            Plan(
                run=asked.run,
                cache=asked.cache,
                **{kind: tuple(getattr(asked, kind)) for kind in KINDS},
                begin=asked.begin,
                threads=asked.threads,
                stop_after_s=asked.stop_after,
            ),
            settings,
            report=lambda record: print(json.dumps(record), flush=True),
            say=lambda text: print(text, file=sys.stderr, flush=True),
        )
    except EncoderError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m encoder.train",
        description="Train the small network on folders of music. Call it again with the same "
        "arguments to go on after a stop; several processes: torchrun -m encoder.train ...",
    )
    add = parser.add_argument
    add("run", type=Path, help="folder of the run: settings, log, checkpoint, weights")
    add("--cache", type=Path, required=True, help="folder for decoded sound and teacher's answers")
    for kind in KINDS:
        about = f"folder of {kind}, needed until the cache holds it; may be given several times"
        add(f"--{kind}", type=Path, action="append", default=[], metavar="DIR", help=about)
    add("--config", type=Path, help="YAML file of settings (see encoder.training.settings)")
    add("--begin", type=Path, metavar="FILE", help="weights of an earlier run to begin with")
    add("--steps", type=int, help="steps until the run is done")
    add("--seed", type=int, help="seed of weights, moments and spoiling")
    add("--device", choices=("auto", "cpu", "cuda"), help="where to train")
    add("--threads", type=int, default=0, help="threads of a CPU; 0: torch's own choice")
    add("--stop-after", type=float, metavar="S", help="stop, with a checkpoint, after S seconds")
    return parser


if __name__ == "__main__":
    sys.exit(main())

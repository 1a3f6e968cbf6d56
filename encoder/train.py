"""Train the small network: ``python -m encoder.train --help``.

Four steps, each of which goes on where it was stopped: decode the music into a corpus, decode
the sounds to spoil it with, ask the teacher about the corpus, train.
"""

# ruff: noqa: T201 - a command line speaks on standard output and error

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
import yaml
from pydantic import ValidationError

from encoder.augment import Banks
from encoder.corpus import build_corpus, open_corpus
from encoder.embedding import load_encoder
from encoder.errors import EncoderError, TrainingError
from encoder.running import resolve_device
from encoder.settings import EncoderSettings
from encoder.targets import build_targets, open_targets
from encoder.training.run import Material, train
from encoder.training.settings import TrainSettings
from encoder.training.world import World, joined_world

__all__ = ["main"]

_SHORTEST_S = {"music": 5.0, "speech": 1.0, "noise": 0.0, "rooms": 0.0}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    arguments = _parser().parse_args(argv)
    try:
        settings = _settings(arguments)
        if arguments.threads:
            torch.set_num_threads(arguments.threads)
        with joined_world() as world:
            if world.leads:
                _prepare(arguments)
            world.wait()
            _train(arguments, settings, world)
    except EncoderError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m encoder.train",
        description="Train the small network on a folder of music. Call it again with the same "
        "arguments to go on after a stop; several processes: torchrun -m encoder.train ...",
    )
    add = parser.add_argument
    add("run", type=Path, help="folder of the run: settings, log, checkpoint, weights")
    add("--cache", type=Path, required=True, help="folder for decoded sound and teacher's answers")
    for kind in _SHORTEST_S:
        add(f"--{kind}", type=Path, help=f"folder of {kind}, needed until the cache holds it")
    add("--config", type=Path, help="YAML file of settings (see encoder.training.settings)")
    add("--steps", type=int, help="steps until the run is done")
    add("--seed", type=int, help="seed of weights, moments and spoiling")
    add("--device", choices=("auto", "cpu", "cuda"), help="where to train")
    add("--threads", type=int, default=0, help="threads of a CPU; 0: torch's own choice")
    add("--stop-after", type=float, metavar="S", help="stop, with a checkpoint, after S seconds")
    return parser


def _settings(arguments: argparse.Namespace) -> TrainSettings:
    values: dict[str, Any] = {}
    if arguments.config is not None:
        try:
            values = yaml.safe_load(arguments.config.read_text(encoding="utf-8")) or {}
        except (OSError, yaml.YAMLError) as error:
            raise TrainingError(f"cannot read {arguments.config}: {error}") from error
    given = {name: getattr(arguments, name) for name in ("steps", "seed", "device")}
    values |= {name: value for name, value in given.items() if value is not None}
    try:
        return TrainSettings.model_validate(values)
    except ValidationError as error:
        lines = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
        raise TrainingError("settings: " + "; ".join(lines)) from error


def _prepare(arguments: argparse.Namespace) -> None:
    cache: Path = arguments.cache
    for kind, shortest_s in _SHORTEST_S.items():
        folder: Path | None = getattr(arguments, kind)
        if folder is not None:
            print(f"decoding {kind} ...", file=sys.stderr)
            build_corpus(folder, cache / kind, min_track_s=shortest_s)
    corpus = open_corpus(cache / "music")
    try:
        open_targets(corpus, cache / "music")
    except EncoderError:
        print(f"asking the teacher about {corpus.duration_s / 3600:.1f} h ...", file=sys.stderr)
        teacher = load_encoder(EncoderSettings(device=arguments.device or "auto"))
        build_targets(corpus, teacher, cache / "music")


def _train(arguments: argparse.Namespace, settings: TrainSettings, world: World) -> None:
    cache: Path = arguments.cache
    corpus = open_corpus(cache / "music")
    material = Material(
        corpus=corpus,
        targets=open_targets(corpus, cache / "music"),
        banks=Banks(
            noise=open_corpus(cache / "noise"),
            speech=open_corpus(cache / "speech"),
            rooms=open_corpus(cache / "rooms"),
        ),
    )
    train(
        settings,
        material,
        arguments.run,
        device=resolve_device(settings.device),
        world=world,
        stop_after_s=arguments.stop_after,
        report=lambda record: print(json.dumps(record), flush=True),
    )


if __name__ == "__main__":
    sys.exit(main())

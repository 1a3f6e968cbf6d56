"""The commands `train ...`."""

from __future__ import annotations

import json as json_module
import sys
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from realtime.cli.common import JsonOption, ends_cleanly, stderr, stdout
from realtime.cli.start import INTERRUPTED

Report = Callable[[dict[str, Any]], None]

_RUN = Path("nowhear-training")
_FOLDERS = "Needed until the cache holds it; may be given several times."

train_app = typer.Typer(no_args_is_help=True, help="Train the networks that nowhear listens with.")


class Device(StrEnum):
    """Where to train."""

    AUTO = "auto"
    CPU = "cpu"
    CUDA = "cuda"


def _folders(what: str) -> Any:
    return typer.Option(metavar="DIR", help=f"Folder of {what}. {_FOLDERS}", show_default=False)


@train_app.command()
@ends_cleanly
def fingerprint(
    music: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="MUSIC...",
            help="Folders of music, in which each artist should have a folder. Needed until the "
            "cache holds it.",
            show_default=False,
        ),
    ] = None,
    noise: Annotated[list[Path] | None, _folders("recorded noise")] = None,
    speech: Annotated[list[Path] | None, _folders("speech")] = None,
    rooms: Annotated[list[Path] | None, _folders("impulse responses of rooms")] = None,
    out: Annotated[  # not `--run`, which torchrun would take for its own --run-path
        Path,
        typer.Option(metavar="DIR", help="Folder of the run: settings, log, checkpoint, weights."),
    ] = _RUN,
    cache: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Folder for decoded sound (115 MB an hour) and the teacher's answers. "
            "\\[default: cache in the run's folder]",
            show_default=False,
        ),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="YAML file of training settings; the run's settings.json shows them all.",
            show_default=False,
        ),
    ] = None,
    begin: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Weights of an earlier run to begin with.", show_default=False
        ),
    ] = None,
    steps: Annotated[
        int | None, typer.Option(help="Steps until the run is done.", show_default=False)
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(help="Seed of weights, moments and spoiling.", show_default=False),
    ] = None,
    device: Annotated[
        Device | None, typer.Option(help="Where to train.", show_default=False)
    ] = None,
    threads: Annotated[
        int, typer.Option(min=0, help="Threads of a CPU; 0 leaves it to torch.")
    ] = 0,
    stop_after: Annotated[
        float | None,
        typer.Option(
            metavar="S", min=0, help="Stop after S seconds of training.", show_default=False
        ),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Train the small network that names songs, on folders of music.

    Decodes the sound, asks the teacher (MusiCNN) about the music, and trains.

    After a stop, by Ctrl-C as well, the same command goes on; a larger --steps makes a run longer.

    The run's folder holds weights to use at any time: `encoder: {network: FILE}` in config.yaml.

    Several processes train together under torchrun, on a GPU each or on the CPU.

    [bold]Examples[/bold]

    nowhear train fingerprint ~/Music --noise noise --speech speech --rooms rooms

    nowhear train fingerprint --out nowhear-training --steps 200000

    torchrun --nproc-per-node 2 -m realtime train fingerprint --threads 1

    tensorboard --logdir nowhear-training
    """
    from encoder.training.plan import Plan, carry_out, read_settings

    settings = read_settings(config, steps=steps, seed=seed, device=device and device.value)
    plan = Plan(
        run=out,
        cache=cache or out / "cache",
        music=tuple(music or ()),
        noise=tuple(noise or ()),
        speech=tuple(speech or ()),
        rooms=tuple(rooms or ()),
        begin=begin,
        threads=threads,
        stop_after_s=stop_after,
    )
    done = carry_out(plan, settings, report=_print_json if json else _print_report, say=_say)
    if done < settings.steps and stop_after is None:
        raise typer.Exit(INTERRUPTED)


def register(app: typer.Typer) -> None:
    """Joins the group `train` to the program's commands."""
    app.add_typer(train_app, name="train")


def _say(text: str) -> None:
    stderr.print(text, markup=False)


def _print_json(record: dict[str, Any]) -> None:
    sys.stdout.write(json_module.dumps(record) + "\n")
    sys.stdout.flush()


def _print_report(record: dict[str, Any]) -> None:
    values = {name: value for name, value in record.items() if name not in ("step", "hits")}
    words = [f"{name} {value:.4g}" for name, value in values.items()]
    words += [f"{name} {100 * hits['song']:.0f} %" for name, hits in record.get("hits", {}).items()]
    stdout.print(f"step {record['step']}: {', '.join(words)}", markup=False)

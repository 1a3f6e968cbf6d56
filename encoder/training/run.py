"""A run and its folder: settings, log, checkpoint, weights, and the loop that fills them.

``settings.json``   what the run was started with
``log.jsonl``       a line for each report: step, losses, pairs a second, hits of validation
``checkpoint.pt``   all that is needed to go on, replaced as a whole every few minutes
``weights.safetensors``  the averaged weights at that step, ready for use
``tensorboard/``    the same figures and some pictures, where TensorBoard is installed
"""

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import torch

from encoder.augment import Banks, Spoiler
from encoder.corpus import Corpus
from encoder.errors import TrainingError
from encoder.model import WindowNet
from encoder.model_file import write_net
from encoder.targets import Targets
from encoder.training.board import Board
from encoder.training.learner import Learner
from encoder.training.moments import Batch, Batches, Moments, hold_out
from encoder.training.settings import TrainSettings
from encoder.training.validate import CONDITIONS, Validation
from encoder.training.world import World

__all__ = ["Material", "Report", "train"]

_REPORT_EVERY = 50  # steps


@dataclass(frozen=True, eq=False)
class Material:
    """What a run learns from: a corpus, what the teacher says of it, sounds to spoil it with."""

    corpus: Corpus
    targets: Targets
    banks: Banks

    def to(self, device: torch.device) -> "Material":
        """The same with all samples on ``device``."""
        return Material(self.corpus.to(device), self.targets, self.banks.to(device))


Report = Callable[[dict[str, Any]], None]


def train(
    settings: TrainSettings,
    material: Material,
    folder: Path,
    *,
    device: torch.device,
    world: World | None = None,
    begin: WindowNet | None = None,
    stop_after_s: float | None = None,
    report: Report | None = None,
) -> Learner:
    """Train until ``settings.steps``, a signal (SIGINT, SIGTERM) or ``stop_after_s`` seconds.

    ``begin`` is a trained network whose weights a new run takes for its first ones. Goes on from
    the folder's checkpoint where there is one; the result is the same as without the
    interruption.

    Raises:
        TrainingError: the folder holds a run of other settings, the checkpoint does not fit, or
            the corpus cannot be divided.
    """
    world = world or World()
    run = _Run(
        settings,
        material.to(device),
        folder,
        device=device,
        world=world,
        begin=begin,
        report=report,
    )
    began_s = time.monotonic()
    with _stop_signal() as stopped:
        while run.learner.step < settings.steps:
            late = stop_after_s is not None and time.monotonic() - began_s > stop_after_s
            if world.agreed(late or stopped()):
                break
            run.step()
    run.save()
    world.wait()
    return run.learner


class _Run:
    def __init__(
        self,
        settings: TrainSettings,
        material: Material,
        folder: Path,
        *,
        device: torch.device,
        world: World,
        begin: WindowNet | None,
        report: Report | None,
    ) -> None:
        self.settings = settings
        self.folder = folder
        self.world = world
        self.report = report
        self.tags = material.targets.tags
        self.learner = Learner(settings, device=device, world=world)
        if begin is not None:
            self.learner.begin_with(begin)
        _own(folder, settings, world)
        kept, held = _divided(material.corpus, settings.held_out)
        # All tracks stay in one corpus, whose numbers the targets know; only moments are left out.
        moments = Moments.of(material.corpus)
        wanted = torch.isin(moments.track, torch.tensor(kept))
        length = self.learner.net.config.front_end.window_samples
        self.batches = Batches(
            corpus=material.corpus,
            moments=Moments(moments.track[wanted], moments.centre[wanted]),
            targets=material.targets,
            spoiler=Spoiler(settings.spoil, material.banks, length=length),
            seed=settings.seed,
            shard_pairs=settings.shard_pairs,
            shard_strangers=settings.shard_strangers,
        )
        self.shards = world.share(settings.batch_pairs // settings.shard_pairs)
        self.validation = Validation(
            material.corpus.select(held),
            material.banks,
            queries=settings.validation_queries,
            seed=settings.seed,
        )
        self._resume(device)
        step = self.learner.step
        self.board = Board(folder / "tensorboard", active=world.leads, step=step)
        self.saved_at = self.reported_at = time.monotonic()
        self.reported_step = self.learner.step
        self.sums: dict[str, float] = {}

    def step(self) -> None:
        batch = self.batches.shards(self.learner.step, self.shards)
        for name, value in self.learner.learn(batch).items():
            self.sums[name] = self.sums.get(name, 0.0) + value
        step = self.learner.step
        if not self.world.leads:
            return
        if step % _REPORT_EVERY == 0:
            self._report()
        if step % self.settings.validate_every == 0:
            self._validate(batch)
        if time.monotonic() - self.saved_at >= self.settings.checkpoint_every_s:
            self.save()

    def save(self) -> None:
        """Write checkpoint and weights, each as a whole or not at all."""
        if not self.world.leads:
            return
        with _replacing(self.folder / "checkpoint.pt") as path:
            torch.save(self.learner.state(), path)
        made = {"step": self.learner.step, "settings": self.settings.model_dump(mode="json")}
        with _replacing(self.folder / "weights.safetensors") as path:
            write_net(path, self.learner.averaged, tags=self.tags, made=made)
        self.saved_at = time.monotonic()

    def _resume(self, device: torch.device) -> None:
        path = self.folder / "checkpoint.pt"
        if path.exists():
            self.learner.load_state(torch.load(path, map_location=device, weights_only=True))

    def _validate(self, batch: Batch) -> None:
        begin = time.monotonic()
        hits = self.validation.run(self.learner.averaged, CONDITIONS)
        self._say({"hits": {name: asdict(values) for name, values in hits.items()}})
        self.board.show(self.learner.step, self.learner.averaged, batch)
        self.reported_at += time.monotonic() - begin  # the pace is that of training

    def _report(self) -> None:
        """The means since the last report, and the pace."""
        now, steps = time.monotonic(), self.learner.step - self.reported_step
        values = {name: round(value / max(1, steps), 5) for name, value in self.sums.items()}
        pace = steps * self.settings.batch_pairs / (now - self.reported_at)
        self._say(values | {"pairs_per_s": round(pace, 1)})
        self.reported_at, self.reported_step, self.sums = now, self.learner.step, {}

    def _say(self, values: dict[str, Any]) -> None:
        record = {"step": self.learner.step, **values}
        with (self.folder / "log.jsonl").open("a", encoding="utf-8") as lines:
            lines.write(json.dumps(record) + "\n")
        self.board.write(record)
        if self.report is not None:
            self.report(record)


def _own(folder: Path, settings: TrainSettings, world: World) -> None:
    """Make the folder this run's, or see that it already is."""
    path = folder / "settings.json"
    text = settings.model_dump_json(indent=1)
    if path.exists() and (folder / "checkpoint.pt").exists():
        # What a run of an older version does not say, it did as it is done by default.
        before = TrainSettings().model_dump(mode="json") | json.loads(path.read_text("utf-8"))
        now = json.loads(text)
        # A run may be made longer; all else would make it another run.
        other = sorted(key for key in now if key != "steps" and before.get(key) != now[key])
        if other:
            raise TrainingError(
                f"{folder} holds a run with another {', '.join(other)}; "
                "give the same settings to go on with it, or another folder"
            )
    world.wait()
    if world.leads:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def _divided(corpus: Corpus, share: float) -> tuple[list[int], list[int]]:
    kept, held = hold_out(corpus.names, share)
    if not kept or not held:
        raise TrainingError(
            f"{len(corpus.names)} tracks cannot be divided: {len(held)} would be held out with "
            f"held_out {share:g}; put each artist's music into a folder of its own, or change it"
        )
    return kept, held


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """A place to write to, which becomes ``path`` once it is whole and on the disk."""
    part = path.with_name(path.name + ".part")
    yield part
    with part.open("rb") as file:
        os.fsync(file.fileno())
    part.replace(path)


@contextmanager
def _stop_signal() -> Iterator[Callable[[], bool]]:
    """Says whether SIGINT or SIGTERM came, so that a run ends after a whole step."""
    came: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        came.append(number)

    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: bool(came)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

"""A whole training, from folders of sound to weights: what to take, where to keep it, the steps.

Four steps, each of which goes on where it was stopped: decode the music into a corpus, decode the
sounds to spoil it with, ask the teacher about the corpus, train.
"""

import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import yaml
from pydantic import ValidationError

from encoder.augment import Banks
from encoder.corpus import Corpus, build_corpus, open_corpus
from encoder.embedding import load_encoder
from encoder.errors import CorpusError, TrainingError
from encoder.model import WindowNet
from encoder.model_file import read_net
from encoder.running import resolve_device
from encoder.settings import EncoderSettings
from encoder.targets import build_targets, open_targets
from encoder.training.run import Material, Report, train
from encoder.training.settings import TrainSettings
from encoder.training.world import World, joined_world

__all__ = ["KINDS", "Plan", "carry_out", "read_settings"]

KINDS = ("music", "noise", "speech", "rooms")
"""What a training needs to hear, each a corpus of that name in the plan's cache."""

_SHORTEST_S = {"music": 5.0, "noise": 0.0, "speech": 1.0, "rooms": 0.0}
_TELL_EVERY_S = 60.0

Say = Callable[[str], None]


@dataclass(frozen=True)
class Plan:
    """Where a training takes its sound from and where it keeps what it makes.

    - ``run``: folder of settings, log, checkpoint and weights (:mod:`encoder.training.run`).
    - ``cache``: folder for decoded sound and the teacher's answers.
    - ``music``, ``noise``, ``speech``, ``rooms``: folders of recordings, needed until the cache
      holds them; in ``music`` each artist should have a folder.
    - ``begin``: weights file that a new run begins with; None: random weights.
    - ``threads``: of a CPU; 0 leaves it to torch.
    - ``stop_after_s``: seconds of training after which it stops, with a checkpoint.
    """

    run: Path
    cache: Path
    music: tuple[Path, ...] = ()
    noise: tuple[Path, ...] = ()
    speech: tuple[Path, ...] = ()
    rooms: tuple[Path, ...] = ()
    begin: Path | None = None
    threads: int = 0
    stop_after_s: float | None = None


def read_settings(config: Path | None, **given: Any) -> TrainSettings:
    """The settings in the YAML file ``config`` (None: the defaults), then those ``given``.

    Of ``given``, None stands for "not given".

    Raises:
        TrainingError: the file cannot be read, or holds a wrong key or value; each is named.
    """
    values: Any = {}
    if config is not None:
        try:
            values = yaml.safe_load(config.read_text(encoding="utf-8")) or {}
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            raise TrainingError(f"cannot read {config}: {' '.join(str(error).split())}") from error
        if not isinstance(values, dict):
            raise TrainingError(f"{config} holds {values!r:.40}, expected settings: KEY: VALUE")
    values |= {name: value for name, value in given.items() if value is not None}
    try:
        return TrainSettings.model_validate(values)
    except ValidationError as error:
        lines = [f"{'.'.join(map(str, e['loc'])) or 'all'}: {e['msg']}" for e in error.errors()]
        raise TrainingError("settings: " + "; ".join(lines)) from error


def carry_out(
    plan: Plan, settings: TrainSettings, *, report: Report | None = None, say: Say | None = None
) -> int:
    """Do what is still to be done of ``plan``; gives the steps that the run has now.

    Fewer than ``settings.steps`` when it was stopped: by SIGINT or SIGTERM, which end it after a
    whole step with a checkpoint, or by ``plan.stop_after_s``. The same call goes on. Under
    torchrun all processes train together, and the first prepares and speaks.

    Raises:
        CorpusError: sound is missing, or what the cache holds does not fit.
        DeviceError: ``cuda`` was asked for and is not there.
        TrainingError: the run cannot start or go on.
        WeightsError: those to begin with cannot be read.
    """
    if plan.threads:
        torch.set_num_threads(plan.threads)
    begin = None
    if plan.begin is not None:
        begin, _tags = read_net(plan.begin)
        digest = hashlib.sha256(plan.begin.read_bytes()).hexdigest()
        settings = settings.model_copy(update={"begun_from": digest})
    device = resolve_device(settings.device)
    with joined_world(cuda=device.type == "cuda") as world:
        tell = say if say is not None and world.leads else _say_nothing
        if world.leads:
            with _torch_as_it_was():
                _prepare(plan, settings, tell)
        world.wait()
        step = _train(plan, settings, begin=begin, device=device, world=world, report=report)
        if step < settings.steps:
            tell(f"stopped after step {step} of {settings.steps}; the same command goes on")
        else:
            tell(f"done: {plan.run / 'weights.safetensors'}")
        return step


def _say_nothing(_text: str) -> None:
    pass


def _train(
    plan: Plan,
    settings: TrainSettings,
    *,
    begin: WindowNet | None,
    device: torch.device,
    world: World,
    report: Report | None,
) -> int:
    corpus = open_corpus(plan.cache / "music")
    banks = {kind: open_corpus(plan.cache / kind) for kind in KINDS if kind != "music"}
    targets = open_targets(corpus, plan.cache / "music")
    _require_fit(settings, targets.style_dim, len(targets.tags))
    try:
        learner = train(
            settings,
            Material(corpus=corpus, targets=targets, banks=Banks(**banks)),
            plan.run,
            device=device,
            world=world,
            begin=begin,
            stop_after_s=plan.stop_after_s,
            report=report,
        )
    except torch.OutOfMemoryError as error:
        raise TrainingError(
            f"the GPU's memory does not hold {corpus.duration_s / 3600:.1f} h of music and batches "
            f"of {settings.batch_pairs} pairs; make batch_pairs smaller, or set device to 'cpu'"
        ) from error
    return learner.step


def _require_fit(settings: TrainSettings, style_dim: int, tags: int) -> None:
    if (settings.style_dim, settings.tags) != (style_dim, tags):
        raise TrainingError(
            f"settings want {settings.style_dim} values of style and {settings.tags} tags, the "
            f"teacher gives {style_dim} and {tags}; set style_dim and tags to that"
        )


def _prepare(plan: Plan, settings: TrainSettings, say: Say) -> None:
    for kind in KINDS:
        folders: tuple[Path, ...] = getattr(plan, kind)
        if folders:
            _decode(kind, folders, plan.cache / kind, say)
        elif not (plan.cache / f"{kind}.jsonl").exists():
            raise CorpusError(
                f"there is no corpus at {plan.cache / kind}: name a folder of {kind} to decode"
            )
    corpus = open_corpus(plan.cache / "music")
    try:
        open_targets(corpus, plan.cache / "music")
    except CorpusError:
        _ask_teacher(corpus, plan.cache / "music", settings, say)


def _decode(kind: str, folders: tuple[Path, ...], cache: Path, say: Say) -> None:
    _refuse_doubles(folders)
    tell = _seldom(say)
    decoded = 0

    def count(_: object) -> None:
        nonlocal decoded
        decoded += 1
        tell(f"decoding {kind}: {decoded} files")

    for folder in folders:
        tracks = build_corpus(folder, cache, min_track_s=_SHORTEST_S[kind], on_track=count)
    kept = sum(track.samples > 0 for track in tracks)
    say(f"{kind}: {kept} files, {len(tracks) - kept} left out (too short, or no sound)")


def _refuse_doubles(folders: tuple[Path, ...]) -> None:
    """Files of one corpus are known by their paths inside their folder."""
    seen: dict[str, Path] = {}
    for folder in folders:
        for path in folder.rglob("*"):
            name = path.relative_to(folder).as_posix()
            if path.is_file() and seen.setdefault(name, folder) != folder:
                raise CorpusError(
                    f"both {seen[name]} and {folder} hold {name}, expected each name once; give "
                    "a folder that holds both of them"
                )


def _ask_teacher(corpus: Corpus, cache: Path, settings: TrainSettings, say: Say) -> None:
    tracks = len(corpus.names)
    say(f"asking the teacher about {tracks} tracks, {corpus.duration_s / 3600:.1f} h ...")
    tell = _seldom(say)
    teacher = load_encoder(EncoderSettings(device=settings.device))

    def count(track: int) -> None:
        tell(f"asking the teacher: {track + 1} of {tracks} tracks")

    build_targets(corpus, teacher, cache, on_track=count)


def _seldom(say: Say) -> Say:
    """``say``, but silent for a minute after each word."""
    said = time.monotonic()

    def tell(text: str) -> None:
        nonlocal said
        if time.monotonic() - said >= _TELL_EVERY_S:
            say(text)
            said = time.monotonic()

    return tell


@contextmanager
def _torch_as_it_was() -> Iterator[None]:
    """An encoder sets torch up for itself; training wants it as the other processes have it."""
    threads, rounded = torch.get_num_threads(), torch.backends.cudnn.allow_tf32
    try:
        yield
    finally:
        torch.set_num_threads(threads)
        torch.backends.cudnn.allow_tf32 = rounded

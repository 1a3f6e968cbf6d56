"""Genres and tags from sound: the small network tuned to them, see `encoder.training.finetune`.

The tracks' sound is decoded once into `datasets/NAME.i16` in the catalog's folder, 115 MB an hour.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import LearningError
from .comparing import Figures, Outcome, judge
from .material import Material
from .styles import kept_sound

if TYPE_CHECKING:
    from encoder.corpus import Corpus
    from encoder.training.finetune import Examples

Report = Callable[[dict[str, float]], None]
Tell = Callable[[int, int, str], None]
MIN_TRACK_S = 1.0


def tuned(
    material: Material,
    files: Mapping[str, Path],
    folder: Path,
    *,
    network: Path | None,
    seed: int,
    device: Any = "auto",
    epochs: int | None = None,
    stop_after_s: float | None = None,
    tell: Tell | None = None,
    report: Report | None = None,
) -> Outcome:
    """The small network (weights at `network`, None: those that ship) tuned to the material.

    `files` are the tracks' audio files by key, `folder` is the catalog's.

    Raises `LearningError`: no track has a file, or none in a split. `EncoderError`.
    """
    from encoder.model_file import read_net
    from encoder.network import SHIPPED_NETWORK
    from encoder.training.finetune import FineTuneSettings, finetune, told

    corpus, numbers = _corpus(material, files, folder, tell)
    have = np.array([track.key in numbers for track in material.tracks], bool)
    material = material.where(have, reason="no audio that can be decoded")
    material.require()
    net, _ = read_net(network or SHIPPED_NETWORK)
    given = {} if epochs is None else {"epochs": epochs}
    settings = FineTuneSettings(seed=seed, device=device, **given)
    learnt, held, asked = (
        _examples(material, numbers, split) for split in ("training", "validation", "test")
    )
    model = finetune(
        net,
        corpus,
        learnt,
        held,
        kind="labels" if material.of_tags else "classes",
        names=material.names,
        settings=settings,
        stop_after_s=stop_after_s,
        report=report,
    )

    def judged(examples: Examples, split: str) -> Figures:
        answers = told(model, corpus, examples.tracks, settings=settings)
        return judge(answers, material, material.divided.rows(split))

    name = f"fine-tuned network ({model.figures['epochs']:.0f} epochs)"
    return Outcome(name, judged(held, "validation"), judged(asked, "test"), model)


def _examples(material: Material, numbers: Mapping[str, int], split: str) -> Examples:
    """The tracks of a split by their numbers in the corpus, with what they are."""
    from encoder.training.finetune import Examples

    rows = material.divided.rows(split)
    return Examples([numbers[material.tracks[row].key] for row in rows.tolist()], material.y[rows])


def _corpus(
    material: Material, files: Mapping[str, Path], folder: Path, tell: Tell | None
) -> tuple[Corpus, dict[str, int]]:
    """The decoded tracks, and the number of each by its key."""
    from encoder.corpus import build_corpus, open_corpus

    wanted = {track.key: files[track.key] for track in material.tracks if track.key in files}
    if not wanted:
        raise LearningError(
            f"{material.dataset}: no track has an audio file to tune a network with; import the "
            "dataset with its audio, or leave out --finetune"
        )
    # From the root, so that files that come later do not give those that are there other names.
    home = Path(next(iter(wanted.values())).anchor)
    names = {path.relative_to(home).as_posix(): key for key, path in wanted.items()}
    done = 0

    def count(_track: object) -> None:
        nonlocal done
        done += 1
        if tell is not None:
            tell(done, len(names), "decoding")

    with kept_sound(folder) as kept:
        place = kept / material.dataset
        build_corpus(home, place, min_track_s=MIN_TRACK_S, only=names, on_track=count)
        corpus = open_corpus(place)
    return corpus, {
        names[name]: number for number, name in enumerate(corpus.names) if name in names
    }

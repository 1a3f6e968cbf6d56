"""Fine-tuning the small network to classes or labels: first a head alone, then all of it, slowly.

A head on a frozen trunk comes first, since its first, random weights would else shake loose what
the trunk knows (Kumar et al., "Fine-tuning can distort pretrained features and underperform
out-of-distribution", ICLR 2022). Then the whole network learns at a low rate from a stretch drawn
anew from each track in each epoch, until a part of the tracks that it does not learn from is told
worse. If no epoch tells them better than the head alone did, the head alone is the result.
"""

import copy
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor, nn
from torch.nn import functional

from encoder.corpus import Corpus
from encoder.errors import TrainingError
from encoder.heads import HeadSettings, fit_head
from encoder.model import WindowNet
from encoder.running import resolve_device
from encoder.settings import DeviceChoice
from encoder.training.moments import seeded
from encoder.tuned_net import TunedKind, TunedModel, TunedNet

__all__ = ["Examples", "FineTuneSettings", "finetune", "told"]

Report = Callable[[dict[str, float]], None]
_MAX_GRADIENT = 1.0  # a longer gradient is shortened: a rare bad batch must not undo the trunk


class FineTuneSettings(BaseModel):
    """How a network is tuned. Equal settings and sound on one machine give equal networks.

    Frozen, and an unknown key is refused by name (pydantic's ``ValidationError``).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    seed: int = Field(default=1, ge=0, description="Of the head, the order and the stretches.")
    stretch_s: float = Field(default=4.0, ge=2, le=60, description="Heard of a track in a step.")
    stretches: int = Field(
        default=5, ge=1, description="Evenly spaced stretches by which a track is judged."
    )
    batch_tracks: int = Field(default=32, ge=1, description="Tracks in a step.")
    epochs: int = Field(default=30, ge=0, description="Most epochs of the whole network.")
    patience: int = Field(
        default=5, ge=1, description="Epochs without a better validation loss, then it ends."
    )
    net_rate: float = Field(
        default=1e-4,
        gt=0,
        description="AdamW's learning rate of the trunk; reached by the end of the first epoch.",
    )
    head_rate: float = Field(default=1e-3, gt=0, description="AdamW's learning rate of the head.")
    weight_decay: float = Field(default=0.01, ge=0, description="AdamW's, of weights alone.")
    dropout: float = Field(default=0.3, ge=0, lt=1, description="Before the head.")
    device: DeviceChoice = Field(default="auto", description="'cpu', 'cuda', or 'auto'.")


@dataclass(frozen=True, eq=False)
class Examples:
    """Tracks of a corpus and what is known of each.

    - ``tracks``: their numbers in the corpus.
    - ``y``: ``(n,)`` numbers of classes, or labels ``(n, k)`` from 0 to 1, NaN where unknown.
    """

    tracks: Sequence[int]
    y: NDArray[Any]


def finetune(
    net: WindowNet,
    corpus: Corpus,
    learn: Examples,
    validation: Examples,
    *,
    kind: TunedKind,
    names: Sequence[str],
    settings: FineTuneSettings,
    stop_after_s: float | None = None,
    report: Report | None = None,
) -> TunedModel:
    """``net`` with a head for ``names``, tuned to ``learn`` and stopped by ``validation``.

    ``net`` itself is left as it is. ``report`` hears ``epoch``, ``loss`` and ``validation_loss``
    of each epoch; epoch 0 is the head alone. ``stop_after_s`` seconds end it after a step.

    Raises:
        TrainingError: there is nothing to learn from, or nothing to be stopped by.
        DeviceError: ``cuda`` was asked for and is not there.
    """
    if not len(learn.tracks) or not len(validation.tracks):
        raise TrainingError(
            f"{len(learn.tracks)} tracks to learn from and {len(validation.tracks)} to be stopped "
            "by, expected at least one of each"
        )
    device = resolve_device(settings.device)
    tuning = _Tuning(net, corpus, learn, validation, kind, names, settings, device)
    return tuning.run(stop_after_s, report or (lambda _: None))


def told(
    model: TunedModel, corpus: Corpus, tracks: Sequence[int], *, settings: FineTuneSettings
) -> NDArray[np.float32]:
    """Probabilities ``(n, k)`` of ``tracks``: the mean over evenly spaced stretches of each."""
    sound = _Sound(corpus, settings)
    device = model.net.head.weight.device
    model.net.eval()
    rows = []
    with torch.inference_mode():
        for part in _parts(list(tracks), settings):
            scores = model.net(sound.even(part).to(device))  # (tracks * stretches, k)
            rows.append(model.probabilities(scores).view(len(part), settings.stretches, -1).mean(1))
    told: NDArray[np.float32] = torch.cat(rows).cpu().numpy()
    return told


class _Sound:
    """Stretches of the tracks of a corpus; what lies beyond a track's end is silent."""

    def __init__(self, corpus: Corpus, settings: FineTuneSettings) -> None:
        self._corpus = corpus
        self._stretches = settings.stretches
        self._length = round(settings.stretch_s * corpus.sample_rate_hz)

    def drawn(self, tracks: Sequence[int], generator: torch.Generator) -> Tensor:
        """A stretch from anywhere in each track, ``(B, T)``."""
        rows = torch.tensor(tracks)
        return self._cut(rows, torch.rand(len(rows), generator=generator, dtype=torch.float64))

    def even(self, tracks: Sequence[int]) -> Tensor:
        """Evenly spaced stretches of each track, ``(B * stretches, T)``, a track's together."""
        places = (torch.arange(self._stretches, dtype=torch.float64) + 0.5) / self._stretches
        rows = torch.tensor(tracks).repeat_interleave(self._stretches)
        return self._cut(rows, places.repeat(len(tracks)))

    def _cut(self, rows: Tensor, places: Tensor) -> Tensor:
        room = (self._corpus.lengths[rows] - self._length).clamp(min=0)
        first = (places * room).long()
        samples = self._corpus.cut(self._corpus.starts[rows] + first, self._length)
        beyond = torch.arange(self._length) >= (self._corpus.lengths[rows] - first)[:, None]
        return samples.masked_fill(beyond.to(samples.device), 0)


class _Tuning:
    def __init__(
        self,
        net: WindowNet,
        corpus: Corpus,
        learn: Examples,
        validation: Examples,
        kind: TunedKind,
        names: Sequence[str],
        settings: FineTuneSettings,
        device: torch.device,
    ) -> None:
        self.corpus, self.learn, self.validation = corpus, learn, validation
        self.kind: TunedKind = kind
        self.names = tuple(names)
        self.settings, self.device = settings, device
        self.sound = _Sound(corpus, settings)
        begun = copy.deepcopy(net).requires_grad_(True)
        self.net = TunedNet(begun, len(names), dropout=settings.dropout).to(device)

    def run(self, stop_after_s: float | None, report: Report) -> TunedModel:
        began_s = time.monotonic()
        head_loss = self._fit_head()
        best, figures = copy.deepcopy(self.net), {"epochs": 0.0}
        lowest = self._validation_loss()
        report({"epoch": 0, "loss": head_loss, "validation_loss": lowest})
        optimizer = self._optimizer()
        for epoch in range(1, self.settings.epochs + 1):
            left_s = None if stop_after_s is None else stop_after_s - time.monotonic() + began_s
            loss, whole = self._epoch(epoch, optimizer, left_s)
            if not whole:
                break
            now = self._validation_loss()
            report({"epoch": epoch, "loss": loss, "validation_loss": now})
            if now < lowest:
                best, lowest, figures = copy.deepcopy(self.net), now, {"epochs": float(epoch)}
            elif epoch - figures["epochs"] >= self.settings.patience:
                break
        return TunedModel(
            net=best.eval().requires_grad_(False),
            kind=self.kind,
            names=self.names,
            figures=figures | {"validation_loss": lowest},
            made={"settings": self.settings.model_dump(mode="json")},
        )

    def _fit_head(self) -> float:
        """Fit the head on the trunk as it is; gives its loss."""
        parts = (self.learn, self.validation)
        each = self.settings.stretches
        (x, y), held = ((self._hidden(p.tracks), np.repeat(p.y, each, axis=0)) for p in parts)
        settings = HeadSettings(
            seed=self.settings.seed, dropout=self.settings.dropout, device=self.settings.device
        )
        head = fit_head(x, y, kind=self.kind, settings=settings, validation=held, names=self.names)
        weights = head.tensors
        # The head's scaling of its inputs becomes part of its weights.
        slope = weights["1.weight"] / weights["spread"]
        with torch.no_grad():
            self.net.head.weight.copy_(slope)
            self.net.head.bias.copy_(weights["1.bias"] - slope @ weights["mean"])
        return float(head.figures["loss"])

    def _hidden(self, tracks: Sequence[int]) -> NDArray[np.float32]:
        self.net.eval()
        with torch.inference_mode():
            parts = (self.sound.even(part) for part in _parts(list(tracks), self.settings))
            rows = torch.cat([self.net.hidden(part.to(self.device)).cpu() for part in parts])
        hidden: NDArray[np.float32] = rows.numpy()
        return hidden

    def _epoch(
        self, epoch: int, optimizer: torch.optim.Optimizer, left_s: float | None
    ) -> tuple[float, bool]:
        """The mean loss, and whether the time was enough for the whole epoch."""
        began_s, total = time.monotonic(), 0.0
        generator = seeded(self.settings.seed, epoch)
        order = torch.randperm(len(self.learn.tracks), generator=generator)
        self.net.train()
        with torch.random.fork_rng(devices=[self.device] if self.device.type == "cuda" else []):
            torch.manual_seed(generator.initial_seed())  # of what dropout drops
            parts = torch.split(order, self.settings.batch_tracks)
            for step, rows in enumerate(parts, start=1):
                # AdamW's first steps are as long as its later ones, whatever the gradient.
                _set_rates(optimizer, step / len(parts) if epoch == 1 else 1.0)
                if left_s is not None and time.monotonic() - began_s > left_s:
                    return total, False
                tracks = [self.learn.tracks[row] for row in rows.tolist()]
                samples = self.sound.drawn(tracks, generator).to(self.device)
                loss = self._loss(self.net(samples), self.learn.y[rows.numpy()])
                optimizer.zero_grad(set_to_none=True)
                loss.backward()  # type: ignore[no-untyped-call]
                nn.utils.clip_grad_norm_(self.net.parameters(), _MAX_GRADIENT)
                optimizer.step()
                total += float(loss.detach()) * len(tracks) / len(order)
        return total, True

    def _validation_loss(self) -> float:
        """Of the mean probabilities over each track's stretches: what the model is judged by."""
        model = TunedModel(net=self.net, kind=self.kind, names=self.names)
        rows = told(model, self.corpus, self.validation.tracks, settings=self.settings)
        probabilities = torch.from_numpy(rows).double().clamp(1e-9, 1 - 1e-9)
        scores = probabilities.log() if self.kind == "classes" else probabilities.logit()
        return float(self._loss(scores.to(self.device), self.validation.y))

    def _loss(self, scores: Tensor, y: NDArray[Any]) -> Tensor:
        if self.kind == "classes":
            return functional.cross_entropy(scores, torch.from_numpy(y).long().to(self.device))
        truth = torch.from_numpy(np.asarray(y)).to(scores)
        known = ~torch.isnan(truth)
        each = functional.binary_cross_entropy_with_logits(
            scores, truth.where(known, 0), reduction="none"
        )
        return (each * known).sum() / known.sum().clamp(min=1)

    def _optimizer(self) -> torch.optim.Optimizer:
        settings = self.settings
        rates = ((self.net.net, settings.net_rate), (self.net.head, settings.head_rate))
        groups = []
        for part, rate in rates:
            for weights in (True, False):
                decay = settings.weight_decay if weights else 0.0
                chosen = [p for p in part.parameters() if (p.ndim > 1) == weights]
                group = {"params": chosen, "lr": rate, "highest": rate, "weight_decay": decay}
                groups.append(group)
        return torch.optim.AdamW(groups)


def _set_rates(optimizer: torch.optim.Optimizer, share: float) -> None:
    for group in optimizer.param_groups:
        group["lr"] = group["highest"] * share


def _parts(tracks: list[int], settings: FineTuneSettings) -> list[list[int]]:
    """The tracks in parts whose stretches together are about a batch."""
    step = max(1, settings.batch_tracks // settings.stretches)
    return [tracks[first : first + step] for first in range(0, len(tracks), step)]

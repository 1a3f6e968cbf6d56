"""The network with all that a step changes: weights, their average, optimizer, step number."""

import copy
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from encoder.errors import TrainingError
from encoder.model import Heads, ModelConfig, WindowNet
from encoder.training.loss import (
    alike,
    contrastive_loss,
    look_alike,
    memory_loss,
    style_loss,
    tag_loss,
)
from encoder.training.memory import Memory, Seen
from encoder.training.moments import Batch
from encoder.training.settings import TrainSettings
from encoder.training.world import World

__all__ = ["Learner"]

_MAX_GRADIENT = 1.0  # a longer gradient is shortened: a rare bad batch must not undo hours


class _PairNet(nn.Module):
    """Both windows of each pair through one network, with the pictures that it saw."""

    def __init__(self, net: WindowNet) -> None:
        super().__init__()
        self.net = net

    def forward(self, samples: Tensor) -> tuple[Heads, Tensor]:
        pictures = self.net.log_mel(samples)
        return self.net.from_log_mel(pictures), pictures


class Learner:
    """Learns from batches; ``net`` is trained and ``averaged`` is what to use.

    ``averaged`` follows ``net`` slowly, which takes the noise of single steps out of it and
    makes it fit for use at any time, without waiting for the learning rate to fall.
    """

    def __init__(self, settings: TrainSettings, *, device: torch.device, world: World) -> None:
        self.settings = settings
        self.device = device
        self.world = world
        self.step = 0
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(settings.seed)
            config = ModelConfig(
                channels=settings.channels,
                hidden=settings.hidden,
                style_dim=settings.style_dim,
                tags=settings.tags,
            )
            self.net = WindowNet(config).to(device)
        self.averaged = copy.deepcopy(self.net).eval().requires_grad_(False)
        self.memory = Memory(settings.memory, sample_rate_hz=config.front_end.sample_rate_hz)
        self._pairs: nn.Module = _PairNet(self.net)
        if world.size > 1:
            self._pairs = DistributedDataParallel(self._pairs)
        decayed = [p for p in self.net.parameters() if p.ndim > 1]
        others = [p for p in self.net.parameters() if p.ndim <= 1]
        self.optimizer = torch.optim.AdamW(
            [
                {"params": decayed, "weight_decay": settings.weight_decay},
                {"params": others, "weight_decay": 0.0},
            ],
            lr=settings.learning_rate,
        )

    def learn(self, batch: Batch) -> dict[str, float]:
        """Take one step on this process's part of a batch; gives the losses by name."""
        for group in self.optimizer.param_groups:
            group["lr"] = self.settings.learning_rate_at(self.step)
        losses = self._losses(batch)
        total = (
            # Every process holds the whole contrastive loss, of which it passes back its own
            # rows' part; the mean over processes would be too small by their number.
            (losses["contrastive"] + losses.get("strangers", 0)) * self.world.size
            + losses["style"] * self.settings.style_weight
            + losses["tags"] * self.settings.tag_weight
        )
        self.optimizer.zero_grad(set_to_none=True)
        total.backward()  # type: ignore[no-untyped-call]
        norm = nn.utils.clip_grad_norm_(self.net.parameters(), _MAX_GRADIENT)
        self.optimizer.step()
        self._follow()
        self.step += 1
        return {name: float(loss.detach()) for name, loss in losses.items()} | {
            "gradient": float(norm)
        }

    def begin_with(self, net: WindowNet) -> None:
        """Take the weights of a trained network for the first ones.

        Raises:
            TrainingError: it is of other sizes.
        """
        if net.config != self.net.config:
            raise TrainingError(
                f"the weights to begin with are of {net.config}, the settings want "
                f"{self.net.config}; set channels, hidden, style_dim and tags to theirs"
            )
        for own in (self.net, self.averaged):
            own.load_state_dict(net.state_dict())

    def state(self) -> dict[str, Any]:
        """All that a later process needs to go on as if there had been no interruption."""
        return {
            "step": self.step,
            "net": self.net.state_dict(),
            "averaged": self.averaged.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "memory": self.memory.state(),
        }

    def load_state(self, state: dict[str, Any]) -> None:
        """Go on from what :meth:`state` gave.

        Raises:
            TrainingError: it is of a network of other sizes.
        """
        try:
            self.net.load_state_dict(state["net"])
            self.averaged.load_state_dict(state["averaged"])
            self.optimizer.load_state_dict(state["optimizer"])
            self.memory.load_state(state.get("memory", {}))  # runs of before had none
            self.step = int(state["step"])
        except (KeyError, RuntimeError, ValueError) as error:
            raise TrainingError(
                f"the checkpoint does not fit this run's network: {error}"
            ) from error

    def _losses(self, batch: Batch) -> dict[str, Tensor]:
        pairs = len(batch.clean)
        with self._autocast():
            samples = torch.cat([batch.clean, batch.spoiled, batch.strangers])
            heads, pictures = self._pairs(samples)
        prints = heads.fingerprint[:, 0].split([pairs, pairs, len(batch.strangers)])  # (., D) each
        clean_and_strangers = torch.cat([pictures[:pairs], pictures[2 * pairs :]])
        teacher_style, teacher_tags = batch.style.repeat(2, 1), batch.tags.repeat(2, 1)
        return self._contrastive(prints, clean_and_strangers, batch.centre) | {
            "style": style_loss(heads.style[: 2 * pairs, 0], teacher_style),
            "tags": tag_loss(heads.tag_logits[: 2 * pairs, 0], teacher_tags),
        }

    def _contrastive(
        self, prints: tuple[Tensor, ...], pictures: Tensor, centres: Tensor
    ) -> dict[str, Tensor]:
        """Losses of ``prints``, which are of clean windows, of spoiled ones and of strangers;
        ``pictures`` of the clean ones and of the strangers.

        ``contrastive``: among the batch's windows; with a memory, the mean of that and among
        those of before. ``strangers``: where there are some, among the music of both.
        """
        gathered, temperature = self.world.gathered, self.settings.temperature
        clean, spoiled = gathered(prints[0]), gathered(prints[1])
        strangers = gathered(prints[2]) if len(prints[2]) else None
        looks = gathered(look_alike(pictures[: len(centres)]))
        among = contrastive_loss(
            clean,
            spoiled,
            temperature=temperature,
            alike=alike(looks, looks),
            strangers=strangers,
        )
        if not self.settings.memory and strangers is None:
            return {"contrastive": among}
        with torch.no_grad(), self._autocast():
            keys = self.averaged.from_log_mel(pictures).fingerprint[:, 0].float()
        now = Seen(gathered(keys[: len(centres)]), looks.float(), gathered(centres))
        others = self.memory.others(now)
        self.memory.put(now)
        losses = {"contrastive": among}
        if others is not None:
            before = memory_loss(
                torch.cat([clean, spoiled]).float(),
                now.keys.repeat(2, 1),
                others[0],
                temperature=temperature,
                same=others[1].repeat(2, 1),
            )
            losses["contrastive"] = (among + before) / 2
        if strangers is not None:
            # Each chooses its own key: told no more than to be far from keys of the averaged
            # network, the network ran ahead of its average, and noise that it had never heard
            # came nearer to music than before.
            music = now.keys if others is None else torch.cat([now.keys, others[0]])
            losses["strangers"] = memory_loss(
                strangers.float(),
                gathered(keys[len(centres) :]),
                music,
                temperature=temperature,
                same=torch.zeros(len(strangers), len(music), dtype=torch.bool, device=music.device),
            )
        return losses

    def _autocast(self) -> torch.autocast:
        low = self.settings.precision == "bfloat16"
        return torch.autocast(self.device.type, torch.bfloat16, enabled=low)

    def _follow(self) -> None:
        # The average of few steps must not hang on to the first, random weights.
        share = min(self.settings.average, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            for slow, fast in zip(self.averaged.parameters(), self.net.parameters(), strict=True):
                slow.lerp_(fast, 1 - share)

"""Settings of a training run; every default once, with its unit."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from encoder.augment.settings import SpoilSettings
from encoder.settings import DeviceChoice

__all__ = ["TrainSettings"]


class TrainSettings(BaseModel):
    """What a run does. Two runs with equal settings and data on one machine end equal.

    Frozen, and an unknown key is refused by name (pydantic's ``ValidationError``).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    seed: int = Field(default=1, ge=0, description="Of first weights, moments and spoiling.")
    steps: int = Field(default=100_000, ge=1, description="Steps until the run is done.")
    batch_pairs: int = Field(default=128, ge=2, description="Pairs in a step, of all processes.")
    shard_pairs: int = Field(
        default=16,
        ge=1,
        description="Pairs that are drawn together, each shard from its own seed; so the same "
        "pairs come about however many processes share them.",
    )
    learning_rate: float = Field(default=1e-3, gt=0, description="AdamW's, at its highest.")
    weight_decay: float = Field(default=0.01, ge=0, description="AdamW's.")
    warmup_steps: int = Field(default=500, ge=0, description="Steps until it is at its highest.")
    decay_share: float = Field(
        default=0.2, ge=0, le=1, description="Last part of the steps, in which it falls to 0."
    )
    temperature: float = Field(default=0.05, gt=0, description="Of the contrastive loss.")
    memory: int = Field(
        default=0,
        ge=0,
        description="Clean windows of earlier steps that pairs are held against too; for a run "
        "that begins with trained weights, whose vectors change slowly.",
    )
    shard_strangers: int = Field(
        default=0,
        ge=0,
        description="Windows of noise or speech alone drawn with each shard, which are to be "
        "like no music.",
    )
    begun_from: str | None = Field(
        default=None,
        description="SHA-256 of the weights file that the run began with; null: random weights.",
    )
    style_weight: float = Field(default=1.0, ge=0, description="Of the style loss.")
    tag_weight: float = Field(default=1.0, ge=0, description="Of the tag loss.")
    average: float = Field(
        default=0.999, ge=0, lt=1, description="Share that the averaged weights keep in a step."
    )
    precision: Literal["float32", "bfloat16"] = Field(
        default="bfloat16", description="Of convolutions in training; weights stay float32."
    )
    device: DeviceChoice = Field(default="auto", description="'cpu', 'cuda', or 'auto'.")
    held_out: float = Field(
        default=0.08, gt=0, lt=1, description="Share of the folders kept for validation."
    )
    validate_every: int = Field(default=1000, ge=1, description="Steps between validations.")
    validation_queries: int = Field(default=80, ge=1, description="Queries of each condition.")
    checkpoint_every_s: float = Field(default=180, ge=0, description="Between checkpoints, in s.")
    channels: tuple[int, ...] = Field(default=(32, 64, 128, 192, 256), description="Of the model.")
    hidden: int = Field(default=512, ge=1, description="Width before the model's heads.")
    style_dim: int = Field(default=200, ge=1, description="Of the style: the teacher's.")
    tags: int = Field(default=50, ge=1, description="Number of tags: the teacher's.")
    spoil: SpoilSettings = Field(default=SpoilSettings(), description="How sound is spoiled.")

    @model_validator(mode="after")
    def _whole_shards(self) -> "TrainSettings":
        if self.batch_pairs % self.shard_pairs:
            raise ValueError(
                f"batch_pairs {self.batch_pairs} is no multiple of shard_pairs {self.shard_pairs}"
            )
        return self

    def learning_rate_at(self, step: int) -> float:
        """Straight up, level, straight down: a longer run is the same but for its end.

        >>> settings = TrainSettings(steps=1000, warmup_steps=100, learning_rate=1.0)
        >>> [settings.learning_rate_at(step) for step in (49, 500, 900)]
        [0.5, 1.0, 0.5]
        """
        up = (step + 1) / self.warmup_steps if self.warmup_steps else 1.0
        decay_steps = self.steps * self.decay_share
        down = (self.steps - step) / decay_steps if decay_steps else 1.0
        return self.learning_rate * max(0.0, min(1.0, up, down))

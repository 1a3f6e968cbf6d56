"""Spoiling sound for training, as tensor code on whole batches: the same on CPU and GPU."""

from encoder.augment.chain import Banks, Spoiler
from encoder.augment.draw import Draw
from encoder.augment.settings import SpoilSettings

__all__ = ["Banks", "Draw", "SpoilSettings", "Spoiler"]

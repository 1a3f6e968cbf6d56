"""The folders that an evaluation draws on, and what they hold for spoiling."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from .conditions import Condition, needed
from .recordings import Bank, read_folder, read_rooms, spoken
from .responses import simulated_rooms
from .spoiling import Workshop

__all__ = ["Material", "workshop_of"]

Samples = NDArray[np.float32]

_SIMULATED_ROOMS = 12


@dataclass(frozen=True)
class Material:
    """Folders: `songs` make the catalog with the `distractors`, which are never asked for; queries
    from `outsiders` have no answer. The others hold what queries are spoiled with."""

    songs: Path
    distractors: Sequence[Path] = ()
    outsiders: Path | None = None
    noise: Path | None = None
    rooms: Path | None = None
    speech: Path | None = None


def workshop_of(
    material: Material, conditions: Sequence[Condition], *, seed: int, sample_rate_hz: int
) -> Workshop:
    """Everything that folders are given for, and the simulated rooms if they are needed.

    Raises `EvaluationError`: a folder holds nothing that can be used, pyroomacoustics is missing.
    """
    rng = np.random.default_rng([seed, 1])
    banks: dict[Literal["noise", "speech"], Bank] = {}
    rooms: dict[Literal["measured", "simulated"], Sequence[Samples]] = {}
    if material.noise is not None:
        banks["noise"] = Bank(read_folder(material.noise, sample_rate_hz=sample_rate_hz))
    if material.speech is not None:
        words = read_folder(material.speech, sample_rate_hz=sample_rate_hz)
        banks["speech"] = spoken(words, rng, sample_rate_hz=sample_rate_hz)
    if material.rooms is not None:
        rooms["measured"] = read_rooms(material.rooms, sample_rate_hz=sample_rate_hz)
    if "simulated" in needed(conditions):
        rooms["simulated"] = simulated_rooms(rng, _SIMULATED_ROOMS, sample_rate_hz=sample_rate_hz)
    return Workshop(sample_rate_hz, banks, rooms)

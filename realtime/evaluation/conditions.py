"""The conditions under which naming is measured: what lies between the song and the microphone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from encoder.coding import AAC_32K, MP3_32K, OPUS_16K, Coding

__all__ = ["CONDITIONS", "FASTEST", "Condition", "Material", "chosen", "needed"]

Material = Literal["noise", "speech", "measured", "simulated"]
"""What a condition needs beside the song: folders of noise, speech or room responses, or rooms
that are simulated."""

_FINEST_RATE = 1000  # largest denominator of a playback rate


@dataclass(frozen=True)
class Condition:
    """One way to spoil a query; steps that are not named are left out.

    In this order: `speed` (time and pitch together) and `tempo` (time alone) as factors, above 1
    is faster; `room`; `telephone` band of 300 to 3400 Hz; `coding`; then `beside` is added so that
    the music is `snr_db` louder than it.
    """

    name: str
    title: str
    speed: float = 1.0
    tempo: float = 1.0
    room: Literal["measured", "simulated"] | None = None
    telephone: bool = False
    coding: Coding | None = None
    beside: Literal["noise", "speech"] | None = None
    snr_db: float = 0.0

    @property
    def rate(self) -> float:
        """Samples of the song in a sample of the query."""
        return self.speed * self.tempo

    @property
    def speed_ratio(self) -> Fraction:
        """`speed` as a ratio of small whole numbers, exactly what is played."""
        return Fraction(self.speed).limit_denominator(_FINEST_RATE)


def _speeds() -> list[Condition]:
    return [
        Condition(f"speed-{speed:.2f}", f"speed {speed:.2f}", speed=speed)
        for speed in (0.92, 0.96, 1.04, 1.08)
    ]


_ALL = (
    Condition("clean", "clean"),
    Condition("noise-10", "noise 10 dB", beside="noise", snr_db=10),
    Condition("noise-5", "noise 5 dB", beside="noise", snr_db=5),
    Condition("noise-0", "noise 0 dB", beside="noise", snr_db=0),
    Condition("room-5", "measured room, noise 5 dB", room="measured", beside="noise", snr_db=5),
    Condition(
        "phone-5",
        "loudspeaker, simulated room, phone, noise 5 dB",
        room="simulated",
        beside="noise",
        snr_db=5,
    ),
    *_speeds(),
    Condition("speed-1.06-noise-5", "speed 1.06, noise 5 dB", speed=1.06, beside="noise", snr_db=5),
    Condition("tempo-0.92", "tempo 0.92", tempo=0.92),
    Condition("tempo-1.08", "tempo 1.08", tempo=1.08),
    Condition("mp3", "MP3 32 kbit/s", coding=MP3_32K),
    Condition("opus", "Opus 16 kbit/s", coding=OPUS_16K),
    Condition("aac", "AAC 32 kbit/s", coding=AAC_32K),
    Condition("band", "band 300-3400 Hz", telephone=True),
    Condition("speech", "speech 5 dB louder", beside="speech", snr_db=-5),
)
CONDITIONS: dict[str, Condition] = {condition.name: condition for condition in _ALL}
"""Every condition by its name on the command line, in the order of reports."""

FASTEST = max(condition.rate for condition in _ALL)
"""So many samples of the song at most go into a sample of a query, whatever is measured: places
must not move when a condition is left out."""


def chosen(names: Sequence[str]) -> list[Condition]:
    """The conditions of these names, in the order of reports; all of them for no names.

    Raises `ValueError` that names what is not known.

    >>> [condition.name for condition in chosen(["noise-5", "clean"])]
    ['clean', 'noise-5']
    """
    if unknown := [name for name in names if name not in CONDITIONS]:
        known = ", ".join(CONDITIONS)
        raise ValueError(f"unknown condition {', '.join(unknown)}; expected some of {known}")
    return [condition for condition in _ALL if not names or condition.name in names]


def needed(conditions: Iterable[Condition]) -> set[Material]:
    """What must be at hand to make queries under these conditions."""
    conditions = list(conditions)
    beside: set[Material] = {c.beside for c in conditions if c.beside is not None}
    return beside | {c.room for c in conditions if c.room is not None}

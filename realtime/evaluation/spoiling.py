"""Makes queries: the sound of a song as it comes out of a microphone under a condition.

Nothing of this is shared with the spoiling that the network is trained with: speed goes through
FFmpeg's resampler, tempo through its `atempo`, coding through real codecs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from encoder.coding import coded, filtered, resampled

from .conditions import Condition
from .places import Stretch
from .recordings import Bank
from .responses import PHONE, SMALL_LOUDSPEAKER, TELEPHONE, heard_in, shaped

__all__ = ["Spoiled", "Workshop", "mixed"]

Samples = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Spoiled:
    """A query at its full length: the music, and what sounds beside it, if anything does.

    Sample `j` of `music` is the moment `j * rate` samples after the place in the song.
    """

    music: Samples
    beside: Samples | None
    snr_db: float

    def query(self, length: int) -> Samples:
        """Its first `length` samples; the ratio of music to the rest holds over just these.

        What would exceed full scale is turned down as a whole, as a careful recorder does.
        """
        music = self.music[:length]
        heard = music
        if self.beside is not None:
            heard = mixed(music, self.beside[:length], snr_db=self.snr_db)
        peak = float(np.abs(heard).max(initial=0))
        return heard / np.float32(peak) if peak > 1 else heard


@dataclass(frozen=True, eq=False)
class Workshop:
    """Everything at hand to spoil queries with.

    `banks` has what may sound beside the music, `rooms` the responses of rooms by kind; each only
    as far as the conditions need it.
    """

    sample_rate_hz: int
    banks: Mapping[Literal["noise", "speech"], Bank]
    rooms: Mapping[Literal["measured", "simulated"], Sequence[Samples]]

    def spoil(
        self,
        stretch: Stretch,
        condition: Condition,
        *,
        lengths: Sequence[int],
        seed: Sequence[int],
    ) -> Spoiled:
        """The query under `condition`, at the longest of `lengths` (samples).

        The same `seed` draws the same noise, speech and rooms under every condition.
        """
        rooms, beside = (np.random.default_rng([*seed, purpose]) for purpose in (1, 2))
        music = self._music(stretch, condition, rooms)[: max(lengths)]
        if condition.beside is None:
            return Spoiled(music, None, 0.0)
        other = self.banks[condition.beside].draw(beside, lengths)
        return Spoiled(music, other, condition.snr_db)

    def _music(self, stretch: Stretch, condition: Condition, rng: np.random.Generator) -> Samples:
        rate_hz = self.sample_rate_hz
        stretch = _retimed(stretch, condition, sample_rate_hz=rate_hz)
        samples = stretch.samples
        if condition.room is not None:
            responses = self.rooms[condition.room]
            response = responses[int(rng.integers(len(responses)))]
            if condition.room == "simulated":
                samples = shaped(samples, SMALL_LOUDSPEAKER, sample_rate_hz=rate_hz)
            samples = heard_in(samples, response)
            if condition.room == "simulated":
                samples = shaped(samples, PHONE, sample_rate_hz=rate_hz)
        if condition.telephone:
            samples = shaped(samples, TELEPHONE, sample_rate_hz=rate_hz)
        if condition.coding is not None:
            samples = coded(_within_scale(samples), condition.coding, sample_rate_hz=rate_hz)
        return samples[stretch.at :]


def mixed(music: Samples, beside: Samples, *, snr_db: float) -> Samples:
    """`music` and `beside`, both `(n,)`, the music `snr_db` louder: RMS over all of both."""
    gain = _rms(music) / (_rms(beside) * 10 ** (snr_db / 20))
    return (music + beside * np.float32(gain)).astype(np.float32, copy=False)


def _retimed(stretch: Stretch, condition: Condition, *, sample_rate_hz: int) -> Stretch:
    """At the condition's speed and tempo; the query's place stays a whole sample."""
    if condition.speed != 1.0:
        ratio = condition.speed_ratio  # of the song's samples to the query's
        surplus = stretch.at % ratio.numerator  # without it, the place falls on a sample again
        samples = resampled(
            stretch.samples[surplus:],
            rate_in_hz=ratio.numerator * sample_rate_hz,
            rate_out_hz=ratio.denominator * sample_rate_hz,
        )
        stretch = Stretch(samples, int((stretch.at - surplus) / ratio))
    if condition.tempo != 1.0:
        samples = filtered(
            stretch.samples, "atempo", f"{condition.tempo}", sample_rate_hz=sample_rate_hz
        )
        stretch = Stretch(samples, round(stretch.at / condition.tempo))
    return stretch


def _within_scale(samples: Samples) -> Samples:
    return samples / np.float32(max(1.0, np.abs(samples).max(initial=0)))


def _rms(samples: Samples) -> float:
    return float(np.sqrt(np.mean(np.square(samples, dtype=np.float64))))

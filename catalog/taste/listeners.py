"""Made-up listeners of real music, whose taste is known: what learning from sound is proved on
where no listening to music that is at hand exists. Pure.

Each song has a true taste vector. A share of it follows from how the song sounds, by a fixed random
network of one hidden layer; the rest is its artist's and the song's own, and cannot be heard. Each
listener likes one or two directions. How often a song is played grows with the cosine of its vector
with the nearer of them, and with a popularity of its own that has nothing to do with taste; plays
are drawn by chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from encoder.files import unit

from ..datasets import Listening

_HIDDEN = 64  # units between sound and taste
_PREFERENCE = 6.0  # of a cosine by 1 more, so many times e the plays
_PLAYS_A_SONG = 4.0  # of those that are played at all


class ListenerSettings(BaseModel):
    """How listeners are made up. Frozen; unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    users: int = Field(default=2000, ge=2, description="Listeners.")
    factors: int = Field(default=8, ge=2, le=64, description="Dimensions of taste.")
    songs_each: float = Field(
        default=30.0, gt=0, description="Songs that a listener has played, on average."
    )
    heard: float = Field(
        default=0.7, ge=0, le=1, description="Share of a song's taste that its sound settles."
    )
    popularity: float = Field(
        default=1.0, ge=0, description="Spread of the logarithm of songs' popularity."
    )
    seed: int = Field(default=0, ge=0, description="Of everything that is drawn.")


@dataclass(frozen=True, eq=False)
class MadeUp:
    """Listening, and what it came from: `songs` (n, f) and `chances` (u, n), how often on average
    each listener plays each song."""

    listening: Listening
    songs: NDArray[np.float32]
    chances: NDArray[np.float32]


def made_up_listening(
    keys: Sequence[str],
    sounds: NDArray[np.float32],
    artists: Sequence[str],
    settings: ListenerSettings,
) -> MadeUp:
    """What made-up listeners play of the songs `keys` (n,), whose vectors are `sounds` (n, d)."""
    rng = np.random.default_rng(settings.seed)
    songs = _true_taste(sounds, artists, settings, rng)
    leaning = unit(rng.normal(size=(settings.users, 2, settings.factors)).astype(np.float32))
    leaning[rng.random(settings.users) < 0.5, 1] = 0  # half of them like one thing only
    nearest = (leaning @ songs.T).max(axis=1)  # (u, n)
    fame = rng.normal(scale=settings.popularity, size=len(keys))
    appeal = np.exp(_PREFERENCE * nearest + fame)
    appeal *= settings.songs_each / appeal.sum(axis=1, keepdims=True)
    played = rng.random(appeal.shape) < -np.expm1(-appeal)  # at least once in a Poisson's draw
    user, item = np.nonzero(played)
    plays = 1 + rng.poisson(_PLAYS_A_SONG * rng.random(len(user)))
    listening = Listening(
        [f"listener {number}" for number in range(settings.users)],
        list(keys),
        user.astype(np.int32),
        item.astype(np.int32),
        plays.astype(np.float32),
    )
    return MadeUp(listening, songs, appeal.astype(np.float32))


def _true_taste(
    sounds: NDArray[np.float32],
    artists: Sequence[str],
    settings: ListenerSettings,
    rng: np.random.Generator,
) -> NDArray[np.float32]:
    """Unit vectors (n, f) of songs; as variances, `heard` of them is heard, and of the rest half
    each is the artist's and the song's own."""
    rest = (1 - settings.heard) / 2
    names = {artist: number for number, artist in enumerate(dict.fromkeys(artists))}
    of_artists = rng.normal(size=(len(names), settings.factors))
    parts = (
        (settings.heard, _scaled(_network(_scaled(sounds), settings.factors, rng))),
        (rest, of_artists[[names[artist] for artist in artists]]),
        (rest, rng.normal(size=(len(sounds), settings.factors))),
    )
    mixed = sum(np.sqrt(share) * part for share, part in parts)
    return unit(np.asarray(mixed, np.float32))


def _network(
    inputs: NDArray[np.float64], outputs: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    first = rng.normal(size=(inputs.shape[1], _HIDDEN)) / np.sqrt(inputs.shape[1])
    second = rng.normal(size=(_HIDDEN, outputs)) / np.sqrt(_HIDDEN)
    told: NDArray[np.float64] = np.tanh(2 * inputs @ first) @ second
    return told


def _scaled(values: NDArray[np.floating]) -> NDArray[np.float64]:
    """Columns of mean 0 and variance 1; one that never changes stays 0."""
    centred = values.astype(np.float64) - values.mean(axis=0)
    spread = centred.std(axis=0)
    scaled: NDArray[np.float64] = centred / np.where(spread > 0, spread, 1)
    return scaled

"""What is music and what is none, by the encoder that ships, on real sound."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from catalog.demo import demo_clips
from catalog.search import Hits
from encoder.embedding import Encoder, load_encoder
from encoder.settings import EncoderSettings
from realtime.blocks import Block
from realtime.events import Identity
from realtime.recognizer import Recognizer
from realtime.settings import ListenSettings, MatchSettings
from tests.helpers.naming import RATE_HZ, decoded
from tests.realtime.fakes import FakeMatcher

Sound = NDArray[np.float32]
Listen = Callable[[Sound], list[str]]

SECONDS = 12
CLIPS = demo_clips()[2::7]


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return load_encoder(EncoderSettings(device="cpu", threads=1))


@pytest.fixture
def listen(encoder: Encoder) -> Listen:
    """The states that a sound goes through, of which the catalog knows nothing."""

    def states(sound: Sound) -> list[str]:
        listener = Recognizer(
            encoder,
            matcher=FakeMatcher(),
            search=_finds_nothing,
            songs=lambda _: {},
            settings=ListenSettings(),
            match_settings=MatchSettings(),
        )
        return [one.state for one in listener.feed(Block(sound, 0)) if isinstance(one, Identity)]

    return states


def _finds_nothing(styles: Sound, _k: int) -> Hits:
    nothing = np.zeros((len(styles), 0))
    return Hits(nothing.astype(np.int64), nothing.astype(np.float32))


def coloured_noise(*, exponent: float, level_dbfs: float, seconds: float = SECONDS) -> Sound:
    """Noise whose power falls with this power of frequency: 0 is white, 1 pink, 2 brown."""
    count = round(seconds * RATE_HZ)
    spectrum = np.fft.rfft(np.random.default_rng(4).normal(size=count))
    frequencies = np.maximum(np.fft.rfftfreq(count, 1 / RATE_HZ), 20.0)
    noise = np.fft.irfft(spectrum / frequencies ** (exponent / 2), count)
    return np.asarray(noise * 10 ** (level_dbfs / 20) / np.sqrt(np.mean(noise**2)), np.float32)


@pytest.mark.parametrize("clip", CLIPS, ids=lambda clip: clip.stem)
def test_music_without_a_match_is_unknown(clip, listen: Listen) -> None:  # type: ignore[no-untyped-def]
    assert listen(decoded(clip)[: SECONDS * RATE_HZ]) == ["sound", "unknown"]


@pytest.mark.parametrize("level_dbfs", [-20, -40])
@pytest.mark.parametrize("exponent", [0, 1, 2], ids=["white", "pink", "brown"])
def test_noise_is_sound(listen: Listen, exponent: float, level_dbfs: float) -> None:
    assert listen(coloured_noise(exponent=exponent, level_dbfs=level_dbfs)) == ["sound"]


def test_music_that_begins_in_noise_and_ends_in_it_is_unknown_between(listen: Listen) -> None:
    noise = coloured_noise(exponent=1, level_dbfs=-30, seconds=20)
    music = decoded(CLIPS[0])[: 15 * RATE_HZ]
    mixed = np.concatenate([noise, music, noise])
    assert listen(mixed) == ["sound", "unknown", "sound"]

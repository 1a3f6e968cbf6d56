"""audiolocate over a catalog answers as it does when it is put to every song."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from catalog.demo import demo_clips
from encoder.coding import resampled
from encoder.decode import decode
from realtime.evaluation.rival import installed, rival
from realtime.evaluation.trials import System

audiolocate = pytest.importorskip("audiolocate")

RATE_HZ = 16_000
CLIPS = dict(enumerate(demo_clips()[:4], start=1))
Samples = NDArray[np.float32]


def read(path: Path, rate_hz: int) -> Samples:
    return np.concatenate(list(decode(path, sample_rate_hz=rate_hz)))


@pytest.fixture(scope="module")
def system() -> System:
    assert installed()
    return rival(CLIPS, read=read, sample_rate_hz=RATE_HZ, progress=lambda *_: None)


@pytest.fixture(scope="module")
def query() -> Samples:
    song = read(CLIPS[3], RATE_HZ)
    return song[7 * RATE_HZ :][: 5 * RATE_HZ]


def test_the_song_and_the_place(system: System, query: Samples) -> None:
    answer = system.without(frozenset())(query)
    assert answer is not None
    assert (answer.song, answer.named, answer.rate) == (3, True, 1.0)
    assert answer.position_s == pytest.approx(7, abs=0.04)


def test_the_verdict_is_its_own(system: System, query: Samples) -> None:
    engine = audiolocate.AudioFingerprint()
    heard = resampled(query, rate_in_hz=RATE_HZ, rate_out_hz=engine.sr)
    verdict = engine.match(
        engine.fingerprint_audio(read(CLIPS[3], engine.sr))[0], engine.fingerprint_audio(heard)[0]
    )
    answer = system.without(frozenset())(query)
    assert answer is not None
    assert answer.score == verdict.match_count > 50
    assert answer.confidence == pytest.approx(verdict.match_count / verdict.threshold)


def test_a_song_that_is_struck_is_not_found(system: System, query: Samples) -> None:
    answer = system.without(frozenset({3}))(query)
    assert answer is None or (answer.song != 3 and answer.score < 20)


def test_silence_is_like_nothing(system: System) -> None:
    assert system.without(frozenset())(np.zeros(5 * RATE_HZ, np.float32)) is None

"""Programmes hold what they say, and every listener is heard to the end."""

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from realtime.blocks import Block
from realtime.evaluation.live import FalseNames, Heard, Listen, Timing
from realtime.evaluation.programmes import Stage, measure, programme
from realtime.evaluation.recordings import Bank
from realtime.evaluation.trials import QueriedSong

from .making import RATE_HZ, noise, song

Samples = NDArray[np.float32]

SONGS = [song(number, group=max(1, number - 1)) for number in (1, 2, 3, 4)]  # 1 and 2 are one
QUERIED = [QueriedSong(one.path, one.id) for one in SONGS]
SOUNDS = {one.path: noise(120 * RATE_HZ, one.id) for one in SONGS}
GROUPS = {one.id: one.group for one in SONGS}
NOISE = Bank([noise(100 * RATE_HZ, 77)])


def stage(listen: Listen | None = None) -> Stage:
    return Stage(
        listen=lambda _struck: listen or (lambda _blocks: []),
        read=SOUNDS.__getitem__,
        group_of=GROUPS.__getitem__,
        sample_rate_hz=RATE_HZ,
    )


def test_passages_come_from_the_middle_of_songs_and_follow_on_each_other() -> None:
    sound, played = programme(stage(), QUERIED, NOISE, np.random.default_rng(1))
    assert [passage.group for passage in played] == [1, 2, 3]  # not the same recording twice
    assert played[0].start == 0
    assert [p.end for p in played[:-1]] == [p.start for p in played[1:]]
    assert played[-1].end == len(sound)
    for passage, number in zip(played, (1, 3, 4), strict=True):
        assert 15 <= (passage.end - passage.start) / RATE_HZ <= 30
        heard, whole = sound[passage.start : passage.end], SOUNDS[song(number).path]
        size = len(whole) + len(heard)
        product = np.fft.rfft(whole, size) * np.conj(np.fft.rfft(heard, size))
        begin = int(np.fft.irfft(product, size).argmax())
        music = whole[begin : begin + len(heard)]
        ratio_db = 10 * np.log10(np.mean(music**2) / np.mean((heard - music) ** 2))
        assert abs(ratio_db - 5) < 0.01
        assert 0.19 < begin / (len(whole) - len(heard)) < 0.81


def test_figures() -> None:
    """A listener that takes everything for song 4 from its third second on, until 40 s of it."""
    heard_s: list[float] = []

    def listen(blocks: Iterable[Block]) -> Iterator[Heard]:
        *_, last = blocks
        heard_s.append(last.end / RATE_HZ)
        return iter([Heard(3 * RATE_HZ, 4), Heard(40 * RATE_HZ, None)])

    told: list[str] = []
    figures = measure(
        stage(listen),
        QUERIED[2:],
        [QueriedSong(one.path, None) for one in SONGS],
        banks={"noise": NOISE, "speech": NOISE},
        passages=1,
        hours=0.1,
        seed=3,
        progress=lambda what, *_: told.append(what),
    )
    assert len(figures.timings) == 1
    assert figures.timings[0] in (
        Timing(named=3 * RATE_HZ, changed=None, wrong=0, knew_before=False),  # it was song 4
        Timing(named=None, changed=None, wrong=1, knew_before=False),
    )
    # 0.1 h are three songs of 120 s, each for a fresh listener.
    assert figures.false_names == {
        "music outside the catalog": FalseNames(3, 360.0),
        "noise alone": FalseNames(1, 360.0),
        "speech alone": FalseNames(1, 360.0),
    }
    assert 15 <= heard_s[0] <= 30
    assert heard_s[1:] == [120, 120, 120, 360, 360]
    assert "songs live" in told

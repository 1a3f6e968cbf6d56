"""Cutting blocks into steps: windows of style and stretches of prints, from where sound begins."""

from __future__ import annotations

import numpy as np

from encoder.embedding import EncoderSpec
from realtime.blocks import Block
from realtime.settings import ListenSettings
from realtime.steps import Cutter, Silence, Step, Stretch, Window, has_one_pass
from tests.realtime.fakes import PRINT_STRIDE, PRINT_WINDOW, fake_spec

SETTINGS = ListenSettings(hop_s=0.1, print_hop_s=0.06, level_hop_s=0.05, silence_hold_s=0.2)
STRETCH = PRINT_WINDOW + PRINT_STRIDE
SPEC = fake_spec()


def steps(samples: np.ndarray, *, spec: EncoderSpec = SPEC, start: int = 0) -> list[Step]:  # type: ignore[type-arg]
    cutter = Cutter(spec, SETTINGS)
    return [*cutter.push(Block(samples.astype(np.float32), start)), *cutter.flush()]


def noise(count: int) -> np.ndarray:  # type: ignore[type-arg]
    return np.random.default_rng(0).uniform(-0.3, 0.3, count)


def places(found: list[Step], kind: type) -> list[tuple[int, int]]:
    return [(step.start, step.end) for step in found if isinstance(step, kind)]  # type: ignore[attr-defined]


def test_both_are_laid_from_where_sound_begins() -> None:
    found = steps(np.concatenate([np.zeros(1000), noise(1000)]))
    firsts = range(1000, 2000 - STRETCH + 1, 60)
    assert places(found, Stretch) == [(first, first + STRETCH) for first in firsts]
    firsts = range(1000, 2000 - SPEC.window_samples + 1, 100)
    assert places(found, Window) == [(first, first + SPEC.window_samples) for first in firsts]


def test_steps_come_in_order_of_where_their_sound_ends() -> None:
    found = steps(np.concatenate([noise(1500), np.zeros(600), noise(700)]))
    ends = [step.end if isinstance(step, Window | Stretch) else step.at for step in found]
    assert ends == sorted(ends)
    assert {type(step).__name__ for step in found} == {"Window", "Stretch", "Level", "Silence"}


def test_prints_of_silent_windows_are_not_asked_for() -> None:
    sound = np.concatenate([noise(320), np.zeros(300), noise(600)]).astype(np.float32)
    cutter = Cutter(SPEC, SETTINGS.model_copy(update={"silence_hold_s": 60.0}))
    found = {s.start: s for s in cutter.push(Block(sound, 0)) if isinstance(s, Stretch)}
    assert (found[300].audible, found[420].audible) == ((0,), (1,))
    assert 360 not in found
    for step in found.values():
        firsts = (0, PRINT_STRIDE)
        windows = [step.samples[first : first + PRINT_WINDOW] for first in firsts]
        assert step.audible == tuple(number for number in (0, 1) if windows[number].any())


def test_sound_right_after_a_silence_is_laid_anew() -> None:
    found = steps(np.concatenate([noise(525), np.zeros(225), noise(500)]))
    (silence,) = [step for step in found if isinstance(step, Silence)]
    after = [place for place in places(found, Stretch) if place[1] > silence.at]
    assert after[0][0] == silence.at == 750


def test_where_one_pass_gives_all_there_are_windows_only() -> None:
    spec = fake_spec(window_samples=PRINT_WINDOW)
    assert has_one_pass(spec)
    assert not has_one_pass(SPEC)
    found = steps(noise(1000), spec=spec)
    assert places(found, Stretch) == []
    firsts = range(0, 1000 - PRINT_WINDOW + 1, 60)
    assert places(found, Window) == [(first, first + PRINT_WINDOW) for first in firsts]


def test_a_short_sound_is_padded_at_the_end() -> None:
    found = steps(noise(150))
    assert places(found, Window) == places(found, Stretch) == [(0, 150)]


def test_in_silence_there_is_nothing_at_the_end() -> None:
    assert places(steps(np.zeros(150)), Window) == []

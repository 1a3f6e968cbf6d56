"""What was heard lately: frames join to the same, however they come."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from encoder.peaks import BANDS, FRAME_HOP, FRAME_SAMPLES, SILENCE
from realtime.heard import NO_FRAMES, Frames

RATE_HZ = 16_000
SOUND = np.random.default_rng(0).standard_normal(2 * RATE_HZ).astype(np.float32)


@settings(max_examples=30, deadline=None)
@given(start=st.integers(0, 10_000), hop=st.integers(1500, 20_000), more=st.integers(0, 9_000))
def test_overlapping_stretches_join_to_the_whole(start: int, hop: int, more: int) -> None:
    length = hop + FRAME_SAMPLES + more  # so that no frame falls between two stretches
    joined = NO_FRAMES
    for first in range(0, len(SOUND), hop):
        joined = joined.and_then(Frames.of(SOUND[first : first + length], start=start + first))
    whole = Frames.of(SOUND, start=start)
    assert joined.first == whole.first
    assert joined.bands == pytest.approx(whole.bands, abs=1e-4)


def test_frames_stand_at_multiples_of_the_hop() -> None:
    click = np.zeros(RATE_HZ, np.float32)
    click[8000] = 1
    frames = Frames.of(click, start=123)
    loudest = frames.first + int(frames.bands.sum(axis=0).argmax())
    assert abs(loudest * FRAME_HOP - 8123) <= FRAME_HOP / 2


def test_sound_that_was_lost_is_silence() -> None:
    before = Frames.of(SOUND[:8000], start=0)
    after = Frames.of(SOUND[16_000:24_000], start=16_000)
    joined = before.and_then(after)
    assert joined.end == after.end
    lost = joined.bands[:, before.end - joined.first : after.first - joined.first]
    assert lost.shape[1] == after.first - before.end > 0
    assert (lost == np.float32(SILENCE)).all()


def test_since() -> None:
    frames = Frames.of(SOUND, start=0)
    late = frames.since(20_000.5)
    assert late.first * FRAME_HOP == 20_250
    assert late.end == frames.end
    assert np.array_equal(late.bands, frames.bands[:, -late.bands.shape[1] :])
    assert frames.since(-5.0).first == frames.first
    assert frames.since(1e9).bands.shape == (BANDS, 0)

"""The rules for a device: positions, credit and pace, by a clock of the test's own."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.device import (
    BROKE_RULES,
    FASTEST,
    GRANTS,
    SILENT_S,
    WRONG_CONTENT,
    RefusedError,
    Session,
    read_begin,
)
from realtime.device_messages import LARGEST_FRAME

RATE_HZ = 1000
ROOM = 5000
END = json.dumps({"v": 1, "type": "end"})


def skip(samples: int) -> str:
    return json.dumps({"v": 1, "type": "skip", "samples": samples})


def begin(**change: object) -> str:
    return json.dumps({"v": 1, "type": "begin", "rate_hz": RATE_HZ, "name": "phone", **change})


def frame(samples: int) -> bytes:
    return bytes(2 * samples)


def session(*, granted: bool = True) -> Session:
    """A session that began at second 0, with its first credit."""
    made = Session(rate_hz=RATE_HZ, room=ROOM, now_s=0)
    if granted:
        credit = made.credit(now_s=0)
        assert credit is not None
        assert credit.samples == ROOM
    return made


def test_it_begins_with_its_name() -> None:
    assert read_begin(begin(), rate_hz=RATE_HZ) == "phone"


@pytest.mark.parametrize(
    ("text", "code", "reason"),
    [
        (None, BROKE_RULES, "expected `begin`"),
        (END, BROKE_RULES, "expected `begin`"),
        (begin(rate_hz=44_100), WRONG_CONTENT, "rate_hz is 44100, expected 1000"),
        (begin(rate_hz="many"), WRONG_CONTENT, "begin.rate_hz"),
        (begin(name=""), WRONG_CONTENT, "begin.name"),
        (begin(name="n" * 81), WRONG_CONTENT, "begin.name"),
        (begin(mood="blue"), WRONG_CONTENT, "begin.mood"),
        (begin(v=2), WRONG_CONTENT, "begin.v"),
        ("{", WRONG_CONTENT, "JSON"),
        ("[" * 3000, WRONG_CONTENT, "JSON"),
        ("7", WRONG_CONTENT, "message"),
        ('{"type": "sing"}', WRONG_CONTENT, "sing"),
    ],
)
def test_another_beginning_is_refused(text: str | None, code: int, reason: str) -> None:
    with pytest.raises(RefusedError) as refused:
        read_begin(text, rate_hz=RATE_HZ)
    assert refused.value.code == code
    assert reason in refused.value.reason


def test_it_begins_once() -> None:
    with pytest.raises(RefusedError, match="begun already"):
        session().text(begin(), now_s=0)


def test_samples_are_read_at_full_scale() -> None:
    made = session()
    block = made.sound(np.array([0, 16_384, -32_768], "<i2").tobytes(), now_s=0)
    assert block.samples.dtype == np.float32
    assert block.samples.tolist() == [0, 0.5, -1]


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 400)), max_size=30))
def test_positions_count_what_came_and_what_was_lost(parts: list[tuple[bool, int]]) -> None:
    made, at = session(), 0
    for lost, samples in parts:
        now_s = at / RATE_HZ
        made.recognized(0)
        made.credit(now_s=now_s)
        if lost:
            made.text(skip(samples), now_s=now_s)
        elif made.sent + samples <= ROOM:
            block = made.sound(frame(samples), now_s=now_s)
            assert (block.start, len(block.samples)) == (at, samples)
        else:
            continue
        at += samples
    assert made.sent + made.skipped == at


@given(
    st.lists(st.tuples(st.floats(0, 3), st.integers(0, 4000), st.integers(1, 4000)), max_size=40)
)
def test_credit_bounds_what_waits_and_the_pace(moves: list[tuple[float, int, int]]) -> None:
    """Whatever a device does within its credit, it is not refused; what waits stays within room."""
    made, now_s, granted, recognized = session(), 0.0, ROOM, 0
    for passed_s, done, wanted in moves:
        now_s += passed_s
        done = min(done, made.sent - recognized)
        recognized += done
        made.recognized(done)
        credit = made.credit(now_s=now_s)
        if credit is not None:
            assert credit.samples >= ROOM // GRANTS
            granted += credit.samples
        assert granted <= ROOM + recognized
        assert granted <= ROOM + FASTEST * RATE_HZ * now_s
        if made.sent + wanted <= granted:
            made.sound(frame(wanted), now_s=now_s)
        assert made.sent - recognized <= ROOM


def test_who_keeps_up_always_gets_credit() -> None:
    made, granted = session(), ROOM
    for second in range(1, 100):
        made.sound(frame(RATE_HZ), now_s=second)
        made.recognized(RATE_HZ)
        credit = made.credit(now_s=second)
        granted += 0 if credit is None else credit.samples
        assert granted - made.sent >= ROOM - RATE_HZ


def test_beyond_the_credit_is_too_fast() -> None:
    made = session()
    made.sound(frame(ROOM), now_s=0)
    with pytest.raises(RefusedError, match="sent 5001 samples with credit for 5000") as refused:
        made.sound(frame(1), now_s=0)
    assert refused.value.code == BROKE_RULES


def test_sound_before_any_credit_is_too_fast() -> None:
    with pytest.raises(RefusedError, match="credit for 0"):
        session(granted=False).sound(frame(1), now_s=0)


@pytest.mark.parametrize("size", [0, 1, 3, 2 * LARGEST_FRAME + 1, 2 * LARGEST_FRAME + 2])
def test_a_frame_of_another_size_is_refused(size: int) -> None:
    with pytest.raises(RefusedError, match=f"got {size} bytes") as refused:
        session().sound(bytes(size), now_s=0)
    assert refused.value.code == WRONG_CONTENT


@pytest.mark.parametrize("samples", [0, -1, 2**70])
def test_what_was_lost_must_have_had_time_to_pass(samples: int) -> None:
    made = session()
    made.text(skip(ROOM), now_s=0)
    made.text(skip(1500), now_s=1)
    assert (made.skipped, made.skips) == (ROOM + 1500, 2)
    with pytest.raises(RefusedError):
        made.text(skip(samples), now_s=1)


def test_who_says_nothing_for_long_is_gone() -> None:
    made = session()
    made.check_silent(now_s=SILENT_S)
    made.sound(frame(1), now_s=SILENT_S)
    made.check_silent(now_s=2 * SILENT_S)
    with pytest.raises(RefusedError, match="no sound came for 30 s"):
        made.check_silent(now_s=2 * SILENT_S + 0.1)
    made.text(END, now_s=2 * SILENT_S)
    made.check_silent(now_s=3 * SILENT_S)  # its last events are being found
    assert made.credit(now_s=1000) is None

"""Windows cut from blocks, and passages of real files against slices of the same sound."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from encoder.errors import DecodeError
from encoder.files import song_style
from realtime.passages import MOST_WINDOWS, cut, passage_starts, passages_of
from tests.catalog.making import RATE_HZ, BandsEncoder, tone, write_wav


@given(
    length=st.integers(0, 60),
    window=st.integers(1, 12),
    cuts=st.lists(st.integers(0, 60), max_size=8),
    starts=st.sets(st.integers(0, 60), min_size=1, max_size=10),
)
def test_windows_are_slices_however_the_signal_is_cut(
    length: int, window: int, cuts: list[int], starts: set[int]
) -> None:
    signal = np.arange(1, length + 1, dtype=np.float32)
    edges = [0, *sorted(min(at, length) for at in cuts), length]
    blocks = [signal[a:b] for a, b in pairwise(edges)]
    found = list(cut(blocks, sorted(starts), window=window))
    whole = [start for start in sorted(starts) if start + window <= length]
    if not whole and 0 in starts and 0 < length < window:
        ((start, samples),) = found
        assert (start, samples.tolist()) == (0, [*signal, *[0] * (window - length)])
        return
    assert [start for start, _ in found] == whole
    for start, samples in found:
        assert samples.tolist() == signal[start : start + window].tolist()


@given(total=st.integers(1, 10**7), window=st.integers(1, 48_000), most=st.integers(1, 3))
def test_passages_are_inside_and_their_windows_are_bounded(
    total: int, window: int, most: int
) -> None:
    total = max(total, window)
    count = min(most, total // window)
    starts = passage_starts(total, window=window, count=count)
    assert starts[0] == 0
    assert starts == sorted(set(starts))
    assert starts[-1] + count * window <= total
    assert len({s + i * window for s in starts for i in range(count)}) <= MOST_WINDOWS


def never() -> bool:
    return False


@pytest.mark.parametrize("seconds", [0.4, 1.0, 2.5, 7.3, 80.0])
def test_passages_of_a_file_have_the_styles_of_its_windows(tmp_path: Path, seconds: float) -> None:
    sound = tone(3, seconds) * np.linspace(0.2, 1, round(seconds * RATE_HZ), dtype=np.float32)
    path = write_wav(tmp_path / "a.wav", sound)
    found = passages_of(path, BandsEncoder(), duration_s=seconds, late=never)
    decoded = np.pad(sound, (0, max(0, RATE_HZ - len(sound))))
    count = min(3, max(1, int(seconds)))
    assert found.whole
    assert found.length_s == min(seconds, count)
    assert len(found.starts_s) == (20 if seconds > 60 else max(1, int(seconds) - 2))
    np.testing.assert_allclose(np.linalg.norm(found.styles, axis=1), 1, atol=1e-5)
    for start_s, style in zip(found.starts_s, found.styles, strict=True):
        first = round(start_s * RATE_HZ)
        windows = decoded[first : first + count * RATE_HZ].reshape(count, RATE_HZ)
        wanted = song_style(BandsEncoder().embed(windows).style)
        np.testing.assert_allclose(style, wanted, atol=2e-3)  # 16 bits a sample


def test_silent_passages_are_left_out(tmp_path: Path) -> None:
    sound = tone(1, 10.0)
    sound[4 * RATE_HZ : 5 * RATE_HZ] = 0
    path = write_wav(tmp_path / "a.wav", sound)
    found = passages_of(path, BandsEncoder(), duration_s=10.0, late=never)
    assert found.starts_s.tolist() == [0, 1, 5, 6, 7]
    silence = write_wav(tmp_path / "b.wav", np.zeros(RATE_HZ * 5, np.float32))
    nothing = passages_of(silence, BandsEncoder(), duration_s=5.0, late=never)
    assert (len(nothing.starts_s), nothing.styles.shape) == (0, (0, 12))


def test_a_file_that_is_shorter_than_it_was_gives_what_is_left(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "a.wav", tone(1, 5.0))
    found = passages_of(path, BandsEncoder(), duration_s=30.0, late=never)
    assert found.starts_s.tolist() == [0, 1, 2]


def test_when_it_gets_late_it_ends(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "a.wav", tone(1, 10.0))
    answers = iter([False] * 4 + [True])
    found = passages_of(path, BandsEncoder(), duration_s=10.0, late=lambda: next(answers))
    assert (found.starts_s.tolist(), found.whole) == ([0, 1], False)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DecodeError, match="no such file"):
        passages_of(tmp_path / "a.wav", BandsEncoder(), duration_s=3.0, late=never)

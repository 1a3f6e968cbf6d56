"""The windower: the first property of everything is that chopping changes nothing."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from encoder.errors import AudioFormatError
from encoder.windows import Windower, Windows


def counted(n: int, *, first: int = 0) -> np.ndarray:
    """A signal whose every sample tells its own number."""
    return np.arange(first, first + n, dtype=np.float32)


def run(windower: Windower, blocks: list[tuple[int, np.ndarray]]) -> Windows:
    parts = [windower.push(samples, start) for start, samples in blocks] + [windower.flush()]
    return Windows(
        np.concatenate([p.samples for p in parts]), np.concatenate([p.starts for p in parts])
    )


def chop(signal: np.ndarray, cuts: list[int], *, first: int = 0) -> list[tuple[int, np.ndarray]]:
    edges = [0, *sorted(min(cut, len(signal)) for cut in cuts), len(signal)]
    return [(first + a, signal[a:b]) for a, b in itertools.pairwise(edges)]


@given(
    n=st.integers(0, 300),
    window=st.integers(1, 40),
    hop=st.integers(1, 60),
    cuts=st.lists(st.integers(0, 300), max_size=20),
)
def test_chopping_changes_nothing(n: int, window: int, hop: int, cuts: list[int]) -> None:
    signal = counted(n)
    whole = run(Windower(window_samples=window, hop_samples=hop), [(0, signal)])
    chopped = run(Windower(window_samples=window, hop_samples=hop), chop(signal, cuts))
    np.testing.assert_array_equal(whole.samples, chopped.samples)
    np.testing.assert_array_equal(whole.starts, chopped.starts)


@given(n=st.integers(1, 300), window=st.integers(1, 40), hop=st.integers(1, 60))
def test_windows_are_the_signal_at_their_starts(n: int, window: int, hop: int) -> None:
    windows = run(Windower(window_samples=window, hop_samples=hop), [(0, counted(n))])
    expected = max(0, 1 + (n - window) // hop) if n >= window else 1
    assert len(windows) == expected
    for samples, start in zip(windows.samples, windows.starts, strict=True):
        held = min(window, n - start)
        np.testing.assert_array_equal(samples[:held], counted(held, first=start))
        assert not samples[held:].any()


@given(
    before=st.integers(0, 50),
    gap=st.integers(1, 50),
    after=st.integers(0, 50),
    cuts=st.lists(st.integers(0, 50), max_size=5),
)
def test_no_window_spans_a_gap(before: int, gap: int, after: int, cuts: list[int]) -> None:
    second = before + gap
    blocks = chop(counted(before), cuts) + chop(counted(after, first=second), cuts, first=second)
    windower = Windower(window_samples=8, hop_samples=3)
    cut = [windower.push(samples, start) for start, samples in blocks]
    starts = np.concatenate([windows.starts for windows in cut]).tolist()
    whole = range(0, before - 8 + 1, 3)
    assert starts == [*whole, *range(second, second + after - 8 + 1, 3)]


def test_a_caller_may_use_its_buffer_again() -> None:
    buffer = np.ones(3, np.float32)
    windower = Windower(window_samples=4, hop_samples=4)
    windower.push(buffer, 0)
    buffer[:] = 9
    assert windower.push(np.ones(1, np.float32), 3).samples.tolist() == [[1, 1, 1, 1]]


def test_a_long_signal_gets_no_half_silent_tail() -> None:
    windower = Windower(window_samples=4, hop_samples=2)
    windower.push(counted(5), 0)
    assert len(windower.flush()) == 0


def test_going_back_in_time_is_refused() -> None:
    windower = Windower(window_samples=4, hop_samples=2)
    windower.push(counted(5), 0)
    with pytest.raises(AudioFormatError, match="begins at sample 4, expected 5 or later"):
        windower.push(counted(1), 4)


@pytest.mark.parametrize(
    ("samples", "message"),
    [
        (np.zeros(3, np.float64), "float64"),
        (np.zeros((3, 2), np.float32), r"\(3, 2\)"),
        (np.array([0, np.nan], np.float32), "NaN or infinity"),
        (np.array([np.inf, -np.inf], np.float32), "NaN or infinity"),
    ],
)
def test_bad_samples_are_refused_and_change_nothing(samples: np.ndarray, message: str) -> None:
    windower = Windower(window_samples=2, hop_samples=1)
    with pytest.raises(AudioFormatError, match=message):
        windower.push(samples, 0)
    assert windower.push(counted(2), 0).starts.tolist() == [0]

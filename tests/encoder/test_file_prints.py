"""Prints of files: their grid, silence, and that neither blocks nor length of stretches matter."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from catalog.demo import demo_clips
from encoder.audio import rms_dbfs
from encoder.decode import decode
from encoder.embedding import PRINT_HOP_SAMPLES, Encoder, load_encoder
from encoder.file_prints import SILENT_DBFS, PrintRows
from encoder.files import embed_file
from encoder.settings import EncoderSettings
from tests.encoder.made_music import RATE_HZ, TEACHER_WINDOW, LevelTeacher, song, write_wave
from tests.encoder.musicnn_reference import load_reference

WINDOW = 31_024
SLOW_SETTINGS = settings(max_examples=25, deadline=None)


@pytest.fixture(scope="module")
def network() -> Encoder:
    return load_encoder(EncoderSettings(device="cpu", style="network"))


def window_by_window(encoder: Encoder, samples: NDArray[np.float32]) -> NDArray[np.float32]:
    window = encoder.spec.prints.window_samples
    each = np.lib.stride_tricks.sliding_window_view(samples, window)[::PRINT_HOP_SAMPLES]
    loud = np.array([rms_dbfs(one) >= SILENT_DBFS for one in each])
    return encoder.prints(each)[:, 0] * loud[:, np.newaxis]


def rows_of(encoder: Encoder, blocks: list[NDArray[np.float32]]) -> NDArray[np.float32]:
    rows = PrintRows(encoder)
    for block in blocks:
        rows.push(block)
    return rows.finish()


def test_a_file_has_the_prints_of_its_windows(network: Encoder) -> None:
    clip = demo_clips()[0]
    samples = np.concatenate(list(decode(clip, sample_rate_hz=16_000)))
    found = embed_file(clip, network, hop_s=1.5).prints
    assert found.shape == (1 + (len(samples) - WINDOW) // PRINT_HOP_SAMPLES, 128)
    np.testing.assert_allclose(found, window_by_window(network, samples), atol=1e-4)


def test_a_long_signal_has_the_prints_of_its_windows(network: Encoder) -> None:
    """A minute and a half: batches of stretches, and a rest of several."""
    samples = song(1, 90)
    found = rows_of(network, [samples])
    np.testing.assert_allclose(found, window_by_window(network, samples), atol=1e-4)


def test_the_real_network_does_not_mind_the_blocks(network: Encoder) -> None:
    samples = np.concatenate([load_reference("tuxi").samples, song(2, 66)])
    whole = rows_of(network, [samples])
    cut = rows_of(network, np.array_split(samples, 37))
    np.testing.assert_array_equal(cut, whole)


@SLOW_SETTINGS
@given(
    length=st.integers(1, 150 * RATE_HZ),
    cuts=st.lists(st.integers(0, 150 * RATE_HZ), max_size=6),
    seed=st.integers(0, 3),
)
def test_any_length_in_any_blocks_gives_a_row_a_segment(
    length: int, cuts: list[int], seed: int
) -> None:
    noise = np.random.default_rng(seed).uniform(-0.3, 0.3, length).astype(np.float32)
    noise *= np.repeat(np.arange(1, 2 + length // 4000) % 7, 4000)[:length] / np.float32(7)
    teacher = LevelTeacher()
    found = rows_of(teacher, np.split(noise, sorted(cut for cut in cuts if cut < length)))
    padded = np.pad(noise, (0, max(0, TEACHER_WINDOW - length)))
    assert len(found) == max(1, 1 + (length - TEACHER_WINDOW) // PRINT_HOP_SAMPLES)
    np.testing.assert_allclose(found, window_by_window(teacher, padded), atol=1e-6)


def test_a_buffer_that_is_used_again_does_no_harm() -> None:
    samples = song(3, 20)
    rows = PrintRows(LevelTeacher())
    buffer = np.empty(4000, np.float32)
    for block in samples.reshape(-1, len(buffer)):
        buffer[:] = block
        rows.push(buffer)
    np.testing.assert_array_equal(rows.finish(), rows_of(LevelTeacher(), [samples]))


def test_silent_windows_are_rows_of_zeros(network: Encoder, tmp_path: Path) -> None:
    samples = song(4, 9)
    samples[32_000:96_000] = 0
    path = write_wave(tmp_path / "gap.wav", samples)
    found = embed_file(path, network, hop_s=1.5).prints
    starts = PRINT_HOP_SAMPLES * np.arange(len(found))
    silent = (starts >= 32_000) & (starts + WINDOW <= 96_000)
    assert silent.sum() == 5
    norms = np.linalg.norm(found, axis=1)
    np.testing.assert_allclose(norms, np.where(silent, 0, 1), atol=1e-5)


def test_a_file_shorter_than_a_window_is_padded_to_one(network: Encoder, tmp_path: Path) -> None:
    path = write_wave(tmp_path / "short.wav", song(5, 1.5))
    samples = np.concatenate(list(decode(path, sample_rate_hz=RATE_HZ)))
    padded = np.pad(samples, (0, WINDOW - len(samples)))
    found = embed_file(path, network, hop_s=1.5).prints
    np.testing.assert_allclose(found, network.prints(padded[np.newaxis])[0], atol=1e-5)


def test_prints_are_made_a_minute_at_a_time() -> None:
    class Watched(LevelTeacher):
        most = 0

        def prints(self, stretches: NDArray[np.float32]) -> NDArray[np.float32]:
            self.most = max(self.most, stretches.size)
            return super().prints(stretches)

    teacher = Watched()
    rows = PrintRows(teacher)
    kept = 0
    for _ in range(600):  # ten minutes
        rows.push(np.ones(RATE_HZ, np.float32))
        kept = max(kept, rows._held)
    assert len(rows.finish()) == 600 * RATE_HZ // PRINT_HOP_SAMPLES
    assert teacher.most <= 70 * RATE_HZ
    assert kept <= 70 * RATE_HZ

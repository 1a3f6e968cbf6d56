"""Small spectrograms: low tones below, time to the right, of no more of a file than is needed."""

from pathlib import Path

import numpy as np
import pytest
import torch

from encoder.errors import AudioFormatError, DecodeError
from encoder.pictures import spectrogram_picture
from tests.encoder.made_music import RATE_HZ, tone, write_wave

torch.set_num_threads(1)


def made(folder: Path, sound: np.ndarray) -> Path:
    return write_wave(folder / "sound.wav", sound.astype(np.float32))


def test_low_is_below_and_later_is_to_the_right(tmp_path: Path) -> None:
    low, high = (tone(hz, 2 * RATE_HZ)[0].numpy() for hz in (150, 6000))
    picture = spectrogram_picture(made(tmp_path, np.concatenate([low, high])), size=32)
    assert picture.shape == (32, 32)
    assert picture.dtype == np.uint8
    first, last = picture[:, 2:14].mean(axis=1), picture[:, 18:30].mean(axis=1)
    assert first.argmax() > 24
    assert last.argmax() < 8
    assert picture.max() == 255
    assert picture.min() == 0


def test_it_shows_what_comes_after_the_introduction(tmp_path: Path) -> None:
    intro, song, end = (
        tone(hz, round(seconds * RATE_HZ))[0].numpy()
        for hz, seconds in ((150, 20), (6000, 8), (150, 20))
    )
    whole = spectrogram_picture(made(tmp_path, np.concatenate([intro, song, end])), size=16)
    alone = spectrogram_picture(made(tmp_path, song), size=16)
    assert np.abs(whole.astype(int) - alone).mean() < 10


def test_what_shows_nothing_is_told(tmp_path: Path) -> None:
    with pytest.raises(AudioFormatError, match="too short for a picture"):
        spectrogram_picture(made(tmp_path, np.zeros(500)), size=32)
    with pytest.raises(DecodeError):
        spectrogram_picture(tmp_path / "none.wav", size=32)
    silent = spectrogram_picture(made(tmp_path, np.zeros(RATE_HZ)), size=32)
    assert not silent.any()

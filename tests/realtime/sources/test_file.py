"""Files as sources, with real music."""

import time
from pathlib import Path

import numpy as np
import pytest

from catalog.demo import demo_clips
from encoder.decode import decode
from encoder.errors import DecodeError
from realtime.sources.file import FileSource
from tests.catalog.making import tone, write_wav
from tests.realtime.sources.listening import RATE_HZ, Heard, listen, rate_hz

CLIP = demo_clips()[0]


@pytest.fixture
def short(tmp_path: Path) -> Path:
    """A quarter of a second."""
    return write_wav(tmp_path / "short.wav", tone(1, 0.25, rate_hz=RATE_HZ), rate_hz=RATE_HZ)


def test_fast_gives_the_whole_file_without_a_gap() -> None:
    heard = listen(FileSource(CLIP, rate_hz=rate_hz, fast=True))
    expected = np.concatenate(list(decode(CLIP, sample_rate_hz=RATE_HZ)))
    np.testing.assert_array_equal(heard.samples, expected)
    assert heard.gaps == []
    assert heard.states == ["listening"]


def test_at_the_pace_of_real_time_nothing_comes_before_it_would_sound(short: Path) -> None:
    begun_s = time.monotonic()
    heard = listen(FileSource(short, rate_hz=rate_hz))
    for block, arrived_s in zip(heard.blocks, heard.arrivals_s, strict=True):
        assert arrived_s - begun_s >= block.end / RATE_HZ
    assert heard.blocks[-1].end == RATE_HZ // 4


def test_looped_it_goes_on_without_a_gap(short: Path) -> None:
    source = FileSource(short, rate_hz=rate_hz, fast=True, loop=True)
    heard = listen(source, lambda heard: heard.blocks and heard.blocks[-1].end >= RATE_HZ)
    once = RATE_HZ // 4
    np.testing.assert_array_equal(heard.samples[:once], heard.samples[once : 2 * once])
    assert heard.gaps == []


def test_told_to_stop_it_stops() -> None:
    heard = listen(FileSource(CLIP, rate_hz=rate_hz), lambda heard: len(heard.blocks) == 1)
    assert len(heard.blocks) == 1


def test_it_waits_for_the_encoder_in_its_own_thread() -> None:
    def failing() -> int:
        raise DecodeError("the encoder did not load")

    with pytest.raises(DecodeError, match="did not load"):
        listen(FileSource(CLIP, rate_hz=failing))


def test_check_takes_music_and_names_what_it_refuses(tmp_path: Path) -> None:
    FileSource(CLIP, rate_hz=rate_hz).check()
    words = tmp_path / "words.mp3"
    words.write_text("no music")
    for path in (words, tmp_path, tmp_path / "missing.ogg"):
        with pytest.raises(DecodeError, match=f"^{path}: cannot be decoded: "):
            FileSource(path, rate_hz=rate_hz).check()


def test_info_names_the_file_and_no_folder() -> None:
    info = FileSource(Path("/home/me/caf\udce9.mp3"), rate_hz=rate_hz).info
    assert info.model_dump() == {"kind": "file", "name": "caf\\xe9.mp3", "live": False}


def test_stopped_before_it_began_it_gives_nothing() -> None:
    heard = Heard()
    heard.stop.set()
    FileSource(CLIP, rate_hz=rate_hz, fast=True).run(heard.emit, heard.report, heard.stop)
    assert heard.blocks == []

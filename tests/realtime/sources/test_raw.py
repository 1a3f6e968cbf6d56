"""Raw samples through a real pipe and from a real file."""

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from realtime.sources.raw import RawSource
from tests.catalog.making import tone
from tests.realtime.sources.listening import RATE_HZ, WAIT_S, Heard, listen, rate_hz

CHANNELS = 2


def raw(samples: NDArray[np.float32]) -> bytes:
    """s16le, the same in both channels."""
    frames = np.repeat(np.rint(samples * 32767).astype("<i2")[:, np.newaxis], CHANNELS, axis=1)
    return frames.tobytes()


def source(descriptor: int, *, fast: bool = True, channels: int = CHANNELS) -> RawSource:
    return RawSource(descriptor, rate_in_hz=RATE_HZ, channels=channels, rate_hz=rate_hz, fast=fast)


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    reader, writer = os.pipe()
    yield reader, writer
    os.close(reader)


def write_all(writer: int, data: bytes, *, cut: int) -> threading.Thread:
    """Writes in pieces of `cut` bytes, which need not be whole frames, then closes."""

    def write() -> None:
        with os.fdopen(writer, "wb", buffering=0) as stream:
            for first in range(0, len(data), cut):
                stream.write(data[first : first + cut])

    thread = threading.Thread(target=write)
    thread.start()
    return thread


@pytest.mark.parametrize("cut", [1001, 4096, 65_536])
def test_what_is_piped_in_comes_out(pipe: tuple[int, int], cut: int) -> None:
    sound = tone(1, 1.0, rate_hz=RATE_HZ)
    writer = write_all(pipe[1], raw(sound), cut=cut)
    heard = listen(source(pipe[0]))
    writer.join()
    np.testing.assert_allclose(heard.samples, sound, atol=1e-3)
    assert heard.gaps == []
    assert heard.states == ["listening"]


def test_half_a_frame_at_the_end_is_left_out(pipe: tuple[int, int]) -> None:
    writer = write_all(pipe[1], raw(tone(1, 0.1, rate_hz=RATE_HZ)) + b"\x01\x02\x03", cut=999)
    heard = listen(source(pipe[0]))
    writer.join()
    assert len(heard.samples) == RATE_HZ // 10


def test_the_range_of_the_samples_is_kept(pipe: tuple[int, int]) -> None:
    extremes = np.array([-32768, 0, 32767], "<i2")
    writer = write_all(pipe[1], extremes.tobytes(), cut=6)
    heard = listen(source(pipe[0], channels=1))
    writer.join()
    np.testing.assert_allclose(heard.samples, [-1, 0, 32767 / 32768], atol=1e-6)


def test_no_input_is_an_end(pipe: tuple[int, int]) -> None:
    os.close(pipe[1])
    heard = listen(source(pipe[0]))
    assert heard.blocks == []


def test_told_to_stop_it_does_not_wait_for_input(pipe: tuple[int, int]) -> None:
    heard = Heard()
    opened = source(pipe[0])
    thread = threading.Thread(target=opened.run, args=(heard.emit, heard.report, heard.stop))
    thread.start()
    heard.stop.set()
    thread.join(WAIT_S)
    assert not thread.is_alive()
    os.close(pipe[1])


def test_a_regular_file_goes_at_the_pace_of_real_time(tmp_path: Path) -> None:
    path = tmp_path / "sound.raw"
    path.write_bytes(raw(tone(1, 0.2, rate_hz=RATE_HZ)))
    begun_s = time.monotonic()
    with path.open("rb") as file:
        opened = source(file.fileno(), fast=False)
        heard = listen(opened)
    assert opened.info.live is False
    for block, arrived_s in zip(heard.blocks, heard.arrivals_s, strict=True):
        assert arrived_s - begun_s >= block.end / RATE_HZ


def test_a_pipe_is_live(pipe: tuple[int, int]) -> None:
    os.close(pipe[1])
    info = source(pipe[0]).info
    assert info.model_dump() == {"kind": "stdin", "name": "standard input", "live": True}

"""What real codecs and filters do to samples, through FFmpeg (PyAV) and in memory.

For judging and trying things out; nothing that listens or indexes goes through here.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from numpy.typing import NDArray

from .audio import StreamResampler, check_samples, joined, mono_resampler
from .decode import reason
from .errors import AudioError

__all__ = ["AAC_32K", "MP3_32K", "OPUS_16K", "Coding", "coded", "filtered", "resampled"]

_FRAME_SAMPLES = 4096  # pushed into a filter at a time; what comes out does not depend on it


@dataclass(frozen=True)
class Coding:
    """A lossy codec at a rate.

    - ``encoder``: its name in FFmpeg.
    - ``container``: FFmpeg's name of a format that tells the decoder how many samples the encoder
      put in front, so that what comes back is not late.
    - ``bit_rate``: in bits a second, for one channel.
    - ``sample_rate_hz``: at which the encoder runs.
    """

    encoder: str
    container: str
    bit_rate: int
    sample_rate_hz: int


MP3_32K = Coding("libmp3lame", "mp3", 32_000, 22_050)
OPUS_16K = Coding("libopus", "ogg", 16_000, 48_000)
AAC_32K = Coding("aac", "mp4", 32_000, 44_100)


def coded(
    samples: NDArray[np.float32], coding: Coding, *, sample_rate_hz: int
) -> NDArray[np.float32]:
    """``samples`` ``(n,)`` encoded and decoded again: as many, at the same moments.

    Raises `AudioFormatError` for samples that are none, `AudioError` when FFmpeg was built without
    the encoder.
    """
    check_samples(samples)
    if not len(samples):
        return samples.copy()
    there = resampled(samples, rate_in_hz=sample_rate_hz, rate_out_hz=coding.sample_rate_hz)
    try:
        file = _encode(there, coding)
        back = _decode(file, sample_rate_hz=sample_rate_hz)
    except (av.error.FFmpegError, ValueError) as error:
        raise AudioError(f"{coding.encoder} cannot be used: {reason(error)}") from error
    return _fitted(back, len(samples))


def filtered(
    samples: NDArray[np.float32], name: str, options: str, *, sample_rate_hz: int
) -> NDArray[np.float32]:
    """``samples`` ``(n,)`` through a filter of FFmpeg, such as ``atempo`` with ``1.08``.

    How many samples come out is the filter's own. Raises `AudioError`: no such filter or option.
    """
    check_samples(samples)
    graph = av.filter.Graph()
    try:
        source = graph.add_abuffer(sample_rate=sample_rate_hz, format="flt", layout="mono")
        middle = graph.add(name, options)
        sink = graph.add("abuffersink")
        source.link_to(middle)
        middle.link_to(sink)
        graph.configure()
        for first in range(0, len(samples), _FRAME_SAMPLES):
            graph.push(_frame(samples[first : first + _FRAME_SAMPLES], sample_rate_hz, first=first))
        graph.push(None)
        return joined(_pulled(sink))
    except (av.error.FFmpegError, ValueError) as error:
        raise AudioError(f"filter {name}={options} cannot be used: {reason(error)}") from error


def resampled(
    samples: NDArray[np.float32], *, rate_in_hz: int, rate_out_hz: int
) -> NDArray[np.float32]:
    """``samples`` ``(n,)`` at ``rate_in_hz`` as samples at ``rate_out_hz``.

    Sample ``j`` is the moment ``j * rate_in_hz / rate_out_hz`` of the input.
    """
    resampler = StreamResampler(rate_in_hz=rate_in_hz, channels=1, rate_out_hz=rate_out_hz)
    return np.concatenate([resampler.push(samples[:, None]), resampler.flush()])


def _encode(samples: NDArray[np.float32], coding: Coding) -> io.BytesIO:
    file = io.BytesIO()
    with av.open(file, "w", format=coding.container) as container:
        stream = container.add_stream(coding.encoder, rate=coding.sample_rate_hz, layout="mono")
        assert isinstance(stream, AudioStream)
        stream.bit_rate = coding.bit_rate
        for frame in (_frame(samples, coding.sample_rate_hz), None):
            container.mux(stream.encode(frame))
    file.seek(0)
    return file


def _decode(file: io.BytesIO, *, sample_rate_hz: int) -> NDArray[np.float32]:
    resampler = mono_resampler(sample_rate_hz)
    parts = []
    with av.open(file, "r") as container:
        for frame in container.decode(audio=0):
            frame.pts = None  # as in `encoder.decode`: positions are counted, not read
            parts.append(joined(resampler.resample(frame)))
    parts.append(joined(resampler.resample(None)))
    return np.concatenate(parts)


def _frame(samples: NDArray[np.float32], sample_rate_hz: int, *, first: int = 0) -> AudioFrame:
    packed = np.ascontiguousarray(samples).reshape(1, -1)
    frame = AudioFrame.from_ndarray(packed, format="flt", layout="mono")
    frame.sample_rate = sample_rate_hz
    frame.pts = first
    return frame


def _pulled(sink: Any) -> Iterable[Any]:
    while True:
        try:
            yield sink.pull()
        except (av.error.BlockingIOError, av.error.EOFError):
            return


def _fitted(samples: NDArray[np.float32], length: int) -> NDArray[np.float32]:
    """As many samples as went in: decoders may give a part of a frame more or less."""
    return np.pad(samples[:length], (0, max(0, length - len(samples))))

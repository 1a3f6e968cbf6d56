"""Audio files and network streams as blocks of mono samples (FFmpeg through PyAV).

A damaged place in the middle is passed over and counted; what cannot be decoded at all raises
`DecodeError` with FFmpeg's own reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import Any

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.container import InputContainer
from numpy.typing import NDArray

from .audio import joined, mono_resampler
from .errors import DecodeError

MAX_DAMAGED_IN_A_ROW = 500
"""Packets in a row that may fail before the rest of the file is given up."""

SELF_CONTAINED = (
    "aac,ac3,aiff,amr,ape,asf,au,avi,caf,dsf,eac3,flac,flv,iff,loas,matroska,mov,mp3,mpc,mpc8,mpeg,"
    "mpegts,ogg,oma,rm,tak,tta,voc,w64,wav,wv"
)
"""FFmpeg's demuxers of audio that read nothing but the file itself."""


class Decoder:
    """An open file or stream; `blocks()` gives its samples once, from where it stands.

    `source` is a path or an address that FFmpeg opens, or a file's content, which may come from
    anybody: formats that lead to other files or addresses, such as playlists, are refused there.
    `timeout_s` bounds opening and each read of a network stream. `damaged` counts packets that were
    passed over.

    Raises `DecodeError` when there is no such file, it is no audio, or it holds no audio stream.
    """

    def __init__(
        self, source: Path | str | BytesIO, *, sample_rate_hz: int, timeout_s: float | None = None
    ) -> None:
        self.damaged = 0
        self._name = "" if isinstance(source, BytesIO) else str(source)
        allowed = {"format_whitelist": SELF_CONTAINED} if isinstance(source, BytesIO) else None
        self._rate_hz = sample_rate_hz
        try:
            # Tags are read elsewhere; here one that is no UTF-8 must not cost the sound.
            self._container: InputContainer = av.open(
                _address(source),
                "r",
                timeout=timeout_s,
                metadata_errors="replace",
                container_options=allowed,
            )
        except (av.error.FFmpegError, OSError, ValueError) as error:
            raise DecodeError(f"cannot be decoded: {reason(error)}") from error
        if not self._container.streams.audio:
            self._container.close()
            raise DecodeError("holds no audio stream")
        self._stream = self._container.streams.audio[0]
        if self._stream.codec_context is None:
            self._container.close()
            raise DecodeError("holds audio in a codec that FFmpeg does not know")

    def __enter__(self) -> Decoder:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Lets go of the file or connection; safe to call twice."""
        self._container.close()

    def blocks(self) -> Iterator[NDArray[np.float32]]:
        """Mono float32 blocks of any length at `sample_rate_hz`, to the end of the source.

        Raises `DecodeError` when a network stream breaks off, or nothing could be decoded at all.
        """
        resampler = mono_resampler(self._rate_hz)
        form: tuple[int, str, str] | None = None
        heard = False
        for frame in self._frames():
            frame_form = (frame.sample_rate, frame.layout.name, frame.format.name)
            if form is not None and frame_form != form:
                # A chained stream may change its form; the old filter gives up its look-ahead.
                yield joined(resampler.resample(None))
                resampler = mono_resampler(self._rate_hz)
            form = frame_form
            block = _finite(joined(_resample(resampler, frame)))
            if len(block):
                heard = True
                yield block
        if form is not None:
            rest = joined(resampler.resample(None))
            heard = heard or len(rest) > 0
            yield rest
        if not heard:
            raise DecodeError("holds no sample that can be decoded")

    def _frames(self) -> Iterator[AudioFrame]:
        failed_in_a_row = 0
        for packet in self._packets():
            try:
                frames = packet.decode()
            except (av.error.FFmpegError, ValueError):
                self.damaged += 1
                failed_in_a_row += 1
                if failed_in_a_row > MAX_DAMAGED_IN_A_ROW:
                    return
                continue
            failed_in_a_row = 0
            for frame in frames:
                # Positions are counted by us; stamps that jump would make FFmpeg fill or drop.
                frame.pts = None
                yield frame

    def _packets(self) -> Iterator[Any]:
        packets = self._container.demux(self._stream)
        while True:
            try:
                packet = next(packets)
            except (StopIteration, av.error.EOFError):
                return
            except (av.error.FFmpegError, OSError) as error:
                if self._is_network:
                    raise DecodeError(f"broke off: {reason(error)}") from error
                self.damaged += 1  # the container itself is damaged: nothing more comes
                return
            yield packet

    @property
    def _is_network(self) -> bool:
        return "://" in self._name and not self._name.startswith("file:")


def decode(source: Path | str, *, sample_rate_hz: int) -> Iterator[NDArray[np.float32]]:
    """Mono float32 blocks `(n,)` of a file at `sample_rate_hz`; see `Decoder`."""
    with Decoder(source, sample_rate_hz=sample_rate_hz) as decoder:
        yield from decoder.blocks()


def reason(error: Exception) -> str:
    """An error of FFmpeg or the system in its own few words, without address or number.

    >>> reason(FileNotFoundError(2, "No such file or directory", "x.mp3"))
    'no such file or directory'
    """
    words = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return str(words)[:1].lower() + str(words)[1:]


def _address(source: Path | str | BytesIO) -> str | BytesIO:
    # `file:` keeps FFmpeg from reading a protocol into a name such as `concat:a`.
    return f"file:{source}" if isinstance(source, Path) else source


def _resample(resampler: av.AudioResampler, frame: AudioFrame) -> list[AudioFrame]:
    try:
        return resampler.resample(frame)
    except (av.error.FFmpegError, ValueError) as error:
        raise DecodeError(f"cannot be resampled: {reason(error)}") from error


def _finite(block: NDArray[np.float32]) -> NDArray[np.float32]:
    """Float formats can hold NaN and infinity: those samples become silence, not poison."""
    if np.isfinite(block).all():
        return block
    return np.nan_to_num(block, nan=0.0, posinf=0.0, neginf=0.0)

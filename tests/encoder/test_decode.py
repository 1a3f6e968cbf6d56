"""Decoding: real files in many forms, and everything that calls itself audio and is not."""

import os
import wave
from io import BytesIO
from pathlib import Path

import av
import numpy as np
import pytest

from encoder.decode import Decoder, decode
from encoder.errors import DecodeError

RATE_HZ = 16_000


def tone(seconds: float, rate_hz: int, frequency_hz: float = 440) -> np.ndarray:
    t = np.arange(round(seconds * rate_hz)) / rate_hz
    return (0.5 * np.sin(2 * np.pi * frequency_hz * t)).astype(np.float32)


def write(path: Path, samples: np.ndarray, *, codec: str, rate_hz: int, layout: str) -> Path:
    """A file of `samples` `(n,)` on every channel, written by FFmpeg's own encoders."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate_hz)
        stream.layout = layout
        stream.bit_rate = 128_000
        channels = len(av.AudioLayout(layout).channels)
        packed = np.repeat(samples[:, np.newaxis], channels, axis=1).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(packed, format="flt", layout=layout)
        frame.sample_rate = rate_hz
        resampler = av.AudioResampler(
            format=stream.codec_context.format,
            layout=layout,
            rate=rate_hz,
            frame_size=stream.codec_context.frame_size or None,
        )
        for part in [*resampler.resample(frame), *resampler.resample(None)]:
            container.mux(stream.encode(part))
        container.mux(stream.encode(None))
    return path


def decoded(path: Path) -> np.ndarray:
    return np.concatenate(list(decode(path, sample_rate_hz=RATE_HZ)))


@pytest.mark.parametrize(
    ("name", "codec", "rate_hz", "layout", "tolerance"),
    [
        ("a.wav", "pcm_s16le", 8_000, "mono", 1e-3),
        ("a.wav", "pcm_f32le", 44_100, "stereo", 1e-3),
        ("a.flac", "flac", 44_100, "stereo", 1e-3),
        ("a.flac", "flac", 96_000, "5.1", 1e-3),
        ("a.aiff", "pcm_s16be", 22_050, "stereo", 1e-3),
        ("a.mp3", "libmp3lame", 44_100, "stereo", 3e-2),
        ("a.opus", "libopus", 24_000, "mono", 2e-2),
        ("a.ogg", "libopus", 48_000, "stereo", 2e-2),
        ("a.m4a", "aac", 44_100, "stereo", 2e-2),
        ("a.wma", "wmav2", 44_100, "stereo", 5e-2),
    ],
)
def test_every_form_gives_the_same_tone(
    tmp_path: Path, name: str, codec: str, rate_hz: int, layout: str, tolerance: float
) -> None:
    path = write(tmp_path / name, tone(2, rate_hz), codec=codec, rate_hz=rate_hz, layout=layout)
    samples = decoded(path)
    assert len(samples) == pytest.approx(2 * RATE_HZ, abs=0.1 * RATE_HZ)
    middle = samples[RATE_HZ // 2 : RATE_HZ]
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle))))
    assert np.argmax(spectrum) == pytest.approx(440 / 2, abs=1)  # half a second: 2 Hz a bin
    level = np.sqrt(2 * np.mean(middle**2))
    # 5.1 is held to a sum of one, so six equal channels still come out at full level.
    assert level == pytest.approx(0.5, abs=tolerance)


@pytest.mark.parametrize("content", [b"", b"\0", b"This is no music.\n" * 100, b"ID3" + b"\0" * 99])
def test_what_is_no_audio_is_refused_with_a_reason(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "song.mp3"
    path.write_bytes(content)
    with pytest.raises(DecodeError, match=r"cannot be decoded|holds no") as caught:
        decoded(path)
    assert str(tmp_path) not in str(caught.value)  # the caller names the file


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DecodeError, match="cannot be decoded: no such file"):
        decoded(tmp_path / "gone.mp3")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(DecodeError, match="cannot be decoded"):
        decoded(tmp_path)


def test_a_picture_has_no_audio(tmp_path: Path) -> None:
    path = tmp_path / "cover.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.width = stream.height = 32
        stream.pix_fmt = "yuv420p"
        frame = av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), format="rgb24")
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    with pytest.raises(DecodeError, match="holds no audio stream"):
        decoded(path)


def test_a_damaged_middle_is_passed_over_and_counted(tmp_path: Path) -> None:
    samples = tone(6, 44_100)
    path = write(tmp_path / "a.mp3", samples, codec="libmp3lame", rate_hz=44_100, layout="stereo")
    content = bytearray(path.read_bytes())
    third = len(content) // 3
    content[third : third + 4000] = os.urandom(4000)
    path.write_bytes(bytes(content))
    with Decoder(path, sample_rate_hz=RATE_HZ) as decoder:
        heard = np.concatenate(list(decoder.blocks()))
    assert 4 * RATE_HZ < len(heard) <= 6.1 * RATE_HZ
    assert np.isfinite(heard).all()


def test_a_truncated_file_gives_what_is_there(tmp_path: Path) -> None:
    path = write(tmp_path / "a.flac", tone(4, 44_100), codec="flac", rate_hz=44_100, layout="mono")
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    assert RATE_HZ < len(decoded(path)) < 3 * RATE_HZ


def test_nan_in_a_float_file_becomes_silence(tmp_path: Path) -> None:
    samples = tone(1, RATE_HZ)
    samples[100] = np.nan
    samples[200] = np.inf
    path = write(tmp_path / "a.wav", samples, codec="pcm_f32le", rate_hz=RATE_HZ, layout="mono")
    assert np.isfinite(decoded(path)).all()


@pytest.mark.parametrize(
    "name",
    [b"\xe6\xad\x8c.wav", b"new\nline.wav", b"bad \xff\xfe.wav", b"-x.wav", b"concat:a|b.wav"],
)
def test_names_of_any_bytes(tmp_path: Path, name: bytes) -> None:
    path = tmp_path / os.fsdecode(name)
    with path.open("wb") as raw, wave.open(raw) as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(b"\0\x10" * RATE_HZ)
    assert len(decoded(path)) == RATE_HZ


def test_a_tag_in_an_old_encoding_does_not_cost_the_sound(tmp_path: Path) -> None:
    path = write(
        tmp_path / "tone.wav", tone(1, RATE_HZ), codec="pcm_s16le", rate_hz=RATE_HZ, layout="mono"
    )
    text = "Caf\u00e9!".encode("latin-1") + b"\0"
    entry = b"INFOINAM" + len(text).to_bytes(4, "little") + text
    with path.open("r+b") as file:
        content = file.read() + b"LIST" + len(entry).to_bytes(4, "little") + entry
        file.seek(0)
        file.write(content[:4] + (len(content) - 8).to_bytes(4, "little") + content[8:])
    assert sum(map(len, decode(path, sample_rate_hz=RATE_HZ))) == RATE_HZ


def test_a_files_content_is_decoded_like_the_file(tmp_path: Path) -> None:
    file = tmp_path / "tone.wav"
    write(file, tone(1.0, 44_100), codec="pcm_s16le", rate_hz=44_100, layout="stereo")
    content = Decoder(BytesIO(file.read_bytes()), sample_rate_hz=16_000)
    with content, Decoder(file, sample_rate_hz=16_000) as whole:
        np.testing.assert_array_equal(
            np.concatenate(list(content.blocks())), np.concatenate(list(whole.blocks()))
        )


@pytest.mark.parametrize("kind", ["playlist", "script"])
def test_content_that_leads_to_other_files_is_refused(tmp_path: Path, kind: str) -> None:
    """FFmpeg would open what a playlist names, be it a file of this machine or an address."""
    file = tmp_path / "tone.wav"
    write(file, tone(1.0, RATE_HZ), codec="pcm_s16le", rate_hz=RATE_HZ, layout="mono")
    text = {
        "playlist": f"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:1,\nfile://{file}\n#EXT-X-ENDLIST\n",
        "script": f"ffconcat version 1.0\nfile {file.name}\n",
    }[kind]
    with pytest.raises(DecodeError, match="cannot be decoded"):
        Decoder(BytesIO(text.encode()), sample_rate_hz=16_000)

"""The converter: the shipped weights again from the wheel, and what it refuses.

The wheel is 29 MB and not in the repository. Its tests run where the environment variable
``NOWHEAR_MUSICNN_WHEEL`` names it (``pip download --no-deps musicnn==0.1.0``).
"""

import os
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from encoder.convert_musicnn import WEIGHTS_NAME, convert, main
from encoder.errors import WeightsError
from encoder.musicnn_encoder import SHIPPED_WEIGHTS, load_teacher
from encoder.tf_bundle import read_bundle

WHEEL = os.environ.get("NOWHEAR_MUSICNN_WHEEL")
needs_wheel = pytest.mark.skipif(
    not (WHEEL and Path(WHEEL).is_file()),
    reason="NOWHEAR_MUSICNN_WHEEL does not name the musicnn 0.1.0 wheel",
)


def varint(value: int) -> bytes:
    out = b""
    while value > 0x7F:
        out, value = out + bytes([value & 0x7F | 0x80]), value >> 7
    return out + bytes([value])


def field(number: int, value: int | bytes) -> bytes:
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def block(entries: list[tuple[bytes, bytes]], *, compression: int = 0) -> bytes:
    """A table block with prefix-shared keys, its one restart, and its trailer."""
    out, last = b"", b""
    for key, value in entries:
        pairs = enumerate(zip(last, key, strict=False))
        shared = next((i for i, (a, b) in pairs if a != b), min(len(last), len(key)))
        out += varint(shared) + varint(len(key) - shared) + varint(len(value))
        out += key[shared:] + value
        last = key
    return out + struct.pack("<II", 0, 1) + bytes([compression]) + b"\0\0\0\0"


def bundle(tensors: dict[str, np.ndarray], *, compression: int = 0) -> tuple[bytes, bytes]:
    """An index and its data, written from the format's description."""
    entries, data = [(b"", field(1, 1))], b""
    for name in sorted(tensors):
        array = tensors[name]
        shape = b"".join(field(2, field(1, size)) for size in array.shape)
        value = field(1, 1) + field(2, shape) + field(4, len(data)) + field(5, array.nbytes)
        value += varint(6 << 3 | 5) + b"\1\2\3\4"
        entries.append((name.encode(), value))
        data += array.astype("<f4").tobytes()
    body = block(entries, compression=compression)
    handle = varint(0) + varint(len(body) - 5)
    index = block([(b"~", handle)])
    footer = varint(0) + varint(0) + varint(len(body)) + varint(len(index) - 5)
    return body + index + footer.ljust(40, b"\0") + struct.pack("<Q", 0xDB4775248B80FB57), data


TENSORS = {
    "conv2d/bias": np.arange(3, dtype=np.float32),
    "conv2d/kernel": np.arange(24, dtype=np.float32).reshape(2, 3, 4),
    "conv2d_1/bias": np.full(200, 0.5, np.float32),
    "step": np.array(7, np.float32),
}


def test_reads_names_shapes_and_values() -> None:
    found = read_bundle(*bundle(TENSORS))
    assert found.keys() == TENSORS.keys()
    for name, expected in TENSORS.items():
        np.testing.assert_array_equal(found[name], expected)
        assert found[name].shape == expected.shape


@settings(max_examples=60, deadline=None)
@given(cut=st.integers(0, len(bundle(TENSORS)[0]) - 1))
def test_a_truncated_index_is_refused(cut: int) -> None:
    index, data = bundle(TENSORS)
    with pytest.raises(WeightsError, match="index"):
        read_bundle(index[:cut], data)


def test_short_data_is_refused() -> None:
    index, data = bundle(TENSORS)
    with pytest.raises(WeightsError, match=rf"data has {len(data) - 1} bytes"):
        read_bundle(index, data[:-1])


def test_a_compressed_index_is_refused() -> None:
    with pytest.raises(WeightsError, match=r"compressed \(type 1\)"):
        read_bundle(*bundle(TENSORS, compression=1))


def test_another_file_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wheel = tmp_path / "musicnn-0.1.0-py3-none-any.whl"
    wheel.write_bytes(b"not a wheel")
    assert main([str(wheel), "--out", str(tmp_path / "out")]) == 1
    message = capsys.readouterr().err
    assert "(11 bytes) has SHA-256" in message
    assert "pip download --no-deps musicnn==0.1.0" in message
    assert not (tmp_path / "out").exists()


def test_a_missing_file_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "none.whl"), "--out", str(tmp_path)]) == 1
    assert "none.whl" in capsys.readouterr().err


def test_the_shipped_file_says_where_it_comes_from() -> None:
    _, checkpoint = load_teacher(SHIPPED_WEIGHTS)
    assert checkpoint.record["license"] == "ISC"
    assert "Universitat Pompeu Fabra" in checkpoint.record["copyright"]
    assert SHIPPED_WEIGHTS.name == WEIGHTS_NAME
    license_text = (SHIPPED_WEIGHTS.parent / "LICENSE.musicnn").read_text()
    assert license_text.startswith(checkpoint.record["copyright"])


@needs_wheel
def test_the_wheel_gives_the_shipped_bytes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(WHEEL), "--out", str(tmp_path)]) == 0
    assert "792,079 parameters" in capsys.readouterr().out
    for name in (WEIGHTS_NAME, "LICENSE.musicnn"):
        assert (tmp_path / name).read_bytes() == (SHIPPED_WEIGHTS.parent / name).read_bytes()


@needs_wheel
def test_one_changed_byte_of_the_wheel_is_refused() -> None:
    wheel = bytearray(Path(str(WHEEL)).read_bytes())
    wheel[len(wheel) // 2] ^= 1
    with pytest.raises(WeightsError, match="SHA-256"):
        convert(bytes(wheel))

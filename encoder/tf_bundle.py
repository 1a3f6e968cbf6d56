"""Read a TensorFlow checkpoint ("tensor bundle") without TensorFlow.

A bundle is an index and raw data. The index is a sorted table in LevelDB's format: blocks of
key-value entries whose keys share prefixes, an index block that locates them and a footer
that locates the index block. A value is a protocol buffer ``BundleEntryProto`` with the
tensor's type, shape, offset and size in the data.

Formats: github.com/google/leveldb, ``doc/table_format.md``; github.com/tensorflow/tensorflow,
``core/protobuf/tensor_bundle.proto``. Only what a little-endian, one-shard bundle of
uncompressed blocks holds is read; everything else is refused.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from encoder.errors import WeightsError

__all__ = ["read_bundle"]

_FOOTER_BYTES = 48
_MAGIC = 0xDB4775248B80FB57
_DT_FLOAT = 1
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5  # protocol buffer wire types


@dataclass(frozen=True)
class _Entry:
    dtype: int
    shape: tuple[int, ...]
    shard: int
    offset: int
    size: int


def read_bundle(index: bytes, data: bytes) -> dict[str, NDArray[np.float32]]:
    """Every float32 tensor of a bundle, by name.

    Raises:
        WeightsError: ``index`` or ``data`` is damaged, or of a kind that is not read here.
    """
    try:
        entries = dict(_table_entries(index))
        return {
            key.decode(): _tensor(entry, data)
            for key, value in entries.items()
            # The empty key holds the bundle's header.
            if key and (entry := _entry(value)).dtype == _DT_FLOAT
        }
    except (IndexError, UnicodeDecodeError) as error:
        raise WeightsError(f"the checkpoint's index is damaged: {error}") from error


def _table_entries(table: bytes) -> Iterator[tuple[bytes, bytes]]:
    footer = table[-_FOOTER_BYTES:]
    magic = int.from_bytes(footer[-8:], "little")
    if len(footer) < _FOOTER_BYTES or magic != _MAGIC:
        raise WeightsError(
            f"the checkpoint's index ends with {magic:#018x}, expected {_MAGIC:#018x}"
        )
    _, at = _handle(footer, 0)  # the meta-index block comes first; nothing in it matters here
    index_block, _ = _handle(footer, at)
    for _, handle in _block_entries(table, index_block):
        yield from _block_entries(table, _handle(handle, 0)[0])


def _handle(buffer: bytes, at: int) -> tuple[tuple[int, int], int]:
    offset, at = _varint(buffer, at)
    size, at = _varint(buffer, at)
    return (offset, size), at


def _block_entries(table: bytes, handle: tuple[int, int]) -> Iterator[tuple[bytes, bytes]]:
    offset, size = handle
    if table[offset + size] != 0:  # the byte after a block names its compression
        raise WeightsError(f"the checkpoint's index is compressed (type {table[offset + size]})")
    block = table[offset : offset + size]
    restarts = int.from_bytes(block[-4:], "little")
    end, at, key = len(block) - 4 - 4 * restarts, 0, b""
    while at < end:
        shared, at = _varint(block, at)
        unshared, at = _varint(block, at)
        length, at = _varint(block, at)
        key = key[:shared] + block[at : at + unshared]
        yield key, block[at + unshared : at + unshared + length]
        at += unshared + length


def _entry(message: bytes) -> _Entry:
    fields = {number: value for number, value in _fields(message) if isinstance(value, int)}
    shape = next((v for n, v in _fields(message) if n == 2 and isinstance(v, bytes)), b"")
    dims = tuple(
        next((v for n, v in _fields(dim) if n == 1 and isinstance(v, int)), 0)
        for number, dim in _fields(shape)
        if number == 2 and isinstance(dim, bytes)
    )
    return _Entry(fields.get(1, 0), dims, fields.get(3, 0), fields.get(4, 0), fields.get(5, 0))


def _fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        number, wire = tag >> 3, tag & 7
        if wire == _VARINT:
            value, at = _varint(message, at)
            yield number, value
        elif wire == _BYTES:
            size, at = _varint(message, at)
            yield number, message[at : at + size]
            at += size
        elif wire in (_FIXED64, _FIXED32):
            at += 8 if wire == _FIXED64 else 4  # checksums; the wheel's own is checked instead
        else:
            raise WeightsError(f"the checkpoint's index has a field of wire type {wire}")


def _varint(buffer: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = buffer[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def _tensor(entry: _Entry, data: bytes) -> NDArray[np.float32]:
    count = int(np.prod(entry.shape, dtype=np.int64))
    if entry.shard != 0 or entry.size != 4 * count or entry.offset + entry.size > len(data):
        raise WeightsError(
            f"the checkpoint's data has {len(data)} bytes, which cannot hold {entry}"
        )
    flat = np.frombuffer(data, dtype="<f4", count=count, offset=entry.offset)
    return flat.reshape(entry.shape)

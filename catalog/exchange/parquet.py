"""Features as Parquet: a row a song; vectors are lists of fixed length, prints and peaks one
binary each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import ManifestError, MissingExtraError
from .rows import (
    CHUNK_SONGS,
    FORMAT,
    NUMBERS,
    TEXTS,
    Chunk,
    Contents,
    Header,
    Writer,
    chunk_of,
    read_header,
)


def _pyarrow() -> tuple[Any, Any]:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise MissingExtraError(
            "Parquet needs pyarrow, which is not installed: pip install 'nowhear[learn]'"
        ) from error
    return pyarrow, parquet


class _Writer:
    def __init__(self, arrow: Any, file: Any, schema: Any) -> None:
        self._arrow, self._file, self._schema = arrow, file, schema

    def add(self, chunk: Chunk) -> None:
        arrow = self._arrow
        columns: dict[str, Any] = dict(chunk.columns())
        for name, rows in (("style", chunk.style), ("tags", chunk.tags)):
            flat = arrow.array(np.ascontiguousarray(rows, np.float32).reshape(-1))
            columns[name] = arrow.FixedSizeListArray.from_arrays(flat, rows.shape[1])
        columns["prints"] = [rows.tobytes() for rows in chunk.prints]
        columns["peaks"] = [rows.tobytes() for rows in chunk.peaks]
        self._file.write_table(arrow.table(columns, schema=self._schema))


class Parquet:
    """Parquet, by pyarrow."""

    @contextmanager
    def writing(self, path: Path, header: Header) -> Iterator[Writer]:
        """See `rows.Format`."""
        arrow, parquet = _pyarrow()
        schema = _schema(arrow, header)
        with parquet.ParquetWriter(path, schema, compression="zstd") as file:
            yield _Writer(arrow, file, schema)

    @contextmanager
    def reading(self, path: Path) -> Iterator[Contents]:
        """See `rows.Format`."""
        arrow, parquet = _pyarrow()
        try:
            file = parquet.ParquetFile(path)
        except (arrow.ArrowInvalid, OSError) as error:
            raise ManifestError(f"{path}: is no Parquet file that can be read: {error}") from error
        with file:
            header = read_header((file.schema_arrow.metadata or {}).get(FORMAT.encode()), path)
            if not file.schema_arrow.equals(_schema(arrow, header), check_metadata=False):
                raise ManifestError(f"{path}: its columns are not those of {FORMAT}")
            yield Contents(header, file.metadata.num_rows, _chunks(file, header))


def _schema(arrow: Any, header: Header) -> Any:
    spec = header.spec
    fields = [arrow.field(name, arrow.string()) for name in TEXTS]
    fields += [arrow.field(name, arrow.from_numpy_dtype(kind)) for name, kind in NUMBERS.items()]
    fields += [
        arrow.field("style", arrow.list_(arrow.float32(), spec.style_dim)),
        arrow.field("tags", arrow.list_(arrow.float32(), len(spec.tags))),
        *(arrow.field(name, arrow.binary()) for name in header.of_segments()),
    ]
    return arrow.schema(fields, metadata={FORMAT: header.to_json()})


def _chunks(file: Any, header: Header) -> Iterator[Chunk]:
    spec = header.spec
    for batch in file.iter_batches(batch_size=CHUNK_SONGS):
        columns = {name: batch.column(name).to_pylist() for name in (*TEXTS, *NUMBERS)}
        yield chunk_of(
            columns,
            _matrix(batch.column("style"), spec.style_dim),
            _matrix(batch.column("tags"), len(spec.tags)),
            {
                name: np.frombuffer(b"".join(batch.column(name).to_pylist()), kind).reshape(
                    -1, width
                )
                for name, (kind, width) in header.of_segments().items()
            },
            header,
        )


def _matrix(column: Any, width: int) -> NDArray[np.float32]:
    rows: NDArray[np.float32] = column.flatten().to_numpy(zero_copy_only=False)
    return rows.reshape(-1, width)

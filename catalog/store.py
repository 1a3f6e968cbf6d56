"""The database: connections, transactions, and what stands in the `meta` table."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import URL, Connection, Engine, create_engine, delete, event, inspect, select
from sqlalchemy import insert as sql_insert
from sqlalchemy.exc import SQLAlchemyError

from . import schema
from .errors import ManifestError, NoCatalogError, StoreError

if TYPE_CHECKING:
    from encoder.embedding import EncoderSpec

FORMAT_VERSION = 1
"""Raised when the tables or the vector files change so that older code would misread them."""

METRIC = "angular"
DATABASE_NAME = "catalog.sqlite"
BUSY_TIMEOUT_S = 30.0
"""So long does a transaction wait for another; the writer's are a few milliseconds."""


@dataclass(frozen=True)
class Meta:
    """What the whole catalog rests on, and two counters."""

    format_version: int
    catalog: str  # drawn at random when the catalog was made
    encoder: str
    fingerprint: str
    sample_rate_hz: int
    window_samples: int
    dimension: int
    metric: str
    tags: tuple[str, ...]
    epoch: int  # raised when all songs are embedded again; names the folder of the vectors
    next_row: int  # rows of the vector files that count
    revision: int  # raised by every transaction that writes

    @classmethod
    def of(cls, spec: EncoderSpec) -> Meta:
        """Meta of a new, empty catalog."""
        return cls(
            format_version=FORMAT_VERSION,
            catalog=secrets.token_hex(8),
            encoder=spec.name,
            fingerprint=spec.fingerprint,
            sample_rate_hz=spec.sample_rate_hz,
            window_samples=spec.window_samples,
            dimension=spec.style_dim,
            metric=METRIC,
            tags=tuple(spec.tags),
            epoch=1,
            next_row=0,
            revision=0,
        )

    def restarted(self, spec: EncoderSpec) -> Meta:
        """The same catalog, about to be embedded again by `spec`."""
        fresh = Meta.of(spec)
        return replace(
            fresh, catalog=self.catalog, epoch=self.epoch + 1, revision=self.revision + 1
        )

    def check(self, spec: EncoderSpec) -> None:
        """Raises `ManifestError` when the songs were embedded by another encoder than `spec`."""
        wanted = Meta.of(spec)
        for name in ("fingerprint", "encoder", "dimension", "sample_rate_hz", "window_samples"):
            stored, now = getattr(self, name), getattr(wanted, name)
            if stored != now:
                raise ManifestError(
                    f"the catalog's songs were embedded with {name} {stored!r} "
                    f"(encoder {self.encoder!r}), but the encoder in force has {name} {now!r} "
                    f"(encoder {wanted.encoder!r}); `nowhear add --rebuild` embeds them again"
                )


class Store:
    """Transactions on the song table. Safe to use from several threads."""

    def __init__(self, folder: Path, *, url: str | None = None) -> None:
        self._file = folder / DATABASE_NAME if url is None else None
        self._name = str(self._file) if self._file else "the database"
        self._engine = _engine(
            URL.create("sqlite+pysqlite", database=str(self._file)) if url is None else url
        )

    @property
    def file(self) -> Path | None:
        """The database file; None when a server holds the tables."""
        return self._file

    def close(self) -> None:
        """Give back all connections."""
        self._engine.dispose()

    def create(self, spec: EncoderSpec) -> None:
        """Make the tables unless they are there. The `meta` rows come last and at once: a
        database without them is no catalog yet, and the next call goes on."""
        with self.write() as connection:
            schema.metadata.create_all(connection)
            if connection.execute(select(schema.meta)).first() is None:
                write_meta(connection, Meta.of(spec))

    def meta(self) -> Meta:
        """What the catalog rests on. Raises `NoCatalogError`, `ManifestError`, `StoreError`."""
        if self._file is not None and not self._file.is_file():
            raise self._no_catalog()
        with self.read() as connection:
            if not inspect(connection).has_table(schema.meta.name):
                raise self._no_catalog()
            meta = read_meta(connection)
        if meta is None:
            raise self._no_catalog()
        return meta

    def _no_catalog(self) -> NoCatalogError:
        place = self._file.parent if self._file else self._name
        return NoCatalogError(f"{place}: no catalog here; `nowhear add PATH...` makes one")

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that sees one state of the tables."""
        with self._transaction() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that is committed at the end of the block, and rolled back on errors."""
        with self._transaction() as connection:
            yield connection

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        try:
            with self._engine.begin() as connection:
                yield connection
        except SQLAlchemyError as error:
            cause = getattr(error, "orig", None) or error
            raise StoreError(
                f"{self._name}: {cause}. What was stored before is untouched"
                + _remedy(str(cause).lower())
            ) from error


def read_meta(connection: Connection) -> Meta | None:
    """The `meta` rows; None before the catalog is made. Raises `ManifestError`, `StoreError`."""
    found = {key: _value(value) for key, value in connection.execute(select(schema.meta))}
    if not found:
        return None
    if found.get("format_version") != FORMAT_VERSION:
        raise ManifestError(
            f"the catalog has format version {found.get('format_version')}, this nowhear reads "
            f"version {FORMAT_VERSION}; use the nowhear that wrote it, or make a new catalog with "
            "`nowhear add --catalog DIR PATH...`"
        )
    if wrong := _wrong(found):
        raise StoreError(
            f"the catalog's table `meta` is damaged at {', '.join(wrong)}; put back a copy of the "
            "database, or move the catalog's folder away and add again"
        )
    return Meta(**{**found, "tags": tuple(found["tags"])})


def _value(text: str) -> Any:
    """What a value of `meta` says; None, which stands for nothing there, when it is damaged."""
    try:
        return json.loads(text)
    except (ValueError, TypeError, RecursionError):
        return None


def _wrong(found: dict[str, Any]) -> list[str]:
    """Keys of `meta` that are missing, unknown, or of another type."""
    types = {"int": int, "str": str, "tuple[str, ...]": list}
    wanted = {field.name: types[str(field.type)] for field in fields(Meta)}
    missing = [name for name, kind in wanted.items() if not isinstance(found.get(name), kind)]
    return missing + sorted(set(found) - set(wanted))


def write_meta(connection: Connection, meta: Meta) -> None:
    """Replace the `meta` rows."""
    connection.execute(delete(schema.meta))
    rows = [{"key": key, "value": json.dumps(value)} for key, value in asdict(meta).items()]
    connection.execute(sql_insert(schema.meta), rows)


def _remedy(cause: str) -> str:
    if "full" in cause or "disk i/o" in cause:
        return "; free some space on that disk and run this again"
    if "malformed" in cause or "not a database" in cause:
        return "; the file is damaged: put back a copy, or move the folder away and add again"
    if "readonly" in cause or "unable to open" in cause:
        return "; check that this user may write to the folder"
    return ""


def _engine(url: str | URL) -> Engine:
    try:
        engine = create_engine(url)
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", _prepare_sqlite)
            event.listen(engine, "begin", _begin_sqlite)
            return engine
        return engine.execution_options(isolation_level="REPEATABLE READ")
    except (SQLAlchemyError, ImportError) as error:
        raise StoreError(
            f"catalog.database: {error}; expected an SQLAlchemy URL whose driver is installed"
        ) from error


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver's own transaction handling lets two SELECTs see two states; BEGIN does not.
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",  # readers never wait for the writer
        "synchronous=FULL",  # a committed song outlives a power cut
        "foreign_keys=ON",
        f"busy_timeout={int(BUSY_TIMEOUT_S * 1000)}",
    ):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")

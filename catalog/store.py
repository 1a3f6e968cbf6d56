"""The database: its connections and transactions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, select
from sqlalchemy.exc import SQLAlchemyError

from . import schema
from .errors import NoCatalogError, StoreError
from .meta import Meta, read_meta, write_meta

if TYPE_CHECKING:
    from encoder.embedding import EncoderSpec

DATABASE_NAME = "catalog.sqlite"
_WRITES = "nowhear_writes"  # execution option of transactions that write
BUSY_TIMEOUT_S = 30.0
"""So long does a transaction wait for another; the writer's are a few milliseconds."""


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
            schema.metadata.create_all(connection, tables=schema.FIRST)
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
        with self._transaction(self._engine) as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that is committed at the end of the block, and rolled back on errors."""
        with self._transaction(self._engine.execution_options(**{_WRITES: True})) as connection:
            yield connection

    @contextmanager
    def _transaction(self, engine: Engine) -> Iterator[Connection]:
        try:
            with engine.begin() as connection:
                yield connection
        except SQLAlchemyError as error:
            cause = getattr(error, "orig", None) or error
            raise StoreError(
                f"{self._name}: {cause}. What was stored before is untouched"
                + _remedy(str(cause).lower())
            ) from error


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
    # A transaction that read first and then writes is refused at once, whatever the timeout, when
    # another has written in between. One that writes from the start waits for its turn.
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

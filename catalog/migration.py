"""Brings a catalog of an older format to this one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, Connection, inspect, text

from . import generations, records, schema
from .meta import WITHOUT, Meta, damaged, meta_values, write_meta
from .store import Store

if TYPE_CHECKING:
    from encoder.embedding import EncoderSpec

KEPT = {"catalog": str, "epoch": int, "revision": int}
"""What of the old `meta` table goes on."""


def migrate(store: Store, spec: EncoderSpec, folder: Path) -> None:
    """Give the tables of formats 1 and 2 what they lack, all songs to be embedded again by `spec`.

    Songs keep their ids. Does nothing to a catalog of any other format, or where there is none.
    Raises `StoreError`; then the catalog is as it was.
    """
    with store.write() as db:
        if not inspect(db).has_table(schema.meta.name):
            return
        found = meta_values(db)
        if found.get("format_version") not in tuple(WITHOUT):  # what is found need not be a number
            return
        if wrong := [name for name, kind in KEPT.items() if not isinstance(found.get(name), kind)]:
            raise damaged(wrong)
        generations.withdraw(folder / "index")
        there = {column["name"] for column in inspect(db).get_columns(schema.songs.name)}
        for column in (schema.songs.c.first_segment, schema.songs.c.segments):
            if column.name not in there:  # format 1
                _add_column(db, column)
        old = {name: found[name] for name in KEPT}
        meta = Meta.of(spec).going_on(**old)
        records.forget_rows(db, revision=meta.revision)
        write_meta(db, meta)


def _add_column(db: Connection, column: Column[Any]) -> None:
    kind = column.type.compile(db.dialect)
    db.execute(text(f"ALTER TABLE {schema.songs.name} ADD COLUMN {column.name} {kind}"))

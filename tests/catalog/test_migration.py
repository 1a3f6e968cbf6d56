"""A catalog of a format from before segments or peaks: refused, and mended by a rebuild."""

import contextlib
import hashlib
import json
import sqlite3

import numpy as np
import pytest

from catalog.add import add
from catalog.catalog import Catalog
from catalog.errors import ManifestError, StoreError
from catalog.migration import migrate
from catalog.store import Store
from encoder.files import PRINT_HOP_SAMPLES
from tests.catalog.making import (
    DIMENSION,
    PRINT_DIMENSION,
    SPEC,
    BandsEncoder,
    contents,
    settings_at,
    write_music,
)

SCHEMA_1 = """
CREATE TABLE meta ("key" VARCHAR(64) NOT NULL, value TEXT NOT NULL, PRIMARY KEY ("key"));
CREATE TABLE songs (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, path BLOB NOT NULL, title TEXT NOT NULL,
    artist TEXT, album TEXT, genre TEXT, year INTEGER, duration_s FLOAT NOT NULL,
    content_hash VARCHAR(64) NOT NULL, size BIGINT NOT NULL, mtime_ns BIGINT NOT NULL,
    added_at DATETIME NOT NULL, "row" INTEGER, group_id INTEGER NOT NULL,
    search_key TEXT NOT NULL, revision BIGINT NOT NULL, UNIQUE (path), UNIQUE ("row")
);
CREATE INDEX ix_songs_content_hash ON songs (content_hash);
CREATE INDEX ix_songs_group_id ON songs (group_id);
CREATE INDEX ix_songs_revision ON songs (revision);
CREATE TABLE removed (id INTEGER NOT NULL PRIMARY KEY, revision BIGINT NOT NULL);
CREATE INDEX ix_removed_revision ON removed (revision);
"""
"""What nowhear 0.1 made, written out: the code that makes it is gone."""

META_1 = {
    "format_version": 1,
    "catalog": "0123456789abcdef",
    "encoder": SPEC.name,
    "fingerprint": SPEC.fingerprint,
    "sample_rate_hz": SPEC.sample_rate_hz,
    "window_samples": SPEC.window_samples,
    "dimension": DIMENSION,
    "metric": "angular",
    "tags": list(SPEC.tags),
    "epoch": 3,
    "next_row": 9,
    "revision": 17,
}
SEGMENTS_2 = """
ALTER TABLE songs ADD COLUMN first_segment BIGINT;
ALTER TABLE songs ADD COLUMN segments INTEGER;
UPDATE songs SET first_segment = 3 * "row", segments = 2;
"""
"""What format 2 had beside it."""

META_2 = META_1 | {
    "format_version": 2,
    "print_name": SPEC.prints.name,
    "print_fingerprint": SPEC.prints.fingerprint,
    "print_sample_rate_hz": SPEC.prints.sample_rate_hz,
    "print_window_samples": SPEC.prints.window_samples,
    "print_stride_samples": SPEC.prints.stride_samples,
    "print_dimension": PRINT_DIMENSION,
    "print_hop_samples": PRINT_HOP_SAMPLES,
    "next_segment": 27,
}
LACKS = {1: "without the segments that name a song", 2: "without the peaks that prove a song"}
FIRST_ID = 5
COMMAND = "`nowhear add --rebuild`"


@pytest.fixture(params=[1, 2])
def version(request):
    return request.param


@pytest.fixture
def old(tmp_path, version):
    """The folder of a catalog of an old format with four songs, whose files are there, and an
    index."""
    folder = tmp_path / "catalog"
    meta = {1: META_1, 2: META_2}[version]
    styles = folder / "vectors" / "000003" / "style.f32"
    styles.parent.mkdir(parents=True)
    styles.write_bytes(np.ones((9, DIMENSION), "<f4").tobytes())
    if version == 2:
        styles.with_name("prints.i8").write_bytes(bytes(27 * PRINT_DIMENSION))
    with contextlib.closing(sqlite3.connect(folder / "catalog.sqlite")) as database:
        database.executescript(SCHEMA_1)
        rows = [(key, json.dumps(value)) for key, value in meta.items()]
        database.executemany("INSERT INTO meta VALUES (?, ?)", rows)
        for row, path in enumerate(write_music(tmp_path / "music", 4)):
            stat = path.stat()
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            database.execute(
                "INSERT INTO songs VALUES (?, ?, ?, NULL, NULL, NULL, NULL, 2.0, ?, ?, ?, "
                "'2026-01-02 03:04:05.000000', ?, ?, '', ?)",
                (
                    *(FIRST_ID + row, bytes(path), path.stem, digest, stat.st_size),
                    *(stat.st_mtime_ns, row, FIRST_ID, 4 + row),
                ),
            )
        if version == 2:
            database.executescript(SEGMENTS_2)
        database.commit()
    generation = folder / "index" / "gen-000001"
    generation.mkdir(parents=True)
    (generation / "manifest.json").write_text(json.dumps({**meta, "songs": 4, "trees": 5}))
    (folder / "index" / "CURRENT").write_text("gen-000001\n")
    return folder


@pytest.mark.parametrize("how", [{}, {"write": True}, {"create": True}])
def test_it_is_refused_with_the_command_that_mends_it(old, version, how):
    with pytest.raises(ManifestError, match=LACKS[version]) as error:
        Catalog.open(settings_at(old), SPEC, **how)
    assert f"format version {version}," in str(error.value)
    assert "reads version 3" in str(error.value)
    assert COMMAND in str(error.value)


def test_a_rebuild_mends_it_and_songs_keep_their_ids(old, tmp_path):
    settings = settings_at(old)
    with Catalog.open(settings, SPEC, write=True, restart=True) as catalog:
        assert catalog.count == 0
        waiting = catalog.waiting()
        assert [path.name for path in waiting] == [f"{i:02} tune {i}.wav" for i in (0, 3, 1, 2)]
        assert catalog.info().format_version == 3
    with Catalog.open(settings, SPEC, write=True, restart=True) as catalog:  # was interrupted
        summary = add(catalog.waiting(), catalog, BandsEncoder(), settings)
        assert (summary.added, summary.skipped) == (4, ())
    with Catalog.open(settings, SPEC) as reader:
        songs = reader.songs()
        assert [song.id for song in songs] == [5, 6, 7, 8]
        assert [song.added_at.year for song in songs] == [2026] * 4
        assert (reader.generation, reader.count) == (2, 4)
        for song in songs:
            prints = reader.prints(song.id)
            assert reader.search_prints(prints[:1], 1).songs.tolist() == [[song.id]]
            assert reader.peaks(song.id).any()
    assert [path.name for path in (old / "vectors").iterdir()] == ["000004"]
    fresh = settings_at(tmp_path / "fresh")
    with Catalog.open(fresh, SPEC, create=True) as catalog:
        add([tmp_path / "music"], catalog, BandsEncoder(), fresh)
    assert contents(fresh) == contents(settings)


def test_an_index_of_that_format_is_refused_and_mended_by_a_reindex(old, version, tmp_path):
    settings = settings_at(tmp_path / "new")
    with Catalog.open(settings, SPEC, create=True) as catalog:
        add([tmp_path / "music"], catalog, BandsEncoder(), settings)
    manifest = old / "index" / "gen-000001" / "manifest.json"
    (settings.directory / "index" / "gen-000001" / "manifest.json").write_text(manifest.read_text())
    with pytest.raises(
        ManifestError, match=f"format_version is {version}, but the catalog expects 3"
    ):
        Catalog.open(settings, SPEC)
    with Catalog.open(settings, None, write=True) as catalog:
        assert catalog.publish(force=True)
    with Catalog.open(settings, SPEC) as catalog:
        assert catalog.generation == 2


def test_a_damaged_old_catalog_is_left_as_it_was(old, version):
    with contextlib.closing(sqlite3.connect(old / "catalog.sqlite")) as database:
        database.execute("UPDATE meta SET value = '{' WHERE key = 'epoch'")
        database.commit()
    with pytest.raises(StoreError, match="`meta` is damaged at epoch"):
        Catalog.open(settings_at(old), SPEC, write=True, restart=True)
    with contextlib.closing(sqlite3.connect(old / "catalog.sqlite")) as database:
        columns = [row[1] for row in database.execute("PRAGMA table_info(songs)")]
    assert ("segments" in columns) == (version == 2)
    assert (old / "index" / "CURRENT").exists()


def test_a_catalog_of_this_format_is_left_alone(tmp_path):
    settings = settings_at(tmp_path)
    with Catalog.open(settings, SPEC, create=True) as catalog:
        revision = catalog.info().revision
    store = Store(tmp_path)
    migrate(store, SPEC, tmp_path)
    store.close()
    with Catalog.open(settings, SPEC) as catalog:
        assert catalog.info().revision == revision

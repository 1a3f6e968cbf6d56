"""The database: what is refused, and with which words."""

import contextlib
import dataclasses
import sqlite3

import pytest

from catalog.catalog import Catalog
from catalog.errors import ManifestError, NoCatalogError, StoreError
from tests.catalog.making import PRINT_SPEC, SPEC, made_catalog, random_songs, settings_at


@pytest.mark.parametrize("write", [False, True])
def test_a_folder_that_is_no_catalog_is_left_alone(tmp_path, write):
    with pytest.raises(NoCatalogError, match=r"`nowhear add PATH\.\.\.` makes one"):
        Catalog.open(settings_at(tmp_path), SPEC, write=write)
    assert list(tmp_path.iterdir()) == []


def test_a_catalog_whose_making_was_killed_is_made_by_the_next_call(tmp_path):
    sqlite3.connect(tmp_path / "catalog.sqlite").close()
    (tmp_path / "catalog.sqlite").touch()
    with pytest.raises(NoCatalogError):
        Catalog.open(settings_at(tmp_path), SPEC)
    with Catalog.open(settings_at(tmp_path), SPEC, create=True) as catalog:
        assert catalog.count == 0


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("fingerprint", "c" * 64),
        ("name", "other"),
        ("style_dim", 7),
        ("sample_rate_hz", 44_100),
        ("window_samples", 99),
    ],
)
def test_another_encoder_is_refused_by_naming_both(tmp_path, field, value):
    assert_refused(tmp_path, SPEC, dataclasses.replace(SPEC, **{field: value}), field, value)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("fingerprint", "c" * 64),
        ("name", "other"),
        ("dimension", 7),
        ("sample_rate_hz", 44_100),
        ("window_samples", 99),
        ("stride_samples", 999),
    ],
)
def test_another_network_of_prints_is_refused_by_naming_both(tmp_path, field, value):
    prints = dataclasses.replace(PRINT_SPEC, **{field: value})
    other = dataclasses.replace(SPEC, prints=prints)
    assert_refused(tmp_path, PRINT_SPEC, other, field, value)


def assert_refused(folder, spec, other, field, value):
    """`value` of `field`, which is another in `spec`, is refused when `other` opens a catalog."""
    settings = made_catalog(folder, random_songs(1))
    with pytest.raises(ManifestError) as error:
        Catalog.open(settings, other)
    assert repr(getattr(spec, field)) in str(error.value)
    assert repr(value) in str(error.value)
    assert "`nowhear add --rebuild`" in str(error.value)
    with Catalog.open(settings, None) as catalog:
        assert catalog.count == 1


def test_a_format_of_the_future_is_refused(tmp_path):
    settings = made_catalog(tmp_path, [])
    database = sqlite3.connect(tmp_path / "catalog.sqlite")
    database.execute("UPDATE meta SET value = '99' WHERE key = 'format_version'")
    database.commit()
    database.close()
    with pytest.raises(ManifestError, match="format version 99, this nowhear reads version 3"):
        Catalog.open(settings, None)


def test_a_damaged_database_is_an_error_and_no_traceback(tmp_path):
    settings = made_catalog(tmp_path, random_songs(3))
    path = tmp_path / "catalog.sqlite"
    path.write_bytes(b"\xff" * path.stat().st_size)
    with pytest.raises(StoreError, match="not a database"):
        Catalog.open(settings, SPEC)


def test_a_url_that_is_none_is_refused_by_name(tmp_path):
    with pytest.raises(StoreError, match=r"catalog\.database"):
        Catalog.open(settings_at(tmp_path, database="nonsense"), SPEC, create=True)


def test_the_database_may_stand_elsewhere_by_url(tmp_path):
    url = f"sqlite:///{tmp_path / 'songs.db'}"
    settings = made_catalog(tmp_path / "catalog", random_songs(2), database=url)
    assert (tmp_path / "songs.db").is_file()
    assert not (tmp_path / "catalog" / "catalog.sqlite").exists()
    with Catalog.open(settings, SPEC) as catalog:
        assert len(catalog.songs()) == 2


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ("UPDATE meta SET value = '{' WHERE key = 'tags'", "tags"),
        ("UPDATE meta SET value = '\"x\"' WHERE key = 'next_row'", "next_row"),
        ("DELETE FROM meta WHERE key = 'epoch'", "epoch"),
        ("INSERT INTO meta VALUES ('mood', '1')", "mood"),
    ],
)
def test_a_damaged_meta_table_is_an_error_that_names_the_key(tmp_path, change, key):
    settings = made_catalog(tmp_path, random_songs(2))
    with contextlib.closing(sqlite3.connect(tmp_path / "catalog.sqlite")) as database:
        database.execute(change)
        database.commit()
    with pytest.raises(StoreError, match=rf"`meta` is damaged at {key}; put back a copy"):
        Catalog.open(settings, SPEC)


def test_a_row_that_the_vectors_lack_is_an_error(tmp_path):
    settings = made_catalog(tmp_path, random_songs(2))
    with contextlib.closing(sqlite3.connect(tmp_path / "catalog.sqlite")) as database:
        database.execute("UPDATE songs SET row = 5000 WHERE id = 1")
        database.commit()
    with (
        Catalog.open(settings, SPEC) as catalog,
        pytest.raises(StoreError, match="names row 5000, but 2 count"),
    ):
        catalog.style(1)

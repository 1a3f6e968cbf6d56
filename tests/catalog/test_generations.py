"""Index generations: published whole, refused when they do not fit, never pulled from under one."""

import json
import logging
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from catalog import generations
from catalog.catalog import Catalog
from catalog.errors import ManifestError, StoreError
from catalog.manifest import Manifest
from tests.catalog.making import PRINT_DIMENSION, SPEC, files_of_at_most, made_catalog, random_songs

FILES = ["style.annoy", "songs.npy", "prints.annoy", "directions.npy", "segments.npy"]


def current(folder):
    return folder / "index" / (folder / "index" / "CURRENT").read_text().strip()


def test_a_generation_is_the_same_file_for_the_same_songs(tmp_path):
    for name in ("one", "two"):
        made_catalog(tmp_path / name, random_songs(300))
    one, two = (current(tmp_path / name) for name in ("one", "two"))
    for name in FILES:
        assert (one / name).read_bytes() == (two / name).read_bytes()


def test_the_manifest_says_what_the_index_was_made_from(tmp_path):
    made_catalog(tmp_path, random_songs(3), trees=7)
    data = json.loads((current(tmp_path) / "manifest.json").read_text())
    assert data["dimension"] == SPEC.style_dim
    assert data["metric"] == "angular"
    assert (data["encoder"], data["fingerprint"]) == (SPEC.name, SPEC.fingerprint)
    assert data["sample_rate_hz"] == data["window_samples"] == 8000
    assert (data["trees"], data["songs"], data["annoy_version"]) == (7, 3, "1.17.3")
    assert (data["print_name"], data["print_dimension"]) == ("strips", PRINT_DIMENSION)
    assert (data["print_hop_samples"], data["segments"], data["index_every"]) == (8000, 9, 1)
    files = {p.name: p.stat().st_size for p in current(tmp_path).iterdir()}
    del files["manifest.json"]
    assert data["bytes"] == files
    assert set(data["sha256"]) == set(files)


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("format_version", 99),
        ("catalog", "another"),
        ("encoder", "other"),
        ("fingerprint", "c" * 64),
        ("sample_rate_hz", 44100),
        ("window_samples", 5),
        ("dimension", 11),
        ("print_name", "other"),
        ("print_fingerprint", "c" * 64),
        ("print_sample_rate_hz", 44100),
        ("print_window_samples", 5),
        ("print_stride_samples", 5),
        ("print_dimension", 11),
        ("print_hop_samples", 7),
        ("metric", "dot"),
        ("epoch", 4),
        ("annoy_version", "0.1"),
        ("revision", 10**6),
    ],
)
def test_a_manifest_that_does_not_match_is_refused_and_a_writer_mends_it(tmp_path, field, wrong):
    settings = made_catalog(tmp_path, random_songs(4))
    path = current(tmp_path) / "manifest.json"
    data = json.loads(path.read_text())
    right = data[field]
    path.write_text(json.dumps({**data, field: wrong}))
    with pytest.raises(ManifestError) as error:
        Catalog.open(settings, SPEC)
    assert field in str(error.value)
    assert repr(wrong) in str(error.value)
    if field != "revision":
        assert repr(right) in str(error.value)
    assert "`nowhear add --reindex`" in str(error.value)
    with Catalog.open(settings, SPEC, write=True) as catalog:
        assert catalog.generation is None
        assert catalog.publish()
    with Catalog.open(settings, SPEC) as catalog:
        assert catalog.generation == 2


@pytest.mark.parametrize("text", ["", "[]", "{}", "not json", "\xff"])
def test_a_manifest_that_is_none_is_refused(tmp_path, text):
    settings = made_catalog(tmp_path, random_songs(4))
    (current(tmp_path) / "manifest.json").write_text(text, encoding="latin-1")
    with pytest.raises(ManifestError, match="--reindex"):
        Catalog.open(settings, SPEC)


def _flip(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize(
    ("damage", "word"),
    [
        (lambda path: os.truncate(path, path.stat().st_size // 2), "expected"),
        (lambda path: os.truncate(path, 0), "expected"),
        (_flip, "SHA-256"),
        (lambda path: path.unlink(), "missing"),
    ],
    ids=["half", "empty", "flipped", "gone"],
)
def test_a_damaged_index_falls_to_exact_search_with_a_warning(tmp_path, caplog, name, damage, word):
    songs = random_songs(50)
    settings = made_catalog(tmp_path, songs)
    damage(current(tmp_path) / name)
    queries = np.stack([song.style for song in songs])
    with caplog.at_level(logging.WARNING), Catalog.open(settings, SPEC) as catalog:
        assert catalog.generation is None
        assert catalog.search(queries, 1).songs[:, 0].tolist() == list(range(1, 51))
        assert catalog.refresh() is False
    assert word in caplog.text
    with Catalog.open(settings, SPEC, write=True) as catalog:
        assert catalog.publish()
        assert catalog.generation == 2


def test_a_reader_keeps_its_generation_while_others_are_published(tmp_path):
    songs = random_songs(40)
    settings = made_catalog(tmp_path, songs[:20])
    query = songs[3].style[None]
    with Catalog.open(settings, SPEC) as reader, Catalog.open(settings, SPEC, write=True) as writer:
        before = reader.search(query, 5)
        for song in songs[20:24]:
            writer.insert([song])
            writer.publish(force=True)
        assert writer.generation == 5
        assert sorted(p.name for p in (tmp_path / "index").glob("gen-*")) == [
            "gen-000004",
            "gen-000005",
        ]
        after = reader.search(query, 5)
        assert after.songs.tolist() == before.songs.tolist()
        assert reader.generation == 1
        assert reader.refresh()
        assert (reader.generation, reader.count) == (5, 24)
        assert reader.search(songs[23].style[None], 1).songs.tolist() == [[24]]


def test_a_reader_that_comes_late_opens_the_next_one(tmp_path, monkeypatch):
    """The folder that CURRENT named is gone when its files are to be opened."""
    settings = made_catalog(tmp_path, random_songs(5))
    with Catalog.open(settings, SPEC, write=True) as writer:
        writer.publish(force=True)
    read = generations.current_number
    names = iter([77, 77])

    def stale(folder):
        return next(names, None) or read(folder)

    monkeypatch.setattr(generations, "current_number", stale)
    with Catalog.open(settings, SPEC) as reader:
        assert reader.generation == 2


def test_what_a_killed_build_left_is_cleared_away(tmp_path):
    settings = made_catalog(tmp_path, random_songs(5))
    index = tmp_path / "index"
    (index / ".building").mkdir()
    (index / ".building" / "style.annoy").write_bytes(b"half")
    shutil.copytree(index / "gen-000001", index / "gen-000002")  # renamed, and not yet CURRENT
    (index / "CURRENT.new").write_text("gen-0")
    with Catalog.open(settings, SPEC, write=True) as catalog:
        assert catalog.generation == 1
        catalog.publish(force=True)
        assert catalog.generation == 3
    assert {p.name for p in index.iterdir()} == {"CURRENT", "gen-000002", "gen-000003"}


def test_an_index_that_cannot_be_written_leaves_the_one_before(tmp_path):
    settings = made_catalog(tmp_path, random_songs(5))
    (tmp_path / "index" / ".building").write_text("a file where the folder should be")
    with Catalog.open(settings, SPEC, write=True) as catalog:
        with pytest.raises(StoreError, match="All songs are stored"):
            catalog.publish(force=True)
        assert catalog.generation == 1
    with Catalog.open(settings, SPEC) as catalog:
        assert catalog.generation == 1


def test_a_disk_that_fills_up_under_the_index_leaves_the_one_before(tmp_path):
    settings = made_catalog(tmp_path, random_songs(300))
    with Catalog.open(settings, SPEC, write=True) as catalog:
        with files_of_at_most(10_000), pytest.raises(StoreError, match="All songs are stored"):
            catalog.publish(force=True)
        assert not (tmp_path / "index" / ".building").exists()
        assert catalog.generation == 1
        assert catalog.publish(force=True)
        assert catalog.generation == 2


def test_nonsense_in_current_is_said_and_searched_around(tmp_path, caplog):
    settings = made_catalog(tmp_path, random_songs(5))
    (tmp_path / "index" / "CURRENT").write_text("gen-none")
    with caplog.at_level(logging.WARNING), Catalog.open(settings, SPEC) as catalog:
        assert (catalog.generation, catalog.count) == (None, 5)
    assert "names 'gen-none', expected gen-NNNNNN" in caplog.text


def test_manifest_round_trip(tmp_path):
    made_catalog(tmp_path / "c", random_songs(2))
    manifest = Manifest.read(current(tmp_path / "c"))
    manifest.write(tmp_path)
    assert Manifest.read(tmp_path) == manifest


def test_what_was_deleted_between_two_looks_is_looked_up_again(tmp_path: Path) -> None:
    first = generations.publish_folder(tmp_path, lambda _: None)
    seen: list[int] = []

    def read(place: Path, number: int) -> str:
        seen.append(number)
        if number == first:  # a writer publishes the next one now, and deletes this
            generations.publish_folder(tmp_path, lambda _: None)
            raise FileNotFoundError
        return place.name

    found = generations.read_current(tmp_path, read, missing=StoreError("never"))
    assert found == generations.name_of(first + 1)
    assert seen == [first, first + 1]


def test_files_that_stay_away_are_damage(tmp_path: Path) -> None:
    generations.publish_folder(tmp_path, lambda _: None)

    def read(_place: Path, _number: int) -> None:
        raise FileNotFoundError

    with pytest.raises(StoreError, match="all are gone"):
        generations.read_current(tmp_path, read, missing=StoreError("all are gone"))
    assert generations.read_current(tmp_path / "empty", read, missing=StoreError("?")) is None

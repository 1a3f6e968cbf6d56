"""The map on the disk and on the wire: what is written is read, and what is damaged is said."""

from __future__ import annotations

import json
import struct
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.errors import StoreError
from catalog.map_file import (
    BINARY_NAME,
    MANIFEST_NAME,
    NO_GENRE,
    MapFacts,
    SongMap,
    open_map,
    publish_map,
    withdraw_map,
)
from tests.catalog.making import files_of_at_most

COLOURED = replace(
    SongMap.of([3, 8, 400_000], [[0.5, 0, -1], [0, 0.25, 0], [1, 2, 3]]),
    genre=np.array([1, 0, NO_GENRE], np.uint16),
    tag=np.array([2, 255, 0], np.uint8),
    theme=np.array([255, 7, 255], np.uint8),
    genres=("Folk", "Jazz"),
    tags=("sad", "loud", "slow"),
)


def facts(songs: SongMap) -> MapFacts:
    return MapFacts(
        format_version=1,
        version=songs.version,
        songs=len(songs),
        method="tsne",
        asked="auto",
        seed=7,
        scale=12.5,
        placed=1,
        catalog="c0ffee",
        epoch=2,
        revision=31,
        genres=songs.genres,
        tags=songs.tags,
        themes=songs.themes,
    )


def published(folder: Path, songs: SongMap = COLOURED) -> None:
    rows = np.arange(len(songs))
    publish_map(folder, songs, facts(songs), rows=rows, placed=rows == 1)


def test_the_bytes_are_those_of_the_contract() -> None:
    wanted = b"NWM1" + struct.pack(
        "<I3i9f3H3B3B", 3, 3, 8, 400_000, 0.5, 0, -1, 0, 0.25, 0, 1, 2, 3, 1, 0, 65535,
        2, 255, 0, 255, 7, 255,
    )  # fmt: skip
    assert COLOURED.encode() == wanted


@given(
    st.lists(st.integers(1, 2**31 - 1), unique=True, max_size=20),
    st.integers(0, 2**32 - 1),
)
def test_what_is_encoded_is_decoded(ids: list[int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = len(ids)
    songs = replace(
        SongMap.of(sorted(ids), rng.normal(size=(n, 3))),
        genre=rng.integers(0, 65536, n).astype(np.uint16),
        tag=rng.integers(0, 256, n).astype(np.uint8),
        theme=rng.integers(0, 256, n).astype(np.uint8),
    )
    again = SongMap.decode(songs.encode())
    for name in ("ids", "xyz", "genre", "tag", "theme"):
        np.testing.assert_array_equal(getattr(again, name), getattr(songs, name))
    assert again.version == songs.version


@given(st.binary(max_size=60) | st.binary(max_size=60).map(lambda rest: b"NWM1" + rest))
def test_what_is_no_map_is_refused(data: bytes) -> None:
    with suppress(ValueError):
        assert SongMap.decode(data).encode() == data


@pytest.mark.parametrize("size", range(8, len(COLOURED.encode())))
def test_half_a_map_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="a map of 3 songs"):
        SongMap.decode(COLOURED.encode()[:size])
    with pytest.raises(ValueError, match=r"has 68 bytes, got 69"):
        SongMap.decode(COLOURED.encode() + b"\0")


@pytest.mark.parametrize(
    "change",
    [
        {"ids": np.array([3, 9, 400_000], np.int32)},
        {"xyz": COLOURED.xyz + np.float32(1e-6)},
        {"genre": np.array([1, 1, NO_GENRE], np.uint16)},
        {"tag": np.array([2, 255, 1], np.uint8)},
        {"theme": np.array([255, 8, 255], np.uint8)},
        {"genres": ("Folk", "Jive")},
        {"tags": ("sad", "loud", "fast")},
        {"themes": ("night",)},
    ],
)
def test_any_change_is_another_version(change: dict[str, object]) -> None:
    assert replace(COLOURED, **change).version != COLOURED.version  # type: ignore[arg-type]


@given(st.sets(st.integers(0, 60), max_size=20), st.lists(st.integers(-5, 70), max_size=30))
def test_places_are_found_by_song(on_it: set[int], asked: list[int]) -> None:
    ids = sorted(on_it)
    songs = SongMap.of(ids, [[float(song), 0.5, -float(song)] for song in ids])
    assert songs.places(asked) == {
        song: (float(song), 0.5, -float(song)) for song in asked if song in on_it
    }
    lines = songs.lines(np.array(asked, np.int64))
    assert [ids[line] if line >= 0 else None for line in lines] == [
        song if song in on_it else None for song in asked
    ]


def test_what_is_published_is_opened(tmp_path: Path) -> None:
    folder = tmp_path / "map"
    assert open_map(folder) is None
    published(folder)
    stored = open_map(folder)
    assert stored is not None
    assert stored.facts == facts(COLOURED)
    assert stored.map.encode() == COLOURED.encode() == stored.file.read_bytes()
    assert stored.map.genres == ("Folk", "Jazz")
    assert (stored.rows.tolist(), stored.placed.tolist()) == ([0, 1, 2], [False, True, False])
    assert stored.map.radius == pytest.approx(np.sqrt(14))

    other = SongMap.of([1], [[0, 0, 0]])
    published(folder, other)
    newer = open_map(folder)
    assert newer is not None
    assert (newer.number, newer.facts.version) == (stored.number + 1, other.version)
    # What reads the one before may go on until there is a third.
    assert stored.file.read_bytes() == COLOURED.encode()
    withdraw_map(folder)
    assert open_map(folder) is None


def damage_binary(place: Path) -> None:
    data = bytearray((place / BINARY_NAME).read_bytes())
    data[20] ^= 1
    (place / BINARY_NAME).write_bytes(data)


def damage_format(place: Path) -> None:
    found = json.loads((place / MANIFEST_NAME).read_text())
    (place / MANIFEST_NAME).write_text(json.dumps({**found, "format_version": 9}))


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (damage_binary, "3 songs, version"),
        (lambda place: (place / BINARY_NAME).write_bytes(b"NWM1"), "got 4 bytes"),
        (damage_format, "format 9, expected 1"),
        (lambda place: (place / MANIFEST_NAME).write_text("{"), "Expecting"),
        (lambda place: (place / MANIFEST_NAME).write_text("[]"), "other keys"),
        (lambda place: (place / "songs.npy").write_bytes(b"none"), "damaged"),
        (lambda place: (place / BINARY_NAME).unlink(), "not there"),
    ],
)
def test_damage_is_said_with_what_to_do(tmp_path: Path, damage: object, words: str) -> None:
    published(tmp_path)
    damage(tmp_path / "gen-000001")  # type: ignore[operator]
    with pytest.raises(StoreError, match=words) as refused:
        open_map(tmp_path)
    assert "`nowhear map build`" in str(refused.value)


def test_a_full_disk_leaves_the_map_before(tmp_path: Path) -> None:
    published(tmp_path)
    with files_of_at_most(100), pytest.raises(StoreError, match="`nowhear map build`"):
        published(tmp_path, SongMap.of(range(100), np.zeros((100, 3))))
    stored = open_map(tmp_path)
    assert stored is not None
    assert stored.facts.version == COLOURED.version
    assert not (tmp_path / ".building").exists()

"""The projector's files, read as TensorBoard's own plugin reads them."""

from __future__ import annotations

import re
import struct
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.catalog import Catalog
from catalog.errors import ExchangeError, StoreError
from catalog.exchange.png import write_png
from catalog.exchange.projector import (
    HEADS,
    LARGEST,
    Sprites,
    colours,
    export_projector,
    tile_size,
)
from catalog.songs import Details
from tests.catalog.making import made_catalog, random_songs, settings_at, tone, write_wav


def read_png(path: Path) -> np.ndarray:
    """The picture (height, width, 3) of a PNG without filters; checksums are checked."""
    data = path.read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    at, packed, size = 8, b"", (0, 0)
    while at < len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        (crc,) = struct.unpack(">I", data[at + 8 + length : at + 12 + length])
        assert crc == zlib.crc32(kind + body)
        if kind == b"IHDR":
            width, height, bits, colour = struct.unpack(">IIBB", body[:10])
            assert (bits, colour) == (8, 2)
            size = (height, width)
        elif kind == b"IDAT":
            packed += body
        at += 12 + length
    assert data[-8:-4] == b"IEND"
    lines = np.frombuffer(zlib.decompress(packed), np.uint8).reshape(size[0], 1 + size[1] * 3)
    assert not lines[:, 0].any()
    return lines[:, 1:].reshape(*size, 3)


def config_of(folder: Path) -> dict[str, list[str]]:
    """Values of the text proto by name, in whatever message they stand."""
    found: dict[str, list[str]] = {}
    for name, value in re.findall(
        r'(\w+): (".*?"|\d+)', (folder / "projector_config.pbtxt").read_text()
    ):
        found.setdefault(name, []).append(value.strip('"'))
    return found


def exported(tmp_path: Path, count: int, *, sprites: Sprites = "colour") -> tuple[Path, Path]:
    settings = made_catalog(tmp_path / "catalog", random_songs(count))
    with Catalog.open(settings, None) as catalog:
        assert export_projector(catalog, tmp_path / "out", sprites=sprites) == count
    return settings.directory, tmp_path / "out"


def test_the_files_fit_each_other(tmp_path: Path) -> None:
    directory, out = exported(tmp_path, 7)
    config = config_of(out)
    assert config["tensor_shape"] == ["7", "12"]
    assert config["single_image_dim"] == ["32", "32"]
    rows = [line.split("\t") for line in (out / config["tensor_path"][0]).read_text().splitlines()]
    vectors = np.array([[float(cell) for cell in row] for row in rows], np.float32)
    with Catalog.open(settings_at(directory), None) as catalog:
        songs = catalog.songs()
        np.testing.assert_array_equal(vectors, [catalog.style(song.id) for song in songs])
    lines = (out / config["metadata_path"][0]).read_text(encoding="utf-8").splitlines()
    assert lines[0].split("\t") == list(HEADS)
    assert [line.split("\t")[0] for line in lines[1:]] == [song.title for song in songs]
    assert [line.split("\t")[5] for line in lines[1:]] == ["high"] * 7
    assert read_png(out / config["image_path"][0]).shape == (3 * 32, 3 * 32, 3)


def test_words_keep_to_their_cell(tmp_path: Path) -> None:
    songs = random_songs(2)
    songs[0] = replace(
        songs[0], details=Details("a\tb\nc\r\u2028d", 'say "hi"', None, "Rock\x00", 1999)
    )
    settings = made_catalog(tmp_path / "catalog", songs)
    with Catalog.open(settings, None) as catalog:
        export_projector(catalog, tmp_path / "out", sprites="none")
    text = (tmp_path / "out" / "metadata.tsv").read_text(encoding="utf-8")
    assert text.count("\n") == 3
    cells = text.split("\n")[1].split("\t")
    assert len(cells) == len(HEADS)
    assert cells[:5] == ["a b c d", 'say "hi"', "", "Rock", "1999"]
    assert "sprite" not in (tmp_path / "out" / "projector_config.pbtxt").read_text()
    assert not (tmp_path / "out" / "sprite.png").exists()


def test_tiles_stand_row_by_row_each_in_its_colour(tmp_path: Path) -> None:
    directory, out = exported(tmp_path, 5)
    picture = read_png(out / "sprite.png")
    assert picture.shape == (64, 96, 3)
    with Catalog.open(settings_at(directory), None) as catalog:
        styles = np.array([catalog.style(song.id) for song in catalog.songs()])
    expected = np.rint(colours(styles) * 255)
    for place in range(5):
        tile = picture[place // 3 * 32 :, place % 3 * 32 :][:32, :32]
        np.testing.assert_array_equal(tile, np.broadcast_to(expected[place], (32, 32, 3)))
    assert not picture[32:, 64:].any()


def test_songs_that_sound_alike_look_alike() -> None:
    rng = np.random.default_rng(0)
    styles = rng.normal(size=(60, 12)).astype(np.float32)
    styles[1] = styles[0] + 1e-4
    seen = colours(styles)
    assert np.abs(seen[0] - seen[1]).max() <= 2 / 59
    assert seen.min() >= 0.35 - 1e-6
    assert seen.max() <= 1
    assert colours(styles[:1]).shape == (1, 3)


def test_a_tile_shows_the_sound_of_its_file(tmp_path: Path) -> None:
    music = [
        write_wav(tmp_path / f"{n}.wav", tone(n, 3.0, rate_hz=16_000), rate_hz=16_000)
        for n in (1, 2)
    ]
    songs = random_songs(3)
    songs[:2] = [
        replace(song, file=replace(song.file, path=path))
        for song, path in zip(songs[:2], music, strict=True)
    ]
    settings = made_catalog(tmp_path / "catalog", songs)
    with Catalog.open(settings, None) as catalog:
        export_projector(catalog, tmp_path / "out", sprites="spectrogram")
    picture = read_png(tmp_path / "out" / "sprite.png").astype(float)
    tiles = [picture[:32, :32], picture[:32, 32:64], picture[32:, :32]]
    assert tiles[0].std(axis=(0, 1)).max() > 10
    # Steady tones: rows differ, and along a row hardly anything does.
    brightest = tiles[0].sum(axis=2)
    assert brightest.mean(axis=1).std() > 3 * brightest.std(axis=1).mean()
    assert tiles[2].std(axis=(0, 1)).max() == 0  # without a file: its colour alone


def test_no_song_and_no_place_are_told(tmp_path: Path) -> None:
    empty = made_catalog(tmp_path / "empty", [])
    with Catalog.open(empty, None) as catalog, pytest.raises(ExchangeError, match="nowhear add"):
        export_projector(catalog, tmp_path / "out", sprites="none")
    (tmp_path / "file").write_text("")
    settings = made_catalog(tmp_path / "catalog", random_songs(1))
    with (
        Catalog.open(settings, None) as catalog,
        pytest.raises(StoreError, match="cannot be written"),
    ):
        export_projector(catalog, tmp_path / "file" / "out", sprites="none")


@given(st.integers(1, 80_000_000))
def test_the_picture_is_never_larger_than_the_projector_takes(songs: int) -> None:
    side = int(np.ceil(np.sqrt(songs)))
    tile = tile_size(songs)
    assert 1 <= tile <= 32
    assert tile == 1 or side * tile <= LARGEST
    assert tile == 32 or side * (tile + 1) > LARGEST


@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 99))
def test_any_picture_comes_back(
    tmp_path_factory: pytest.TempPathFactory, height: int, width: int, seed: int
) -> None:
    picture = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    path = tmp_path_factory.getbasetemp() / "any.png"
    write_png(path, picture)
    np.testing.assert_array_equal(read_png(path), picture)


def test_a_tall_picture_goes_in_parts(tmp_path: Path) -> None:
    picture = np.random.default_rng(1).integers(0, 256, (600, 3, 3), np.uint8)
    write_png(tmp_path / "tall.png", picture)
    np.testing.assert_array_equal(read_png(tmp_path / "tall.png"), picture)

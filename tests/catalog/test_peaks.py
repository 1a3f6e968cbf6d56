"""Peaks in the catalog: what the encoder found in a file, in the rows of its prints, whatever
happened."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from catalog.add import add
from catalog.catalog import Catalog
from catalog.demo import demo_clips
from catalog.errors import ManifestError, StoreError, UnknownSongError
from catalog.settings import CatalogSettings
from encoder.files import embed_file
from encoder.peaks import PEAK_FORMAT, PEAKS_PER_SEGMENT
from tests.catalog.making import (
    SPEC,
    BandsEncoder,
    made_catalog,
    new_song,
    random_peaks,
    random_prints,
    random_songs,
    settings_at,
)

STORED = Path("vectors") / "000001" / "peaks.u16"


def assert_holds(settings: CatalogSettings, wanted: dict[int, NDArray[np.uint16]]) -> None:
    """A reader finds these songs and their peaks, and no others."""
    with Catalog.open(settings, SPEC) as catalog:
        assert [song.id for song in catalog.songs()] == sorted(wanted)
        for song, peaks in wanted.items():
            stored = catalog.peaks(song)
            assert stored.dtype == np.uint16
            np.testing.assert_array_equal(stored, peaks)
            assert len(stored) == len(catalog.prints(song))


def heard(path: Path) -> NDArray[np.uint16]:
    peaks = embed_file(path, BandsEncoder(), hop_s=1.0).peaks
    assert np.count_nonzero(peaks) > peaks.size / 2
    return peaks


def test_peaks_of_real_clips_outlive_all_that_happens_to_a_song(tmp_path: Path) -> None:
    # One worker, so that songs have the numbers of their files.
    settings = settings_at(tmp_path / "catalog").model_copy(update={"workers": 1})
    music = tmp_path / "music"
    music.mkdir()
    first, second, other = (shutil.copy(clip, music) for clip in demo_clips()[:3])
    with Catalog.open(settings, SPEC, create=True) as catalog:
        add([music], catalog, BandsEncoder(), settings)
    ids = {path: number for number, path in enumerate(sorted([first, second, other]), start=1)}
    wanted = {song: heard(path) for path, song in ids.items()}
    assert_holds(settings, wanted)
    Path(second).write_bytes(Path(other).read_bytes())  # replaced
    moved = Path(first).rename(music / "moved.opus")
    Path(other).unlink()
    with Catalog.open(settings, SPEC, write=True) as catalog:
        add([music], catalog, BandsEncoder(), settings)
        catalog.remove([ids[other]])
    wanted |= {ids[second]: wanted.pop(ids[other])}
    assert_holds(settings, wanted)
    with Catalog.open(settings, SPEC, write=True, restart=True) as catalog:
        add(catalog.waiting(), catalog, BandsEncoder(), settings)
        assert catalog.song(ids[first]).path == moved
    assert not (settings.directory / STORED).exists()  # another epoch's
    assert_holds(settings, wanted)


def test_they_stand_in_the_rows_of_the_prints(tmp_path: Path) -> None:
    settings = made_catalog(tmp_path, random_songs(3))
    songs = random_songs(3)
    wanted = {number: song.peaks for number, song in enumerate(songs, start=1)}
    prints = random_prints(7, seed=5)
    longer = replace(
        new_song("x.mp3", np.arange(12), prints=prints, replaces=2), peaks=random_peaks(7, seed=9)
    )
    silent = replace(
        new_song("y.mp3", -np.arange(12), prints=prints[:0]), peaks=random_peaks(0, seed=9)
    )
    with Catalog.open(settings, SPEC, write=True) as catalog:
        before = catalog.peaks(2)
        assert catalog.insert([longer, silent]) == [2, 4]
        catalog.remove([1])
        with pytest.raises(UnknownSongError, match="no song 1 in this catalog"):
            catalog.peaks(1)
        np.testing.assert_array_equal(before, wanted[2])
    del wanted[1]
    assert_holds(settings, wanted | {2: longer.peaks, 4: silent.peaks})
    assert (tmp_path / STORED).stat().st_size == (9 + 7) * PEAKS_PER_SEGMENT * 2
    with Catalog.open(settings, None) as catalog:
        vectors = sum(file.stat().st_size for file in (tmp_path / STORED).parent.iterdir())
        assert catalog.info().bytes["vectors"] == vectors


def test_another_number_of_rows_than_of_prints_is_refused() -> None:
    with pytest.raises(ValueError, match="2 rows of peaks, expected 3"):
        replace(random_songs(1)[0], peaks=random_peaks(2, seed=1))


def test_a_reader_finds_the_peaks_of_a_song_that_came_after_it(tmp_path: Path) -> None:
    songs = random_songs(3)
    settings = made_catalog(tmp_path, songs[:2])
    with Catalog.open(settings, SPEC) as reader, Catalog.open(settings, SPEC, write=True) as writer:
        writer.insert(songs[2:])
        np.testing.assert_array_equal(reader.peaks(3), songs[2].peaks)


@pytest.mark.parametrize("field", ["peak_format", "peaks_per_segment"])
def test_other_peaks_are_refused_by_naming_both_and_mended_by_a_rebuild(
    tmp_path: Path, field: str
) -> None:
    settings = made_catalog(tmp_path, random_songs(2))
    with contextlib.closing(sqlite3.connect(tmp_path / "catalog.sqlite")) as database:
        database.execute("UPDATE meta SET value = '77' WHERE key = ?", (field,))
        database.commit()
    with pytest.raises(ManifestError) as error:
        Catalog.open(settings, SPEC)
    now = {"peak_format": PEAK_FORMAT, "peaks_per_segment": PEAKS_PER_SEGMENT}[field]
    assert f"with {field} 77, but this nowhear has {field} {now}; " in str(error.value)
    assert "`nowhear add --rebuild`" in str(error.value)
    with Catalog.open(settings, SPEC, write=True, restart=True) as catalog:
        assert len(catalog.waiting()) == 2


@pytest.mark.parametrize(
    ("size", "message"), [(100, "100 bytes, expected at least 288 for 9 rows"), (None, "missing")]
)
def test_a_file_cut_off_is_refused_and_mended_by_a_rebuild(
    tmp_path: Path, size: int | None, message: str
) -> None:
    settings = made_catalog(tmp_path, random_songs(3))
    if size is None:
        (tmp_path / STORED).unlink()
    else:
        os.truncate(tmp_path / STORED, size)
    for write in (False, True):
        with pytest.raises(StoreError, match=rf"peaks\.u16: .*{message}.*add --rebuild"):
            Catalog.open(settings, SPEC, write=write)
    with Catalog.open(settings, SPEC, write=True, restart=True) as catalog:
        assert len(catalog.waiting()) == 3

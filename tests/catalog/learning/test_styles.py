"""Styles of a dataset's tracks: heard once, kept through stops, heard again when files change."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from catalog.add import add
from catalog.catalog import Catalog
from catalog.dataset_rows import Batch
from catalog.datasets import Datasets, Track
from catalog.errors import BusyError, StoreError
from catalog.learning.styles import Styles, kept_sound, styles_of
from catalog.settings import CatalogSettings
from encoder.embedding import Embeddings
from tests.catalog.learning.making import dataset_at, write_tones
from tests.catalog.making import RATE_HZ, SPEC, BandsEncoder


class CountingEncoder(BandsEncoder):
    """Counts the passes that it is asked for."""

    def __init__(self) -> None:
        self.passes = 0

    def embed(self, windows: NDArray[np.float32]) -> Embeddings:
        self.passes += len(windows) > 0
        return super().embed(windows)


@pytest.fixture
def settings(tmp_path: Path) -> CatalogSettings:
    paths = write_tones(tmp_path / "fma_small", 6, rate_hz=RATE_HZ)
    return dataset_at(tmp_path / "catalog", paths)


def heard(settings: CatalogSettings, encoder: BandsEncoder, *, first: int = 0) -> Styles:
    with Datasets(settings) as datasets, Catalog.open(settings, SPEC) as catalog:
        return styles_of(list(datasets.tracks("fma"))[first:], catalog, encoder, hop_s=1.0)


def test_files_are_heard_once(settings: CatalogSettings) -> None:
    encoder = CountingEncoder()
    first = heard(settings, encoder)
    assert first.known.all()
    assert first.styles.shape == (6, SPEC.style_dim)
    np.testing.assert_allclose(np.linalg.norm(first.styles, axis=1), 1, rtol=1e-5)
    passes = encoder.passes
    assert passes > 0
    again = heard(settings, encoder)
    assert encoder.passes == passes
    np.testing.assert_array_equal(again.styles, first.styles)
    low, high = first.styles[::2], first.styles[1::2]
    assert (low @ low.T).min() > (low @ high.T).max()


def test_songs_of_the_catalog_are_taken_as_they_are_stored(settings: CatalogSettings) -> None:
    encoder = CountingEncoder()
    with Datasets(settings) as datasets:
        paths = [track.path for track in datasets.tracks("fma") if track.path is not None]
    with Catalog.open(settings, SPEC, write=True) as catalog:
        add(paths, catalog, encoder, settings)
        songs = {song.path: song.id for song in catalog.songs()}
        styles = [catalog.style(songs[path]) for path in paths]
    with Datasets(settings) as datasets:
        joined = {("fma", f"{number:06}"): songs[path] for number, path in enumerate(paths)}
        datasets.join(joined)
    passes = encoder.passes
    np.testing.assert_array_equal(heard(settings, encoder).styles, styles)
    assert encoder.passes == passes


def test_a_changed_file_is_heard_again_and_a_bad_one_is_told(
    settings: CatalogSettings, tmp_path: Path
) -> None:
    encoder = CountingEncoder()
    before = heard(settings, encoder)
    paths = write_tones(tmp_path / "other", 2, rate_hz=RATE_HZ, seconds=4.0)
    place = tmp_path / "fma_small/000/000002.wav"
    place.write_bytes(paths[1].read_bytes())  # was low, is high
    (tmp_path / "fma_small/000/000003.wav").write_bytes(b"no sound")
    (tmp_path / "fma_small/000/000004.wav").unlink()
    with Datasets(settings) as datasets:
        datasets.write(Batch("fma", tracks=[{"key": "nothing"}]))
    after = heard(settings, encoder)
    assert after.known.tolist() == [True, True, True, False, False, True, False]
    assert [key for key, _ in after.skipped] == ["000003", "000004"]
    assert "cannot be decoded" in after.skipped[0][1]
    assert "No such file" in after.skipped[1][1]
    np.testing.assert_array_equal(after.styles[:2], before.styles[:2])
    assert after.styles[2] @ before.styles[1] > after.styles[2] @ before.styles[0]
    passes = encoder.passes
    again = heard(settings, encoder)  # what could not be heard is not tried again
    assert again.skipped == after.skipped
    assert encoder.passes == passes


def test_a_stopped_call_goes_on_where_it_stood(settings: CatalogSettings) -> None:
    whole = heard(settings, BandsEncoder())
    folder = settings.directory / "datasets" / f"fma-{SPEC.fingerprint[:16]}"
    lines = (folder / "tracks.jsonl").read_text().splitlines(keepends=True)
    (folder / "tracks.jsonl").write_text("".join(lines[:3]) + lines[3][:10])  # torn by a kill
    encoder = CountingEncoder()
    np.testing.assert_array_equal(heard(settings, encoder).styles, whole.styles)
    assert 0 < encoder.passes <= 3 * 2
    assert (folder / "style.f32").stat().st_size == 6 * SPEC.style_dim * 4


def test_damage_is_told(settings: CatalogSettings) -> None:
    heard(settings, BandsEncoder())
    folder = settings.directory / "datasets" / f"fma-{SPEC.fingerprint[:16]}"
    style = (folder / "style.f32").read_bytes()
    (folder / "style.f32").write_bytes(style[:-4])
    with pytest.raises(StoreError, match="is damaged; remove"):
        heard(settings, BandsEncoder())
    (folder / "tracks.jsonl").write_text("{\n")
    with pytest.raises(StoreError, match="remove it to hear all again"):
        heard(settings, BandsEncoder())


def test_one_process_listens_at_a_time(settings: CatalogSettings) -> None:
    with kept_sound(settings.directory), pytest.raises(BusyError, match="another process"):
        heard(settings, BandsEncoder())
    assert heard(settings, BandsEncoder()).known.all()


def test_nothing_gives_nothing(settings: CatalogSettings) -> None:
    with Catalog.open(settings, SPEC) as catalog:
        none = styles_of([], catalog, BandsEncoder(), hop_s=1.0)
        bare = styles_of([Track("fma", "1")], catalog, BandsEncoder(), hop_s=1.0)
    assert none.styles.shape == (0, SPEC.style_dim)
    assert bare.known.tolist() == [False]

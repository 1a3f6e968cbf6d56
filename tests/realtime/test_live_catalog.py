"""The catalog while others write to it, or before it is there."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from catalog.catalog import Catalog
from catalog.errors import ManifestError
from encoder.embedding import EncoderSpec
from encoder.peaks import PEAKS_PER_SEGMENT
from realtime.live_catalog import LiveCatalog
from tests.catalog.making import DIMENSION, SPEC, made_catalog, new_song, random_songs, settings_at

STYLE = np.eye(DIMENSION, dtype=np.float32)[:1]


def test_songs_are_found_and_described(tmp_path: Path) -> None:
    songs = random_songs(3)
    live = LiveCatalog(made_catalog(tmp_path, songs), SPEC)
    hits = live.search(songs[1].style[np.newaxis], 2)
    best = int(hits.songs[0, 0])
    assert live.songs([best, 999])[best].title == "song1.mp3"
    assert set(live.songs([best, 999])) == {best}
    assert live.audio_path(best) == Path("/music/song1.mp3")
    assert live.audio_path(999) is None
    assert live.state.songs == 3
    assert live.trouble is None
    live.close()


def test_segments_are_found(tmp_path: Path) -> None:
    songs = random_songs(3)
    settings = made_catalog(tmp_path, songs)
    live = LiveCatalog(settings, SPEC)
    with Catalog.open(settings, SPEC) as catalog:
        wanted, kept = catalog.prints(2), catalog.peaks(2)
        hits = live.search_prints(wanted, 1)
        assert hits.songs.tolist() == [[2]] * len(wanted)
        assert hits.segments[:, 0].tolist() == list(range(len(wanted)))
        np.testing.assert_array_equal(live.prints(2), wanted)
        assert live.print_hop_samples == catalog.print_hop_samples
    assert live.prints(999).shape == (0, SPEC.prints.dimension)
    np.testing.assert_array_equal(live.peaks(2), kept)
    assert live.peaks(999).shape == (0, PEAKS_PER_SEGMENT)
    assert live.trouble is None
    live.close()


def test_without_a_catalog_nothing_is_found_and_it_is_said(tmp_path: Path) -> None:
    live = LiveCatalog(settings_at(tmp_path / "none"), SPEC)
    assert live.search(np.repeat(STYLE, 4, axis=0), 5).songs.shape == (4, 0)
    hits = live.search_prints(np.ones((4, SPEC.prints.dimension), np.float32), 5)
    assert hits.songs.shape == hits.segments.shape == hits.scores.shape == (4, 0)
    assert live.prints(1).shape == (0, SPEC.prints.dimension)
    assert live.peaks(1).shape == (0, PEAKS_PER_SEGMENT)
    assert live.songs([1]) == {}
    assert live.audio_path(1) is None
    assert live.state.model_dump() == {"songs": 0, "generation": None}
    assert "no catalog here; `nowhear add PATH...`" in str(live.trouble)
    live.close()


def test_a_catalog_that_is_made_meanwhile_is_taken_up(tmp_path: Path) -> None:
    live = LiveCatalog(settings_at(tmp_path), SPEC)
    settings = made_catalog(tmp_path, [])
    live.refresh()
    assert live.trouble == "the catalog is empty; `nowhear add PATH...` fills it"
    with Catalog.open(settings, SPEC, write=True) as catalog:
        (song,) = catalog.insert([new_song("late.mp3", STYLE[0])])
    live.refresh()
    assert live.trouble is None
    assert live.state.songs == 1
    assert live.search(STYLE, 1).songs.tolist() == [[song]]
    live.close()


def test_a_catalog_of_another_encoder_is_refused_at_the_start(tmp_path: Path) -> None:
    settings = made_catalog(tmp_path, random_songs(1))
    other = EncoderSpec(**{**SPEC.__dict__, "fingerprint": "c" * 64})
    with pytest.raises(ManifestError, match="cccc"):
        LiveCatalog(settings, other)


def test_one_that_turns_up_later_is_told_and_not_used(tmp_path: Path) -> None:
    other = EncoderSpec(**{**SPEC.__dict__, "fingerprint": "c" * 64})
    live = LiveCatalog(settings_at(tmp_path), other)
    made_catalog(tmp_path, random_songs(1))
    live.refresh()
    assert "cccc" in str(live.trouble)
    assert live.state.songs == 0
    live.close()


def test_a_catalog_that_is_deleted_does_not_stop_us(tmp_path: Path) -> None:
    live = LiveCatalog(made_catalog(tmp_path, random_songs(2)), SPEC)
    shutil.rmtree(tmp_path)
    live.refresh()
    live.search(STYLE, 2)
    live.search_prints(live.prints(1), 2)
    live.songs([1, 2])
    live.close()

"""Golden answers on the demo catalog: real music, the real encoder, the real index.

`golden_similar.json` holds, for each clip, its three nearest clips with their cosines, computed by
exact search over style vectors of the original MusiCNN's port. A change of decoding, windows, front
end, weights, averaging or search that moves an answer shows here.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from catalog.catalog import Catalog
from catalog.demo import Passage, PassageKind, demo_programme, programme_passages
from catalog.search import ExactIndex
from catalog.settings import CatalogSettings
from encoder.decode import decode
from encoder.embedding import Encoder, load_encoder
from encoder.files import song_style
from encoder.settings import EncoderSettings
from encoder.windows import Windower

GOLDEN = Path(__file__).resolve().parents[1] / "data" / "golden_similar.json"
SAME_SCORE = 2e-3
"""Decoders of Opus may differ in the last bits from one FFmpeg to the next."""


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return load_encoder(EncoderSettings())


@pytest.fixture
def catalog(demo_catalog: Path, encoder: Encoder) -> Iterator[Catalog]:
    settings = CatalogSettings(directory=demo_catalog)
    with Catalog.open(settings, encoder.spec) as catalog:
        yield catalog


def nearest(catalog: Catalog, vector: np.ndarray, k: int) -> list[tuple[str, float]]:
    hits = catalog.search(vector[np.newaxis], k)
    songs = catalog.get(hits.songs[0].tolist())
    pairs = zip(hits.songs[0].tolist(), hits.scores[0].tolist(), strict=True)
    return [(songs[song].title, score) for song, score in pairs]


def test_each_clip_is_its_own_nearest_and_has_known_neighbours(catalog: Catalog) -> None:
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))
    assert {song.title for song in catalog.songs()} == set(golden)
    for song in catalog.songs():
        itself, *others = nearest(catalog, catalog.style(song.id), 4)
        assert itself == (song.title, pytest.approx(1.0, abs=1e-4))
        for (title, score), (expected, expected_score) in zip(
            others, golden[song.title], strict=True
        ):
            assert (title, score) == (expected, pytest.approx(expected_score, abs=SAME_SCORE))


def test_the_index_answers_as_exact_search_does(catalog: Catalog) -> None:
    songs = catalog.songs()
    vectors = np.stack([catalog.style(song.id) for song in songs])
    exact = ExactIndex(
        vectors, ids=np.array([song.id for song in songs]), rows=np.arange(len(songs))
    )
    expected = exact.search(vectors, 10)
    found = catalog.search(vectors, 10)
    np.testing.assert_array_equal(found.songs, expected.songs)
    np.testing.assert_allclose(found.scores, expected.scores, atol=1e-5)


def style_of(passage: Passage, encoder: Encoder) -> np.ndarray:
    """Style of one passage of the programme, its cross-fades aside."""
    rate_hz = encoder.spec.sample_rate_hz
    samples = np.concatenate(list(decode(demo_programme(), sample_rate_hz=rate_hz)))
    part = samples[round((passage.start_s + 1) * rate_hz) : round((passage.end_s - 1) * rate_hz)]
    windower = Windower(window_samples=encoder.spec.window_samples, hop_samples=rate_hz)
    return song_style(encoder.embed(windower.push(part, 0).samples).style)


def test_other_passages_of_a_song_sound_most_like_its_clip(
    catalog: Catalog, encoder: Encoder
) -> None:
    places = []
    for passage in programme_passages():
        if passage.kind is PassageKind.SONG:
            ranked = [title for title, _ in nearest(catalog, style_of(passage, encoder), 24)]
            places.append(ranked.index(passage.title))
    # The two classical pieces are near each other; everyone else stands first.
    assert len(places) == 6
    assert sorted(places)[:5] == [0] * 5
    assert max(places) <= 1

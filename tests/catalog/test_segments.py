"""Segments in the catalog: searched as exactly as comparing with every one, whatever happened."""

import zlib

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.catalog import Catalog
from catalog.errors import UnknownSongError
from catalog.prints import stored_prints, unit_prints
from catalog.search import NO_SCORE, NO_SONG
from encoder.files import PRINT_HOP_SAMPLES
from tests.catalog.making import (
    PRINT_DIMENSION,
    SPEC,
    made_catalog,
    new_song,
    random_prints,
    random_songs,
    settings_at,
)

EXACT = {"print_search_k": 100_000, "print_dimension": PRINT_DIMENSION}
"""Settings under which the index misses nothing."""


def song_with(name, prints, *, replaces=None):
    style = np.random.default_rng(zlib.crc32(name.encode())).normal(size=SPEC.style_dim)
    return new_song(name, style, prints=prints, replaces=replaces)


def with_silence(count, *, seed):
    """Random prints, some of them zeros."""
    prints = random_prints(count, seed=seed)
    prints[np.random.default_rng(seed).random(count) < 0.2] = 0
    return prints


def exact(model, queries, k, *, every=1):
    """What comparing each query with every segment of `model` (song: prints) gives: for each query
    the set of (song, segment) and the scores in order."""
    pairs, rows = [], []
    for song, prints in model.items():
        for segment in range(0, len(prints), every):
            if prints[segment].any():
                pairs.append((song, segment))
                rows.append(unit_prints(stored_prints(prints[segment : segment + 1]))[0])
    if not rows:
        return [], np.zeros((len(queries), 0))
    scores = queries @ np.array(rows).T
    order = np.argsort(-scores, axis=1)[:, :k]
    return [{pairs[i] for i in row} for row in order], np.take_along_axis(scores, order, axis=1)


def assert_equals_exact(catalog, model, k, *, every=1):
    queries = random_prints(4, seed=1)
    wanted, scores = exact(model, queries, k, every=every)
    hits = catalog.search_prints(queries, k)
    assert hits.songs.shape == hits.segments.shape == hits.scores.shape == (4, k)
    found = scores.shape[1]
    np.testing.assert_allclose(hits.scores[:, :found], scores, atol=2e-6)
    for place, pairs in enumerate(wanted):
        songs, segments = hits.songs[place, :found], hits.segments[place, :found]
        assert set(zip(songs.tolist(), segments.tolist(), strict=True)) == pairs
    assert (hits.songs[:, found:] == NO_SONG).all()
    assert (hits.segments[:, found:] == NO_SONG).all()
    assert (hits.scores[:, found:] == NO_SCORE).all()


OPERATIONS = st.lists(
    st.one_of(
        st.tuples(st.just("insert"), st.lists(st.integers(0, 12), min_size=1, max_size=6)),
        st.tuples(st.just("remove"), st.integers(0, 200)),
        st.tuples(st.just("replace"), st.integers(0, 200)),
        st.tuples(st.just("publish"), st.booleans()),
        st.tuples(st.just("reopen"), st.none()),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    operations=OPERATIONS,
    k=st.integers(1, 40),
    every=st.integers(1, 3),
    tail_segments=st.sampled_from([1, 20, 1000]),
)
def test_search_equals_exact_search_whatever_happened(
    tmp_path_factory, operations, k, every, tail_segments
):
    folder = tmp_path_factory.mktemp("catalog")
    where = settings_at(folder, tail_segments=tail_segments, index_every=every, **EXACT)
    model: dict[int, np.ndarray] = {}
    catalog = Catalog.open(where, SPEC, create=True)
    reader = Catalog.open(where, SPEC)
    try:
        for step, (operation, value) in enumerate(operations):
            picked = sorted(model)[value % len(model)] if isinstance(value, int) and model else None
            if operation == "insert":
                prints = [with_silence(n, seed=step * 10 + i) for i, n in enumerate(value)]
                new = [song_with(f"{step}-{i}", p) for i, p in enumerate(prints)]
                model.update(zip(catalog.insert(new), prints, strict=True))
            elif operation == "remove" and picked is not None:
                catalog.remove([picked])
                del model[picked]
            elif operation == "replace" and picked is not None:
                model[picked] = with_silence(value % 9, seed=value)
                catalog.insert([song_with(f"{step}-again", model[picked], replaces=picked)])
            elif operation == "publish":
                catalog.publish(force=bool(value))
            elif operation == "reopen":
                catalog.close()
                catalog = Catalog.open(where, SPEC, write=True)
            reader.refresh()
            assert_equals_exact(catalog, model, k, every=every)
            assert_equals_exact(reader, model, k, every=every)
    finally:
        catalog.close()
        reader.close()


def test_the_prints_of_a_song_are_what_was_stored_nearly(tmp_path):
    prints = random_prints(50, seed=3)
    prints[7] = 0
    songs = [*random_songs(3), song_with("fourth", prints)]
    where = made_catalog(tmp_path, songs)
    with Catalog.open(where, SPEC) as catalog:
        assert catalog.print_hop_samples == PRINT_HOP_SAMPLES
        found = catalog.prints(4)
        assert found.shape == prints.shape
        assert found.dtype == np.float32
        assert not found[7].any()
        heard = np.delete(np.arange(50), 7)
        np.testing.assert_allclose(np.linalg.norm(found[heard], axis=1), 1, atol=1e-6)
        assert (np.einsum("md,md->m", found[heard], prints[heard]) > 0.9999).all()
        with pytest.raises(UnknownSongError, match="no song 5 in this catalog"):
            catalog.prints(5)
    with Catalog.open(where, SPEC, write=True) as catalog:
        catalog.remove([4])
        with pytest.raises(UnknownSongError, match="no song 4 in this catalog"):
            catalog.prints(4)
    assert (tmp_path / "vectors" / "000001" / "prints.i8").stat().st_size == (9 + 50) * 10

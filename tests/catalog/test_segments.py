"""Segments in the catalog: searched as exactly as comparing with every one, whatever happened."""

import os
import zlib

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.add import add
from catalog.catalog import Catalog
from catalog.errors import SearchError, StoreError, UnknownSongError
from catalog.prints import stored_prints, unit_prints
from catalog.search import NO_SCORE, NO_SONG, unit_rows
from encoder.files import PRINT_HOP_SAMPLES
from tests.catalog.making import (
    PRINT_DIMENSION,
    SPEC,
    BandsEncoder,
    made_catalog,
    new_song,
    random_prints,
    random_songs,
    settings_at,
    write_music,
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


def pairs_of(hits, which, *, query=0):
    """The (song, segment) of some of a query's hits."""
    songs, segments = hits.songs[query, which], hits.segments[query, which]
    return set(zip(songs.tolist(), segments.tolist(), strict=True))


def assert_equals_exact(catalog, model, k, *, every=1):
    queries = random_prints(4, seed=1)
    wanted, scores = exact(model, queries, k, every=every)
    hits = catalog.search_prints(queries, k)
    assert hits.songs.shape == hits.segments.shape == hits.scores.shape == (4, k)
    found = scores.shape[1]
    np.testing.assert_allclose(hits.scores[:, :found], scores, atol=2e-6)
    for place, pairs in enumerate(wanted):
        assert pairs_of(hits, slice(found), query=place) == pairs
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
                model[picked] = with_silence(value % 9, seed=1000 + step)
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


def test_one_call_for_many_prints_is_as_many_calls(tmp_path):
    songs = [song_with(f"{i}", random_prints(40, seed=i)) for i in range(30)]
    where = made_catalog(tmp_path, songs[:25], print_dimension=4, print_search_k=50)
    with Catalog.open(where, SPEC, write=True) as catalog:
        catalog.insert(songs[25:])
        queries = random_prints(7, seed=99)
        together = catalog.search_prints(queries, 5)
        for place, query in enumerate(queries):
            alone = catalog.search_prints(query[None], 5)
            assert alone.songs[0].tolist() == together.songs[place].tolist()
            assert alone.segments[0].tolist() == together.segments[place].tolist()
            np.testing.assert_allclose(alone.scores[0], together.scores[place], atol=2e-6)
        none = catalog.search_prints(np.zeros((0, PRINT_DIMENSION), np.float32), 5)
        assert none.songs.shape == none.segments.shape == none.scores.shape == (0, 5)


def test_few_directions_find_nearly_all_and_every_score_is_a_true_cosine(tmp_path):
    """Prints of 10 numbers, an index of 5: spoiled prints find their segments as exactly as a
    comparison with all does, nearly always."""
    songs = [song_with(f"{i}", random_prints(100, seed=i)) for i in range(40)]
    narrow = {"print_dimension": 5, "print_trees": 10, "print_search_k": 2000}
    where = made_catalog(tmp_path, songs, **narrow)
    rng = np.random.default_rng(5)
    picked = [(int(rng.integers(1, 41)), int(rng.integers(100))) for _ in range(200)]
    with Catalog.open(where, SPEC) as catalog:
        assert catalog.generation == 1
        prints = {song: catalog.prints(song) for song in range(1, 41)}
        right = np.stack([prints[song][segment] for song, segment in picked])
        queries = unit_rows(right + rng.normal(size=right.shape).astype(np.float32) * 0.08)
        hits = catalog.search_prints(queries, 3)
        wanted = [song * 1000 + segment for song, segment in picked]
        found = hits.songs * 1000 + hits.segments
        exactly, _ = exact(prints, queries, 1)
        of_exact = np.mean([best == {pair} for best, pair in zip(exactly, picked, strict=True)])
        assert of_exact > 0.9
        assert (found[:, 0] == wanted).mean() > of_exact - 0.03
        for place, query in enumerate(queries):
            for song, segment, score in zip(
                hits.songs[place], hits.segments[place], hits.scores[place], strict=True
            ):
                assert score == pytest.approx(float(prints[int(song)][segment] @ query), abs=2e-6)


def test_silence_finds_nothing_and_is_not_found(tmp_path):
    prints = np.zeros((6, PRINT_DIMENSION), np.float32)
    prints[2] = random_prints(1, seed=1)
    silent = np.zeros((4, PRINT_DIMENSION), np.float32)
    for name, songs in (("a", [song_with("a", prints)]), ("b", [song_with("b", silent)])):
        where = made_catalog(tmp_path / name, songs)
        with Catalog.open(where, SPEC) as catalog:
            queries = np.stack([prints[2], -prints[2], prints[0]])
            hits = catalog.search_prints(queries, 2)
            found = (hits.songs != NO_SONG).tolist()
            assert found == (
                [[True, False]] * 2 + [[False] * 2] if name == "a" else [[False] * 2] * 3
            )
            assert (catalog.generation, catalog.count) == (1, 1)
            assert catalog.prints(1).shape == (len(songs[0].prints), PRINT_DIMENSION)


@pytest.mark.parametrize(
    ("prints", "k", "message"),
    [
        (np.ones((2, 3), np.float32), 1, r"shape \(2, 3\), expected \(n, 10\)"),
        (np.ones(10, np.float32), 1, r"shape \(10,\), expected \(n, 10\)"),
        (np.full((1, 10), np.nan, np.float32), 1, "not finite"),
        (np.ones((1, 10), np.float32), 0, "k is 0, expected 1 or more"),
    ],
)
def test_a_query_that_makes_no_sense_is_refused(tmp_path, prints, k, message):
    where = made_catalog(tmp_path, random_songs(2))
    with Catalog.open(where, SPEC) as catalog, pytest.raises(SearchError, match=message):
        catalog.search_prints(prints, k)


def test_a_reader_keeps_its_segments_until_it_refreshes(tmp_path):
    songs = [song_with(f"{i}", random_prints(20, seed=i)) for i in range(12)]
    where = made_catalog(tmp_path, songs[:10], **EXACT)
    query = songs[2].prints[5:6]
    with Catalog.open(where, SPEC) as reader, Catalog.open(where, SPEC, write=True) as writer:
        before = reader.search_prints(query, 4)
        assert (before.songs[0, 0], before.segments[0, 0]) == (3, 5)
        writer.remove([3])
        for song in songs[10:]:
            writer.insert([song])
            writer.publish(force=True)
        after = reader.search_prints(query, 4)
        assert after.songs.tolist() == before.songs.tolist()
        assert after.segments.tolist() == before.segments.tolist()
        assert reader.prints(3).shape == (20, PRINT_DIMENSION)
        assert reader.refresh()
        assert 3 not in reader.search_prints(query, 240).songs
        assert (reader.search_prints(songs[11].prints[7:8], 1).songs[0, 0]) == 12


def test_the_index_is_built_when_the_tail_has_many_segments(tmp_path):
    long = [song_with(f"{i}", random_prints(60, seed=i)) for i in range(4)]
    where = made_catalog(tmp_path, long[:1], tail_segments=100)
    with Catalog.open(where, SPEC, write=True) as catalog:
        catalog.insert(long[1:2])
        assert catalog.publish() is False
        info = catalog.info()
        assert (info.segments, info.tail_segments, info.tail, info.indexed) == (120, 60, 1, 1)
        catalog.insert(long[2:3])
        assert catalog.publish() is True
        assert catalog.info().tail_segments == 0


def test_a_long_run_builds_the_index_before_its_end(tmp_path):
    settings = settings_at(tmp_path / "catalog", tail_segments=5, workers=1)
    music = write_music(tmp_path / "music", 6, seconds=3.0)
    with Catalog.open(settings, SPEC, create=True) as catalog:
        add(music, catalog, BandsEncoder(), settings)
        info = catalog.info()
        assert (info.songs, info.segments, info.tail_segments) == (6, 18, 0)
        assert info.generation is not None
        assert info.generation > 1
        for song in catalog.songs():
            for segment, one in enumerate(catalog.prints(song.id)):
                hits = catalog.search_prints(one[None], 18)
                best = hits.scores[0] > 1 - 1e-6
                assert (song.id, segment) in pairs_of(hits, best)


def test_zeroed_segments_of_a_published_index_name_no_song(tmp_path):
    """The store is damaged: nothing is found, and nothing wrong."""
    where = made_catalog(tmp_path, [song_with("a", random_prints(9, seed=1))])
    file = tmp_path / "vectors" / "000001" / "prints.i8"
    file.write_bytes(bytes(file.stat().st_size))
    with Catalog.open(where, SPEC) as catalog:
        assert (catalog.search_prints(random_prints(2, seed=1), 3).songs == NO_SONG).all()


def test_a_print_file_cut_off_is_refused(tmp_path):
    where = made_catalog(tmp_path, random_songs(3))
    os.truncate(tmp_path / "vectors" / "000001" / "prints.i8", 50)
    with pytest.raises(StoreError, match="50 bytes, expected at least 90 for 9 rows"):
        Catalog.open(where, SPEC)

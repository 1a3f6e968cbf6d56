"""The catalog against a model of it: a dictionary and exact search."""

import threading
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog import snapshot
from catalog.catalog import Catalog
from catalog.errors import BusyError, ManifestError, SearchError, StoreError, UnknownSongError
from catalog.groups import SAME_COSINE
from catalog.search import ExactIndex, unit_rows
from tests.catalog.making import (
    DIMENSION,
    PRINT_DIMENSION,
    SPEC,
    made_catalog,
    new_song,
    random_prints,
    random_songs,
    settings_at,
)

OPERATIONS = st.lists(
    st.one_of(
        st.tuples(st.just("insert"), st.integers(1, 30)),
        st.tuples(st.just("remove"), st.integers(0, 200)),
        st.tuples(st.just("replace"), st.integers(0, 200)),
        st.tuples(st.just("publish"), st.booleans()),
        st.tuples(st.just("reopen"), st.none()),
    ),
    min_size=1,
    max_size=14,
)


def assert_equals_exact(catalog, model, k):
    """Searches in `catalog` give what comparing with every song of `model` gives."""
    queries = np.random.default_rng(1).normal(size=(4, DIMENSION)).astype(np.float32)
    ids = np.array(sorted(model), dtype=np.int64)
    vectors = np.array([model[song] for song in ids]).reshape(-1, DIMENSION).astype(np.float32)
    wanted = ExactIndex(vectors, ids=ids).search(queries, k)
    found = catalog.search(queries, k)
    assert found.songs.tolist() == wanted.songs.tolist()
    np.testing.assert_allclose(found.scores, wanted.scores, atol=2e-6)
    assert catalog.count == len(model)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(operations=OPERATIONS, k=st.integers(1, 40), tail_songs=st.sampled_from([1, 20, 1000]))
def test_search_equals_exact_search_whatever_happened(tmp_path_factory, operations, k, tail_songs):
    where = settings_at(tmp_path_factory.mktemp("catalog"), tail_songs=tail_songs)
    rng = np.random.default_rng(len(operations))
    model: dict[int, np.ndarray] = {}
    catalog = Catalog.open(where, SPEC, create=True)
    reader = Catalog.open(where, SPEC)
    try:
        for step, (operation, value) in enumerate(operations):
            picked = sorted(model)[value % len(model)] if value and model else None
            if operation == "insert":
                styles = unit_rows(rng.normal(size=(value, DIMENSION)).astype(np.float32))
                new = [new_song(f"{step}-{i}", s, duration_s=60) for i, s in enumerate(styles)]
                model.update(zip(catalog.insert(new), styles, strict=True))
            elif operation == "remove" and picked is not None:
                catalog.remove([picked])
                del model[picked]
            elif operation == "replace" and picked is not None:
                (style,) = unit_rows(rng.normal(size=(1, DIMENSION)).astype(np.float32))
                new = new_song(f"{step}-again", style, replaces=picked)
                assert catalog.insert([new]) == [picked]
                model[picked] = style
            elif operation == "publish":
                catalog.publish(force=bool(value))
            elif operation == "reopen":
                catalog.close()
                catalog = Catalog.open(where, SPEC, write=True)
            reader.refresh()
            assert_equals_exact(catalog, model, k)
            assert_equals_exact(reader, model, k)
            assert reader.refresh() is False
    finally:
        catalog.close()
        reader.close()


def test_what_is_stored_is_read(tmp_path):
    style = np.arange(1, DIMENSION + 1, dtype=np.float32)
    where = made_catalog(tmp_path, [new_song("a.mp3", style, duration_s=12.5)])
    with Catalog.open(where, SPEC) as catalog:
        song = catalog.song(1)
        assert (song.path, song.title, song.duration_s) == (Path("/music/a.mp3"), "a.mp3", 12.5)
        assert song.group == song.id == 1
        assert song.added_at.tzinfo is UTC
        assert abs((datetime.now(UTC) - song.added_at).total_seconds()) < 3600
        np.testing.assert_allclose(catalog.style(1), style / np.linalg.norm(style), atol=1e-6)
        assert catalog.tags(1) == pytest.approx({"low": 0.1, "middle": 0.2, "high": 0.3})
        for ask in (catalog.song, catalog.style, catalog.tags):
            with pytest.raises(UnknownSongError, match="no song 2 in this catalog"):
                ask(2)
        assert catalog.get([1, 2, -1]) == {1: song}


NAMES = [
    "naïve\nfile.mp3",
    "bad \udcff\udc80.ogg",
    "日本語.flac",
    "שלום.opus",
    "%_' \";--.wav",
    "-",
]


def test_names_of_any_bytes_are_kept_and_found(tmp_path):
    songs = [new_song(name, s.style) for name, s in zip(NAMES, random_songs(6), strict=True)]
    where = made_catalog(tmp_path, songs)
    with Catalog.open(where, SPEC) as catalog:
        assert [song.path.name for song in catalog.songs()] == NAMES
        for name in NAMES:
            stored = catalog.by_path(Path("/music") / name)
            assert stored is not None
            assert stored.file.path.name == name
        assert [song.id for song in catalog.songs("%_")] == [5]
        assert [song.id for song in catalog.songs("日本")] == [3]
        assert [song.id for song in catalog.songs("NAÏVE file")] == [1]
        assert [song.id for song in catalog.songs(r"\xff")] == [2]
        assert catalog.songs("naïve flac") == []
        assert [song.id for song in catalog.songs("music", limit=2)] == [1, 2]


def test_an_id_is_never_given_twice(tmp_path):
    where = made_catalog(tmp_path, random_songs(3))
    with Catalog.open(where, SPEC, write=True) as catalog:
        catalog.remove([3])
        assert catalog.insert(random_songs(1, seed=9, prefix="x")) == [4]


def test_removing_an_unknown_song_removes_none(tmp_path):
    where = made_catalog(tmp_path, random_songs(3))
    with Catalog.open(where, SPEC, write=True) as catalog:
        with pytest.raises(UnknownSongError, match="no song 8, 9 in this catalog; nothing was"):
            catalog.remove([1, 8, 9])
        assert catalog.count == 3
        assert [song.id for song in catalog.remove([1, 2, 3])] == [1, 2, 3]
        catalog.publish()
        assert (catalog.count, catalog.generation) == (0, None)
        assert (catalog.search(np.ones((1, DIMENSION), np.float32), 2).songs == -1).all()


def test_writing_needs_the_lock(tmp_path):
    where = made_catalog(tmp_path, random_songs(1))
    with Catalog.open(where, SPEC, write=True), pytest.raises(BusyError, match="pid"):
        Catalog.open(where, SPEC, write=True)
    with Catalog.open(where, SPEC) as reader, pytest.raises(BusyError, match="write=True"):
        reader.remove([1])


def test_when_an_index_is_built(tmp_path):
    where = made_catalog(tmp_path, random_songs(100), tail_songs=10)
    with Catalog.open(where, SPEC, write=True) as catalog:
        catalog.insert(random_songs(10, seed=1, prefix="b"))
        assert catalog.publish() is False
        assert catalog.info().tail == 10
        catalog.insert(random_songs(1, seed=2, prefix="c"))
        assert catalog.publish() is True
        assert (catalog.generation, catalog.info().tail) == (2, 0)
        catalog.remove(range(1, 22))
        assert catalog.publish() is False
        catalog.remove([23, 24])
        assert catalog.publish() is True
        assert catalog.info().indexed == 111 - 23


def test_a_large_tail_is_left_alone_beside_a_large_index():
    """A share of the index, not a number, once the index is large."""
    assert snapshot.TAIL_SHARE * 1_000_000 > 10_000


def test_same_recordings_are_grouped_and_groups_mended(tmp_path):
    a, b, c = (song.style for song in random_songs(3))
    close = unit_rows((a + 0.01 * b)[None])[0]
    where = settings_at(tmp_path)
    with Catalog.open(where, SPEC, create=True) as catalog:

        def groups():
            return {song.id: song.group for song in catalog.songs()}

        catalog.insert([new_song("a.flac", a), new_song("b", b), new_song("c", c)])
        assert groups() == {1: 1, 2: 2, 3: 3}
        catalog.insert([new_song("a.mp3", close, duration_s=60.05)])
        catalog.insert([new_song("a, long version", close, duration_s=90)])
        assert groups() == {1: 1, 2: 2, 3: 3, 4: 1, 5: 5}
        catalog.insert([new_song("a.opus", a), new_song("a.ogg", close)])
        assert groups() == {1: 1, 2: 2, 3: 3, 4: 1, 5: 5, 6: 1, 7: 1}
        nothing = np.zeros((0, PRINT_DIMENSION), np.float32)
        assert catalog.same_recordings(a, 60.0, nothing) == {1, 4, 6, 7}
        catalog.remove([1])
        assert groups() == {2: 2, 3: 3, 4: 4, 5: 5, 6: 4, 7: 4}
        catalog.insert([new_song("a.mp3", b, replaces=4)])
        assert groups() == {2: 2, 3: 3, 4: 2, 5: 5, 6: 6, 7: 6}
        assert catalog.members(6) == [6, 7]


def test_copies_of_poor_quality_are_grouped_by_their_prints(tmp_path):
    a, b, c = (song.style for song in random_songs(3))
    poor = unit_rows((a + 0.35 * b)[None])[0]
    assert float(poor @ a) < SAME_COSINE
    prints = random_prints(40, seed=3)
    heard = unit_rows(prints + 0.05 * random_prints(40, seed=4))
    where = settings_at(tmp_path)
    with Catalog.open(where, SPEC, create=True) as catalog:

        def groups():
            return {song.id: song.group for song in catalog.songs()}

        catalog.insert([new_song("a.flac", a, prints=prints), new_song("c", c)])
        catalog.publish()
        catalog.insert([new_song("a.mp3", poor, prints=heard), new_song("b", a + 0.35 * c)])
        assert groups() == {1: 1, 2: 2, 3: 1, 4: 4}
        assert catalog.same_recordings(poor, 60.2, heard) == {1, 3}
        assert catalog.same_recordings(poor, 61.0, heard) == set()
        catalog.insert([new_song("a.opus", unit_rows((a - 0.35 * b)[None])[0], prints=prints)])
        assert groups() == {1: 1, 2: 2, 3: 1, 4: 4, 5: 1}
        catalog.remove([1])
        assert groups() == {2: 2, 3: 3, 4: 4, 5: 3}


def test_searching_in_one_thread_while_another_refreshes(tmp_path):
    songs = random_songs(80)
    where = made_catalog(tmp_path, songs[:20])
    failures: list[BaseException] = []
    done = threading.Event()

    def search(reader):
        try:
            while not done.is_set():
                hits = reader.search(songs[3].style[None], 3)
                assert hits.songs[0, 0] == 4
                assert 4 in reader.get(hits.songs[0].tolist())
        except BaseException as error:  # noqa: BLE001 - shown by the assertion at the end
            failures.append(error)

    with Catalog.open(where, SPEC) as reader, Catalog.open(where, SPEC, write=True) as writer:
        thread = threading.Thread(target=search, args=(reader,))
        thread.start()
        for i, song in enumerate(songs[20:]):
            writer.insert([song])
            if i % 10 == 0:
                writer.publish(force=True)
            reader.refresh()
        done.set()
        thread.join()
        assert reader.count == 80
    assert failures == []


def test_a_rebuild_keeps_ids_and_goes_on_after_an_interruption(tmp_path):
    import dataclasses

    where = made_catalog(tmp_path, random_songs(3))
    other = dataclasses.replace(SPEC, fingerprint="d" * 64, style_dim=DIMENSION + 1)
    with Catalog.open(where, SPEC) as reader:
        with Catalog.open(where, other, write=True, restart=True) as catalog:
            assert (catalog.count, len(catalog.waiting())) == (0, 3)
            wide = new_song("song0.mp3", np.ones(DIMENSION + 1), replaces=1)
            catalog.insert([wide])
            catalog.publish()
        with pytest.raises(ManifestError, match="--rebuild"):
            reader.refresh()
    with Catalog.open(where, other, write=True, restart=True) as catalog:
        assert (catalog.count, len(catalog.waiting())) == (1, 2)
        assert catalog.search(np.ones((1, DIMENSION + 1), np.float32), 2).songs.tolist() == [
            [1, -1]
        ]
        with pytest.raises(UnknownSongError, match="waits for being embedded again"):
            catalog.style(2)
        with pytest.raises(SearchError):
            catalog.search(np.ones((1, DIMENSION), np.float32), 1)
    assert [p.name for p in (tmp_path / "vectors").iterdir()] == ["000002"]


def test_zeroed_vectors_are_refused_and_never_searched_or_indexed(tmp_path):
    where = made_catalog(tmp_path, random_songs(5))
    file = tmp_path / "vectors" / "000001" / "style.f32"
    file.write_bytes(bytes(file.stat().st_size))
    with Catalog.open(where, SPEC, write=True) as catalog:
        with pytest.raises(StoreError, match="no vector of length 1"):
            catalog.style(1)
        with pytest.raises(StoreError, match="no vector of length 1"):
            catalog.publish(force=True)
    (tmp_path / "index" / "CURRENT").unlink()  # now every song would be compared
    with pytest.raises(StoreError, match="`nowhear add --rebuild` embeds all again"):
        Catalog.open(where, SPEC)
    with Catalog.open(where, SPEC, write=True, restart=True) as catalog:
        assert len(catalog.waiting()) == 5


def test_an_id_too_large_for_the_database_is_a_song_that_is_not_there(tmp_path):
    with Catalog.open(made_catalog(tmp_path, random_songs(2)), SPEC, write=True) as catalog:
        with pytest.raises(UnknownSongError, match="no song 9"):
            catalog.song(9 * 10**30)
        with pytest.raises(UnknownSongError, match="nothing was removed"):
            catalog.remove([1, 9 * 10**30])
        assert catalog.count == 2

"""The map stays abreast of the songs, moves nobody without need, and is whole at any moment."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from catalog.catalog import Catalog
from catalog.errors import BusyError, NoCatalogError
from catalog.lock import WriterLock
from catalog.map_building import Outcome, bring_up_to_date, build_map, chosen, is_abreast
from catalog.map_file import NO_GENRE, StoredMap, map_folder, open_map
from catalog.settings import CatalogSettings, MapSettings
from catalog.songs import Details, NewSong
from tests.catalog.making import DIMENSION, SPEC, made_catalog, new_song, settings_at

ROOT = Path(__file__).resolve().parents[2]
CLUSTERS = 4
A_CLUSTER = 12
CENTRES = np.eye(DIMENSION)[:CLUSTERS]
DRAWN_BY_TSNE = MapSettings()
BY_AXES = MapSettings(method="pca")


def sounding(cluster: int, number: int, *, genre: str | None = None) -> NewSong:
    """A song of a cluster, beside its others."""
    rng = np.random.default_rng([cluster, number])
    style = CENTRES[cluster] + 0.08 * rng.normal(size=DIMENSION)
    song = new_song(f"{cluster}-{number}.mp3", style, duration_s=60 + 7 * number + 200 * cluster)
    return replace(song, details=replace(song.details, genre=genre))


def songs(each: int = A_CLUSTER, *, first: int = 0) -> list[NewSong]:
    return [sounding(c, n) for c in range(CLUSTERS) for n in range(first, first + each)]


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    made_catalog(tmp_path, songs())
    with Catalog.open(settings_at(tmp_path), SPEC, write=True) as opened:
        yield opened


def stored(catalog: Catalog) -> StoredMap:
    found = open_map(map_folder(catalog.settings))
    assert found is not None
    return found


def place(of: StoredMap, song: int) -> NDArray[np.float64]:
    return np.array(of.map.places([song])[song])


def centres(of: StoredMap) -> NDArray[np.float64]:
    """Where the clusters lie; songs were added cluster by cluster."""
    return of.map.xyz[: CLUSTERS * A_CLUSTER].reshape(CLUSTERS, A_CLUSTER, 3).mean(axis=1)


def test_all_songs_are_drawn_in_their_clusters(catalog: Catalog) -> None:
    outcome = build_map(catalog, DRAWN_BY_TSNE)
    assert outcome.map is not None
    assert (outcome.drawn, outcome.map.facts.method) == (True, "tsne")
    assert outcome.map.map.ids.tolist() == [song.id for song in catalog.songs()]
    middle = centres(outcome.map)
    for number, xyz in enumerate(outcome.map.map.xyz):
        nearest = np.linalg.norm(middle - xyz, axis=1).argmin()
        assert nearest == number // A_CLUSTER
    assert is_abreast(stored(catalog), catalog)


def test_the_same_songs_and_seed_draw_the_same(catalog: Catalog) -> None:
    versions = set()
    for _ in range(2):
        outcome = build_map(catalog, DRAWN_BY_TSNE, anew=True)
        assert outcome.map is not None
        versions.add(outcome.map.facts.version)
    assert len(versions) == 1


@pytest.mark.parametrize("settings", [DRAWN_BY_TSNE, BY_AXES])
def test_new_songs_come_to_lie_near_their_neighbours_and_move_nobody(
    catalog: Catalog, settings: MapSettings
) -> None:
    before = build_map(catalog, settings).map
    assert before is not None
    ids = catalog.insert([sounding(c, 50 + n) for c in range(CLUSTERS) for n in range(2)])
    assert not is_abreast(before, catalog)
    outcome = bring_up_to_date(catalog, settings)
    assert (outcome.drawn, outcome.placed, outcome.changed) == (False, 8, True)
    after = stored(catalog)
    np.testing.assert_array_equal(after.map.xyz[: len(before.map)], before.map.xyz)
    assert after.facts.placed == 8
    assert after.facts.version != before.facts.version
    middle, taken = centres(before), set()
    for number, song in enumerate(ids):
        nearest = np.linalg.norm(middle - place(after, song), axis=1).argmin()
        assert nearest == number // 2
        taken.add(tuple(place(after, song)))
    assert len(taken) == len(ids), "two songs lie at the very same place"


def test_nothing_new_changes_nothing(catalog: Catalog) -> None:
    before = build_map(catalog, BY_AXES).map
    outcome = bring_up_to_date(catalog, BY_AXES)
    assert (outcome.drawn, outcome.placed, outcome.changed) == (False, 0, False)
    assert before is not None
    assert stored(catalog).number == before.number
    # The catalog's revision is another, its songs are the same.
    with Catalog.open(catalog.settings, SPEC) as reader:
        file = reader.by_path(Path("/music/0-0.mp3"))
        assert file is not None
    catalog.move(file.song, file.file, Details(title="Another title"))
    outcome = bring_up_to_date(catalog, BY_AXES)
    assert (outcome.placed, outcome.changed) == (0, False)
    assert is_abreast(stored(catalog), catalog)
    catalog.move(file.song, file.file, Details(title="Another title", genre="Folk"))
    outcome = bring_up_to_date(catalog, BY_AXES)
    assert (outcome.placed, outcome.changed) == (0, True)
    assert stored(catalog).facts.genres == ("Folk",)


def test_songs_that_are_gone_leave_it(catalog: Catalog) -> None:
    before = build_map(catalog, BY_AXES).map
    assert before is not None
    catalog.remove([1, 20])
    outcome = bring_up_to_date(catalog, BY_AXES)
    assert (outcome.drawn, outcome.placed, outcome.changed) == (False, 0, True)
    after = stored(catalog)
    assert set(before.map.ids) - set(after.map.ids) == {1, 20}
    for song in after.map.ids.tolist():
        np.testing.assert_array_equal(place(after, song), place(before, song))
    catalog.remove(after.map.ids.tolist())
    assert bring_up_to_date(catalog, BY_AXES).map is None
    assert open_map(map_folder(catalog.settings)) is None
    assert build_map(catalog, BY_AXES).map is None


def test_a_song_that_sounds_otherwise_by_now_is_placed_anew(catalog: Catalog) -> None:
    before = build_map(catalog, BY_AXES).map
    assert before is not None
    [song] = catalog.insert([replace(sounding(3, 77), replaces=1)])
    assert song == 1
    assert bring_up_to_date(catalog, BY_AXES).placed == 1
    distances = np.linalg.norm(centres(before) - place(stored(catalog), 1), axis=1)
    assert distances.argmin() == 3


def test_without_a_map_it_is_drawn(catalog: Catalog) -> None:
    outcome = bring_up_to_date(catalog, DRAWN_BY_TSNE)
    assert outcome.map is not None
    assert (outcome.drawn, outcome.map.facts.method, outcome.advice) == (True, "tsne", None)


def test_when_a_fifth_is_new_it_is_drawn_anew_and_not_turned_over(catalog: Catalog) -> None:
    before = build_map(catalog, DRAWN_BY_TSNE).map
    assert before is not None
    catalog.insert(songs(4, first=60))
    outcome = bring_up_to_date(catalog, DRAWN_BY_TSNE)
    assert outcome.drawn
    after = stored(catalog)
    assert after.facts.placed == 0
    moved = np.linalg.norm(centres(after) - centres(before), axis=1)
    apart = np.linalg.norm(centres(before)[0] - centres(before)[1])
    assert moved.max() < apart / 2


def test_when_that_would_take_long_it_is_advised(catalog: Catalog) -> None:
    slow = MapSettings(own_accord_songs=10)
    first = bring_up_to_date(catalog, slow)
    assert first.map is not None
    assert (first.drawn, first.map.facts.method) == (True, "pca")
    assert "draws a better one, by tsne" in (first.advice or "")
    assert build_map(catalog, slow).advice is None

    before = stored(catalog)
    catalog.insert(songs(4, first=60))
    outcome = bring_up_to_date(catalog, slow)
    assert (outcome.drawn, outcome.placed) == (False, 16)
    assert outcome.advice is not None
    assert outcome.advice.startswith("16 of 64 songs came since")
    np.testing.assert_array_equal(stored(catalog).map.xyz[: len(before.map)], before.map.xyz)
    assert bring_up_to_date(catalog, slow).advice == outcome.advice


def test_songs_embedded_again_by_another_encoder_are_drawn_anew(tmp_path: Path) -> None:
    settings = made_catalog(tmp_path, songs())
    with Catalog.open(settings, SPEC, write=True) as catalog:
        before = build_map(catalog, BY_AXES).map
        assert before is not None
    other = replace(SPEC, fingerprint="d" * 64)
    with Catalog.open(settings, other, write=True, restart=True) as catalog:
        again = [replace(song, replaces=id) for id, song in enumerate(songs(), start=1)]
        catalog.insert(again)
        outcome = bring_up_to_date(catalog, BY_AXES)
        assert outcome.drawn
        np.testing.assert_allclose(stored(catalog).map.xyz, before.map.xyz, atol=1e-4)


def test_genres_and_tags_are_those_of_the_songs(tmp_path: Path) -> None:
    genres = ["Folk", None, "folk ", "Jazz", "Folk"]
    new = [sounding(c % CLUSTERS, c, genre=genre) for c, genre in enumerate(genres)]
    settings = made_catalog(tmp_path, new)
    with Catalog.open(settings, SPEC) as catalog:
        made = build_map(catalog, DRAWN_BY_TSNE).map
    assert made is not None
    assert made.map.genres == ("Folk", "Jazz")
    assert made.map.genre.tolist() == [0, NO_GENRE, 0, 1, 0]
    assert made.map.tags == SPEC.tags
    assert made.map.tag.tolist() == [2] * 5  # their tags are 0.1, 0.2, 0.3


def test_a_damaged_map_is_drawn_anew(catalog: Catalog) -> None:
    build_map(catalog, BY_AXES)
    (map_folder(catalog.settings) / "CURRENT").write_text("nonsense")
    assert bring_up_to_date(catalog, BY_AXES).drawn
    assert is_abreast(stored(catalog), catalog)


def test_two_do_not_draw_at_once(catalog: Catalog) -> None:
    build_map(catalog, BY_AXES)
    with WriterLock(map_folder(catalog.settings)):
        for draw in (build_map, bring_up_to_date):
            with pytest.raises(BusyError, match=f"pid {os.getpid()}"):
                draw(catalog, BY_AXES)


def test_an_empty_catalog_has_none(tmp_path: Path) -> None:
    settings = made_catalog(tmp_path, [])
    with Catalog.open(settings, SPEC) as catalog:
        assert is_abreast(None, catalog)
        outcome = bring_up_to_date(catalog, BY_AXES)
        assert isinstance(outcome, Outcome)
        assert outcome.map is None


@pytest.mark.parametrize(
    ("asked", "count", "method"),
    [
        ("auto", 1, "pca"),
        ("auto", 20, "pca"),
        ("auto", 21, "tsne"),
        ("auto", 5000, "tsne"),
        ("pca", 500, "pca"),
        ("tsne", 100_000, "tsne"),
        ("umap", 100, "umap"),
    ],
)
def test_the_method_is_chosen_by_the_number_of_songs(asked: str, count: int, method: str) -> None:
    assert chosen(asked, songs=count, settings=MapSettings()) == method


def test_beyond_tsne_it_depends_on_what_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("catalog.map_building.has_umap", lambda: True)
    assert chosen("auto", songs=5001, settings=MapSettings()) == "umap"
    monkeypatch.setattr("catalog.map_building.has_umap", lambda: False)
    assert chosen("auto", songs=5001, settings=MapSettings()) == "pca"


def test_a_large_map_without_umap_says_what_to_install(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("catalog.map_building.has_umap", lambda: False)
    outcome = build_map(catalog, MapSettings(tsne_songs=30))
    assert outcome.map is not None
    assert outcome.map.facts.method == "pca"
    assert "pip install 'nowhear[map]'" in (outcome.advice or "")


def test_killed_at_any_change_of_the_disk_a_whole_map_stands(tmp_path: Path) -> None:
    settings = made_catalog(tmp_path, songs())
    with Catalog.open(settings, SPEC) as catalog:
        old = build_map(catalog, DRAWN_BY_TSNE).map
    assert old is not None
    done = subprocess.run(
        [sys.executable, "-m", "tests.catalog.drawing", str(tmp_path)],
        cwd=ROOT,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    versions = done.stdout.split()
    assert len(versions) > 8
    assert versions[0] == old.facts.version
    turn = versions.index(versions[-1])
    assert set(versions[:turn]) == {old.facts.version}
    assert set(versions[turn:]) == {versions[-1]} != {old.facts.version}
    assert not (map_folder(settings) / ".building").exists()


def test_there_is_no_map_without_a_catalog(tmp_path: Path) -> None:
    with pytest.raises(NoCatalogError):
        Catalog.open(CatalogSettings(directory=tmp_path), None)
    assert not map_folder(CatalogSettings(directory=tmp_path)).exists()

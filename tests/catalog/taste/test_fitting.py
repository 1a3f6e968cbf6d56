"""A fit finds what was planted, and says how well."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from catalog.catalog import Catalog
from catalog.errors import BusyError, StoreError, TasteError
from catalog.favourites import Favourites
from catalog.lock import WriterLock
from catalog.playlists import Playlists
from catalog.plays import Plays
from catalog.settings import CatalogSettings
from catalog.taste import fitting
from catalog.taste.als import AlsSettings
from catalog.taste.fitting import fit_taste, listening_of
from catalog.taste.model import ARRAYS_NAME, TasteModel, models, open_model
from catalog.taste.own import own_likes, own_listening
from catalog.taste.recommend import recommend
from catalog.taste.users import likes_of_user
from encoder.files import unit
from tests.catalog.making import SPEC, made_catalog, random_songs
from tests.catalog.taste.listening_data import KINDS, planted_listening
from tests.catalog.test_plays import PLAY

SMALL = AlsSettings(factors=8, regularization=1.0)


@pytest.fixture(scope="module")
def model() -> TasteModel:
    return fit_taste(planted_listening(), dataset="planted", als=SMALL, tune=False)


def test_items_of_a_kind_point_the_same_way(model: TasteModel) -> None:
    vectors = unit(model.factors)
    kinds = np.arange(len(vectors)) % KINDS
    heard = model.listeners > 2
    cosines = (vectors @ vectors.T)[np.ix_(heard, heard)]
    same = kinds[heard][:, None] == kinds[heard]
    assert cosines[same].mean() > cosines[~same].mean() + 0.5


def test_figures_are_of_all_methods_and_better_than_chance(model: TasteModel) -> None:
    test = model.figures["test"]
    assert set(test) == {"als", "als-direction", "als-likes", "item-knn", "popularity", "random"}
    assert test["als"]["map"] > 2 * test["random"]["map"]
    assert test["als-likes"]["auc"] > test["popularity"]["auc"] > test["random"]["auc"] + 0.1
    assert {found["users"] for found in test.values()} == {60}
    assert model.figures["users"] == 60
    assert model.settings["factors"] == 8


def test_tuning_takes_the_best_on_the_validation_part(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = (("regularization", (1.0, 1e6)), ("factors", (2, 8)))
    monkeypatch.setattr(fitting, "TRIED", tried)
    told: list[str | None] = []
    found = fit_taste(
        planted_listening(),
        dataset="planted",
        als=SMALL,
        tell=lambda _done, _total, what: told.append(what),
    )
    by_map = {tuple(one.values()): one["map"] for one in found.figures["tried"]}
    assert len(by_map) == 3  # the first try is the best regularization and 8 factors
    best = max(by_map, key=lambda one: by_map[one])
    assert tuple(found.settings[name] for name in SMALL.model_dump()) == best[:-1]
    assert found.settings["regularization"] == 1.0  # the other makes all vectors zero
    assert "trying factors 2" in told


def test_a_model_is_kept_as_it_was_and_the_newest_is_opened(
    model: TasteModel, tmp_path: Path
) -> None:
    settings = made_catalog(tmp_path, random_songs(3))
    with Catalog.open(settings, None) as catalog:
        assert open_model(catalog) is None
        model.save(settings)
        model.save(settings)
        found = open_model(catalog)
        assert found is not None
        assert (found.items, found.settings) == (model.items, dict(model.settings))
        assert found.figures == model.figures
        assert (found.factors == model.factors).all()
        assert (found.listeners == model.listeners).all()
        assert models(settings) == ["planted"]
        with pytest.raises(TasteError, match="taste fit --data lastfm"):
            open_model(catalog, "lastfm")
        with pytest.raises(TasteError, match="names no dataset"):
            open_model(catalog, "../planted")
        (arrays,) = (tmp_path / "taste" / "planted").glob(f"gen-000002/{ARRAYS_NAME}")
        arrays.write_bytes(arrays.read_bytes()[:100])
        with pytest.raises(StoreError, match="not a taste model"):
            open_model(catalog)


def test_two_do_not_write_one_model_at_once(model: TasteModel, tmp_path: Path) -> None:
    settings = made_catalog(tmp_path, random_songs(3))
    model.save(settings)
    with WriterLock(tmp_path / "taste" / "planted"), pytest.raises(BusyError, match="pid"):
        model.save(settings)
    model.save(settings)


@pytest.fixture
def household(tmp_path: Path) -> CatalogSettings:
    """Stars 1, 2; a playlist of 2 twice and 3; on one day 3 and 4 twice, on another 5 and a song
    that is gone."""
    settings = made_catalog(tmp_path, random_songs(6))
    with Favourites(settings) as stars:
        for song in (2, 1):
            stars.add(song)
    with Playlists(settings) as playlists:
        playlists.make("evening", [2, 3, 2])
    plays = [(3, 0), (4, 0), (4, 0), (5, 1), (6, 1)]
    with Plays(settings) as history:
        for song, day in plays:
            begun = PLAY.started_at + timedelta(days=day)
            history.add(PLAY.__class__(**{**PLAY.__dict__, "song": song, "started_at": begun}))
    with Catalog.open(settings, SPEC, write=True) as catalog:
        catalog.remove([6])
    return settings


def test_own_listening_is_of_stars_playlists_and_days(household: CatalogSettings) -> None:
    found = own_listening(household)
    assert found.users == ["stars", "playlist 1", "day 2026-11-22", "day 2026-11-21"]
    triplets = zip(found.user.tolist(), found.item.tolist(), found.plays.tolist(), strict=True)
    named = {(found.users[u], found.items[i]): plays for u, i, plays in triplets}
    assert named == {
        ("stars", "1"): 1,
        ("stars", "2"): 1,
        ("playlist 1", "2"): 2,
        ("playlist 1", "3"): 1,
        ("day 2026-11-21", "3"): 1,
        ("day 2026-11-21", "4"): 2,
        ("day 2026-11-22", "5"): 1,
    }
    assert own_likes(household) == ([2, 1], [4, 5, 3])


def test_own_listening_is_fitted_and_recommends(household: CatalogSettings) -> None:
    listening = listening_of(household, "own")
    fit_taste(listening, dataset="own", als=SMALL.model_copy(update={"factors": 2})).save(household)
    with Catalog.open(household, None) as catalog:
        model = open_model(catalog)
        assert model is not None
        assert "test" not in model.figures  # nobody has five items
        found = recommend(catalog, [1], model=model, blend=1)
        assert found[0].song.id == 2  # starred together
        assert model.popularity([2, 3, 1, 77]).tolist() == [2, 2, 1, 0]
        assert likes_of_user(catalog, model, "playlist 1").songs == (2, 3)
        with pytest.raises(TasteError, match="no user 'nobody'"):
            likes_of_user(catalog, model, "nobody")


def test_where_nobody_listened_it_is_said(tmp_path: Path) -> None:
    settings = made_catalog(tmp_path, random_songs(2))
    with pytest.raises(TasteError, match="no song is starred"):
        listening_of(settings, "own")
    with pytest.raises(TasteError, match="nowhear import lastfm PATH"):
        listening_of(settings, "lastfm")

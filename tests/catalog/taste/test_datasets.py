"""Taste of datasets that were imported: whose songs are which items, and what a user has played."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from catalog.catalog import Catalog
from catalog.datasets import Datasets
from catalog.errors import TasteError
from catalog.imports.run import run_import
from catalog.reader import CatalogReader
from catalog.songs import Details
from catalog.taste.als import AlsSettings
from catalog.taste.fitting import fit_taste, listening_of
from catalog.taste.joining import item_of_songs
from catalog.taste.model import TasteModel, open_model
from catalog.taste.recommend import recommend
from catalog.taste.users import likes_of_user
from tests.catalog.making import made_catalog, random_songs

ARTISTS = ("Motörhead", "The Fogs", "Unknown", "Elsewhere", "Nobody's", "The Rest")
SONGS = ("motorhead", "Fogs", "Fogs feat. X", None, "Unknown", "Rest")


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[CatalogReader]:
    """Six songs, and HetRec's Last.fm: Motörhead's listeners also play Elsewhere, those of the Fogs
    The Rest."""
    songs = [
        replace(song, details=Details(f"tune {number}", artist=artist))
        for number, (song, artist) in enumerate(zip(random_songs(6), SONGS, strict=True))
    ]
    settings = made_catalog(tmp_path / "catalog", songs)
    source = tmp_path / "hetrec"
    source.mkdir()
    rows = "".join(f"{i}\t{name}\turl\tpicture\n" for i, name in enumerate(ARTISTS, 1))
    (source / "artists.dat").write_text(f"id\tname\turl\tpictureURL\n{rows}", encoding="utf-8")
    plays = []
    for user in range(2, 22):
        mine = (1, 4, 5) if user % 2 else (2, 6, 5)
        plays += [f"{user}\t{artist}\t{10 * user}\n" for artist in mine]
    text = "userID\tartistID\tweight\n" + "".join(plays)
    (source / "user_artists.dat").write_text(text, encoding="utf-8")
    with Datasets(settings) as datasets:
        run_import("lastfm", [source], datasets)
    with Catalog.open(settings, None) as opened:
        yield opened


@pytest.fixture
def model(catalog: CatalogReader) -> TasteModel:
    als = AlsSettings(factors=2, regularization=1.0)
    listening = listening_of(catalog.settings, "lastfm")
    fit_taste(listening, dataset="lastfm", als=als).save(catalog.settings)
    found = open_model(catalog)
    assert found is not None
    return found


def test_all_songs_of_an_artist_are_its_item(catalog: CatalogReader, model: TasteModel) -> None:
    artists = {song: model.items[line] for song, line in model.songs.items()}
    assert artists == {1: "1", 2: "2", 3: "2", 6: "6"}  # and none of somebody unknown
    assert item_of_songs(catalog, "lastfm", ["1"]) == {1: 0}
    assert model.popularity([1, 2, 4]).tolist() == [10, 10, 0]


def test_taste_of_artists_recommends_their_songs(catalog: CatalogReader, model: TasteModel) -> None:
    found = recommend(catalog, [2], model=model, blend=1, per_artist=0, count=2)
    assert {one.song.id for one in found} == {3, 6}
    assert all(one.taste is not None and one.taste > 0.9 for one in found)


def test_a_user_likes_songs_here_and_artists_that_are_not(
    catalog: CatalogReader, model: TasteModel
) -> None:
    likes = likes_of_user(catalog, model, "3")
    assert likes.songs == (1,)
    assert likes.vectors.tolist() == [
        model.factors[model.items.index(key)].tolist() for key in ("4", "5")
    ]
    found = recommend(catalog, likes.songs, taste_likes=likes.vectors, model=model, blend=1)
    assert {one.song.id for one in found[-2:]}.isdisjoint({1})
    with pytest.raises(TasteError, match="no user '1' in the listening of lastfm"):
        likes_of_user(catalog, model, "1")

"""Taste from sound: made-up listeners, whose taste is known, of real music.

Every window of the demo's clips is taken for a song of its own, and a clip for an artist, so that
there are enough of both.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from catalog.catalog import Catalog
from catalog.datasets import Listening
from catalog.demo import demo_clips
from catalog.errors import TasteError
from catalog.reader import CatalogReader
from catalog.settings import CatalogSettings
from catalog.songs import Details, FileState, NewSong
from catalog.taste.als import AlsSettings
from catalog.taste.fitting import fit_taste
from catalog.taste.inputs import KINDS, InputKind, inputs_of
from catalog.taste.learning import judged_on, learn_taste, material_of
from catalog.taste.listeners import ListenerSettings, made_up_listening
from catalog.taste.model import TasteModel, open_model
from catalog.taste.recommend import recommend
from encoder.decode import decode
from encoder.embedding import load_encoder
from encoder.files import unit
from encoder.heads import HeadSettings
from encoder.settings import EncoderSettings
from tests.catalog.making import made_catalog, new_song, random_peaks, settings_at

ALS = AlsSettings(factors=8, regularization=5.0)
HEAD = HeadSettings(epochs=60, weight_decay=1.0, cosine_weight=1.0)
EACH, SECONDS = 6, 10
"""Windows of a clip, spread over so much of it."""
FRESH = 5
"""Songs at the end that nobody has played."""


@dataclass(frozen=True)
class World:
    """A catalog of real music, and who listens to it."""

    settings: CatalogSettings
    catalog: CatalogReader
    listening: Listening
    model: TasteModel
    learnt: TasteModel


def beginning_of(clip: Path, *, rate_hz: int) -> NDArray[np.float32]:
    """The first seconds of a clip: decoding all of it takes longer than all else here."""
    blocks: list[NDArray[np.float32]] = []
    for block in decode(clip, sample_rate_hz=rate_hz):
        blocks.append(block)
        if sum(map(len, blocks)) >= SECONDS * rate_hz:
            break
    return np.concatenate(blocks)


def prints_of(style: NDArray[np.float32]) -> NDArray[np.float32]:
    """Three prints, others for every song: what they are is not judged here."""
    return unit(np.stack([style[:128], style[64:192], style[72:200]]))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    encoder = load_encoder(EncoderSettings(style="network", threads=1))
    songs = []
    for clip in demo_clips():
        sound = beginning_of(clip, rate_hz=encoder.spec.sample_rate_hz)
        windows = sliding_window_view(sound, encoder.spec.window_samples)[:: len(sound) // EACH]
        heard = encoder.embed(np.array(windows))
        for place, style in enumerate(heard.style):
            name = f"{clip.stem}-{place}"
            file = FileState(Path("/music") / name, 1, 1, f"{len(songs):064x}")
            details = Details(name, artist=clip.stem)
            vectors = {"style": unit(style), "tags": heard.tags[place], "prints": prints_of(style)}
            vectors["peaks"] = random_peaks(3, seed=len(songs))
            songs.append(NewSong(file, details, duration_s=9.0 + 7 * len(songs), **vectors))
    settings = settings_at(tmp_path_factory.mktemp("listeners"))
    with Catalog.open(settings, encoder.spec, create=True) as catalog:
        catalog.insert(songs)
    with Catalog.open(settings, None) as catalog:
        ids = catalog.survey().ids.tolist()
        played = ids[:-FRESH]
        made = made_up_listening(
            [str(song) for song in played],
            catalog.styles(played)[1],
            [catalog.song(song).artist or "" for song in played],
            ListenerSettings(users=400, songs_each=20, factors=4, heard=0.9, seed=1),
        )
        model = fit_taste(made.listening, dataset="own", als=ALS, tune=False)
        model = replace(model, songs={int(key): line for line, key in enumerate(model.items)})
        learnt = learn_taste(catalog, model, made.listening, seed=0, heads=[HEAD])
        yield World(settings, catalog, made.listening, model, learnt)


def test_it_beats_chance_and_popularity_on_artists_that_were_held_out(world: World) -> None:
    learnt = [
        learn_taste(world.catalog, world.model, world.listening, seed=seed, heads=[HEAD])
        for seed in range(1, 4)
    ]
    judged = [
        model.learned.figures["test"]
        for model in (world.learnt, *learnt)
        if model.learned is not None
    ]

    def mean(method: str, figure: str) -> float:
        return float(np.mean([found[method][figure] for found in judged]))

    assert len(judged) == 4
    for figure in ("map", "auc"):
        for other in ("random", "popularity", "content-knn"):
            assert mean("head", figure) > mean(other, figure) + 0.05, other
        assert mean("true-factors", figure) > mean("head", figure)
        assert mean("tag-regression", figure) > mean("random", figure)
    assert mean("popularity", "auc") == pytest.approx(0.5, abs=0.08)  # nobody has played them
    assert all(found["head"]["auc"] > found["random"]["auc"] for found in judged)
    for found in judged:
        (users,) = {figures["users"] for figures in found.values()}
        assert users > 100


def test_artists_that_are_judged_were_not_learnt_from(world: World) -> None:
    material = material_of(world.catalog, world.model, world.listening, kind="style", seed=0)
    parts = [
        {world.catalog.song(material.songs[row]).artist for row in part.tolist()}
        for part in (material.training, material.validation, material.test)
    ]
    assert sum(map(len, parts)) == len(set().union(*parts))
    rows = np.concatenate([material.training, material.validation, material.test])
    assert sorted(rows.tolist()) == list(range(len(material.songs)))


def test_figures_of_the_part_held_out_are_those_of_its_songs_alone(world: World) -> None:
    material = material_of(world.catalog, world.model, world.listening, kind="style", seed=0)
    truth = material.plays.toarray()
    perfect = judged_on(material, lambda users: truth[users], material.test)
    assert (perfect.map, perfect.auc) == (1, 1)
    upside_down = judged_on(material, lambda users: -truth[users], material.test)
    assert upside_down.auc == 0


def test_songs_that_nobody_played_get_vectors_and_are_recommended(world: World) -> None:
    ids = world.catalog.survey().ids.tolist()
    fresh = ids[-FRESH:]
    known, _ = world.model.item_vectors(world.catalog, fresh)
    assert not known.any()
    known, vectors = world.learnt.item_vectors(world.catalog, [ids[0], *fresh, 10**6])
    assert known.tolist() == [True] * (FRESH + 1) + [False]
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(vectors[0], unit(world.model.factors[world.model.songs[ids[0]]]))
    found = recommend(
        world.catalog, ids[:1], model=world.learnt, blend=1, among=fresh, per_artist=0
    )
    assert {one.song.id for one in found} == set(fresh)
    assert all(one.taste is not None for one in found)


def test_a_learnt_model_is_kept_with_its_head(world: World) -> None:
    ids = world.catalog.survey().ids.tolist()
    world.learnt.save(world.settings)
    found = open_model(world.catalog)
    assert found is not None
    assert found.learned is not None
    for model in (found, world.learnt):
        assert model.learned is not None
    assert found.learned.figures == world.learnt.learned.figures  # type: ignore[union-attr]
    before, after = (model.heard(world.catalog, ids)[1] for model in (world.learnt, found))
    np.testing.assert_allclose(after, before, atol=1e-6)
    bare = open_model(world.catalog, with_head=False)
    assert bare is not None
    assert bare.learned is None


def test_a_head_for_another_encoder_is_refused(world: World, tmp_path: Path) -> None:
    settings = made_catalog(tmp_path, [new_song("a.mp3", np.eye(12)[0])])
    world.learnt.save(settings)
    with (
        Catalog.open(settings, None) as other,
        pytest.raises(TasteError, match=r"takes the vectors of .* but those of 'b+'.*taste learn"),
    ):
        open_model(other)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_heard_of_songs_in_their_order(world: World, kind: InputKind) -> None:
    ids = world.catalog.survey().ids.tolist()[:3]
    known, vectors = inputs_of(world.catalog, [ids[2], 10**6, ids[0]], kind=kind)
    assert known.tolist() == [True, False, True]
    expected = {
        "style": [world.catalog.style(song) for song in (ids[2], ids[0])],
        "prints": [world.catalog.prints(song).mean(axis=0) for song in (ids[2], ids[0])],
    }
    expected["both"] = np.concatenate([expected["style"], expected["prints"]], axis=1).tolist()
    np.testing.assert_allclose(vectors, expected[kind], atol=1e-6)


def test_too_few_songs_that_were_played_are_refused(world: World) -> None:
    few = replace(world.model, songs=dict(list(world.model.songs.items())[:5]))
    with pytest.raises(TasteError, match="5 songs of the catalog were played in own"):
        learn_taste(world.catalog, few, world.listening)

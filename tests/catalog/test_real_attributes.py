"""The Echo Nest's attributes of FMA as they are: themes that hold on other tracks, and genres that
are told better than by the largest alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from catalog.attribute_genres import NETWORK, learn_genres
from catalog.catalog import Catalog
from catalog.datasets import Datasets
from catalog.imports.run import run_import
from catalog.kept_attributes import dataset_attributes
from catalog.settings import CatalogSettings, ThemeSettings
from catalog.theme_building import build_themes
from tests.catalog.making import SPEC, made_catalog

FMA = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "fma"
ROWS = 13_129


@pytest.fixture(scope="module")
def fma(tmp_path_factory: pytest.TempPathFactory) -> CatalogSettings:
    if not FMA.is_dir():
        pytest.skip("the shared data are not beside this repository")
    settings = made_catalog(tmp_path_factory.mktemp("fma"), [])
    with Datasets(settings) as datasets:
        run_import("fma", [FMA / "tracks_fma_small.csv", FMA / "echonest.json"], datasets)
    return settings


def test_the_themes_of_one_half_are_those_of_the_other(fma: CatalogSettings) -> None:
    with Catalog.open(fma, SPEC) as catalog:
        made = build_themes(catalog, ThemeSettings(), count=7, data="fma")
    assert (made.facts.rows, len(set(made.names))) == (ROWS, 7)
    [figures] = made.facts.figures
    assert figures.stability > 0.8
    assert sum(theme.songs for theme in made.themes) == ROWS
    for theme in made.themes:
        assert theme.name != "mixed"
        assert theme.tracks
        assert any(abs(trait.score) > 0.5 for trait in theme.profile)


def test_genres_are_told_better_than_by_the_largest(fma: CatalogSettings) -> None:
    tracks, values = dataset_attributes(fma, "fma")
    assert len(tracks) == ROWS
    some = np.random.default_rng(0).permutation(ROWS)
    named = [place for place in some.tolist() if tracks[place].genre is not None]
    assert len(named) == 1294
    lesson = learn_genres([tracks[place] for place in named], values[named], least=60)
    network, *_, largest = lesson.ways
    assert network.method == NETWORK
    assert network.test.accuracy > largest.test.accuracy + 0.1
    assert network.log_loss < largest.log_loss - 0.1
    assert network.test.balanced_accuracy > 1.5 / len(network.test.names)

"""The small network tuned to a dataset's sound, from files to figures."""

from pathlib import Path

import numpy as np
import pytest
import torch

from catalog.catalog import Catalog
from catalog.datasets import Datasets
from catalog.errors import LearningError
from catalog.learning.figures import ClassFigures
from catalog.learning.lesson import files_of
from catalog.learning.material import Material, genre_material, tag_material
from catalog.learning.tuning import tuned
from catalog.settings import CatalogSettings
from encoder.model import ModelConfig, WindowNet
from encoder.model_file import write_net
from encoder.tuned_net import load_tuned
from tests.catalog.learning.making import GENRES, dataset_at, write_tones

RATE_HZ = 16_000

torch.set_num_threads(1)  # threads that share every small operation wait for each other


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny network that was never trained: whatever it tells, it has learnt from the dataset."""
    path = tmp_path_factory.mktemp("network") / "net.safetensors"
    with torch.random.fork_rng():
        torch.manual_seed(4)
        net = WindowNet(ModelConfig(channels=(8, 8, 16, 16, 16), hidden=64, style_dim=3, tags=2))
    write_net(path, net, tags=("a", "b"), made={})
    return path


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> CatalogSettings:
    folder = tmp_path_factory.mktemp("sound")
    paths = write_tones(folder / "fma_small", 20, rate_hz=RATE_HZ)
    paths[19].write_bytes(b"no sound")
    return dataset_at(folder / "catalog", paths)


def genres(settings: CatalogSettings) -> tuple[Material, dict[str, Path]]:
    with Datasets(settings) as datasets, Catalog.open(settings, None) as catalog:
        material = genre_material(datasets.tracks("fma"), least=1)
        return material, files_of(material, catalog)


def test_it_tells_genres_from_sound(
    settings: CatalogSettings, network: Path, tmp_path: Path
) -> None:
    material, files = genres(settings)
    decoded: list[int] = []
    heard: list[dict[str, float]] = []
    outcome = tuned(
        material,
        files,
        settings.directory,
        network=network,
        seed=1,
        device="cpu",
        epochs=3,
        tell=lambda done, _total, _what: decoded.append(done),
        report=heard.append,
    )
    assert isinstance(outcome.test, ClassFigures)
    assert outcome.test.names == GENRES
    assert outcome.test.tracks == 3  # of four one cannot be decoded
    assert outcome.test.accuracy == 1
    assert len(heard) == 4
    assert decoded == list(range(1, 21))
    assert outcome.model is not None
    outcome.model.save(tmp_path / "genre.safetensors")
    assert load_tuned(tmp_path / "genre.safetensors").names == GENRES
    again: list[int] = []
    tuned(
        material, files, settings.directory, network=network, seed=1, device="cpu", epochs=0,
        tell=lambda done, _total, _what: again.append(done),
    )  # fmt: skip
    assert again == []  # decoded once


def test_it_tells_tags_from_sound(settings: CatalogSettings, network: Path) -> None:
    with Datasets(settings) as datasets:
        every = list(datasets.tracks("msd"))
        material = tag_material(every, datasets.tags("msd"), most=2, least=1, least_weight=50)
    files = {track.key: track.path for track in every if track.path is not None}
    outcome = tuned(
        material, files, settings.directory, network=network, seed=1, device="cpu", epochs=2
    )
    assert sorted(outcome.test.names) == ["deep", "high"]
    np.testing.assert_array_equal(outcome.test.roc_auc, [1, 1])  # type: ignore[union-attr]


def test_without_sound_it_says_so(settings: CatalogSettings, network: Path) -> None:
    material, _ = genres(settings)
    with pytest.raises(LearningError, match="no track has an audio file"):
        tuned(material, {}, settings.directory, network=network, seed=1, device="cpu")

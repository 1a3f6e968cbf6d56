"""What tests of imports share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from catalog.datasets import Datasets
from catalog.imports.report import Report
from catalog.imports.run import run_import
from tests.catalog.making import made_catalog

SHARED = Path(__file__).resolve().parents[3].parent / "shared" / "data"

Import = Callable[..., Report]


@pytest.fixture
def datasets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Datasets]:
    """Of an empty catalog."""
    with Datasets(made_catalog(tmp_path_factory.mktemp("catalog"), [])) as opened:
        yield opened


@pytest.fixture
def run(datasets: Datasets) -> Import:
    """`run(kind, path, ...)` imports, and gives the report."""
    return lambda kind, *paths: run_import(kind, paths, datasets)


@pytest.fixture(scope="session")
def shared() -> Path:
    """Real tables, which are not part of the repository."""
    if not SHARED.is_dir():
        pytest.skip("the shared data are not beside this repository")
    return SHARED

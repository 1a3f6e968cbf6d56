"""A catalog of twelve sound files, explored by all tests that only read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.exploring import Explored, exploring, music_catalog


@pytest.fixture(scope="session")
def explored(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Explored]:
    """A server that no test writes to."""
    with exploring(music_catalog(tmp_path_factory.mktemp("explored"), 12)) as running:
        yield running


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Explored]:
    """A server of five songs, of the test's own."""
    with exploring(music_catalog(tmp_path, 5, seconds=1.5)) as running:
        yield running

"""What tests of naming share: a catalog that the real network made."""

from __future__ import annotations

import pytest

from encoder.embedding import Encoder
from realtime.settings import Settings
from tests.helpers.naming import make_catalog, settings_at


@pytest.fixture(scope="session")
def named_clips(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, Encoder]:
    """Settings of a catalog of `tests.helpers.naming.INSIDERS`, and its encoder."""
    settings = settings_at(tmp_path_factory.mktemp("named"))
    return settings, make_catalog(settings)

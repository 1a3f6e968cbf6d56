"""What tests of naming share: a catalog that the real network made."""

from __future__ import annotations

import pytest

from encoder.embedding import Encoder, load_encoder
from realtime.settings import Settings
from tests.helpers.naming import make_catalog, settings_at
from tests.helpers.once import made_once


@pytest.fixture(scope="module")
def named_clips(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, Encoder]:
    """Settings of a catalog of `tests.helpers.naming.INSIDERS`, a module's own, and its encoder."""
    folder = made_once(tmp_path_factory, "named", lambda folder: make_catalog(settings_at(folder)))
    settings = settings_at(folder)
    return settings, load_encoder(settings.encoder)

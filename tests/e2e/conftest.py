"""What tests of the page share: a browser and a page of it, and a daemon that plays."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page

from catalog.demo import demo_programme
from tests.helpers.browser import browser
from tests.helpers.program import Daemon


@pytest.fixture(scope="module")
def url(demo_catalog: Path) -> Iterator[str]:
    """Address of a daemon that plays the programme."""
    args = ("listen", "--input", demo_programme(), "--catalog", demo_catalog, "--port", "0")
    daemon = Daemon(*args)
    yield daemon.url
    daemon.stop()


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserContext]:
    """A browser of the module's own, without WebGL."""
    with browser(tmp_path_factory.mktemp("browser") / "profile") as context:
        yield context


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A new page of the browser."""
    page = context.new_page()
    yield page
    page.close()

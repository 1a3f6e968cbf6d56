"""The page without eyes, hands or colours: axe-core finds no violation in any of its views."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.helpers.access import LAPTOP, PHONE, needs_axe, violations


@pytest.fixture
def page(page: Page) -> Page:
    needs_axe()
    # Nothing glides: colours in the middle of a fade are nobody's contrast.
    page.emulate_media(reduced_motion="reduce")
    return page


@pytest.mark.parametrize("theme", ["day", "night"])
@pytest.mark.parametrize("size", [PHONE, LAPTOP], ids=["phone", "laptop"])
def test_no_view_of_the_page_has_violations(page: Page, url: str, theme: str, size: Any) -> None:
    page.set_viewport_size(size)
    page.goto(f"{url}/?theme={theme}")
    expect(page.get_by_test_id("similar").locator("[data-song]").first).to_be_visible()
    assert violations(page) == []
    for view, seen in (("map", "map"), ("songs", "table"), ("saved", "favourites")):
        page.get_by_test_id(f"view-{view}").click()
        expect(page.get_by_test_id(seen)).to_be_visible()
        assert violations(page) == []
    page.get_by_test_id("search").fill("a")
    expect(page.get_by_test_id("suggestions").get_by_role("option").first).to_be_visible()
    assert violations(page) == []
    page.get_by_test_id("suggestions").get_by_role("option").first.click()
    page.get_by_test_id("why").first.click()
    expect(page.get_by_test_id("why-similar")).to_be_visible()
    page.get_by_test_id("add-to-playlist").first.click()
    assert violations(page) == []
    page.get_by_test_id("stop").click()
    page.get_by_test_id("view-history").click()
    expect(page.get_by_test_id("history")).to_be_visible()
    assert violations(page) == []


@pytest.mark.parametrize("theme", ["day", "night"])
def test_the_small_mode_has_no_violations(page: Page, url: str, theme: str) -> None:
    page.goto(f"{url}/now?theme={theme}")
    expect(page.get_by_test_id("now-near")).to_be_visible()
    assert violations(page) == []

"""The page without eyes, hands or colours: axe-core finds no violation in any of its views."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

AXE = Path(__file__).resolve().parents[2] / "realtime/web/node_modules/axe-core/axe.min.js"
PHONE = {"width": 390, "height": 844}
LAPTOP = {"width": 1440, "height": 900}


@pytest.fixture
def page(page: Page) -> Page:
    if not AXE.is_file():
        pytest.skip("axe-core is not installed: python hatch_build.py --check installs it")
    # Nothing glides: colours in the middle of a fade are nobody's contrast.
    page.emulate_media(reduced_motion="reduce")
    return page


def violations(page: Page) -> list[str]:
    """What axe finds wrong, one sentence for each."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: dict[str, Any] = page.evaluate(
        "axe.run(document, { resultTypes: ['violations', 'passes'], elementRef: false })"
    )
    rules = {one["id"] for one in found["passes"]}
    assert {"color-contrast", "button-name", "label"} & rules  # it did look
    return [
        f"{one['id']}: {one['help']}: "
        + json.dumps([(node["target"], node["failureSummary"]) for node in one["nodes"]][:3])
        for one in found["violations"]
    ]


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

"""The map as a real browser draws it, in software, with the real daemon playing music."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.helpers.browser import SOFTWARE, browser

LIVE = ".map-label[data-label=live][data-shown=true]"


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserContext]:
    with browser(tmp_path_factory.mktemp("browser") / "profile", *SOFTWARE) as context:
        yield context


@pytest.fixture
def page(page: Page, url: str) -> Iterator[Page]:
    """The map of the daemon, drawn; nothing may be complained of meanwhile."""
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{url}/#view=map")
    expect(page.locator(".map-points[data-engine]")).to_be_visible()
    yield page
    assert complaints == []


def test_the_place_of_the_sound_glides_over_the_map(page: Page) -> None:
    live = page.locator(LIVE)
    expect(live).to_have_text("Now")
    # So many different places in its frames: it moves, and not in one jump.
    places = page.evaluate(
        """query => new Promise(resolve => {
            const seen = new Set();
            const look = () => {
                const label = document.querySelector(query);
                if (label !== null) seen.add(label.style.transform);
                if (seen.size >= 8) resolve([...seen]);
                else requestAnimationFrame(look);
            };
            look();
        })""",
        LIVE,
    )
    assert len(places) == 8


def test_the_map_is_worked_with_keys(page: Page) -> None:
    frame = page.locator(".map-frame")
    frame.focus()
    frame.press("+")
    frame.press("Enter")
    panel = page.get_by_test_id("song-panel")
    expect(panel).to_be_visible()
    expect(page).to_have_url(re.compile(r"song=\d+"))
    expect(page).to_have_url(re.compile(r"camera="))
    frame.focus()
    frame.press("Escape")
    expect(page).not_to_have_url(re.compile(r"song="))


def test_the_legend_filters_and_is_kept_in_the_address(page: Page) -> None:
    legend = page.get_by_test_id("map-legend")
    line = legend.locator(".map-line").first
    expect(line).to_be_visible()
    line.click()
    expect(line).to_have_attribute("aria-pressed", "false")
    expect(page).to_have_url(re.compile(r"hide="))
    legend.get_by_text("Show all").click()
    expect(page).not_to_have_url(re.compile(r"hide="))


def test_it_recovers_when_the_browser_takes_the_graphics_away(page: Page) -> None:
    page.evaluate(
        """() => {
            const canvas = document.querySelector(".map-points");
            window.taken = canvas.getContext("webgl2").getExtension("WEBGL_lose_context");
            window.taken.loseContext();
        }"""
    )
    notice = page.locator(".map-notice")
    expect(notice).to_be_visible()
    page.evaluate("window.taken.restoreContext()")
    expect(notice).to_have_count(0)
    expect(page.locator(LIVE)).to_be_visible()

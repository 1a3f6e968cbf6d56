"""The page over a catalog of 10,000 songs, drawn in software, against the real daemon."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Page, expect

from catalog.demo import demo_programme
from encoder.embedding import load_encoder
from encoder.settings import EncoderSettings
from tests.helpers.browser import SOFTWARE, browser
from tests.helpers.large_catalog import GENRES, make_large_catalog, title_of
from tests.helpers.program import Daemon

SONGS = 10_000
SONG = 7_654
PAGE = 25


class Large(NamedTuple):
    url: str
    cosines: NDArray[np.float64]  # of every song with SONG, by row


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Large]:
    """A daemon that plays the programme to the catalog."""
    folder = tmp_path_factory.mktemp("large")
    styles = make_large_catalog(folder, load_encoder(EncoderSettings()).spec, songs=SONGS)
    rows = styles.astype(np.float64)
    daemon = Daemon("listen", "--input", demo_programme(), "--catalog", folder, "--port", "0")
    yield Large(daemon.url, rows @ rows[SONG - 1])
    daemon.stop()


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    with browser(tmp_path / "profile", *SOFTWARE) as context:
        page = context.new_page()
        page.set_viewport_size({"width": 1280, "height": 800})
        page.emulate_media(reduced_motion="reduce")
        yield page


def brightness(page: Page) -> float:
    """Mean of the map as it is seen, 0 to 255."""
    with av.open(io.BytesIO(page.locator(".map-frame").screenshot())) as picture:
        return float(next(picture.decode(video=0)).to_ndarray(format="gray").mean())


def test_ten_thousand_songs_are_seen_found_compared_and_paged(page: Page, large: Large) -> None:
    page.goto(f"{large.url}/?theme=night#view=map")
    expect(page.locator(".map-points[data-engine]")).to_be_visible()
    expect(page.locator(".map-frame")).to_have_attribute("aria-label", "Map with 10,000 songs")
    counts = page.get_by_test_id("map-legend").locator(".map-count")
    expect(counts).to_have_count(len(GENRES))
    assert sum(int(text.replace(",", "")) for text in counts.all_inner_texts()) == SONGS

    page.get_by_test_id("search").fill(f"tune band {SONG}")
    found = page.get_by_test_id("suggestions").get_by_role("option")
    expect(found).to_have_count(1)
    found.click()
    expect(page.get_by_test_id("song-title")).to_have_text(title_of(SONG))

    # Its nearest, by cosines in style space.
    nearest = page.get_by_test_id("nearest")
    best = np.argsort(-large.cosines)[1:4]
    titles = [title_of(int(row) + 1) for row in best]
    expect(nearest.locator("li[data-song] .title")).to_have_text(titles)
    for row, text in zip(best, nearest.locator(".score").all_inner_texts(), strict=True):
        assert float(text.split()[-1]) == pytest.approx(large.cosines[row], abs=0.0051)

    # The slider dims what is farther, in number and to the eye, once the camera has come to rest.
    expect(page).to_have_url(re.compile(r"camera="))
    bright = brightness(page)
    radius = page.get_by_test_id("radius")
    radius.press("End")
    for _ in range(20):
        radius.press("ArrowLeft")
    least = float(radius.input_value())
    inside = int((large.cosines >= least).sum()) - 1  # itself
    assert 0 < inside < SONGS / 10
    said = page.get_by_test_id("radius-count")
    expect(said).to_have_text(re.compile(rf"^{inside} songs? at least"))
    while brightness(page) > 0.9 * bright:  # it dims by and by: the test's time limit ends this
        pass
    page.get_by_test_id("radius-reset").click()
    expect(said).to_have_text("All songs are bright.")
    while brightness(page) < 0.95 * bright:
        pass

    page.get_by_test_id("view-songs").click()
    expect(page.get_by_test_id("table-total")).to_have_text("10,000 songs")
    shown = page.get_by_test_id("table").locator("tbody .title")
    expect(shown).to_have_text([title_of(number) for number in range(1, PAGE + 1)])
    page.get_by_test_id("page-next").click()
    expect(shown).to_have_text([title_of(number) for number in range(PAGE + 1, 2 * PAGE + 1)])
    page.get_by_role("button", name="Last").click()
    expect(page.get_by_text("Page 400 of 400")).to_be_visible()
    expect(shown.last).to_have_text(title_of(SONGS))

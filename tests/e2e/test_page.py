"""The page in a real browser, against the real daemon that plays real music."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from catalog.demo import demo_clips, demo_programme
from tests.helpers.browser import SOFTWARE, browser, complaints_of
from tests.helpers.naming import excerpt
from tests.helpers.program import StartDaemon

RANKED = "[data-testid=similar] [data-song]"
LIVE_LABEL = ".map-label[data-label=live][data-shown=true]"


AT_REST = """query => new Promise(resolve => {
    let [style, frames] = ["", 0];
    const look = () => {
        const now = document.querySelector(query).getAttribute("style");
        frames = now === style ? frames + 1 : 0;
        style = now;
        if (frames === 60) resolve(style);
        else requestAnimationFrame(look);
    };
    look();
})"""
"""Where a label is once it has not moved for so many frames."""


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserContext]:
    with browser(tmp_path_factory.mktemp("browser") / "profile", *SOFTWARE) as context:
        yield context


def listen(start_daemon: StartDaemon, catalog: Path, sound: Path) -> str:
    """A daemon that plays `sound` as if live; the page's address."""
    return start_daemon("listen", "--input", sound, "--catalog", catalog, "--port", "0").url


def test_a_live_run(page: Page, demo_catalog: Path, start_daemon: StartDaemon) -> None:
    asked: list[str] = []
    complaints = complaints_of(page)
    page.on("request", lambda request: asked.append(request.url))
    clip = demo_clips()[0]
    url = listen(start_daemon, demo_catalog, clip)
    page.goto(url)
    expect(page.get_by_test_id("connection")).to_have_attribute("data-state", "live")
    expect(page.get_by_test_id("source")).to_contain_text(clip.name)
    rows = page.locator(RANKED)
    expect(rows).to_have_count(5)
    # The clip itself is in the catalog: it is named, and so it is no recommendation.
    expect(page.get_by_test_id("match-title")).to_contain_text("Brandenburg")
    expect(rows.filter(has_text="Brandenburg")).to_have_count(0)
    expect(rows).to_have_count(5)
    expect(page.get_by_test_id("tags")).to_contain_text(re.compile("classical|instrumental", re.I))
    painted = page.get_by_test_id("spectrogram").evaluate(
        """canvas => {
            const context = canvas.getContext("2d");
            const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
            return new Set(new Uint32Array(data.buffer)).size;
        }"""
    )
    assert painted > 20  # many shades: a picture of sound, not an empty canvas
    assert complaints == []
    assert {urlsplit(address).netloc for address in asked} == {urlsplit(url).netloc}


def test_it_names_the_song_that_plays(
    page: Page, demo_catalog: Path, tmp_path: Path, start_daemon: StartDaemon
) -> None:
    page.goto(listen(start_daemon, demo_catalog, excerpt(demo_clips()[7], tmp_path)))
    match = page.get_by_test_id("match")
    expect(match).to_have_attribute("data-state", "identified")
    expect(page.get_by_test_id("match-state")).to_have_text("Now playing")
    expect(page.get_by_test_id("match-title")).to_have_text("Electricity")
    expect(match).to_contain_text("Alexander Blu")
    expect(page.get_by_test_id("match-announcement")).to_have_text(re.compile("Electricity"))
    # The song moves on; as the file begins where the song does, it has come as far as was heard.
    position, heard = page.evaluate(
        """() => new Promise(resolve => {
            const find = id => document.querySelector(`[data-testid=${id}]`);
            const position = () => Number(find("match-position").dataset.seconds);
            const begin = position();
            const timer = setInterval(() => {
                if (position() < begin + 2) return;
                clearInterval(timer);
                resolve([position(), Number(find("match-since").textContent.match(/[0-9]+/)[0])]);
            }, 20);
        })"""
    )
    assert abs(position - heard) <= 1
    expect(match).to_have_attribute("data-state", "silence")  # after the end


def test_it_reconnects_by_itself_when_the_server_comes_back(
    page: Page, demo_catalog: Path, start_daemon: StartDaemon
) -> None:
    args = ("listen", "--input", demo_programme(), "--catalog", demo_catalog, "--port")
    first = start_daemon(*args, "0")
    page.goto(f"{first.url}/#view=map")
    connection = page.get_by_test_id("connection")
    expect(connection).to_have_attribute("data-state", "live")
    live = page.locator(LIVE_LABEL)
    expect(live).to_be_visible()
    assert first.stop() == 0
    expect(connection).not_to_have_attribute("data-state", "live")
    # The map stays as it was, and what was heard where it was heard last.
    resting = page.evaluate(AT_REST, LIVE_LABEL)
    start_daemon(*args, str(urlsplit(first.url).port))
    expect(connection).to_have_attribute("data-state", "live")
    expect(live).not_to_have_attribute("style", resting)
    page.get_by_test_id("search").fill("electricity")  # the server is asked again, too
    page.get_by_test_id("suggestions").get_by_role("option").first.click()
    expect(page.get_by_test_id("nearest").locator("li[data-song]")).to_have_count(3)
    page.get_by_test_id("close-song").click()
    expect(page.locator(RANKED)).to_have_count(5)


def test_a_ranked_song_plays(page: Page, url: str) -> None:
    page.goto(url)
    expect(page.locator(RANKED)).to_have_count(5)
    with page.expect_response(re.compile(r"/songs/\d+/audio")) as answered:
        page.locator(RANKED).first.get_by_test_id("play").click()
    assert answered.value.status in (200, 206)
    player = page.get_by_test_id("player")
    expect(player).to_have_attribute("data-phase", "playing")
    expect(player).to_contain_text("0:01")  # it moves
    player.get_by_test_id("stop").click()
    expect(player).to_be_hidden()


def test_it_says_how_to_fill_an_empty_catalog(
    page: Page, tmp_path: Path, start_daemon: StartDaemon
) -> None:
    page.goto(listen(start_daemon, tmp_path / "nothing", demo_programme()))
    expect(page.get_by_test_id("empty-catalog")).to_contain_text("nowhear add")


@pytest.mark.parametrize("name", ["theme", "play"])
def test_it_is_worked_with_the_keyboard_alone(name: str, page: Page, url: str) -> None:
    page.goto(url)
    expect(page.locator(RANKED)).to_have_count(5)
    for _ in range(20):
        page.keyboard.press("Tab")
        reached = page.evaluate("document.activeElement?.dataset.testid")
        if reached == name:
            break
    assert reached == name
    before = page.locator("html").get_attribute("data-theme")
    page.keyboard.press("Enter")
    if name == "theme":
        expect(page.locator("html")).not_to_have_attribute("data-theme", before or "")
    else:
        expect(page.get_by_test_id("player")).to_have_attribute("data-phase", "playing")


def test_on_an_open_address_the_printed_one_leads_in(
    page: Page, demo_catalog: Path, start_daemon: StartDaemon
) -> None:
    secret = ("--host", "0.0.0.0", "--token", "a secret of + length")
    args = ("listen", "--input", demo_programme(), "--catalog", demo_catalog, "--port", "0")
    daemon = start_daemon(*args, *secret)
    page.goto(daemon.url)
    expect(page.get_by_test_id("connection")).to_have_attribute("data-state", "live")
    page.goto(daemon.url.split("?")[0])
    expect(page.get_by_test_id("connection")).to_have_attribute("data-state", "lost")

"""The page in a real browser, against the real daemon that plays real music."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from catalog.demo import demo_clips, demo_programme
from tests.helpers.program import StartDaemon

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
]
WAIT_MS = 30_000
DIST = Path(__file__).resolve().parents[2] / "realtime" / "web" / "dist"
RANKED = "[data-testid=similar] [data-song]"


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    """A fresh browser's page."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("chromium is not installed: tools/setup.sh test installs it")
    if not DIST.is_dir():
        pytest.skip("the page is not built: python hatch_build.py builds it")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch_persistent_context(
            tmp_path / "profile", executable_path=chromium, headless=True, args=FLAGS
        )
        page = browser.new_page()
        page.set_default_timeout(WAIT_MS)
        yield page
        browser.close()


def listen(start_daemon: StartDaemon, catalog: Path, sound: Path, *, port: str = "0") -> str:
    """A daemon that plays `sound` as if live; the page's address."""
    args = ("listen", "--input", sound, "--catalog", catalog, "--port", port)
    return start_daemon(*args).url


def test_a_live_run(page: Page, demo_catalog: Path, start_daemon: StartDaemon) -> None:
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    clip = demo_clips()[0]
    url = listen(start_daemon, demo_catalog, clip)
    page.goto(url)
    expect(page.get_by_test_id("connection")).to_have_attribute("data-state", "live")
    expect(page.get_by_test_id("source")).to_contain_text(clip.name)
    rows = page.locator(RANKED)
    expect(rows).to_have_count(5, timeout=WAIT_MS)
    # The clip itself is in the catalog: it is named, and so it is no recommendation.
    expect(page.get_by_test_id("match-title")).to_contain_text("Brandenburg", timeout=WAIT_MS)
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
    page: Page, demo_catalog: Path, start_daemon: StartDaemon
) -> None:
    page.goto(listen(start_daemon, demo_catalog, demo_clips()[7]))
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
    expect(match).to_have_attribute("data-state", "silence", timeout=WAIT_MS)  # after the end


def test_it_reconnects_by_itself_when_the_server_comes_back(
    page: Page, demo_catalog: Path, start_daemon: StartDaemon
) -> None:
    args = ("listen", "--input", demo_programme(), "--catalog", demo_catalog, "--port")
    first = start_daemon(*args, "0")
    page.goto(first.url)
    connection = page.get_by_test_id("connection")
    expect(connection).to_have_attribute("data-state", "live")
    assert first.stop() == 0
    expect(connection).not_to_have_attribute("data-state", "live")
    start_daemon(*args, str(urlsplit(first.url).port))
    expect(connection).to_have_attribute("data-state", "live")
    expect(page.locator(RANKED)).to_have_count(5)


def test_a_ranked_song_plays(page: Page, demo_catalog: Path, start_daemon: StartDaemon) -> None:
    page.goto(listen(start_daemon, demo_catalog, demo_programme()))
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
def test_it_is_worked_with_the_keyboard_alone(
    name: str, page: Page, demo_catalog: Path, start_daemon: StartDaemon
) -> None:
    page.goto(listen(start_daemon, demo_catalog, demo_programme()))
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

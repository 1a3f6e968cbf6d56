"""The browser's own sound in a real browser, against the real daemon: microphone, and a file."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from catalog.catalog import Catalog
from catalog.demo import demo_clips, demo_programme
from catalog.settings import CatalogSettings
from encoder.decode import Decoder
from tests.catalog.making import write_wav
from tests.helpers.browser import browser, complaints_of
from tests.helpers.certificates import make_certificate
from tests.helpers.program import StartDaemon, run_nowhear

HEARD = demo_clips()[7]
TITLE, ARTIST = "Electricity", "Alexander Blu"
FAKE = ("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream")
MICROPHONE_RATE_HZ = 44_100


@pytest.fixture(scope="module")
def microphone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`HEARD` as what a browser's microphone hears."""
    with Decoder(HEARD, sample_rate_hz=MICROPHONE_RATE_HZ) as decoder:
        samples = np.concatenate(list(decoder.blocks()))
    path = tmp_path_factory.mktemp("sound") / "heard.wav"
    return write_wav(path, samples, rate_hz=MICROPHONE_RATE_HZ)


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory, microphone: Path) -> Iterator[BrowserContext]:
    """A browser whose microphone hears `HEARD`, over and over."""
    profile = tmp_path_factory.mktemp("browser") / "profile"
    sound = f"--use-file-for-fake-audio-capture={microphone}"
    with browser(profile, *FAKE, sound, ignore_https_errors=True) as context:
        yield context


def start_listening(page: Page) -> None:
    page.get_by_test_id("device-button").click()
    page.get_by_test_id("device-microphone").click()
    expect(page.get_by_test_id("device")).to_have_attribute("data-state", "listening")


def rankings_when_heard(catalog: Path) -> dict[int, list[str]]:
    """Titles that are ranked while `HEARD` plays to a daemon itself, by seconds since it began."""
    args = ("listen", "--input", HEARD, "--catalog", catalog, "--port", "0")
    done = run_nowhear(*args, "--fast", "--once", "--json")
    assert done.returncode == 0, done.stderr
    messages = [json.loads(line) for line in done.stdout.splitlines()]
    rankings = [message for message in messages if message["type"] == "similar"]
    return {round(one["at_s"]): [row["title"] for row in one["songs"]] for one in rankings}


RANKED_AT = """least => new Promise(resolve => {
    const find = id => document.querySelector(`[data-testid=${id}]`);
    const timer = setInterval(() => {
        const position = Number(find("match-position")?.dataset.seconds ?? 0);
        if (position < least || position > least + 4) return;
        const titles = document.querySelectorAll("[data-testid=similar] .title");
        if (!titles.length) return;
        clearInterval(timer);
        resolve([position, [...titles].map(one => one.textContent)]);
    }, 50);
})"""
"""Second of the song, and the titles that are ranked then, once it has come to second `least` and a
ranking is there: a busy machine names the song some windows before it."""


PLAY = """address => {
    document.title = "A tab with music";
    const sound = new Audio(address);
    sound.loop = true;
    return sound.play();
}"""


def around(position_s: float) -> range:
    """The whole second, and those beside it."""
    return range(int(position_s) - 1, int(position_s) + 2)


def test_the_microphone_is_heard_named_and_ranked(page: Page, demo_catalog: Path, url: str) -> None:
    complaints = complaints_of(page)
    expected = rankings_when_heard(demo_catalog)
    page.goto(url)
    source = page.get_by_test_id("source")
    expect(source).to_contain_text(demo_programme().name)
    start_listening(page)
    expect(source).to_contain_text("This device")
    expect(page.get_by_test_id("match-title")).to_have_text(TITLE)
    expect(page.get_by_test_id("match")).to_contain_text(ARTIST)
    # A ranking rests on the last 10 s: from the 14th second on, on the same sound as the daemon's,
    # unless a busy machine has lost some of it meanwhile.
    seen = []
    for least in (14, 17, 20, 23):
        position, titles = page.evaluate(RANKED_AT, least)
        assert len(titles) == 5
        assert TITLE not in titles
        near = [expected[at] for at in around(position) if at in expected]
        seen.append((titles, near))
        if max(len(set(titles) & set(one)) for one in near) >= 4:
            break
    else:
        pytest.fail(f"not ranked as by the daemon: {seen}")
    page.get_by_test_id("device-button").click()
    expect(page.get_by_test_id("device")).to_have_attribute("data-state", "off")
    expect(source).to_contain_text(demo_programme().name)  # the daemon is heard again
    assert complaints == []


def test_the_sound_of_a_tab_is_heard_and_named(
    demo_catalog: Path, tmp_path: Path, url: str
) -> None:
    with Catalog.open(CatalogSettings(directory=demo_catalog), None) as catalog:
        song = next(song for song in catalog.songs() if song.title == TITLE)
    share = "--auto-select-tab-capture-source-by-title=A tab with music"
    # Playwright mutes its browsers, tabs that are shared among them.
    with browser(tmp_path / "profile", share, ignore_default_args=["--mute-audio"]) as context:
        music, page = context.new_page(), context.new_page()
        music.goto(f"{url}/manifest.webmanifest")  # a tab that is not nowhear's page
        music.evaluate(PLAY, f"/songs/{song.id}/audio")
        page.goto(url)
        page.get_by_test_id("device-button").click()
        page.get_by_test_id("device-tab").click()
        expect(page.get_by_test_id("device")).to_have_attribute("data-state", "listening")
        expect(page.get_by_test_id("source")).to_contain_text("This device")
        expect(page.get_by_test_id("match-title")).to_have_text(TITLE)


def test_who_may_not_use_the_microphone_is_told_what_to_do(tmp_path: Path, url: str) -> None:
    refusing = ("--use-fake-device-for-media-stream", "--deny-permission-prompts")
    with browser(tmp_path / "profile", *refusing) as context:
        page = context.new_page()
        page.goto(url)
        page.get_by_test_id("device-button").click()
        page.get_by_test_id("device-microphone").click()
        expect(page.get_by_test_id("device-refused")).to_contain_text("Allow it for this page")
        expect(page.get_by_test_id("device")).to_have_attribute("data-state", "refused")
        expect(page.get_by_test_id("source")).to_contain_text(demo_programme().name)
        page.keyboard.press("Escape")
        expect(page.get_by_test_id("device-refused")).to_be_hidden()


def test_a_phone_needs_https_and_gets_it(
    page: Page, tmp_path: Path, demo_catalog: Path, start_daemon: StartDaemon
) -> None:
    """By a name that is not this machine's own, as from a phone."""
    secret = ("--host", "0.0.0.0", "--token", "correct-horse-battery")
    args = ("listen", "--input", demo_programme(), "--catalog", demo_catalog, "--port", "0")
    plain = start_daemon(*args, *secret)
    page.goto(plain.url.replace("127.0.0.1", "[::ffff:127.0.0.1]"))
    if page.evaluate("isSecureContext"):
        pytest.skip("this browser trusts the address as its own machine's")
    page.get_by_test_id("device-button").click()
    page.get_by_test_id("device-microphone").click()
    expect(page.get_by_test_id("device-refused")).to_contain_text("--tls-cert")
    plain.stop()
    own = make_certificate(tmp_path)
    tls = ("--tls-cert", own.cert, "--tls-key", own.key)
    page.goto(start_daemon(*args, *secret, *tls).url)
    assert page.url.startswith("https:")
    start_listening(page)
    expect(page.get_by_test_id("match-title")).to_have_text(TITLE)


def test_a_dropped_file_is_named_and_ranked(page: Page, url: str) -> None:
    page.goto(url)
    expect(page.get_by_test_id("connection")).to_have_attribute("data-state", "live")
    drop_file(page, HEARD)
    said = page.get_by_test_id("identified")
    expect(said).to_have_attribute("data-state", "done")
    expect(page.get_by_test_id("identified-title")).to_have_text(TITLE)
    expect(said).to_contain_text("Nothing of the file is kept")
    expect(page.get_by_test_id("identified-similar").locator("[data-song]")).to_have_count(5)
    page.get_by_test_id("identified-map").click()
    expect(page.get_by_test_id("song-panel")).to_contain_text(TITLE)
    # By the button; and what is no sound is said to be none.
    page.get_by_test_id("drop-input").set_input_files(Path(__file__))
    expect(said).to_have_attribute("data-state", "failed")
    expect(said).to_contain_text(re.compile("cannot be decoded"))
    page.get_by_test_id("identified-close").click()
    expect(said).to_be_hidden()


def drop_file(page: Page, path: Path) -> None:
    """Drops a file on the page as a user does."""
    sent = page.evaluate_handle(
        """([bytes, name]) => {
            const transfer = new DataTransfer();
            transfer.items.add(new File([new Uint8Array(bytes)], name));
            return transfer;
        }""",
        [list(path.read_bytes()), path.name],
    )
    page.dispatch_event("body", "dragover", {"dataTransfer": sent})
    expect(page.locator(".drop-here")).to_be_visible()
    page.dispatch_event("body", "drop", {"dataTransfer": sent})
    expect(page.locator(".drop-here")).to_be_hidden()

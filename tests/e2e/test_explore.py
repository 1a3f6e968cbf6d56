"""Exploring the catalog on the page, in a real browser, against the real daemon and real music."""

from __future__ import annotations

import csv
import gzip
import json
import re
import struct
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, Page, Request, expect

from catalog.demo import demo_clips
from tests.helpers.browser import complaints_of
from tests.helpers.naming import excerpt
from tests.helpers.program import StartDaemon

MOST_SCRIPT_BYTES = 400_000
MOST_FIRST_SCRIPT_BYTES = 60_000
TITLE, ARTIST = "Electricity", "Alexander Blu"


def asked(url: str, path: str) -> Any:
    with urllib.request.urlopen(f"{url}/api/{path}") as answer:
        return json.load(answer)


def song_id(url: str, title: str) -> int:
    songs = asked(url, f"songs?text={title}")["songs"]
    return next(int(song["song"]) for song in songs if song["title"] == title)


def panel(page: Page) -> Locator:
    return page.get_by_test_id("song-panel")


def rows(part: Locator) -> Locator:
    return part.locator("li[data-song]")


def titles(part: Locator) -> list[str]:
    return rows(part).locator(".title").all_inner_texts()


def test_a_song_is_found_by_its_name_and_plays(page: Page, url: str) -> None:
    page.goto(url)
    expect(page.get_by_test_id("connection")).to_have_attribute("data-state", "live")
    page.keyboard.press("/")
    search = page.get_by_test_id("search")
    expect(search).to_be_focused()
    search.press_sequentially("electri alex")
    expect(page.get_by_test_id("suggestions").get_by_role("option")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    expect(search).to_have_attribute("aria-activedescendant", re.compile("."))
    with page.expect_response(re.compile(r"/songs/\d+/audio")) as answered:
        page.keyboard.press("Enter")
    assert answered.value.status in (200, 206)
    expect(panel(page).get_by_test_id("song-title")).to_have_text(TITLE)
    player = page.get_by_test_id("player")
    expect(player).to_have_attribute("data-phase", "playing")
    expect(player).to_contain_text(TITLE)
    expect(player).to_contain_text("0:01")  # it moves
    # A row of its nearest songs leads on, and that one plays then.
    expect(rows(page.get_by_test_id("nearest"))).to_have_count(3)
    following = rows(page.get_by_test_id("nearest")).first
    title = following.locator(".title").inner_text()
    following.get_by_test_id("open").click()
    expect(page.get_by_test_id("song-title")).to_have_text(title)
    expect(player).to_contain_text(title)
    page.get_by_test_id("close-song").click()
    expect(panel(page)).to_have_count(0)


def test_the_nearest_songs_and_the_distance_are_exact(page: Page, url: str) -> None:
    song = song_id(url, TITLE)
    version = asked(url, "map")["version"]
    with urllib.request.urlopen(f"{url}/api/songs/{song}/scores?map={version}") as answer:
        data = answer.read()
    scores = sorted(struct.unpack(f"<{len(data) // 4}f", data), reverse=True)
    page.goto(f"{url}/#song={song}")
    nearest = page.get_by_test_id("nearest")
    expect(rows(nearest)).to_have_count(3)
    slider = nearest.get_by_test_id("nearest-count")
    for _ in range(2):
        slider.press("ArrowRight")
    expect(rows(nearest)).to_have_count(5)
    expected = asked(url, f"songs/{song}/similar?n=5")["songs"]
    expect(rows(nearest).locator(".title")).to_have_text([one["title"] for one in expected])
    for row, one in zip(rows(nearest).all(), expected, strict=True):
        shown = row.locator(".score").inner_text().split()[-1].replace("\u2212", "-")
        assert float(shown) == pytest.approx(one["score"], abs=0.0051)
    radius = page.get_by_test_id("radius")
    radius.press("End")
    expect(page.get_by_test_id("radius-count")).to_contain_text("0 songs")
    for _ in range(40):
        radius.press("ArrowLeft")
    least = float(radius.input_value())
    inside = sum(score >= least for score in scores) - 1  # itself
    words = re.compile(rf"^{inside} songs? at least")
    expect(page.get_by_test_id("radius-count")).to_have_text(words)
    page.get_by_test_id("radius-reset").click()
    expect(page.get_by_test_id("radius-count")).to_have_text("All songs are bright.")


def test_a_surprise_lies_within_the_distance(page: Page, url: str) -> None:
    song = song_id(url, TITLE)
    near = [one["song"] for one in asked(url, f"songs/{song}/similar?n=2")["songs"]]
    least = asked(url, f"songs/{song}/why/{near[0]}")["cosine"] - 0.005
    page.goto(f"{url}/#song={song}&least={least:.3f}")
    expect(page.get_by_test_id("radius-count")).to_contain_text("at least")
    page.get_by_test_id("surprise").click()
    expect(panel(page)).to_have_attribute("data-song", str(near[0]))


def test_it_says_why_two_songs_are_similar_and_plays_both_passages(page: Page, url: str) -> None:
    page.goto(f"{url}/#song={song_id(url, TITLE)}")
    first = rows(page.get_by_test_id("nearest")).first
    other = first.locator(".title").inner_text()
    first.get_by_test_id("why").click()
    expect(page.get_by_test_id("why-similar")).to_contain_text("Both sound like")
    expect(page.get_by_test_id("why-similar").locator(".chips li").first).to_be_visible()
    page.get_by_test_id("play-passages").first.click()
    player = page.get_by_test_id("player")
    expect(player).to_have_attribute("data-phase", "playing")
    expect(player).to_contain_text(TITLE)
    expect(player).to_contain_text(other)  # after the first passage


def test_favourites_survive_a_restart(
    page: Page, new_demo_catalog: Path, start_daemon: StartDaemon
) -> None:
    args = ("listen", "--input", demo_clips()[0], "--catalog", new_demo_catalog, "--port")
    first = start_daemon(*args, "0")
    page.goto(f"{first.url}/#song={song_id(first.url, TITLE)}")
    star = panel(page).get_by_test_id("star")
    expect(star).to_have_attribute("aria-pressed", "false")
    with page.expect_response(re.compile("/api/stars/")) as answered:
        star.click()
    assert answered.value.ok
    expect(star).to_have_attribute("aria-pressed", "true")
    assert first.stop() == 0
    start_daemon(*args, str(urlsplit(first.url).port))
    page.reload()
    expect(panel(page).get_by_test_id("star")).to_have_attribute("aria-pressed", "true")
    page.get_by_test_id("view-saved").click()
    expect(rows(page.get_by_test_id("favourites"))).to_contain_text([TITLE])


def test_a_playlist_is_made_ordered_and_exported(page: Page, url: str, tmp_path: Path) -> None:
    page.goto(f"{url}/#song={song_id(url, TITLE)}")
    picker = page.get_by_test_id("path-to")
    picker.fill("hacienda")
    page.get_by_test_id("path-suggestions").get_by_role("option").first.click()
    path = page.get_by_test_id("path-songs")
    expect(rows(path)).to_have_count(8)
    steps = titles(path)
    assert (steps[0], steps[-1]) == (TITLE, "Hacienda")
    page.get_by_test_id("path").get_by_test_id("add-to-playlist").click()
    page.get_by_test_id("path").locator("select").select_option("new")
    page.get_by_test_id("playlist-name").fill("From here to there")
    page.get_by_test_id("playlist-save").click()
    page.get_by_test_id("view-saved").click()
    playlist = page.get_by_test_id("playlist").filter(has_text="From here to there")
    expect(rows(playlist).locator(".title")).to_have_text(steps)
    # By the keyboard: the first song goes down two places.
    grip = rows(playlist).first.get_by_test_id("grip")
    grip.press("ArrowDown")
    rows(playlist).nth(1).get_by_test_id("grip").press("ArrowDown")
    steps.insert(2, steps.pop(0))
    expect(rows(playlist).locator(".title")).to_have_text(steps)
    # By hand: the last one is dragged above the first.
    handle = rows(playlist).last.get_by_test_id("grip")
    handle.scroll_into_view_if_needed()
    handle.hover()
    page.mouse.down()
    top = rows(playlist).first.bounding_box()
    assert top is not None
    page.mouse.move(top["x"] + 10, top["y"] - 5, steps=8)
    page.mouse.up()
    steps.insert(0, steps.pop())
    expect(rows(playlist).locator(".title")).to_have_text(steps)
    # At once: an export waits for what the page has yet to save.
    exported = {}
    for name in ("m3u8", "csv", "json"):
        with page.expect_download() as started:
            playlist.get_by_test_id(f"export-{name}").click()
        exported[name] = tmp_path / started.value.suggested_filename
        started.value.save_as(exported[name])
        assert exported[name].suffix == f".{name}"
    lines = exported["m3u8"].read_text(encoding="utf-8").splitlines()
    assert lines[0] == "#EXTM3U"
    assert [line.split(" - ")[-1] for line in lines if line.startswith("#EXTINF")] == steps
    with exported["csv"].open(newline="", encoding="utf-8-sig") as file:
        assert [row["title"] for row in csv.DictReader(file)] == steps
    assert steps[0] in exported["json"].read_text(encoding="utf-8")


def test_a_link_leads_back_to_what_was_seen(page: Page, url: str) -> None:
    page.goto(url)
    page.get_by_test_id("view-songs").click()
    table = page.get_by_test_id("table")
    table.get_by_test_id("table-filter").fill("blu")
    table.get_by_role("button", name=TITLE, exact=True).click()
    page.get_by_test_id("nearest-count").press("ArrowRight")
    page.get_by_test_id("radius").press("End")
    page.get_by_test_id("radius").press("ArrowLeft")
    expect(page.get_by_test_id("radius-count")).to_contain_text("at least")
    expect(page).to_have_url(re.compile(r"#view=songs&song=\d+&n=4&least=0\.99"))
    page.reload()
    expect(page.get_by_test_id("song-title")).to_have_text(TITLE)
    expect(page.get_by_test_id("table")).to_be_visible()
    expect(rows(page.get_by_test_id("nearest"))).to_have_count(4)
    expect(page.get_by_test_id("radius-count")).to_contain_text("at least 0.99")
    expect(page.get_by_test_id("player")).to_be_hidden()  # nobody selected it by hand


def test_the_token_stays_out_of_links(
    page: Page, demo_catalog: Path, start_daemon: StartDaemon
) -> None:
    secret = "a-secret-of-some-length"
    args = ("listen", "--input", demo_clips()[0], "--catalog", demo_catalog, "--port", "0")
    daemon = start_daemon(*args, "--token", secret)
    page.goto(daemon.url)
    page.get_by_test_id("search").fill(TITLE)
    page.get_by_test_id("suggestions").get_by_role("option").first.click()
    expect(page.get_by_test_id("song-title")).to_have_text(TITLE)  # the API took the token
    expect(page).to_have_url(re.compile(r"#song=\d+"))
    assert secret in urlsplit(page.url).query  # for the page's own next load
    assert secret not in urlsplit(page.url).fragment


def test_the_catalog_is_worked_with_the_keyboard_alone(page: Page, url: str) -> None:
    page.goto(url)
    expect(page.get_by_test_id("connection")).to_have_attribute("data-state", "live")

    def tab_to(name: str) -> None:
        for _ in range(80):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement?.dataset.testid") == name:
                return
        pytest.fail(f"the tabulator does not lead to {name}")

    tab_to("view-songs")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("table-total")).to_have_text("24 songs")
    tab_to("table-filter")
    page.keyboard.type("a")
    expect(page.get_by_test_id("table-total")).not_to_have_text("24 songs")  # no row goes now
    tab_to("open")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("End")
    reached = page.evaluate("document.activeElement.innerText.trim()")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("song-title")).to_have_text(reached)
    for name in ("star", "nearest-count", "why", "radius", "surprise"):
        tab_to(name)
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("song-title")).not_to_have_text(reached)
    # The focus is still within reach of what comes next.
    assert page.evaluate("document.activeElement !== document.body")


def test_songs_are_sorted_and_paged_without_the_map(page: Page, url: str) -> None:
    page.goto(f"{url}/#view=songs")
    table = page.get_by_test_id("table")
    shown = table.locator("tbody .title")
    expect(shown).to_have_count(24)
    upwards = shown.all_inner_texts()
    title = table.get_by_role("button", name="Title")
    expect(table.get_by_role("columnheader", name="Title")).to_have_attribute(
        "aria-sort", "ascending"
    )
    title.click()
    expect(shown).to_have_text(upwards[::-1])
    expect(table.get_by_role("columnheader", name="Title")).to_have_attribute(
        "aria-sort", "descending"
    )
    for order in ("order=genre", "order=genre&descending=1", "order=genre"):
        table.get_by_role("button", name="Genre").click()
        ordered = [song["title"] for song in asked(url, f"songs?{order}")["songs"]]
        expect(shown).to_have_text(ordered)
    table.get_by_test_id("table-filter").fill(ARTIST)
    expect(shown).to_have_text([TITLE])


def test_the_evening_is_replayed_and_its_songs_are_noted(
    page: Page, new_demo_catalog: Path, tmp_path: Path, start_daemon: StartDaemon
) -> None:
    sound = excerpt(demo_clips()[7], tmp_path)
    args = ("listen", "--input", sound, "--catalog", new_demo_catalog, "--port", "0")
    daemon = start_daemon(*args)
    page.goto(f"{daemon.url}/#view=history")
    expect(page.get_by_test_id("match-title")).to_have_text(TITLE)
    # The song has ended, and so it is noted.
    expect(page.get_by_test_id("history").locator("tr[data-play]")).to_contain_text([TITLE])
    expect(page.get_by_test_id("heat")).to_have_attribute("aria-label", re.compile(r"\d+ s$"))
    page.get_by_test_id("view-map").click()
    slider = page.get_by_test_id("replay-slider")
    expect(slider).to_be_visible()
    slider.press("Home")
    slider.press("ArrowRight")
    replayed = page.get_by_test_id("replayed")
    expect(replayed).to_contain_text(re.compile(r"Heard at \d\d:\d\d"))
    expect(replayed).to_contain_text(TITLE)
    expect(rows(replayed).first).to_be_visible()
    page.get_by_test_id("replay-now").click()
    expect(replayed).to_have_count(0)
    expect(page.get_by_test_id("similar")).to_be_visible()


def test_the_small_mode_shows_the_song_and_grows_with_the_window(page: Page, url: str) -> None:
    page.set_viewport_size({"width": 640, "height": 360})
    page.goto(f"{url}/now?theme=night")
    title = page.get_by_test_id("now-title")
    expect(title).not_to_be_empty()
    expect(page.get_by_test_id("now-near").locator("li")).to_have_count(3)
    assert page.evaluate("document.documentElement.dataset.theme") == "night"
    for element in ("html", "body"):
        ground = page.locator(element).evaluate("one => getComputedStyle(one).backgroundColor")
        assert ground == "rgba(0, 0, 0, 0)"
    size = "one => parseFloat(getComputedStyle(one).fontSize)"
    small = title.evaluate(size)
    page.set_viewport_size({"width": 1280, "height": 720})
    assert title.evaluate(size) == pytest.approx(2 * small, rel=0.01)
    page.set_viewport_size({"width": 900, "height": 120})
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")


def test_all_comes_from_the_server_and_little_comes_first(page: Page, url: str) -> None:
    requests: list[Request] = []
    complaints = complaints_of(page)
    page.on("request", lambda request: requests.append(request))
    # The first view of a telephone is what is heard; the map's scripts wait for the map.
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(url)
    expect(page.get_by_test_id("similar").locator("[data-song]").first).to_be_visible()
    assert 0 < script_bytes(requests) < MOST_FIRST_SCRIPT_BYTES
    page.get_by_test_id("view-map").click()
    expect(page.get_by_test_id("map")).to_be_visible()
    for view in ("songs", "saved", "history", "now"):
        page.get_by_test_id(f"view-{view}").click()
    assert MOST_FIRST_SCRIPT_BYTES < script_bytes(requests) < MOST_SCRIPT_BYTES
    page.goto(f"{url}/now")
    expect(page.get_by_test_id("now")).to_be_visible()
    origins = {urlsplit(one.url).netloc for one in requests if not one.url.startswith("data:")}
    assert origins == {urlsplit(url).netloc}
    assert complaints == []


def script_bytes(requests: list[Request]) -> int:
    """Size of all scripts among these, compressed."""
    scripts = {one.url: one for one in requests if one.resource_type == "script"}
    total = 0
    for one in scripts.values():
        response = one.response()
        assert response is not None
        total += len(gzip.compress(response.body()))
    return total

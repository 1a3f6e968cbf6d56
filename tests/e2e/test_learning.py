"""What was learned, on the page: songs for you, themes, two lists, and the jobs that make them."""

from __future__ import annotations

import json
import re
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from websockets.sync.client import connect

from tests.helpers.access import LAPTOP, PHONE, needs_axe, violations
from tests.helpers.program import messages_until, run_nowhear

WITHOUT_WEBGL = """
    const usual = HTMLCanvasElement.prototype.getContext;
    HTMLCanvasElement.prototype.getContext = function (kind, ...more) {
        return kind.startsWith("webgl") ? null : usual.call(this, kind, ...more);
    };
"""
MINE = ("Electricity", "Founders", "Warm Ink")


def asked(url: str, path: str, *, method: str = "GET", body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{url}/api/{path}", data=data, method=method)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


@pytest.fixture
def starred(url: str) -> dict[str, int]:
    """Songs with stars, by their titles."""
    songs = {song["title"]: song["song"] for song in asked(url, "songs?limit=100")["songs"]}
    mine = {title: songs[title] for title in MINE}
    for song in mine.values():
        asked(url, f"stars/{song}", method="PUT")
    return mine


def states_of_job(heard: list[dict[str, Any]]) -> list[str]:
    """The states of the one job that messages tell of, each once, in their order."""
    told = [job["state"] for message in heard for job in message.get("jobs", ())]
    return list(dict.fromkeys(told))


def test_a_job_finds_themes_which_play_and_filter_the_songs(page: Page, url: str) -> None:
    page.add_init_script(WITHOUT_WEBGL)
    page.goto(f"{url}/#view=themes")
    expect(page.get_by_test_id("no-themes")).to_be_visible()
    with connect(url.replace("http", "ws", 1) + "/ws") as socket:
        page.get_by_test_id("begin-job").click()
        expect(page.get_by_test_id("jobs-button")).to_contain_text("Finding themes")
        heard = messages_until(socket, lambda message: "done" in states_of_job([message]))
    assert states_of_job(heard)[-2:] == ["running", "done"]
    assert asked(url, "jobs")["jobs"][0]["progress"] == 1.0
    cards = page.get_by_test_id("theme-card")
    expect(cards.first).to_be_visible()
    themes = asked(url, "themes")["themes"]
    expect(cards).to_have_count(len(themes))
    expect(cards.first.get_by_role("heading")).to_have_text(themes[0]["name"])
    expect(page.get_by_test_id("jobs")).to_have_count(0)  # it is done
    cards.first.get_by_test_id("theme-play").click()
    player = page.get_by_test_id("player")
    expect(player).to_have_attribute("data-phase", "playing")
    expect(player).to_contain_text(themes[0]["typical"][0]["title"])
    page.get_by_test_id("stop").click()
    # The map takes up the themes; this page cannot draw it, but its legend filters the table.
    cards.first.get_by_test_id("theme-on-map").click()
    expect(page.get_by_test_id("map-missing")).to_be_visible()
    legend = page.get_by_test_id("map-legend")
    shown = legend.locator("[data-category] [aria-pressed=true]")
    expect(shown.locator(".map-name")).to_have_text([themes[0]["name"]])
    page.get_by_test_id("view-songs").click()
    expect(page.get_by_test_id("table-filtered")).to_contain_text("Filtered by theme")
    some = re.compile(rf"^{themes[0]['songs']} songs?$")
    expect(page.get_by_test_id("table-total")).to_have_text(some)
    page.get_by_test_id("table-filtered").get_by_role("button").click()
    expect(page.get_by_test_id("table-total")).to_have_text("24 songs")


def test_songs_for_you_come_from_stars_and_follow_the_slider(
    page: Page, url: str, starred: dict[str, int]
) -> None:
    page.goto(f"{url}/#view=foryou")
    rows = page.get_by_test_id("foryou-songs").locator("li[data-song]")
    expect(rows.first).to_be_visible()
    expect(page.get_by_test_id("blend")).to_be_disabled()
    by_sound = asked(url, "foryou?blend=0.5&n=30")["songs"]
    expect(rows.locator(".title")).to_have_text([song["title"] for song in by_sound])
    assert not {song["song"] for song in by_sound} & set(starred.values())
    page.get_by_test_id("begin-job").click()  # learns from the stars
    expect(page.get_by_test_id("blend")).to_be_enabled()
    page.get_by_test_id("blend").press("End")
    expect(page.get_by_test_id("blend")).to_have_attribute("aria-valuetext", "100 % by taste")
    by_taste = asked(url, "foryou?blend=1&n=30")
    assert by_taste["model"] == "own"
    expect(rows.locator(".title")).to_have_text([song["title"] for song in by_taste["songs"]])
    rows.first.get_by_test_id("star").click()  # what is starred now is not recommended again
    expect(rows.locator(".title").first).not_to_have_text(by_taste["songs"][0]["title"])
    asked(url, f"stars/{by_taste['songs'][0]['song']}", method="DELETE")


@pytest.mark.parametrize(
    ("size", "other"), [(PHONE, "foryou"), (LAPTOP, "themes")], ids=["phone", "laptop"]
)
def test_two_lists_are_compared_at_their_own_address(
    page: Page, url: str, starred: dict[str, int], size: Any, other: str, tmp_path: Path
) -> None:
    needs_axe()
    page.emulate_media(reduced_motion="reduce")
    page.set_viewport_size(size)
    theirs = tmp_path / "theirs.csv"
    rows = [song for song in asked(url, "songs?limit=4")["songs"] if song["title"] not in MINE]
    named = [(song["artist"], song["title"]) for song in rows] + [("Alexander Blu", MINE[0])]
    theirs.write_text(
        "artist,title\n" + "".join(f'"{a}","{t}"\n' for a, t in [*named, ("Nobody", "Nowhere")])
    )
    page.goto(f"{url}/compat")
    page.get_by_test_id("side-a").select_option("stars")
    page.get_by_test_id("side-b-file").set_input_files(theirs)
    expect(page.get_by_test_id("verdict")).to_contain_text("where 50 is chance: closer than")
    expect(page.get_by_test_id("shared").locator("li[data-song] .title")).to_have_text([MINE[0]])
    liked = page.get_by_test_id("for-b")
    expect(liked.locator("li[data-song]")).to_have_count(len(starred) - 1)
    expect(liked.locator(".missing summary")).to_have_text(
        "1 song of theirs.csv not in the catalog"
    )
    assert violations(page) == []
    page.get_by_test_id(f"view-{other}").click()
    expect(page.get_by_test_id(other)).to_have_attribute("aria-busy", "false")
    assert violations(page) == []
    page.reload()
    expect(page.get_by_test_id(other)).to_be_visible()  # the address follows


def test_an_installed_app_begins_with_the_token(page: Page, url: str) -> None:
    page.goto(f"{url}/?token=a%20token%20of%20mine")
    link = page.locator("link[rel=manifest][href*=token]")
    expect(link).to_have_count(1)
    manifest = page.request.get(str(link.get_attribute("href"))).json()
    assert manifest["start_url"] == "./?token=a+token+of+mine"
    page.goto(f"{url}/{manifest['start_url']}")
    expect(page.get_by_test_id("connection")).to_have_attribute("data-state", "live")


def test_a_song_that_has_left_the_catalog_is_said_to_be_gone(
    page: Page, url: str, starred: dict[str, int], demo_catalog: Path
) -> None:
    removed = run_nowhear("remove", "--catalog", demo_catalog, starred["Warm Ink"])
    assert removed.returncode == 0, removed.stderr
    page.goto(f"{url}/#view=saved")
    gone = page.get_by_test_id("favourites").get_by_test_id("gone")
    expect(gone).to_have_count(1)
    expect(gone).to_contain_text("Warm Ink")
    expect(gone).to_contain_text("no longer in the catalog")
    expect(page.get_by_test_id("favourites").get_by_test_id("play")).to_have_count(2)

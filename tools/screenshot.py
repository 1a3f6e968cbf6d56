"""Take the README's pictures of the page, from a real run of some demo clips or of a file.

    python tools/screenshot.py [--only page] [--out docs] [--input FILE]
        [--catalog FOLDER [--config FILE] [--colour tag] [--search TEXT]]

Needs the built page, Chromium, and the test packages. Without `--catalog`, one of the demo clips
is made for it.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

from catalog.demo import demo_clips
from encoder.decode import Decoder

# The map needs WebGL, which on a machine without a graphics card is drawn by SwiftShader.
FLAGS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--no-first-run",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
]
ROOT = Path(__file__).resolve().parent.parent
NOWHEAR = [sys.executable, "-m", "realtime"]
RANKED_MS = 120_000
RATE_HZ = 16_000
HEARD = (14, 2, 7)
"""Clips that are heard one after the other, so that there is a way to see on the map."""


@dataclass(frozen=True)
class Shot:
    """One picture.

    `path` is what stands behind the address; `seconds` pass before the picture is taken, and
    `search` is then looked for and selected.
    """

    name: str
    width: int
    height: int
    light: bool = False
    path: str = "/"
    seconds: float = 6.0
    search: str | None = None


SHOTS = (
    Shot("page", 1440, 900, seconds=32),
    Shot("song", 1440, 900, light=True, seconds=12, search="Rush"),
    Shot("phone", 390, 844),
    Shot("phone-map", 390, 844, light=True, path="/#view=map"),
    Shot("now", 960, 540, path="/now?theme=night"),
)


def adapted(shot: Shot, *, colour: str | None, search: str | None) -> Shot:
    """The picture of another catalog: what it is coloured by, and what is looked for in it."""
    path = shot.path
    if colour is not None and "?" not in path:
        path += f"{'&' if '#' in path else '#'}colour={colour}"
    return replace(shot, path=path, search=search if shot.search and search else shot.search)


def take(browser: Browser, url: str, shot: Shot, *, out: Path) -> Path:
    """Opens the page, lets it run, and writes the picture."""
    phone = shot.width < shot.height
    page = browser.new_page(
        viewport={"width": shot.width, "height": shot.height},
        color_scheme="light" if shot.light else "dark",
        device_scale_factor=2 if phone else 1,
        is_mobile=phone,
        has_touch=phone,
    )
    page.goto(url + shot.path)
    ranked = page.locator("[data-testid=similar] [data-song], [data-testid=now-near] li")
    ranked.first.wait_for(state="attached", timeout=RANKED_MS)
    if shot.search is not None:
        select(page, shot.search)
    page.wait_for_timeout(shot.seconds * 1000)
    path = out / f"{shot.name}.png"
    page.screenshot(path=path, animations="disabled")
    page.close()
    return path


def select(page: Page, text: str) -> None:
    """Selects the first song that is found, and shows why its nearest is similar."""
    page.get_by_test_id("search").fill(text)
    page.get_by_test_id("suggestions").get_by_role("option").first.click()
    page.get_by_test_id("why").first.click()
    page.get_by_text("Comparing both songs.").wait_for(state="hidden", timeout=RANKED_MS)
    page.get_by_test_id("stop").click()


def write_sound(path: Path) -> Path:
    """The clips of `HEARD`, one after the other."""
    clips = demo_clips()
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        for number in HEARD:
            with Decoder(clips[number], sample_rate_hz=RATE_HZ) as decoder:
                samples = np.concatenate(list(decoder.blocks()))
            file.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
    return path


@contextmanager
def daemon(sound: Path, catalog: Path, config: Path | None) -> Iterator[str]:
    """A daemon that plays `sound` as if live; the page's address."""
    command = [*NOWHEAR, "listen", "--catalog", str(catalog), "--port", "0", "--input", str(sound)]
    command += [] if config is None else ["--config", str(config)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=ROOT)
    try:
        assert process.stderr is not None
        found = None
        while found is None:
            found = re.search(r"http://[\w.:]+", process.stderr.readline())
        yield found.group(0).rstrip("/")
    finally:
        process.terminate()
        process.communicate()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=[shot.name for shot in SHOTS], action="append")
    parser.add_argument("--out", type=Path, default=ROOT / "docs")
    parser.add_argument("--input", type=Path, help="what plays")
    parser.add_argument("--catalog", type=Path, help="a catalog that is there")
    parser.add_argument("--config", type=Path, help="settings that the catalog needs")
    colours = ("genre", "tag", "theme")
    parser.add_argument("--colour", choices=colours, help="what the map's colours show")
    parser.add_argument("--search", help="the song that is looked for")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        catalog = args.catalog or Path(folder) / "catalog"
        sound = args.input or write_sound(Path(folder) / "an evening.wav")
        if args.catalog is None:
            clips = map(str, demo_clips())
            subprocess.run([*NOWHEAR, "add", "--catalog", str(catalog), *clips], check=True)
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        for shot in SHOTS:
            if args.only is None or shot.name in args.only:
                shot = adapted(shot, colour=args.colour, search=args.search)
                with daemon(sound, catalog, args.config) as url:
                    print(take(browser, url, shot, out=args.out))
        browser.close()


if __name__ == "__main__":
    main()

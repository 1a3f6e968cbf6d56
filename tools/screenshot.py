"""Take the README's picture of the page, from a real run of the demo programme or of a file.

    python tools/screenshot.py [--seconds 22] [--out docs/page.png] [--size 1280x800] [--light]
                               [--input FILE]

Needs a demo catalog (`make run` makes one), the built page, Chromium, and the test packages.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from catalog.demo import demo_clips, demo_programme

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
ROOT = Path(__file__).resolve().parent.parent
NOWHEAR = [sys.executable, "-m", "realtime"]


def shoot(url: str, args: argparse.Namespace) -> None:
    """Opens the page, lets it run, and writes the picture."""
    width, height = map(int, args.size.split("x"))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        scheme = "light" if args.light else "dark"
        viewport = {"width": width, "height": height}
        page = browser.new_page(viewport=viewport, color_scheme=scheme)
        page.goto(url)
        page.locator("[data-testid=similar] [data-song]").first.wait_for()
        page.wait_for_timeout(args.seconds * 1000)
        args.out.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=args.out)
        browser.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=17.0, help="from the first ranking on")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "page.png")
    parser.add_argument("--size", default="1280x800")
    parser.add_argument("--input", type=Path, default=demo_programme(), help="what plays")
    parser.add_argument("--light", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        catalog = ["--catalog", folder]
        subprocess.run([*NOWHEAR, "add", *catalog, *map(str, demo_clips())], check=True)
        command = [*NOWHEAR, "listen", *catalog, "--port", "0", "--input", str(args.input)]
        daemon = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=ROOT)
        try:
            assert daemon.stderr is not None
            found = None
            while found is None:
                found = re.search(r"http://[\w.:]+", daemon.stderr.readline())
            shoot(found.group(0), args)
        finally:
            daemon.terminate()
            daemon.communicate()
    print(args.out)


if __name__ == "__main__":
    main()

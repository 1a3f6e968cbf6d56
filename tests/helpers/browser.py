"""A real Chromium for tests of the page."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, Playwright, expect, sync_playwright

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
)
SOFTWARE = ("--enable-unsafe-swiftshader",)
"""Without it Chromium gives no WebGL where there is no GPU."""

WAIT_MS = 30_000
"""So long may a busy machine take; nothing waits longer than it must."""

DIST = Path(__file__).resolve().parents[2] / "realtime" / "web" / "dist"


_running: list[Playwright] = []


@contextmanager
def _playwright() -> Iterator[Playwright]:
    """The one that runs: a second cannot be started beside it."""
    if _running:
        yield _running[0]
        return
    with sync_playwright() as playwright:
        _running.append(playwright)
        try:
            yield playwright
        finally:
            _running.clear()


@contextmanager
def browser(profile: Path, *flags: str, **options: object) -> Iterator[BrowserContext]:
    """A browser with a new profile; `options` are Playwright's."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("chromium is not installed: tools/setup.sh test installs it")
    if not DIST.is_dir():
        pytest.skip("the page is not built: python hatch_build.py builds it")
    with _playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            profile,
            executable_path=chromium,
            headless=True,
            args=[*FLAGS, *flags],
            **options,  # type: ignore[arg-type]
        )
        context.set_default_timeout(WAIT_MS)
        expect.set_options(timeout=WAIT_MS)
        yield context
        context.close()


def complaints_of(page: Page) -> list[str]:
    """What the page logs as an error or raises from now on; it grows."""
    complaints: list[str] = []
    page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return complaints

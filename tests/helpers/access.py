"""What axe-core finds wrong in a page that is open."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

AXE = Path(__file__).resolve().parents[2] / "realtime/web/node_modules/axe-core/axe.min.js"
PHONE = {"width": 390, "height": 844}
LAPTOP = {"width": 1440, "height": 900}


def needs_axe() -> None:
    """Skips the test where axe-core is not there."""
    if not AXE.is_file():
        pytest.skip("axe-core is not installed: python hatch_build.py --check installs it")


def violations(page: Page) -> list[str]:
    """What axe finds wrong, one sentence for each."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: dict[str, Any] = page.evaluate(
        "axe.run(document, { resultTypes: ['violations', 'passes'], elementRef: false })"
    )
    rules = {one["id"] for one in found["passes"]}
    assert {"color-contrast", "button-name", "label"} & rules  # it did look
    return [
        f"{one['id']}: {one['help']}: "
        + json.dumps([(node["target"], node["failureSummary"]) for node in one["nodes"]][:3])
        for one in found["violations"]
    ]

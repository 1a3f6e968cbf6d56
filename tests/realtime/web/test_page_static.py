"""The built page: what can be said of its files without a daemon or a browser."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

WEB = Path(__file__).resolve().parents[3] / "realtime" / "web"
DIST = WEB / "dist"
LARGEST_SCRIPTS_BYTES = 400_000
"""Of all scripts together, compressed; `tests/e2e/test_explore.py` bounds what comes first."""

XML_NAMESPACES = r"http://www\.w3\.org/(?:2000/svg|1999/xhtml|1998/Math/MathML|1999/xlink)"
SCHEMA_NAME = r"https://json-schema\.org/draft/2020-12/schema"


class Tags(HTMLParser):
    """Collects every element with its attributes, and the text inside scripts and styles."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.inline: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.elements and self.elements[-1][0] in {"script", "style"} and data.strip():
            self.inline.append(data)


@pytest.fixture(scope="module")
def dist() -> Path:
    if not (DIST / "index.html").is_file():
        pytest.skip("the page is not built: python hatch_build.py")
    return DIST


@pytest.fixture(scope="module", params=["index.html", "now.html"])
def page(dist: Path, request: pytest.FixtureRequest) -> Tags:
    tags = Tags()
    tags.feed((dist / request.param).read_text())
    return tags


def texts(dist: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(p for p in dist.rglob("*") if p.is_file() and p.suffix != ".png"):
        yield path.relative_to(dist).as_posix(), path.read_text()


def test_nothing_in_the_page_names_another_server(dist: Path) -> None:
    known = re.compile(f"{XML_NAMESPACES}|{SCHEMA_NAME}")
    found = {
        (name, address)
        for name, text in texts(dist)
        for address in re.findall(r"""(?:https?:)?//[\w.-]+\.\w+[^\s"'`)]*""", known.sub("", text))
    }
    assert found == set()


def test_everything_the_page_loads_is_a_file_of_the_build(dist: Path, page: Tags) -> None:
    addresses = [
        address
        for _, attributes in page.elements
        for name in ("src", "href")
        if (address := attributes.get(name)) is not None
    ]
    assert len(addresses) >= 4  # icon, theme script, page script, style sheet
    for address in addresses:
        assert address.startswith("./")
        assert (dist / address).is_file(), address


def test_no_script_or_style_stands_in_the_markup(page: Tags) -> None:
    assert page.inline == []
    for tag, attributes in page.elements:
        assert tag != "style"
        inline = [name for name in attributes if name == "style" or name.startswith("on")]
        assert inline == [], (tag, inline)
        if tag == "script":
            assert attributes.get("src")


def test_no_code_is_made_from_text(dist: Path) -> None:
    scripts = "".join(text for name, text in texts(dist) if name.endswith(".js"))
    assert re.search(r"\beval\(|new Function\b", scripts) is None
    styles = "".join(text for name, text in texts(dist) if name.endswith(".css"))
    assert "data:" not in styles


def test_scripts_are_small(dist: Path) -> None:
    compressed = [len(gzip.compress(p.read_bytes())) for p in dist.rglob("*.js")]
    assert compressed
    assert sum(compressed) < LARGEST_SCRIPTS_BYTES


def test_the_lock_file_names_no_registry() -> None:
    lock = json.loads((WEB / "package-lock.json").read_text())
    assert lock["packages"]
    for name, package in lock["packages"].items():
        assert "resolved" not in package, name
        assert name == "" or "integrity" in package, name


def test_the_lock_file_fits_the_package_file() -> None:
    package = json.loads((WEB / "package.json").read_text())
    root = json.loads((WEB / "package-lock.json").read_text())["packages"][""]
    for group in ("dependencies", "devDependencies"):
        assert root[group] == package[group]

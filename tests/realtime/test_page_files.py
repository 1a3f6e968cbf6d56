"""The page's files and the headers that guard them, from the real server."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote_plus

import pytest

from realtime.guard import policy
from tests.helpers.serving import fetch, in_loop, serving


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """What a build leaves, in small."""
    folder = tmp_path / "dist"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>nowhear</title>")
    (folder / "now.html").write_text("<!doctype html><title>now</title>")
    (folder / "manifest.webmanifest").write_text('{"name": "nowhear", "start_url": "./"}')
    (folder / "icon-192.png").write_bytes(b"png")
    (folder / "theme.js").write_text("1")
    (folder / "favicon.svg").write_text("<svg/>")
    (folder / "assets" / "index-Bx12.js").write_text("2")
    (folder / "assets" / "index-Bx12.css").write_text("a{}")
    (tmp_path / "secret.txt").write_text("secret")
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    return folder


@pytest.mark.parametrize(
    ("path", "kind", "cache"),
    [
        ("/", "text/html; charset=utf-8", "no-cache"),
        ("/index.html", "text/html; charset=utf-8", "no-cache"),
        ("/?token=correct-horse-battery", "text/html; charset=utf-8", "no-cache"),
        ("/now", "text/html; charset=utf-8", "no-cache"),
        ("/now?theme=night", "text/html; charset=utf-8", "no-cache"),
        ("/compat", "text/html; charset=utf-8", "no-cache"),
        ("/manifest.webmanifest", "application/manifest+json", "no-cache"),
        ("/icon-192.png", "image/png", "no-cache"),
        ("/theme.js", "text/javascript; charset=utf-8", "no-cache"),
        ("/favicon.svg", "image/svg+xml", "no-cache"),
        (
            "/assets/index-Bx12.js",
            "text/javascript; charset=utf-8",
            "public, max-age=31536000, immutable",
        ),
        (
            "/assets/index-Bx12.css",
            "text/css; charset=utf-8",
            "public, max-age=31536000, immutable",
        ),
    ],
)
def test_files_have_their_type_and_age(page: Path, path: str, kind: str, cache: str) -> None:
    @in_loop
    async def test() -> None:
        async with serving(page=page) as server:
            answer = await fetch(server, path)
            assert (answer.status, answer.headers["content-type"]) == (200, kind)
            assert answer.headers["cache-control"] == cache
            again = await fetch(server, path, headers={"If-None-Match": answer.headers["etag"]})
            assert (again.status, again.body) == (304, b"")
            assert again.headers["cache-control"] == cache

    test()


@in_loop
async def test_nothing_outside_the_folder_is_served(page: Path) -> None:
    async with serving(page=page) as server:
        outside = ("/../secret.txt", "/%2e%2e/secret.txt", "/link.txt")
        for path in (*outside, "/nothing", "/assets/", "/now/", "/compat/"):
            answer = await fetch(server, path)
            assert answer.status == 404
            assert b"secret" not in answer.body


@in_loop
async def test_a_page_that_is_not_built_says_how(tmp_path: Path) -> None:
    for folder in (None, tmp_path):
        async with serving(page=folder) as server:
            answer = await fetch(server, "/")
            assert answer.status == 503
            assert answer.headers["content-type"] == "text/plain; charset=utf-8"
            assert b"python hatch_build.py" in answer.body
            assert (await fetch(server, "/theme.js")).status == 404


@in_loop
async def test_a_build_after_the_start_is_found(tmp_path: Path) -> None:
    async with serving(page=tmp_path) as server:
        assert (await fetch(server, "/")).status == 503
        (tmp_path / "index.html").write_text("<!doctype html>")
        assert (await fetch(server, "/")).status == 200


@in_loop
async def test_an_installed_app_begins_with_the_token_of_who_installed_it(page: Path) -> None:
    token = "correct horse+battery"
    async with serving(page=page, token=token) as server:
        whole = await fetch(server, f"/manifest.webmanifest?token={quote_plus(token)}")
        assert whole.headers["content-type"] == "application/manifest+json"
        assert whole.headers["cache-control"] == "no-store"
        assert whole.json() == {"name": "nowhear", "start_url": f"./?token={quote_plus(token)}"}
        for query in ("", "?token=", "?token=a-wrong-one-of-16", "?theme=day"):
            plain = await fetch(server, f"/manifest.webmanifest{query}")
            assert plain.json()["start_url"] == "./"


@in_loop
async def test_every_answer_is_guarded(page: Path) -> None:
    async with serving(page=page) as server:
        for path in ("/", "/healthz", "/schema.json", "/songs/1/audio", "/nothing"):
            headers = (await fetch(server, path)).headers
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["referrer-policy"] == "no-referrer"
            assert headers["content-security-policy"] == policy(f"127.0.0.1:{server.port}")
            assert "server" not in headers


@in_loop
async def test_pages_that_may_connect_may_also_frame(page: Path) -> None:
    async with serving(page=page, origins=("https://radio.example",)) as server:
        headers = (await fetch(server, "/")).headers
    assert "frame-ancestors 'self' https://radio.example" in headers["content-security-policy"]
    assert headers["cross-origin-resource-policy"] == "cross-origin"


def test_the_policy_lets_in_nothing_foreign() -> None:
    parts = dict(part.split(" ", 1) for part in policy("radio.local:8765").split("; "))
    assert parts["default-src"] == parts["script-src"] == parts["style-src"] == "'self'"
    assert parts["connect-src"] == "'self' ws://radio.local:8765 wss://radio.local:8765"
    assert parts["frame-ancestors"] == "'self'"


@pytest.mark.parametrize("host", ["", "a b", "x; script-src *", "evil.example/ *", "a,b", "[::1"])
def test_a_host_header_cannot_widen_the_policy(host: str) -> None:
    assert "connect-src 'self'; " in policy(host)

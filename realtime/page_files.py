"""The built page: its files with the right types, cached as long as each may be."""

from __future__ import annotations

import json
import os
from pathlib import Path
from urllib.parse import urlencode

from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

BUILT_PAGE = Path(__file__).parent / "web" / "dist"
"""Where the page's build puts it, in a checkout and in the installed package."""

INDEX = "index.html"
SMALL = "now"
"""Path of the small mode, which is built as now.html."""
COMPAT = "compat"
"""Path that leads into the page, to the comparison of two lists."""
MANIFEST = "manifest.webmanifest"
HASHED_FOLDER = "assets"
"""Vite puts the files here whose names hold a hash of their content."""

NOT_BUILT = (
    "nowhear is running, but its page is not built.\n"
    "In a checkout, `python hatch_build.py` (or `make setup`) builds it; then load this again.\n"
    "The websocket at /ws works without it; so does `nowhear watch`.\n"
)
# Said here in full, because what Python's `mimetypes` says depends on files of the machine, and
# with `nosniff` a script of the wrong type is not run.
MEDIA_TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".ico": "image/x-icon",
    ".js": "text/javascript",
    ".json": "application/json",
    ".map": "application/json",
    ".mjs": "text/javascript",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
FOR_EVER = "public, max-age=31536000, immutable"
REVALIDATED = "no-cache"
READING = ("GET", "HEAD")


def is_built(page: Path | None) -> bool:
    """Whether the page's first file is there."""
    return page is not None and (page / INDEX).is_file()


def manifest_with(token: str, *, page: Path | None) -> Response | None:
    """The web app's manifest, whose app begins with `token` in its address: an installed app begins
    there, and has none else. For who has shown it; None while the page is not built."""
    if page is None or not (page / MANIFEST).is_file():
        return None
    manifest = json.loads((page / MANIFEST).read_text(encoding="utf-8"))
    manifest["start_url"] += "?" + urlencode({"token": token})
    headers = {"cache-control": "no-store"}
    return JSONResponse(manifest, headers=headers, media_type=MEDIA_TYPES[".webmanifest"])


class PageFiles(StaticFiles):
    """Serves the folder `page`; says how to build it while there is nothing in it."""

    def __init__(self, page: Path | None) -> None:
        super().__init__(directory=page or BUILT_PAGE, html=True, check_dir=False)
        self._page = page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or is_built(self._page):
            return await super().__call__(scope, receive, send)
        if scope["method"] not in READING:
            answer = PlainTextResponse(
                "Method Not Allowed", 405, headers={"allow": ", ".join(READING)}
            )
        elif scope["path"] == "/":
            answer = PlainTextResponse(NOT_BUILT, 503, headers={"cache-control": "no-store"})
        else:
            answer = PlainTextResponse("Not Found", 404)
        return await answer(scope, receive, send)

    def get_path(self, scope: Scope) -> str:
        """The file of a request; the small mode's is asked for without its ending."""
        path = super().get_path(scope)
        # Below `now/` the page's own relative addresses would lead nowhere.
        if scope["path"].endswith("/"):
            return path
        return {SMALL: f"{SMALL}.html", COMPAT: INDEX}.get(path, path)

    def file_response(
        self,
        full_path: str | os.PathLike[str],
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        """The file, with its type and how long it may be kept."""
        response = super().file_response(full_path, stat_result, scope, status_code)
        path = Path(full_path)
        hashed = path.parent.name == HASHED_FOLDER
        response.headers["cache-control"] = FOR_EVER if hashed else REVALIDATED
        kind = MEDIA_TYPES.get(path.suffix.lower())
        if kind is not None and isinstance(response, FileResponse):
            text = kind.startswith("text/")
            response.headers["content-type"] = f"{kind}; charset=utf-8" if text else kind
        return response

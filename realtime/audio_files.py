"""The audio of catalog songs over HTTP: by id only, never by path, with ranges (RFC 9110, 14)."""

from __future__ import annotations

import os
import stat
from collections.abc import Awaitable, Callable
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.types import Message, Receive, Scope, Send

from .logs import logger

_log = logger("server")

AudioPath = Callable[[int], Path | None]
"""Song id to the path of its file, None for a song that is not there; called in a thread."""

# Said here in full, because what Python's `mimetypes` says depends on files of the machine.
MEDIA_TYPES = {
    ".aac": "audio/aac",
    ".aif": "audio/aiff",
    ".aiff": "audio/aiff",
    ".flac": "audio/flac",
    ".m4a": "audio/mp4",
    ".m4b": "audio/mp4",
    ".mka": "audio/x-matroska",
    ".mp3": "audio/mpeg",
    ".mp4": "audio/mp4",
    ".oga": "audio/ogg",
    ".ogg": "audio/ogg",
    ".opus": "audio/ogg",  # RFC 7845, section 9: Opus in Ogg is audio/ogg
    ".wav": "audio/wav",
    ".weba": "audio/webm",
    ".webm": "audio/webm",
    ".wma": "audio/x-ms-wma",
}
OTHER_MEDIA_TYPE = "application/octet-stream"
LARGEST_ID = 2**63 - 1  # what a database column of integers holds


def media_type(path: Path) -> str:
    """The content type that belongs to a file's name.

    >>> media_type(Path("a/Song.FLAC"))
    'audio/flac'
    """
    return MEDIA_TYPES.get(path.suffix.lower(), OTHER_MEDIA_TYPE)


def song_audio(audio_path: AudioPath) -> Callable[[Request], Awaitable[Response]]:
    """The endpoint for `/songs/{song}/audio`."""

    async def endpoint(request: Request) -> Response:
        song = _song_id(request.path_params["song"])
        path = None if song is None else await run_in_threadpool(audio_path, song)
        if path is None:
            return _missing(f"no song {request.path_params['song'][:40]} in this catalog")
        found = await run_in_threadpool(_readable, path)
        if isinstance(found, str):
            return _missing(f"the file of song {song} {found}")
        # Revalidated at each use, since the file behind an id may change.
        headers = {"cache-control": "private, no-cache"}
        kind = media_type(path)
        return _SongFile(path, headers=headers, media_type=kind, stat_result=found)

    return endpoint


class _SongFile(FileResponse):
    """A file that may grow, shrink or vanish while it is sent.

    The client gets as many bytes as were announced, or the connection is cut, so that it knows that
    what it has is not all.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        owed = 0  # announced bytes that are still to be sent
        done = False

        async def send_owed(message: Message) -> None:
            nonlocal owed, done
            if message["type"] == "http.response.start":
                if scope["method"] != "HEAD":
                    owed = int(Headers(raw=message["headers"])["content-length"])
                await send(message)
            elif not done:
                body = message["body"][:owed]
                owed -= len(body)
                if owed and not message["more_body"]:
                    raise EOFError(f"it ends {owed} bytes too early")
                done = not owed
                await send({**message, "body": body, "more_body": bool(owed)})

        try:
            await super().__call__(scope, receive, send_owed)
        except (EOFError, OSError, RuntimeError) as error:  # Starlette's own for several ranges
            _log.warning("%r changed while it was sent: %s", str(self.path), error)


def _song_id(text: str) -> int | None:
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(LARGEST_ID))):
        return None
    return song if (song := int(text)) <= LARGEST_ID else None


def _readable(path: Path) -> os.stat_result | str:
    """The file's state, or what is wrong with it."""
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):  # opening a pipe would wait for its writer
            return "is no ordinary file any more"
        with path.open("rb"):
            return found
    except FileNotFoundError:
        return "has gone since it was added; `nowhear add` finds it again where it is now"
    except (OSError, ValueError) as error:
        return f"cannot be read: {getattr(error, 'strerror', None) or error}"


def _missing(reason: str) -> JSONResponse:
    return JSONResponse({"error": reason}, status_code=404)

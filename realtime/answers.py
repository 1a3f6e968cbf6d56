"""Answers of the API under `/api/` in JSON, and the bodies that it is sent, which are bounded."""

from __future__ import annotations

import json
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

LARGEST_BODY_BYTES = 256 * 1024
"""Of a JSON body; ten thousand song ids fit."""

NOT_KEPT = {"cache-control": "no-store"}


def answer(body: Any, *, status: int = 200) -> Response:
    """`body` as JSON, not to be kept by the browser."""
    return JSONResponse(body, status, headers=NOT_KEPT)


def failure(status: int, reason: str) -> Response:
    """`{"error": reason}` with an HTTP status of 400 or more."""
    return answer({"error": reason}, status=status)


def refused(_: Request, error: Exception) -> Response:
    """The answer to an `HTTPException`: endpoints may raise one with the status and the reason."""
    assert isinstance(error, HTTPException)
    return JSONResponse(
        {"error": error.detail}, error.status_code, headers={**NOT_KEPT, **(error.headers or {})}
    )


async def json_body(request: Request, *, limit: int = LARGEST_BODY_BYTES) -> Any:
    """What the request's body says in JSON.

    Raises `HTTPException`: 413 when it has more than `limit` bytes, 400 when it is no JSON.
    """
    text = await body_bytes(request, limit=limit)
    try:
        return json.loads(text)
    except ValueError as error:  # of which text that is no UTF-8 is one
        raise HTTPException(400, f"the body is no JSON: {error}") from error
    except RecursionError as error:
        raise HTTPException(400, "the body is no JSON that can be read: too deep") from error


async def body_bytes(request: Request, *, limit: int) -> bytes:
    """The request's body; raises `HTTPException` 413 when it has more than `limit` bytes.

    No more than that is ever held: what follows is not read.
    """
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > limit:
            raise HTTPException(413, f"the body has more than {limit} bytes")
        parts.append(part)
    return b"".join(parts)

"""Jobs over HTTP: how far they are, and those that a page may begin."""

from __future__ import annotations

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from catalog.jobs import Job, Jobs

from ..answers import answer, json_body
from ..job_keeper import job_row
from .asking import Desk, fields_of, id_in_path

ALLOWED = (
    "map build",
    "map build --anew",
    "themes build",
    "attributes train",
    "attributes fill",
    "taste fit --data own",
    "taste fit --data tasteprofile",
    "taste fit --data lastfm",
    "taste learn",
    "datasets join",
)
"""What may be begun over HTTP: nothing that names a file."""


def job_routes(desk: Desk) -> list[BaseRoute]:
    """The routes of jobs."""

    def add(command: list[str]) -> dict[str, Any]:
        with Jobs(desk.settings) as jobs:
            return job_body(jobs.add(command))

    def all_of_them() -> dict[str, Any]:
        with Jobs(desk.settings) as jobs:
            return {"jobs": [job_body(job) for job in jobs.all()], "commands": list(ALLOWED)}

    def cancel(number: int) -> dict[str, Any]:
        with Jobs(desk.settings) as jobs:
            return job_body(jobs.cancel(number))

    async def listed(_: Request) -> Response:
        return answer(await desk.ask(all_of_them))

    async def made(request: Request) -> Response:
        (command,) = fields_of(await json_body(request), command=str)
        if command not in ALLOWED:
            expected = ", ".join(ALLOWED)
            raise HTTPException(400, f"command is {command!r:.80}, expected one of: {expected}")
        return answer(await desk.ask(add, command.split()), status=201)

    async def cancelled(request: Request) -> Response:
        number = id_in_path(request, "job", what="job")
        return answer(await desk.ask(cancel, number))

    return [
        Route("/api/jobs", listed),
        Route("/api/jobs", made, methods=["POST"]),
        Route("/api/jobs/{job}", cancelled, methods=["DELETE"]),
    ]


def job_body(job: Job) -> dict[str, Any]:
    """A job in JSON. What one printed that was begun on this machine may name its files, which are
    nobody else's business."""
    moments = {"made_at": job.made_at, "started_at": job.started_at, "ended_at": job.ended_at}
    return {
        **job_row(job).model_dump(),
        **{
            name: None if moment is None else moment.isoformat(timespec="milliseconds")
            for name, moment in moments.items()
        },
        "result": job.result if job.folder is None else None,
    }

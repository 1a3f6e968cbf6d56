"""The job queue over HTTP: what may be begun, and what is told of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from catalog.jobs import Jobs
from realtime.cli.jobs import check_command
from realtime.explore.jobs import ALLOWED
from tests.catalog.making import settings_at
from tests.helpers.exploring import Explored, exploring, music_catalog


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Explored]:
    with exploring(music_catalog(tmp_path, 1)) as explored:
        yield explored


def test_a_job_is_begun_listed_and_cancelled(own: Explored) -> None:
    assert own.get("/api/jobs") == {"jobs": [], "commands": list(ALLOWED)}
    made = own.ask("/api/jobs", method="POST", body={"command": "map build"})
    assert made.status == 201
    job = made.json()
    assert (job["job"], job["name"], job["state"], job["progress"]) == (
        1,
        "map build",
        "queued",
        None,
    )
    assert own.ask("/api/jobs", method="POST", body={"command": "map build"}).json() == job
    assert own.get("/api/jobs")["jobs"] == [job]
    cancelled = own.ask("/api/jobs/1", method="DELETE")
    assert (cancelled.status, cancelled.json()["state"]) == (200, "cancelled")
    assert own.ask("/api/jobs/2", method="DELETE").status == 404


@pytest.mark.parametrize("command", ["add /etc", "map build --catalog x", "", "listen", 7, None])
def test_nothing_else_may_be_begun(own: Explored, command: object) -> None:
    refused = own.ask("/api/jobs", method="POST", body={"command": command})
    assert refused.status == 400
    assert own.get("/api/jobs")["jobs"] == []


def test_what_was_begun_on_this_machine_tells_no_paths(own: Explored) -> None:
    with Jobs(own.settings) as queue:
        queue.add(["add", "/home/me/secret"], folder=Path("/home/me"))
        queue.add(["map", "info"])
        for _ in range(2):
            job = queue.take()
            assert job is not None
            queue.end(job.id, "done", message=None, result=["/home/me/secret/song.mp3"])
    here, asked_for = own.get("/api/jobs")["jobs"]
    assert "secret" not in str(here)
    assert asked_for["result"] == ["/home/me/secret/song.mp3"]


def test_without_a_catalog_there_is_no_queue(tmp_path: Path) -> None:
    with exploring(settings_at(tmp_path / "none")) as explored:
        assert explored.ask("/api/jobs").status == 404


@pytest.mark.parametrize("command", ALLOWED)
def test_what_may_be_begun_is_a_command(command: str) -> None:
    try:
        check_command(command.split())
    except typer.BadParameter as error:
        pytest.fail(str(error))

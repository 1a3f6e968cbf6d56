"""`nowhear jobs`: what stands in the queue, and what may."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from catalog.jobs import Jobs
from realtime.cli.main import app
from tests.catalog.making import made_catalog, settings_at


def nowhear(*args: object) -> Result:
    return CliRunner().invoke(app, [str(arg) for arg in args], env={"COLUMNS": "200"})


def as_json(result: Result) -> Any:
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made_catalog(tmp_path, [])
    return tmp_path


def test_a_job_is_added_listed_and_cancelled(folder: Path) -> None:
    at = ("--catalog", folder)
    added = as_json(nowhear("jobs", "add", *at, "--json", "--", "map", "build", "--seed", "7"))
    assert added["command"] == ["map", "build", "--seed", "7"]
    assert (added["state"], added["progress"], added["started_at"]) == ("queued", None, None)
    assert as_json(nowhear("jobs", "list", *at, "--json")) == [added]
    assert as_json(nowhear("jobs", *at, "--json")) == [added]
    shown = nowhear("jobs", *at).stdout
    assert "map build --seed 7" in shown
    assert "queued" in shown
    assert nowhear("jobs", "cancel", *at, added["job"]).stdout == "job 1 is cancelled\n"
    assert as_json(nowhear("jobs", *at, "--json"))[0]["state"] == "cancelled"


def test_a_job_runs_where_it_was_added(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    added = nowhear("jobs", "add", "--catalog", folder, "--", "add", "music")
    assert added.stdout.startswith("job 1; `nowhear listen` runs it")
    with Jobs(settings_at(folder)) as queue:
        assert queue.get(1).folder == folder


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        ("listen", "'listen' cannot be a job"),
        ("jobs list", "'jobs' cannot be a job"),
        ("map bild", "'bild' is none; expected build, info"),
        ("mapp", "'mapp' is none; expected add, "),
        ("map build --catalog x", "--catalog belongs before `--`"),
        ("map build --config=x", "--config=x belongs before `--`"),
    ],
)
def test_what_can_be_no_job_is_refused(folder: Path, command: str, reason: str) -> None:
    refused = nowhear("jobs", "add", "--catalog", folder, "--", *command.split())
    assert refused.exit_code == 2
    assert reason in refused.stderr
    assert as_json(nowhear("jobs", "--catalog", folder, "--json")) == []


def test_what_is_not_there_is_told(folder: Path) -> None:
    none = nowhear("jobs", "cancel", "--catalog", folder, 3)
    assert (none.exit_code, none.stderr) == (1, "nowhear: no job 3; `nowhear jobs` lists them\n")
    empty = nowhear("jobs", "--catalog", folder)
    assert (empty.exit_code, empty.stdout) == (0, "")
    assert "there is no job" in empty.stderr
    misplaced = nowhear("jobs", "--json", "list")
    assert misplaced.exit_code == 2
    assert "options belong behind the command" in misplaced.stderr

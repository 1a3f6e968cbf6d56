"""The queue of long commands, as processes see it that share a catalog."""

from pathlib import Path

import pytest

from catalog import jobs
from catalog.errors import BusyError, LimitError, NoCatalogError, UnknownJobError
from catalog.jobs import Job, Jobs, jobs_lock
from catalog.settings import CatalogSettings
from tests.catalog.making import made_catalog, settings_at


@pytest.fixture
def settings(tmp_path: Path) -> CatalogSettings:
    return made_catalog(tmp_path, [])


def taken(queue: Jobs) -> Job:
    job = queue.take()
    assert job is not None
    return job


def test_jobs_run_in_the_order_in_which_they_came(settings: CatalogSettings) -> None:
    with Jobs(settings) as queue:
        assert queue.all() == []
        assert queue.take() is None
        first = queue.add(["map", "build"])
        second = queue.add(["add", "music"], folder=Path("/some where"))
        assert (first.state, first.progress, first.result) == ("queued", None, None)
        running = taken(queue)
        assert (running.id, running.state, running.command) == (first.id, "running", first.command)
        assert running.started_at is not None
        assert running.started_at >= first.made_at
        assert taken(queue).folder == second.folder == Path("/some where")
        assert queue.take() is None


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("map build --anew", "map build"),
        ("import fma fma", "import fma"),
        ("add /music", "add"),
        ("taste fit --data own", "taste fit"),
    ],
)
def test_a_name_holds_no_path(settings: CatalogSettings, command: str, name: str) -> None:
    with Jobs(settings) as queue:
        assert queue.add(command.split()).name == name


def test_what_another_process_notes_is_seen(settings: CatalogSettings) -> None:
    with Jobs(settings) as queue, Jobs(settings) as other:
        number = queue.add(["themes"]).id
        taken(queue)
        queue.tell(number, progress=0.25, message="m" * 2000)
        seen = other.get(number)
        assert seen.progress == 0.25
        assert seen.message == "m" * jobs.MOST_MESSAGE
        queue.end(number, "done", message=None, result={"songs": 3})
        seen = other.get(number)
        assert (seen.state, seen.progress, seen.result) == ("done", 1.0, {"songs": 3})
        assert seen.ended


def test_a_job_that_was_cancelled_stays_so(settings: CatalogSettings) -> None:
    with Jobs(settings) as queue:
        waiting, running = queue.add(["themes"]), queue.add(["map", "build"])
        assert queue.cancel(waiting.id).state == "cancelled"
        assert taken(queue).id == running.id
        assert queue.cancel(running.id).state == "cancelled"
        queue.end(running.id, "failed", message="it was killed")
        assert queue.get(running.id).message is None
        assert queue.cancel(running.id).state == "cancelled"
        assert queue.take() is None


def test_what_ran_when_its_daemon_ended_runs_again(settings: CatalogSettings) -> None:
    with Jobs(settings) as queue:
        number = queue.add(["themes"]).id
        queue.end(queue.add(["map", "build"]).id, "done", message=None)  # it does not run yet
        taken(queue)
        queue.tell(number, progress=0.5, message="half")
    with Jobs(settings) as queue:
        queue.put_back()
        again = queue.get(number)
        assert (again.state, again.progress, again.message) == ("queued", None, None)
        assert taken(queue).id == number


def test_a_command_that_waits_is_not_put_twice(settings: CatalogSettings) -> None:
    with Jobs(settings) as queue:
        first = queue.add(["themes"])
        assert queue.add(["themes"]) == first
        assert queue.add(["themes"], folder=Path("/elsewhere")) != first
        taken(queue)
        assert queue.add(["themes"]) != first  # what is running may not see what is new


def test_the_queue_is_bounded_and_the_past_forgotten(
    settings: CatalogSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "MOST_QUEUED", 2)
    monkeypatch.setattr(jobs, "MOST_ENDED", 3)
    with Jobs(settings) as queue:
        numbers = []
        for at in range(6):
            numbers.append(queue.add(["add", str(at)]).id)
            taken(queue)
            queue.end(numbers[-1], "done", message=None)
        queue.add(["themes"])
        assert [job.id for job in queue.all()[:-1]] == numbers[-3:]
        queue.add(["map", "build"])
        with pytest.raises(LimitError, match="2 jobs wait already"):
            queue.add(["one", "more"])


def test_what_is_not_there_is_told(settings: CatalogSettings, tmp_path: Path) -> None:
    with Jobs(settings) as queue:
        with pytest.raises(UnknownJobError, match="no job 7"):
            queue.get(7)
        queue.add(["themes"])
        with pytest.raises(UnknownJobError, match="no job 7"):
            queue.cancel(7)
    with pytest.raises(NoCatalogError):
        Jobs(settings_at(tmp_path / "nothing"))


def test_one_process_runs_the_jobs(settings: CatalogSettings) -> None:
    with jobs_lock(settings), pytest.raises(BusyError):
        jobs_lock(settings).acquire()
    with jobs_lock(settings) as lock:
        assert lock.fileno() > 0

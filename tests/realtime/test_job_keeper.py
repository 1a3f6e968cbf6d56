"""Jobs as the daemon runs them: real processes of `nowhear`."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from catalog.jobs import Job, Jobs, jobs_lock
from catalog.map_file import map_folder, open_map
from realtime import messages
from realtime.cli.job_child import NICENESS
from realtime.job_keeper import ENDED_TOLD, JobKeeper, told
from realtime.job_process import CHILD, JobProcess, _told
from realtime.settings import Settings
from tests.catalog.making import made_catalog, random_songs

FOREVER = ("watch", "ws://127.0.0.1:1/", "--json")  # nobody listens there, and it tries on
WAIT_S = 60.0


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    catalog = made_catalog(tmp_path / "catalog", random_songs(12))
    return Settings().model_copy(update={"catalog": catalog})


@pytest.fixture
def queue(settings: Settings) -> Iterator[Jobs]:
    with Jobs(settings.catalog) as opened:
        yield opened


class Ticking:
    """A keeper whose time goes on as in the daemon, but faster; what it told."""

    def __init__(self, settings: Settings) -> None:
        self.keeper = JobKeeper(settings)
        self.told: list[messages.Jobs] = []

    def until(self, done: Callable[[], bool]) -> None:
        late = threading.Timer(WAIT_S, lambda: None)
        late.start()
        try:
            while not done():
                assert late.is_alive(), self.told[-3:]
                if (news := self.keeper.tick()) is not None:
                    self.told.append(news)
                late.join(0.02)
        finally:
            late.cancel()

    def states(self) -> list[tuple[str, ...]]:
        return [tuple(job.state for job in news.jobs) for news in self.told]

    def close(self) -> None:
        self.keeper.close()


@pytest.fixture
def ticking(settings: Settings) -> Iterator[Ticking]:
    made = Ticking(settings)
    yield made
    made.close()


def process_of(ticking: Ticking) -> subprocess.Popen[bytes]:
    running = ticking.keeper._running
    assert running is not None
    process = running[1]._process
    assert process is not None
    return process


def has_ended(pid: int) -> bool:
    """Whether a process has, though nobody may have asked for its exit status."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return True
    return stat.rpartition(")")[2].split()[0] in "ZX"  # proc(5)


def is_running(ticking: Ticking) -> bool:
    """Whether the job's process has come so far that it looks after its standard input."""
    running = ticking.keeper._running
    if running is None or (process := running[1]._process) is None:
        return False
    return len(list(Path(f"/proc/{process.pid}/task").iterdir())) > 1


def test_jobs_run_one_after_the_other_and_tell_how_they_ended(
    settings: Settings, queue: Jobs, ticking: Ticking
) -> None:
    assert ticking.keeper.tick() is None  # nothing was ever queued, hence nothing is told
    drawn = queue.add(["map", "build", "--method", "pca", "--json"])
    wrong = queue.add(["map", "build", "--method", "no such"])
    gone = queue.add(["map", "info"], folder=settings.catalog.directory / "gone")
    ticking.until(lambda: ticking.states()[-1:] == [("done", "failed", "failed")])
    assert gone.folder is not None
    assert open_map(map_folder(settings.catalog)) is not None
    done, failed, nowhere = queue.all()
    assert (done.id, done.state, done.progress) == (drawn.id, "done", 1.0)
    assert done.result["songs"] == 12
    assert (failed.id, failed.state) == (wrong.id, "failed")
    assert failed.message is not None
    assert "'no such'" in failed.message
    assert nowhere.message is not None
    assert nowhere.message.startswith("it could not be started: ")
    assert ticking.states()[0] == ("running", "queued", "queued")
    assert all(states.count("running") <= 1 for states in ticking.states())


def test_a_running_job_is_cancelled(queue: Jobs, ticking: Ticking) -> None:
    number = queue.add(FOREVER).id
    ticking.until(lambda: is_running(ticking))
    process = process_of(ticking)
    assert os.getpriority(os.PRIO_PROCESS, process.pid) >= NICENESS
    queue.cancel(number)
    ticking.until(lambda: process.poll() is not None)
    assert queue.get(number).state == "cancelled"
    after = queue.add(["map", "info", "--json"]).id  # the queue goes on
    ticking.until(lambda: queue.get(after).ended)
    assert queue.get(after).state == "done"


def test_the_daemons_end_puts_a_job_back_and_the_next_runs_it_again(
    settings: Settings, queue: Jobs, ticking: Ticking
) -> None:
    number = queue.add(FOREVER).id
    ticking.until(lambda: is_running(ticking))
    process = process_of(ticking)
    ticking.close()
    assert process.poll() is not None
    assert queue.get(number).state == "queued"
    again = Ticking(settings)
    again.until(lambda: queue.get(number).state == "running")
    assert again.told[-1].jobs[0].state == "running"
    again.close()


def test_a_killed_daemon_leaves_no_process_and_its_job_runs_again(
    settings: Settings, queue: Jobs, ticking: Ticking
) -> None:
    number = queue.add(FOREVER).id
    code = (
        "import sys, time\n"
        "from realtime.job_keeper import JobKeeper\n"
        "from realtime.settings import Settings\n"
        "keeper = JobKeeper(Settings.model_validate_json(sys.argv[1]))\n"
        "keeper.tick()\n"
        "while keeper._running is None or keeper._running[1]._process is None: time.sleep(0.01)\n"
        "print(keeper._running[1]._process.pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    said = settings.model_dump_json()
    daemon = subprocess.Popen(
        [sys.executable, "-c", code, said],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert daemon.stdout is not None
    orphan = int(daemon.stdout.readline())
    ticking.keeper.tick()
    assert ticking.keeper._running is None  # the other one runs the jobs
    daemon.send_signal(signal.SIGKILL)
    daemon.communicate()
    ticking.until(lambda: ticking.keeper._running is not None)
    # Only now: the orphan held the lock to its own end, so that no job ever runs twice at once.
    assert has_ended(orphan)
    assert queue.get(number).state == "running"


def test_a_command_hears_of_its_parents_end(tmp_path: Path) -> None:
    child = subprocess.Popen(
        [*CHILD, *FOREVER], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, cwd=tmp_path
    )
    assert child.stdin is not None
    child.stdin.close()
    assert child.wait(WAIT_S) != 0


def test_a_job_that_is_stopped_before_it_began_ends(settings: Settings, queue: Jobs) -> None:
    process = JobProcess(queue.add(FOREVER), settings)
    process.stop()
    with jobs_lock(settings.catalog) as lock:
        assert process.run(lambda _progress, _message: None, lock=lock.fileno()).state == "failed"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"progress": 0.5, "message": "half"}', (0.5, "half")),
        ('{"progress": null, "message": null}', (None, None)),
        ('{"progress": 0.5', None),
        ('{"progress": 0.5}', None),
        ("half of it", None),
    ],
)
def test_what_a_line_says(line: str, said: object) -> None:
    assert _told(line) == said


def test_only_the_last_that_have_ended_are_told_of(queue: Jobs) -> None:
    for at in range(ENDED_TOLD + 3):
        queue.cancel(queue.add(["add", str(at)]).id)
    waiting: Job = queue.add(["themes"])
    jobs = told(queue.all()).jobs
    assert len(jobs) == ENDED_TOLD + 1
    assert (jobs[-1].job, jobs[-1].name, jobs[-1].state) == (waiting.id, "themes", "queued")
    assert "add" in json.loads(told(queue.all()).model_dump_json())["jobs"][0]["name"]

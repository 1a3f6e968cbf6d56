"""The whole program: real processes, a real capture device, a real browser."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from catalog.demo import demo_clips
from tests.helpers.once import made_once
from tests.helpers.program import Daemon, StartDaemon, run_nowhear

# A busy machine must fail no test: no example has to be quick. In CI the same examples come each
# time, so that a failure there is the change's own; elsewhere they go on searching.
settings.register_profile(
    "nowhear",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=bool(os.environ.get("CI")),
)
settings.load_profile("nowhear")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The README's commands take longest of all files: begun last, they would leave the second of
    two processes without work."""
    items.sort(key=lambda item: item.path.name != "test_readme.py")


@pytest.fixture
def start_daemon() -> Iterator[StartDaemon]:
    """Starts daemons that end with the test."""
    running: list[Daemon] = []

    def start(*args: str | Path, env: dict[str, str] | None = None) -> Daemon:
        daemon = Daemon(*args, env=env)
        running.append(daemon)
        return daemon

    yield start
    for daemon in running:
        daemon.stop()


@pytest.fixture(scope="module")
def demo_catalog(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A catalog of the demo clips, made by `nowhear add`; other tests of the module have listened
    with it, and none of another module, whichever come first."""
    return copy_of_demo_catalog(tmp_path_factory)


@pytest.fixture
def new_demo_catalog(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, with which nobody has listened yet."""
    return copy_of_demo_catalog(tmp_path_factory)


def copy_of_demo_catalog(tmp_path_factory: pytest.TempPathFactory) -> Path:
    def make(folder: Path) -> None:
        done = run_nowhear("add", "--catalog", folder, "--json", *demo_clips())
        assert done.returncode == 0, done.stderr
        summary = json.loads(done.stdout)
        assert summary["added"] == len(demo_clips())
        assert summary["skipped"] == []

    return made_once(tmp_path_factory, "demo-catalog", make)


@pytest.fixture
def pulse(tmp_path: Path) -> Iterator[dict[str, str]]:
    """PulseAudio with a null sink named `speaker`, whose monitor is the microphone.

    Gives the environment in which a program finds it.
    """
    for program in ("pulseaudio", "pactl", "paplay"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed: tools/setup.sh test installs it")
    runtime = tmp_path / "xdg"
    runtime.mkdir(mode=0o700)
    env = {
        "XDG_RUNTIME_DIR": str(runtime),
        "HOME": str(tmp_path),
        "PULSE_RUNTIME_PATH": str(runtime / "pulse"),
    }
    full = {**os.environ, **env}
    loads = ["module-native-protocol-unix", "module-null-sink sink_name=speaker"]
    options = ["-n", "--daemonize=yes", "--exit-idle-time=-1", "--use-pid-file=yes"]
    subprocess.run(
        ["pulseaudio", *options, *(f"--load={load}" for load in loads)], env=full, check=True
    )
    try:
        subprocess.run(["pactl", "set-default-source", "speaker.monitor"], env=full, check=True)
        yield env
    finally:
        subprocess.run(["pulseaudio", "--kill"], env=full, check=False)

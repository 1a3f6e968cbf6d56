"""The README's commands and programs, run as they are written."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog.demo import demo_clips, demo_programme
from tests.helpers.program import Daemon

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
CLIPS = demo_clips()[:4]
FOREVER = ("nowhear listen", "nowhear watch")
PORT = 8765


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def commands(program: str) -> list[str]:
    lines = "".join(blocks("sh")).splitlines()
    return [line.split("  #")[0].strip() for line in lines if line.startswith(program + " ")]


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """An environment of a user who has some music and two recordings; `nowhear` is on the PATH."""
    scripts = Path(sys.executable).parent
    if not (scripts / "nowhear").exists():
        pytest.skip("nowhear is not installed in this environment: pip install -e .")
    music = tmp_path / "Music"
    music.mkdir()
    for clip in CLIPS:
        shutil.copy(clip, music)
    shutil.copy(CLIPS[0], tmp_path / "clip.ogg")
    shutil.copy(demo_programme(), tmp_path / "set.mp3")
    env = {k: v for k, v in os.environ.items() if not k.startswith("XDG_")}
    return env | {"HOME": str(tmp_path), "PATH": f"{scripts}:{env['PATH']}"}


def shell(command: str, env: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["bash", "-c", command],
        cwd=env["HOME"],
        env=env,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_two_commands_are_there() -> None:
    assert [command.split()[1] for command in commands("make")] == ["run", "test"]
    for command in commands("make"):
        dry = subprocess.run([*command.split(), "-n"], cwd=ROOT, capture_output=True, check=False)
        assert dry.returncode == 0, dry.stderr


def test_the_commands_that_end(home: dict[str, str]) -> None:
    ending = [command for command in commands("nowhear") if not command.startswith(FOREVER)]
    assert ending[0] == "nowhear add ~/Music"
    for command in ending:
        done = shell(command, home)
        # Without a microphone `doctor` finds something, and says so.
        allowed = (0, 1) if command == "nowhear doctor" else (0,)
        assert done.returncode in allowed, f"{command}: {done.stderr}"
        assert "Traceback" not in done.stderr


@pytest.fixture
def listening(home: dict[str, str], pulse: dict[str, str]) -> Iterator[dict[str, str]]:
    """`nowhear listen` on the default port beside a speaker that plays music."""
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", PORT)) == 0:
            pytest.skip(f"port {PORT} is taken on this machine")
    env = home | {key: value for key, value in pulse.items() if key != "HOME"}
    assert shell("nowhear add ~/Music", env).returncode == 0
    (listen,) = [command for command in commands("nowhear") if command.startswith(FOREVER[0])]
    daemon = Daemon(env=env, command=listen.split(), cwd=Path(env["HOME"]))
    player = subprocess.Popen(["paplay", "--device=speaker", CLIPS[0]], env=env)
    yield env
    player.kill()
    player.wait()
    assert daemon.stop() == 0


def first_line(command: list[str], env: dict[str, str]) -> str:
    """The first line that a program that runs forever prints, before it is interrupted."""
    process = subprocess.Popen(
        command, cwd=env["HOME"], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert line, errors
    return line


def test_what_talks_to_the_daemon(listening: dict[str, str]) -> None:
    (watch,) = [command for command in commands("nowhear") if command.startswith(FOREVER[1])]
    assert '"hello"' in first_line(watch.split(), listening)
    (client,) = [program for program in blocks("python") if "Client" in program]
    printed = first_line([sys.executable, "-u", "-c", client], listening)
    assert re.match(r"-?\d\.\d\d  .+ - .+|.+ at \d+\.\d s", printed)


def test_the_recognizer_as_an_object(home: dict[str, str]) -> None:
    assert shell("nowhear add --catalog my-catalog ~/Music", home).returncode == 0
    (program,) = [program for program in blocks("python") if "open_recognizer" in program]
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=home["HOME"],
        env=home,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("Level(") == 10  # one second, ten level hops


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", README):
        assert (ROOT / target).exists(), target

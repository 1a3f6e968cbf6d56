"""`nowhear watch` as a process, against the real server; and what its view shows."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import pytest
from rich.console import Console

from realtime.cli.watch_view import View
from realtime.client import Connection
from realtime.messages import Level, MatchState, Similar
from tests.helpers.messages import (
    hello,
    level,
    matched,
    one_of_each,
    row,
    similar,
    status,
    tags,
    unmatched,
)
from tests.helpers.schema import assert_valid
from tests.helpers.serving import TIMEOUT_S, ServerThread

TOKEN = "correct-horse-battery"
PROGRAM = """
import typer
from realtime.cli import watch
app = typer.Typer(pretty_exceptions_enable=False)
watch.register(app)
app(prog_name="nowhear watch")
"""
ROOT = Path(__file__).resolve().parents[3]


@contextmanager
def watching(
    *args: str, stdout: int = subprocess.PIPE, env: dict[str, str] | None = None
) -> Iterator[subprocess.Popen[str]]:
    """The command as a process of its own, which ends with the block."""
    plain = {"COLUMNS": "100", "TERM": "xterm-256color", "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *args],
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **plain, **(env or {})},
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def lines(stream: IO[str] | None) -> Iterator[str]:
    assert stream is not None
    while line := stream.readline():
        yield line


def end(process: subprocess.Popen[str], how: signal.Signals | None = None) -> tuple[int, str]:
    """Exit status and what standard error said."""
    if how is not None:
        process.send_signal(how)
    _, errors = process.communicate(timeout=TIMEOUT_S)
    assert "Traceback" not in errors
    return process.returncode, errors


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_json_lines_until_it_is_interrupted(how: signal.Signals) -> None:
    with ServerThread() as server, watching(server.url, "--json") as process:
        output = lines(process.stdout)
        assert assert_valid(next(output))["type"] == "hello"
        server.publish(*one_of_each(3))
        heard = [assert_valid(next(output)) for _ in range(5)]
        kinds = [message["type"] for message in heard]
        assert kinds == ["status", "level", "match", "similar", "tags"]
        assert end(process, how) == (0, "")


def test_once_prints_the_first_ranking_and_ends() -> None:
    with ServerThread() as server:
        nothing = Similar(at_s=1, songs=(), latency_ms=None)
        server.publish(status(), nothing, tags())
        with watching(server.url, "--once") as process:
            while server.hub.clients == 0:
                with suppress(subprocess.TimeoutExpired):
                    pytest.fail(f"it ended with {process.wait(0.01)}")
            server.publish(similar(7))
            text, errors = process.communicate(timeout=TIMEOUT_S)
    assert (process.returncode, errors) == (0, "")
    assert assert_valid(text) == similar(7).model_dump(mode="json")


def test_once_fails_when_nobody_answers() -> None:
    with ServerThread() as server:
        url = server.url
    with watching(url, "--once") as process:
        status, errors = end(process)
    assert status == 1
    assert "nothing listens there" in errors


def test_it_waits_for_a_server_and_says_so() -> None:
    with ServerThread() as server:
        port = server.port
    with watching(f"127.0.0.1:{port}") as process:
        assert next(lines(process.stderr)) == "nowhear: nothing listens there; trying again\n"
        with ServerThread(port=port) as server:
            assert assert_valid(next(lines(process.stdout)))["type"] == "hello"
        # Gone again: it says so once, however often it tries.
        assert next(lines(process.stderr)) == "nowhear: connected\n"
        said = next(lines(process.stderr))
        assert said == "nowhear: closed by the server (1001: nowhear is ending); trying again\n"
        assert next(lines(process.stderr)) == "nowhear: nothing listens there; trying again\n"
        assert end(process, signal.SIGINT) == (0, "")


def test_the_token() -> None:
    with ServerThread(token=TOKEN) as server:
        with watching(server.url) as process:
            status, errors = end(process)
        assert status == 1
        assert "HTTP 401: a token is needed" in errors
        for args, env in (
            (["--token", TOKEN], {}),
            ([], {"NOWHEAR_TOKEN": TOKEN}),
        ):
            with watching(server.url, *args, env=env) as process:
                assert assert_valid(next(lines(process.stdout)))["type"] == "hello"


def test_the_address_comes_from_the_settings(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    with ServerThread(token=TOKEN) as server:
        config.write_text(f"server: {{port: {server.port}, token: {TOKEN}}}")
        with watching("--config", str(config)) as process:
            assert assert_valid(next(lines(process.stdout)))["type"] == "hello"


def test_an_address_that_is_none_is_wrong_use() -> None:
    with watching("ftp://radio.local") as process:
        status, errors = end(process)
    assert status == 2
    assert "is no address of a nowhear" in " ".join(errors.split())


def test_a_reader_that_leaves_ends_it_quietly() -> None:
    with ServerThread() as server, watching(server.url) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.stdout.close()
        process.stdout = None
        for number in range(1000):
            if process.poll() is not None:
                break
            server.publish(*one_of_each(number))
            with suppress(subprocess.TimeoutExpired):
                process.wait(0.05)
        assert end(process) == (0, "")


def test_the_live_view_in_a_terminal() -> None:
    ours, theirs = pty.openpty()
    with ServerThread() as server, watching(server.url, stdout=theirs) as process:
        os.close(theirs)
        server.publish(*one_of_each(3, title="Fjord"))
        shown = b""
        while b"Fjord" not in shown or b"folk" not in shown:
            shown += os.read(ours, 65536)
        process.send_signal(signal.SIGTERM)
        with suppress(OSError):  # the end of a terminal is an error to who reads it
            while more := os.read(ours, 65536):
                shown += more
        assert end(process) == (0, "")
    os.close(ours)
    text = shown.decode()
    assert "● live" in text
    assert "microphone: Null sink" in text
    assert text.rindex("\x1b[?25h") > text.rindex("\x1b[?25l"), "the cursor stays hidden"


# The view


def shown(view: View, *, width: int = 100) -> str:
    console = Console(width=width, color_system=None, force_terminal=False)
    with console.capture() as capture:
        console.print(view.render())
    return capture.get()


def view_of(*messages: object) -> View:
    view = View()
    view.connection = Connection("live")
    for message in messages:
        view.take(message)  # type: ignore[arg-type]
    return view


def test_the_view_shows_every_topic() -> None:
    text = shown(view_of(hello(), *one_of_each(3)))
    for words in (
        "● live",
        "listening microphone: Null sink",
        "-20.5 dBFS  sound",
        "♫ Fjord  The Fogs  1:02 of 3:03 · +4.2% · 99% sure",
        "folk 75%",
        "The Fogs",
        "0.900",
        "24 songs · 1 clients",
        "latency p50 12 ms, p99 40 ms",
    ):
        assert words in text


def test_the_view_before_anything_has_come() -> None:
    view = View()
    assert "● connecting" in shown(view)
    view.connection = Connection("lost", "nothing listens there", 0.53)
    assert "● lost  nothing listens there; next try in 0.5 s" in shown(view)
    assert "no ranking yet" in shown(view)


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("silence", "\n  silence"),
        ("sound", "\n  listening for a song"),
        ("unknown", "\n  not in your catalog"),
    ],
)
def test_that_no_song_is_named_is_shown(state: MatchState, words: str) -> None:
    assert words in shown(view_of(level(), unmatched(state=state)))


def test_a_song_at_its_own_speed_is_shown_without_it() -> None:
    text = shown(view_of(matched().model_copy(update={"rate": 1.001})))
    assert "1:02 of 3:03 · 99% sure" in text


def test_a_lost_source_is_shown_with_its_reason() -> None:
    text = shown(view_of(status(state="lost")))
    assert "lost microphone: Null sink\nlooking for the device again" in text


def test_a_hello_begins_anew() -> None:
    text = shown(view_of(*one_of_each(3), hello()))
    assert "Fjord" not in text
    assert "microphone: Null sink" in text


@pytest.mark.parametrize("title", ["a\x1b[2Jb\x07", "two\nlines", "[red]not markup[/red]"])
def test_a_title_cannot_steer_the_terminal(title: str) -> None:
    text = shown(view_of(matched(1, title=title), similar(1, title=title)))
    assert "\x1b" not in text
    assert "\x07" not in text
    assert len(text.splitlines()) == len(shown(view_of(matched(1), similar(1))).splitlines())
    if title.startswith("["):
        assert title in text


@pytest.mark.parametrize("width", [20, 60, 200])
def test_any_width_and_extreme_values(width: int) -> None:
    extreme = Level(at_s=0, rms_dbfs=-120, peak_dbfs=0, state="silence", bands=level().bands)
    rows = (row(score=-1.0), row(score=1.0, title="長い題名 " * 20))
    text = shown(view_of(extreme, Similar(at_s=0, songs=rows, latency_ms=None)), width=width)
    assert "silence" in text.replace("\n", "")

"""The commands that listen: in this process for what they refuse, else as real processes."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import sqlite3
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer
from typer.testing import CliRunner, Result

from catalog.catalog import Catalog
from catalog.demo import demo_clips
from encoder.decode import decode
from realtime.cli import listen
from realtime.cli.inputs import Input, open_source
from realtime.cli.json_lines import JsonLines
from realtime.errors import SourceError
from realtime.loading import Loading
from realtime.messages import Level, Tags
from realtime.settings import ListenSettings, Settings
from tests.helpers.program import NOWHEAR, ROOT, StartDaemon, messages_until, run_nowhear
from tests.helpers.schema import assert_valid

CLIP = demo_clips()[0]
RATE_HZ = 16_000
WRONG_USE = 2
WAIT_S = 60


def nowhear(*args: str | Path) -> Result:
    app = typer.Typer(rich_markup_mode="rich", pretty_exceptions_enable=False)
    listen.register(app)
    return CliRunner().invoke(app, [str(arg) for arg in args])


def unreachable() -> int:
    raise AssertionError("the rate is not needed to open a source")


def opened(text: str, **options: Any) -> Any:
    given = Input(
        text, **{"fast": False, "once": False, "rate_hz": None, "channels": None} | options
    )
    return open_source(given, rate_hz=unreachable, settings=ListenSettings())


@pytest.mark.parametrize(
    ("text", "kind", "name"),
    [
        ("mic", "microphone", "default"),
        ("mic:", "microphone", "default"),
        ("mic:USB Audio", "microphone", "USB Audio"),
        ("mic:3", "microphone", "3"),
        (str(CLIP), "file", CLIP.name),
        ("https://me:pw@radio.example/live", "stream", "https://radio.example/live"),
    ],
)
def test_what_an_input_means(text: str, kind: str, name: str) -> None:
    info = opened(text).info
    assert (info.kind, info.name) == (kind, name)


def test_a_playlist_file_means_its_first_stream(tmp_path: Path) -> None:
    playlist = tmp_path / "radio.m3u"
    playlist.write_text("#EXTM3U\nhttp://radio.example/live\n")
    assert opened(str(playlist)).info.name == "http://radio.example/live"
    playlist.write_text("#EXTM3U\n")
    with pytest.raises(SourceError, match="holds no http address"):
        opened(str(playlist))


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ("missing.mp3", {}, "missing.mp3: no such file; give a file, an address, - for standard"),
        (str(ROOT), {}, "is no regular file; give a file"),
        ("mic", {"fast": True}, "--fast is for files, streams and pipes"),
        (str(CLIP), {"rate_hz": 8000}, "use --input -"),
        ("mic", {"channels": 1}, "use --input -"),
    ],
)
def test_inputs_that_cannot_be_are_wrong_use(
    text: str, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(typer.BadParameter, match=message):
        opened(text, **options)


@pytest.mark.parametrize(
    ("args", "status", "message"),
    [
        (["--input", "missing.ogg"], WRONG_USE, "no such file"),
        (["--levels", "--input", str(CLIP)], WRONG_USE, "--levels belongs to --json"),
        (["--port", "99999"], WRONG_USE, "65535"),
        (["--token", "short", "--input", str(CLIP)], WRONG_USE, "--token: "),
        (["--config", "missing.yaml"], WRONG_USE, "missing.yaml"),
        (["--input", "gopher://a/b"], 1, "is no address of a stream"),
        (["--input", str(ROOT / "pyproject.toml")], 1, "pyproject.toml: holds no audio stream"),
        (["--input", "mic:no such device"], 1, "device"),
    ],
)
def test_what_cannot_be_is_said_without_a_traceback(
    args: list[str], status: int, message: str
) -> None:
    result = nowhear("listen", *args)
    assert result.exit_code == status, result.stderr
    assert message in " ".join(result.stderr.replace("│", " ").split())
    assert "Traceback" not in result.stderr
    assert result.stdout == ""


def test_help_has_examples() -> None:
    for command in ("listen", "demo", "devices"):
        result = nowhear(command, "--help")
        assert result.exit_code == 0
        assert "Example" in result.stdout


def test_devices_as_json_is_a_list() -> None:
    result = nowhear("devices", "--json")
    assert result.exit_code == 0, result.stderr
    for device in json.loads(result.stdout):
        assert list(device) == ["index", "name", "channels", "rate_hz", "host_api", "default"]


def test_devices_lists_a_real_one(pulse: dict[str, str]) -> None:
    done = subprocess.run(
        [*NOWHEAR, "devices", "--json"],
        cwd=ROOT,
        env={**os.environ, **pulse},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "pulse" in {device["name"] for device in json.loads(done.stdout)}


def test_a_file_once_as_fast_as_it_goes(demo_catalog: Path) -> None:
    done = run_nowhear(
        "listen", "--catalog", demo_catalog, "--input", CLIP, "--fast", "--once", "--json",
        "--port", "0",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    messages = [assert_valid(line) for line in done.stdout.splitlines()]
    kinds = {message["type"] for message in messages}
    assert kinds == {"status", "match", "similar", "tags", "place"}  # levels only when asked for
    rankings = [message for message in messages if message["type"] == "similar"]
    assert rankings[0]["at_s"] <= 4.0
    title = title_of(CLIP, demo_catalog)
    named = names(messages)
    assert [match["song"]["title"] for match in named] == [title] * len(named)
    assert named[0]["at_s"] <= 5.0
    for match in named:  # the file is the song: both are at the same place
        assert match["position_s"] == pytest.approx(match["at_s"], abs=0.25)
    later = [one for one in rankings if one["at_s"] > named[0]["at_s"]]
    assert len(later) > 10
    assert title not in {song["title"] for one in later for song in one["songs"]}
    play = json.loads(run_nowhear("history", "--catalog", demo_catalog, "--json").stdout)[0]
    assert (play["title"], play["source_name"]) == (title, CLIP.name)
    assert play["position_from_s"] == pytest.approx(play["start_s"], abs=0.25)
    assert messages[-1]["type"] == "status"
    assert messages[-1]["state"] == "ended"
    assert messages[-1]["dropped_s"] == 0
    assert "http://127.0.0.1:" in done.stderr
    assert CLIP.name in done.stderr


def test_raw_samples_on_standard_input_rank_as_the_file_does(
    demo_catalog: Path, tmp_path: Path
) -> None:
    samples = np.concatenate(list(decode(CLIP, sample_rate_hz=RATE_HZ)))
    path = tmp_path / "clip.raw"
    path.write_bytes(np.rint(np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
    command = [
        *NOWHEAR, "listen", "--catalog", str(demo_catalog), "--input", "-", "--rate", str(RATE_HZ),
        "--channels", "1", "--fast", "--once", "--json", "--levels", "--port", "0",
    ]  # fmt: skip
    with path.open("rb") as raw:
        done = subprocess.run(
            command, cwd=ROOT, stdin=raw, capture_output=True, text=True, check=False
        )
    assert done.returncode == 0, done.stderr
    messages = [assert_valid(line) for line in done.stdout.splitlines()]
    assert sum(message["type"] == "level" for message in messages) == len(samples) // 1600
    named = names(messages)
    assert {match["song"]["title"] for match in named} == {title_of(CLIP, demo_catalog)}
    assert len(named) >= len(samples) // RATE_HZ - 5


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_daemon_serves_and_ends_properly(
    how: signal.Signals, demo_catalog: Path, start_daemon: StartDaemon
) -> None:
    daemon = start_daemon("listen", "--catalog", demo_catalog, "--input", CLIP, "--port", "0")
    with daemon.socket() as client:
        heard = messages_until(client, lambda m: m["type"] == "similar" and m["songs"])
        for message in heard:
            assert_valid(json.dumps(message))
        status = messages_until(
            client, lambda m: m["type"] == "status" and m["latency"] is not None
        )[-1]
        assert status["latency"]["p50_ms"] <= status["latency"]["p99_ms"]
        assert daemon.stop(how) == 0
        for _ in client:  # what was on its way, then a proper close: raises without one
            pass
        assert client.close_code == 1001


def test_a_port_that_is_taken_is_named(demo_catalog: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = run_nowhear("listen", "--catalog", demo_catalog, "--input", CLIP, "--port", port)
    assert done.returncode == 1
    assert f"127.0.0.1:{port} is taken" in done.stderr
    assert "--port" in done.stderr
    assert "Traceback" not in done.stderr


def test_without_a_reader_the_daemon_ends(demo_catalog: Path) -> None:
    command = [
        *NOWHEAR, "listen", "--catalog", str(demo_catalog), "--input", str(CLIP), "--json",
        "--port", "0",
    ]  # fmt: skip
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as p:
        assert p.stdout is not None
        assert p.stderr is not None
        assert_valid(p.stdout.readline())
        p.stdout.close()
        said = p.stderr.read().decode()
        assert p.wait(WAIT_S) == 0
    assert "Traceback" not in said
    assert "BrokenPipe" not in said


def test_the_demo_makes_its_catalog_and_plays_without_a_microphone(
    tmp_path: Path, start_daemon: StartDaemon
) -> None:
    nowhere = tmp_path / "nowhere"
    no_sound = {  # no PulseAudio to be found
        "XDG_RUNTIME_DIR": str(nowhere),
        "PULSE_RUNTIME_PATH": str(nowhere),
        "PULSE_SERVER": f"unix:{nowhere}/native",
        "HOME": str(tmp_path),
        "XDG_DATA_HOME": str(tmp_path / "data"),
    }
    if json.loads(devices_in(no_sound)):
        pytest.skip("this machine has a capture device of its own")
    daemon = start_daemon("demo", "--port", "0", env=no_sound)
    with daemon.socket() as client:
        heard = messages_until(client, lambda m: m["type"] == "similar" and m["songs"])
    assert heard[0]["source"]["live"] is False
    assert heard[0]["catalog"]["songs"] == len(demo_clips())
    assert (tmp_path / "data" / "nowhear" / "demo-catalog").is_dir()
    daemon.stop()
    said = "".join(daemon.log)
    assert "playing the demo programme as if it were live" in said
    assert "making the demo catalog" in said


@pytest.mark.parametrize(("key", "value"), [("format_version", 1), ("print_fingerprint", "older")])
def test_a_demo_catalog_of_another_version_is_made_again(
    key: str, value: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clips, folder = demo_clips()[:1], tmp_path / "demo"
    monkeypatch.setattr("catalog.demo.demo_clips", lambda: clips)
    heard: list[int] = []

    def run(settings: Settings, _source: object, loading: Loading) -> None:
        """Instead of the daemon, which would play without end."""
        with Catalog.open(settings.catalog, loading.future.result().spec) as catalog:
            heard.append(catalog.count)

    monkeypatch.setattr("realtime.cli.running.run", run)
    first = nowhear("demo", "--catalog", folder)
    assert (first.exit_code, heard) == (0, [1]), first.stderr
    with contextlib.closing(sqlite3.connect(folder / "catalog.sqlite")) as database:
        database.execute("UPDATE meta SET value = ? WHERE key = ?", (json.dumps(value), key))
        database.commit()
    again = nowhear("demo", "--catalog", folder)
    assert (again.exit_code, heard) == (0, [1, 1]), again.stderr
    assert "1 added, 0 unchanged, 0 skipped" in again.stdout


def devices_in(env: dict[str, str]) -> str:
    done = subprocess.run(
        [*NOWHEAR, "devices", "--json"],
        cwd=ROOT,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def names(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one for one in messages if one["type"] == "match" and one["state"] == "identified"]


def title_of(clip: Path, catalog: Path) -> str:
    songs = json.loads(run_nowhear("songs", "--catalog", catalog, "--json").stdout)
    return next(song["title"] for song in songs if Path(song["path"]).name == clip.name)


LEVEL = Level(at_s=0, rms_dbfs=-120, peak_dbfs=-120, state="silence", bands=(0,) * 48)


@pytest.mark.parametrize("levels", [False, True])
def test_lines_are_written_in_order(levels: bool, tmp_path: Path) -> None:
    path = tmp_path / "lines"
    with path.open("wb") as stream:
        lines = JsonLines(stream, levels=levels, broken=lambda: pytest.fail("it was not"))
        for number in range(100):
            lines.put(Tags(at_s=number, tags=()))
            lines.put(LEVEL)
        lines.close()
    written = [assert_valid(line) for line in path.read_text().splitlines()]
    assert [m["at_s"] for m in written if m["type"] == "tags"] == list(range(100))
    assert sum(m["type"] == "level" for m in written) == (100 if levels else 0)


def test_messages_that_a_full_disk_refuses_end_the_daemon_with_one(demo_catalog: Path) -> None:
    command = [
        *NOWHEAR, "listen", "--catalog", str(demo_catalog), "--input", str(CLIP), "--json",
        "--fast", "--once", "--port", "0",
    ]  # fmt: skip
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            command, cwd=ROOT, stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 1
    assert "nowhear: standard output cannot be written: [Errno 28]" in done.stderr
    assert "Traceback" not in done.stderr

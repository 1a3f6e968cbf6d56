"""`nowhear doctor`: output and exit status."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import typer
from click.testing import Result
from typer.testing import CliRunner

from realtime.cli import doctor
from tests.helpers.serving import ServerThread

NAMES = {
    "python",
    "portaudio",
    "capture device",
    "ffmpeg",
    "torch",
    "cuda",
    "weights",
    "catalog",
    "disk",
    "access",
    "port",
    "page",
}


def run(folder: Path, config: str, *args: str) -> Result:
    """The command with this config.yaml and a catalog folder where nothing is."""
    path = folder / "config.yaml"
    path.write_text(config)
    app = typer.Typer()
    doctor.register(app)
    folders = ["--config", str(path), "--catalog", str(folder / "songs")]
    return CliRunner().invoke(app, [*folders, *args])


def test_json_names_every_check(tmp_path: Path) -> None:
    result = run(tmp_path, "server: {port: 0}", "--json")
    checks = {check["name"]: check for check in json.loads(result.stdout)}
    assert set(checks) | {"capture device"} == NAMES  # no device is listed without PortAudio
    assert checks["weights"]["state"] == "ok"
    assert checks["catalog"]["state"] == "warning"
    assert checks["catalog"]["mend"] == "nowhear add PATH..."
    failures = [name for name, check in checks.items() if check["state"] == "failed"]
    assert result.exit_code == (1 if failures else 0), result.output
    assert not (tmp_path / "songs").exists(), "a check leaves nothing behind"


def test_a_failure_is_shown_with_its_remedy_and_ends_with_1(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        taken.close()
        with ServerThread(port=port):
            result = run(tmp_path, f"server: {{port: {port}, host: 0.0.0.0}}")
    assert result.exit_code == 1
    text = " ".join(result.stdout.split())
    assert "✗ access 0.0.0.0 can be reached by other machines, and no token is set" in text
    assert "→ set server.token, or server.host: 127.0.0.1" in text
    assert "Traceback" not in result.output


def test_settings_that_are_wrong_are_wrong_use(tmp_path: Path) -> None:
    result = run(tmp_path, "server: {pot: 1}")
    assert result.exit_code == 2
    assert "config.yaml:1: server.pot: unknown key" in result.stderr

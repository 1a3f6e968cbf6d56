"""The command line as a whole: every command has help, examples and the common options."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from realtime.cli.main import app, main
from tests.helpers.program import NOWHEAR

RUN = CliRunner()
GROUPS = typer.main.get_command(app).commands  # type: ignore[attr-defined]
COMMANDS = sorted(
    f"{name} {inner}".strip()
    for name, command in GROUPS.items()
    for inner in getattr(command, "commands", [""])
)
"""Every command, those of a group behind its name."""


def test_the_words_of_the_command_line() -> None:
    groups = ("eval calibrate", "eval identify", "train fingerprint", "map build", "map info")
    groups += ("playlist export", "playlist list")
    groups += ("themes build", "themes list", "themes songs")
    groups += ("attributes train", "attributes fill", "attributes list")
    groups += ("train genre", "train tags", "taste fit", "taste learn", "datasets join")
    groups += ("export features", "export projector", "jobs add", "jobs cancel", "jobs list")
    alone = "add config demo devices doctor embed history identify info listen path remove similar"
    alone += " compat import import-features recommend songs stars watch"
    expected = [*alone.split(), *groups]
    assert sorted(expected) == COMMANDS


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_examples_and_the_common_options(name: str) -> None:
    shown = RUN.invoke(app, [*name.split(), "--help"], terminal_width=200)
    assert shown.exit_code == 0
    assert "Example" in shown.output
    assert f"nowhear {name}" in shown.output
    assert "--config" in shown.output
    assert "--catalog" in shown.output or name.startswith(("train ", "eval "))  # no catalog in them


def test_wrong_use_ends_with_two(capsys: pytest.CaptureFixture[str]) -> None:
    for argv in (["frob"], ["songs", "--frob"], ["listen", "--port", "many"]):
        with pytest.raises(SystemExit) as ended:
            main(argv)
        assert ended.value.code == 2
        assert "Traceback" not in capsys.readouterr().err


def test_a_wrong_settings_file_ends_with_two_and_names_the_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "c.yaml").write_text("listen:\n  similr: 3\n")
    with pytest.raises(SystemExit) as ended:
        main(["info", "--config", str(tmp_path / "c.yaml")])
    assert ended.value.code == 2
    assert "c.yaml:2: listen.similr: unknown key" in capsys.readouterr().err


def test_the_settings_in_force(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "c.yaml").write_text("listen: {similar: 9}\nserver: {token: 0123456789abcdef}\n")
    argv = ["config", "--json", "--config", str(tmp_path / "c.yaml"), "--catalog", str(tmp_path)]
    with pytest.raises(SystemExit) as ended:
        main(argv)
    assert ended.value.code == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["listen"]["similar"] == 9
    assert shown["catalog"]["directory"] == str(tmp_path)
    assert "0123456789abcdef" not in str(shown)


def test_help_loads_neither_torch_nor_the_server() -> None:
    program = (
        "import sys\nfrom realtime.cli.main import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        "print([m for m in ('torch', 'av', 'uvicorn', 'sounddevice', 'annoy') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("argv", [["--version"], ["config", "--defaults"], ["--help"]])
def test_a_full_disk_under_standard_output_is_a_message(argv: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*NOWHEAR, *argv], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 1
    assert done.stderr == "nowhear: [Errno 28] No space left on device\n"


def test_streams_that_the_caller_closed_do_no_harm() -> None:
    shell = ["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh"]
    for argv in (["config", "--json"], ["--version"]):
        assert subprocess.run([*shell, *NOWHEAR, *argv], check=False).returncode == 0


def test_a_terminal_without_utf8_is_given_what_it_can_show(tmp_path: Path) -> None:
    ascii_only = {**os.environ, "LC_ALL": "C", "PYTHONIOENCODING": "ascii"}
    for more in ([], ["--json"]):
        argv = [*NOWHEAR, "config", "--catalog", str(tmp_path / "M\u00fasica\u2026"), *more]
        done = subprocess.run(argv, env=ascii_only, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr
        assert rb"sica\u2026" in done.stdout

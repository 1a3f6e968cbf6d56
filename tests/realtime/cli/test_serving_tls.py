"""A certificate on the command line: the daemon serves https, and `watch` trusts it."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from catalog.demo import demo_clips
from realtime.cli import listen
from tests.helpers.certificates import Certificate, make_certificate
from tests.helpers.program import Daemon, run_nowhear

WRONG_USE = 2
FAILED = 1


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return make_certificate(tmp_path_factory.mktemp("tls"))


def nowhear(*args: str | Path) -> Result:
    app = typer.Typer(rich_markup_mode="rich", pretty_exceptions_enable=False)
    listen.register(app)
    return CliRunner().invoke(app, [str(arg) for arg in args])


@pytest.mark.parametrize("command", ["listen", "demo"])
def test_a_certificate_needs_its_key(command: str, own: Certificate, tmp_path: Path) -> None:
    for option, path in (("--tls-cert", own.cert), ("--tls-key", own.key)):
        done = nowhear(command, option, path, "--catalog", tmp_path)
        assert done.exit_code == WRONG_USE
        assert "TLS needs a certificate and its key" in " ".join(done.output.split())


def test_the_daemon_serves_https_and_watch_asks_for_trust(own: Certificate, tmp_path: Path) -> None:
    clip = demo_clips()[0]
    tls = ("--tls-cert", own.cert, "--tls-key", own.key)
    daemon = Daemon("listen", "--input", clip, "--catalog", tmp_path, "--port", "0", *tls)
    try:
        assert daemon.url.startswith("https://127.0.0.1:")
        strange = run_nowhear("watch", daemon.url, "--once")
        assert strange.returncode == FAILED
        assert "its certificate is not trusted" in " ".join(strange.stderr.split())
    finally:
        assert daemon.stop() == 0


def test_a_certificate_that_is_none_is_named(own: Certificate, tmp_path: Path) -> None:
    args = ("listen", "--input", demo_clips()[0], "--catalog", tmp_path, "--port", "0")
    done = run_nowhear(*args, "--tls-cert", own.cert, "--tls-key", tmp_path / "none.key")
    assert done.returncode == FAILED
    assert "none.key: cannot be read" in done.stderr
    assert "Traceback" not in done.stderr

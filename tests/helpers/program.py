"""nowhear as a user runs it: one command to its end, or a daemon that one can talk to."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from queue import Empty, Queue
from typing import Any

import pytest
from websockets.sync.client import ClientConnection, connect

NOWHEAR = [sys.executable, "-m", "realtime"]
START_S = 60.0
END_S = 30.0
ROOT = Path(__file__).resolve().parents[2]


def run_nowhear(*args: str | Path, timeout_s: float = 240) -> subprocess.CompletedProcess[str]:
    """One command to its end, output captured."""
    command = [*NOWHEAR, *map(str, args)]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=timeout_s, check=False
    )


class Daemon:
    """A running `nowhear listen`; `url` is the page's address, once it has said it."""

    def __init__(
        self,
        *args: str | Path,
        env: dict[str, str] | None = None,
        command: list[str] | None = None,
        cwd: Path = ROOT,
    ) -> None:
        self.log: list[str] = []
        self._lines: Queue[str | None] = Queue()
        self._process = subprocess.Popen(
            [*(command or NOWHEAR), *map(str, args)],
            cwd=cwd,
            env={**os.environ, **(env or {})},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        found = self.wait_for_line(r"https?://\S+")
        self.url = found.group(0).rstrip("/")

    def _read(self) -> None:
        assert self._process.stderr is not None
        with self._process.stderr as lines:
            for line in lines:
                self.log.append(line)
                self._lines.put(line)
        self._lines.put(None)

    def wait_for_line(self, pattern: str) -> re.Match[str]:
        """The first match in the lines to come on standard error."""
        while True:
            try:
                line = self._lines.get(timeout=START_S)
            except Empty:
                pytest.fail(f"no {pattern!r} in {START_S} s; it said:\n{''.join(self.log)}")
            if line is None:
                pytest.fail(f"it ended with {self._process.wait()}:\n{''.join(self.log)}")
            if found := re.search(pattern, line):
                return found

    def socket(self) -> ClientConnection:
        return connect(self.url.replace("http", "ws", 1) + "/ws", open_timeout=START_S)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Ends it as a user or service manager would; its exit status."""
        if self._process.poll() is None:
            self._process.send_signal(how)
        try:
            return self._process.wait(timeout=END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            pytest.fail(f"it did not end on {how.name}; it said:\n{''.join(self.log)}")
        finally:
            self._process.wait()
            self._reader.join()


StartDaemon = Callable[..., Daemon]


def messages_until(
    socket: ClientConnection, done: Callable[[dict[str, Any]], bool], *, timeout_s: float = 60
) -> list[dict[str, Any]]:
    """What comes, up to and with the first message for which `done` holds."""
    heard: list[dict[str, Any]] = []
    deadline = threading.Event()
    timer = threading.Timer(timeout_s, deadline.set)
    timer.start()
    try:
        while not deadline.is_set():
            heard.append(json.loads(socket.recv(timeout=timeout_s)))
            if done(heard[-1]):
                return heard
    finally:
        timer.cancel()
    kinds = [message["type"] for message in heard]
    pytest.fail(f"not seen in {timeout_s} s; of {len(kinds)} messages the last were {heard[-3:]}")

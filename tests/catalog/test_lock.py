"""One writer at a time, and none left behind by a kill."""

import os
import signal
import subprocess
import sys

import pytest

from catalog.errors import BusyError
from catalog.lock import WriterLock

HOLD = """
import sys
from pathlib import Path
from catalog.lock import WriterLock
with WriterLock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_writer_is_told_who_the_first_is(tmp_path):
    with WriterLock(tmp_path), pytest.raises(BusyError, match=f"pid {os.getpid()}"):
        WriterLock(tmp_path).acquire()
    with WriterLock(tmp_path):
        pass


def test_a_killed_writer_lets_go(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        with pytest.raises(BusyError, match=f"pid {process.pid}"):
            WriterLock(tmp_path).acquire()
        process.send_signal(signal.SIGKILL)
        process.wait()
    with WriterLock(tmp_path):
        pass

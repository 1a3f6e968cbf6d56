"""Logs: standard error, one line an event, by level."""

import logging
from collections.abc import Iterator

import pytest

from realtime.logs import LOGGER_NAME, logger, start_logging
from realtime.settings import LogSettings


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    root, ours = logging.getLogger(), logging.getLogger(LOGGER_NAME)
    before = root.handlers[:], root.level, ours.level
    yield
    root.handlers[:] = before[0]
    root.setLevel(before[1])
    ours.setLevel(before[2])


def test_one_line_an_event_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    start_logging(LogSettings(level="info"))
    logger("test").info("heard %s", "a\nb\rc")
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert err.endswith("INFO heard a\\nb\\rc\n")


def test_less_serious_events_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    start_logging(LogSettings(level="warning"))
    logger("test").info("fine")
    logger("test").warning("not fine")
    logging.getLogger("of.a.library").info("chatter")
    err = capsys.readouterr().err
    assert "not fine" in err
    assert err.count("\n") == 1

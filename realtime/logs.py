"""Logs: to standard error, one line an event."""

from __future__ import annotations

import logging
import sys

from .settings import LogSettings

LOGGER_NAME = "nowhear"
_LINE = "%(asctime)s %(levelname)s %(message)s"


def start_logging(settings: LogSettings) -> None:
    """Sends our events of the wanted level to standard error, and warnings of all libraries."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_OneLine(_LINE))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger(LOGGER_NAME).setLevel(settings.level.upper())


def logger(name: str) -> logging.Logger:
    """The logger of one part of nowhear."""
    return logging.getLogger(f"{LOGGER_NAME}.{name}")


class _OneLine(logging.Formatter):
    """A line break in a message (a file's name can hold one) is written as an escape."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        return super().formatMessage(record).replace("\r", "\\r").replace("\n", "\\n")

"""Lines and rows of text files, whatever state they are in."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Callable, Iterator
from io import BufferedReader
from pathlib import Path
from typing import TypeVar

from catalog.errors import DatasetError
from catalog.text_mending import clean, mend

from .report import Report

LONGEST_LINE = 1 << 20
"""Bytes in a line; a longer one is no row of a table."""
_NOT_TEXT = {
    b"PK\x03\x04": "a zip archive: unpack it first",
    b"\x1f\x8b": "compressed by gzip: unpack it first",
    b"BZh": "compressed by bzip2: unpack it first",
    b"\xff\xfe": "UTF-16; expected UTF-8",
    b"\xfe\xff": "UTF-16; expected UTF-8",
    b"SQLite format 3\x00": "an SQLite database; expected text",
    b"\x89HDF\r\n": "an HDF5 file; expected text",
}
_SAID_BETTER = {"unexpected end of data": "the file ends within this row, or a quote is not closed"}
BOM = b"\xef\xbb\xbf"

T = TypeVar("T")
OnBytes = Callable[[int], None]
"""Is told how many bytes more were read."""

Line = tuple[int, str]


def opened(path: Path) -> BufferedReader:
    """The file, for reading. Raises `DatasetError`: it cannot be opened, or is no text."""
    try:
        file = path.open("rb")
        start = file.read(max(map(len, _NOT_TEXT)))
        file.seek(0)
    except OSError as error:
        raise DatasetError(f"{path}: {error.strerror or error}") from error
    for magic, what in _NOT_TEXT.items():
        if start.startswith(magic):
            file.close()
            raise DatasetError(f"{path}: is {what}")
    return file


def text_of(data: bytes) -> tuple[str, bool]:
    r"""Bytes as text, and whether they had to be mended: UTF-8, or what they most likely are.

    >>> text_of("Sigur Rós".encode()), text_of("Sigur Rós".encode("latin-1"))
    (('Sigur Rós', False), ('Sigur Rós', True))
    >>> text_of("Sigur RÃ³s".encode())
    ('Sigur Rós', True)
    """
    if data.isascii():
        return data.decode("ascii"), False
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return mend(data.decode("latin-1")), True
    try:
        return text.encode("latin-1").decode("utf-8"), True  # encoded twice
    except UnicodeError:
        return text, False


def lines(path: Path, report: Report, on_bytes: OnBytes) -> Iterator[Line]:
    """The lines of a file with their numbers, from 1, without their ends. Raises `DatasetError`."""
    with opened(path) as file:
        number = 0
        while True:
            try:
                data = file.readline(LONGEST_LINE)
            except OSError as error:
                raise DatasetError(f"{path}: {error.strerror or error}") from error
            if not data:
                return
            number += 1
            on_bytes(len(data))
            if number == 1:
                data = data.removeprefix(BOM)
            if len(data) >= LONGEST_LINE and not data.endswith(b"\n"):
                report.bad(path, number, f"longer than {LONGEST_LINE:,} bytes")
                _skip_line(file, on_bytes)
                continue
            text, mended = text_of(data.rstrip(b"\r\n"))
            if mended:
                report.was_mended(path, number)
            yield number, text


def _skip_line(file: BufferedReader, on_bytes: OnBytes) -> None:
    while (data := file.readline(LONGEST_LINE)) and not data.endswith(b"\n"):
        on_bytes(len(data))


def tidy(text: str | None) -> str | None:
    """A name on one line, or None for an empty one.

    >>> tidy(" a  b "), tidy(""), tidy(None)
    ('a b', None, None)
    """
    if not text:
        return None
    if text.isascii() and text.isprintable() and "  " not in text and len(text) < 100:
        return text.strip() or None  # as most are; `clean` looks at every character
    return clean(text) or None


class Table:
    """Rows of a file of comma-separated values; fields may hold line ends between quotes.

    A quote that is never closed would swallow what follows it. So a row that is not well formed is
    reported with its first line, and the lines that it took are looked at again, one by one: rows
    among them go in, and what is none was part of the bad one.
    """

    def __init__(self, path: Path, report: Report, on_bytes: OnBytes) -> None:
        self._path = path
        self._report = report
        self._lines = lines(path, report, on_bytes)
        self._again: deque[Line] = deque()
        self._taken: list[Line] = []
        self._reader = csv.reader(self._feed(), strict=True)
        self._quietly = 0

    def _feed(self) -> Iterator[str]:
        while True:
            line = self._again.popleft() if self._again else next(self._lines, None)
            if line is None:
                return
            self._taken.append(line)
            yield line[1] + "\n"

    def header(self) -> list[str]:
        """The next row, as a row of headings; an empty one when there is none."""
        try:
            return next(self._reader, [])
        except csv.Error:
            return []
        finally:
            self._taken.clear()

    def rows(self, columns: int, parse: Callable[[list[str]], T]) -> Iterator[T]:
        """What `parse` makes of each row, of `columns` fields; a ValueError of its own says why a
        row is none."""
        while True:
            try:
                row = next(self._reader, None)
                if not self._taken:
                    return
                made = [parse(_checked(row, columns))] if row else []  # else an empty line
            except (csv.Error, ValueError) as error:
                self._look_again(_SAID_BETTER.get(str(error), str(error)))
                continue
            self._taken.clear()
            self._report.rows += len(made)
            yield from made

    def _look_again(self, reason: str) -> None:
        first = self._taken[0][0]
        if first > self._quietly:
            self._report.bad(self._path, first, reason)
            self._quietly = self._taken[-1][0]
        self._again.extendleft(reversed(self._taken[1:]))
        self._taken.clear()
        # An error may come from the end of the lines, after which the reader gives no more.
        self._reader = csv.reader(self._feed(), strict=True)


def _checked(row: list[str], columns: int) -> list[str]:
    if len(row) != columns:
        raise ValueError(f"has {len(row)} fields; expected {columns}")
    return row
